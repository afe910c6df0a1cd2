"""Hidden tests taken out of a graded notebook: their lines, their marks, and everything that quotes them."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from scaleml_course.grading.hidden import FAILED, FAILED_HIDDEN, LEFT_OUT, hide, secret_lines, without_hidden

TEST = """\
assert double(2) == 4, "double(2) should be 4"
### BEGIN HIDDEN TESTS
secret_numbers = [17, 23]
assert [double(n) for n in secret_numbers] == [34, 46], "double is wrong for two numbers"
assert double(0) == 0, "double(0) should be 0"
### END HIDDEN TESTS"""
SECRETS = ("secret_numbers", "double(n)", "double(0) == 0", "HIDDEN TESTS")


def cell(source, *outputs, grade=False, solution=False):
    made = new_code_cell(source, outputs=list(outputs))
    made.metadata["nbgrader"] = {"grade": grade, "solution": solution, "grade_id": "x", "points": 1}
    return made


def error(evalue, ename="AssertionError", traceback=("no traceback",)):
    return new_output("error", ename=ename, evalue=evalue, traceback=list(traceback))


def hidden_from(*cells):
    """The cells, hidden, as one text, and the cells."""
    notebook = hide(new_notebook(cells=list(cells)))
    return str(notebook), notebook.cells


def test_the_visible_part_stays_and_the_hidden_becomes_a_comment():
    text, [made] = hidden_from(cell(TEST, grade=True))
    assert made.source.splitlines() == [TEST.splitlines()[0], "# (2 hidden checks stand here.)"]
    assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("x = 1", "x = 1"),
        ("### BEGIN HIDDEN TESTS\nassert a\n### END HIDDEN TESTS\nb", "# (A hidden check stands here.)\nb"),
        ("### BEGIN HIDDEN TESTS\nf()\n### END HIDDEN TESTS", "# (Hidden checks stand here.)"),
        ("a\n### BEGIN HIDDEN TESTS\nassert never_ended\nb", "a\n# (A hidden check stands here.)"),
        ("### BEGIN HIDDEN TESTS\n%broken\n### END HIDDEN TESTS", "# (Hidden checks stand here.)"),
        (
            "if a:\n    b\n    # BEGIN HIDDEN TESTS\n    assert c\n    # END HIDDEN TESTS\nd",
            "if a:\n    b\n    # (A hidden check stands here.)\nd",
        ),
        (
            "# BEGIN HIDDEN TESTS\n1\n# END HIDDEN TESTS\nopen\n# BEGIN HIDDEN TESTS\n2\n# END HIDDEN TESTS",
            "# (Hidden checks stand here.)\nopen\n# (Hidden checks stand here.)",
        ),
    ],
)
def test_every_form_of_region_is_hidden(source, left):
    assert without_hidden(source) == left


def test_of_an_error_under_a_test_only_the_message_stays():
    """Guards nbgrader's issues 917 and 1363: the traceback shows the hidden line that failed."""
    trace = ["---> 4 assert [double(n) for n in secret_numbers] == [34, 46], 'double is wrong'"]
    text, [made] = hidden_from(cell(TEST, error("double is wrong for two numbers", traceback=trace), grade=True))
    assert made.metadata.nbgrader.message == "double is wrong for two numbers"
    assert made.outputs[0].traceback == ["double is wrong for two numbers"]
    assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (error(""), FAILED),
        (error("division by zero", "ZeroDivisionError"), "ZeroDivisionError: division by zero"),
        (error("", "KeyboardInterrupt"), "KeyboardInterrupt"),
        (error("\x1b[31mred\x1b[0m"), "red"),
        (error("so: secret_numbers  = [17,\n 23]"), FAILED_HIDDEN),
        (error("x" * 9000), "x" * 2000 + " …"),
    ],
)
def test_the_message_says_what_failed_and_quotes_nothing(given, message):
    assert hidden_from(cell(TEST, given, grade=True))[1][0].metadata.nbgrader.message == message


def test_under_hidden_tests_nothing_else_stays_and_under_open_ones_it_does():
    """Guards a leak: a warning names the line that caused it, short ones too."""
    warned = new_output("stream", name="stdout", text="<cell>:5: FutureWarning: old\n  assert double(0) == 0\n")
    assert hidden_from(cell(TEST, warned, grade=True))[1][0].outputs == []
    assert hidden_from(cell("assert double(1) == 2", warned, grade=True))[1][0].outputs == [warned]


SECRET = "secret_numbers = [17, 23]"


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stdout", text=f"found: {SECRET}\n"),
        new_output("stream", name="stdout", text="secret_numbers\t=  [17, 23]"),
        new_output("execute_result", data={"text/plain": f"'{SECRET}'"}, metadata={}),
        new_output("display_data", data={"text/html": "<b>secret_numbers</b> = [17,&#32;23]"}, metadata={}),
        new_output("display_data", data={"application/json": {"deep": [SECRET]}}, metadata={}),
        error("none", traceback=[f"\x1b[32m{SECRET[:9]}\x1b[0m{SECRET[9:]}"]),
        error(SECRET),
    ],
)
def test_an_answer_cell_that_prints_hidden_tests_shows_nothing(output):
    """Guards the weaker mode of grading, in which a student's cell can read the tests that ran before it."""
    _, [_, answer] = hidden_from(cell(TEST, grade=True), cell("print(In[-2])", output, solution=True))
    assert answer.outputs == [new_output("stream", name="stdout", text=LEFT_OUT + "\n")]


def test_an_answers_source_and_its_own_traceback_stay():
    source = "def double(x):\n    return secret_numbers  # NameError"
    trace = error("name 'secret_numbers' is not defined", "NameError", ["----> 2 return secret_numbers"])
    _, [_, answer] = hidden_from(cell(TEST, grade=True), cell(source, trace, solution=True))
    assert answer.source == source and answer.outputs == [trace]


def test_a_line_that_also_stands_in_the_open_is_no_secret():
    notebook = new_notebook(
        cells=[
            cell("import numpy as np\nrandom = np.random.default_rng()"),
            cell("### BEGIN HIDDEN TESTS\nimport numpy as np\nx = 1\nhidden = np.ones(77)\n### END HIDDEN TESTS"),
        ]
    )
    secrets = secret_lines(notebook.cells)
    assert "hidden = np.ones(77)" in secrets
    assert not {"import numpy as np", "x = 1"} & secrets
