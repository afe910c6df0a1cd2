"""What a test's outputs say: the error in the student's terms, no line of a hidden test, no more than fits."""

import pytest

from scaleml_course.grading.split.verdicts import CheckedCell, run_cell

HIDDEN = "x = 3\n### BEGIN HIDDEN TESTS\nsecret = 7 * 191\nassert x == secret\n### END HIDDEN TESTS\nassert x == 4"


def outputs(source, hidden=(), kind="test", names=None, others=None):
    cell = CheckedCell("t", kind, source, list(hidden))
    return run_cell(cell, {"__name__": "__main__"} | (names or {}), {cell.file: cell} | (others or {}))


def error(*args, **kwargs):
    return next(one for one in outputs(*args, **kwargs) if one["output_type"] == "error")


def test_a_passing_test_shows_nothing():
    assert outputs("assert 1 == 1") == []


def test_a_hidden_assert_without_message_says_only_that_a_check_failed():
    found = error(HIDDEN, [(2, 5)])
    assert (found["ename"], found["evalue"]) == ("AssertionError", "A hidden check of this test failed.")
    assert len(found["traceback"]) == 1 and "secret" not in str(found) and "1337" not in str(found)


@pytest.mark.parametrize(
    "line",
    ["assert x == 4, 'expected four'", "raise ValueError('expected four')", "helper('expected four')"],
)
def test_a_hidden_line_is_never_quoted_but_its_message_is(line):
    def helper(text):
        raise KeyError(text)

    found = error(f"x = 3\n# BEGIN HIDDEN TESTS\n{line}\n# END HIDDEN TESTS", [(2, 4)], names={"helper": helper})
    assert "expected four" in found["evalue"]
    assert not any(word in str(found) for word in ("x == 4", "raise", "helper"))


def test_a_visible_line_is_quoted():
    found = error("x = 3\nassert x == 4")
    assert found["evalue"] == "this does not hold: x == 4"
    assert found["traceback"] == ["AssertionError: this does not hold: x == 4\nat: assert x == 4"]


def test_a_visible_call_of_a_hidden_function_counts_as_hidden():
    source = "# BEGIN HIDDEN TESTS\ndef look(x):\n    assert x == 5\n# END HIDDEN TESTS\nlook(4)"
    assert error(source, [(1, 4)])["evalue"] == "A hidden check of this test failed."


def test_a_hidden_function_of_an_earlier_test_counts_as_hidden():
    names = {"__name__": "__main__"}
    earlier = CheckedCell("early", "test", "# BEGIN HIDDEN TESTS\ndef look(x):\n    assert x == 5\n", [(1, 4)])
    assert run_cell(earlier, names, {earlier.file: earlier}) == []
    found = error("look(4)", names=names, others={earlier.file: earlier})
    assert "look" not in str(found) and found["evalue"] == "A hidden check of this test failed."


def test_a_syntax_error_shows_no_line():
    found = error("# BEGIN HIDDEN TESTS\nassert secret ==\n# END HIDDEN TESTS", [(1, 3)])
    assert found["ename"] == "SyntaxError" and "secret" not in str(found)


@pytest.mark.filterwarnings("ignore:unseen")
def test_prints_are_shown_and_warnings_are_not():
    source = "import sys, warnings\nprint('seen')\nprint('unseen', file=sys.stderr)\nwarnings.warn('unseen')"
    assert outputs(source) == [{"output_type": "stream", "name": "stdout", "text": "seen\n"}]


def test_endless_prints_are_cut():
    (found,) = outputs("for _ in range(1000): print('x' * 1000)")
    assert 60_000 < len(found["text"]) < 70_000 and found["text"].endswith("[…]\n")


@pytest.mark.parametrize(
    ("source", "shown"),
    [("1 + 1", "2"), ("x = 1\nx", "1"), ("1;", None), ("print", None), ("None", None), ("x = 5", None)],
)
def test_the_last_value_is_the_result(source, shown):
    results = [one for one in outputs(source) if one["output_type"] == "execute_result"]
    if source == "print":
        assert results[0]["data"]["text/plain"] == "<built-in function print>"
    else:
        assert [one["data"]["text/plain"] for one in results] == ([shown] if shown else [])


def test_a_test_cannot_end_the_checker():
    for source in ("raise SystemExit(0)", "raise KeyboardInterrupt", "raise BaseException('x')", "exit()"):
        assert error(source)


def test_messages_are_bounded_and_clean():
    found = error("assert False, '\\x1b[2J\\u202e' + 'x' * 10**6")
    assert len(str(found)) < 10_000 and "\x1b" not in str(found) and "\u202e" not in str(found)


def test_an_error_whose_message_fails_is_an_error():
    source = "class E(Exception):\n    def __str__(self): raise ValueError\nraise E"
    assert error(source)["evalue"] == "(its message cannot be shown)"


def test_given_cells_may_hold_magics_and_await():
    names = {"get_ipython": lambda: __import__("unittest.mock").mock.MagicMock()}
    found = outputs("%%time\nx = 3\n%time y = x + 1\ny", kind="given", names=names)
    assert found[-1]["data"]["text/plain"] == "4"
    found = outputs(
        "%matplotlib inline\nimport asyncio\nawait asyncio.sleep(0)\nx = 5\nx", kind="given", names=names
    )
    assert found[-1]["data"]["text/plain"] == "5"
