"""Building notebooks: the same bytes each time, ids that stay when another cell changes, nbgrader's metadata."""

import nbformat
import pytest

from scaleml_course.course.errors import UserError
from scaleml_course.course.notebook import cell_lines, exercise_notebook, lesson_notebook, write_notebook
from tests.course.tiny import QUIZ

QUIZ_CELL = ('[markdown] tags=["quiz"]', QUIZ)


def test_the_same_source_gives_the_same_bytes(tiny):
    tiny.lesson("03_a", "x = 1", QUIZ_CELL)
    first, second = tiny.root / "first.ipynb", tiny.root / "second.ipynb"
    write_notebook(lesson_notebook(tiny.find("03")), first)
    write_notebook(lesson_notebook(tiny.find("03")), second)
    assert first.read_bytes() == second.read_bytes()
    nbformat.validate(nbformat.read(first, as_version=4))
    assert sorted(path.name for path in tiny.root.glob("*.ipynb*")) == ["first.ipynb", "second.ipynb"]


def test_editing_one_cell_leaves_the_ids_of_all_others(tiny):
    def ids(*cells):
        tiny.lesson("03_a", *cells)
        return [cell.id for cell in lesson_notebook(tiny.find("03")).cells]

    before = ids("x = 1", "y = 2", "z = 3")
    after = ids("x = 1", "y = 22", "z = 3")
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, True, False, True]
    assert ids("new = 0", "x = 1", "y = 2", "z = 3")[3:] == before[2:]


def test_ids_differ_between_equal_cells_and_between_lessons(tiny):
    tiny.lesson("03_a", "x = 1", "x = 1")
    tiny.lesson("04_b", "x = 1", "x = 1")
    ids = [cell.id for number in ("03", "04") for cell in lesson_notebook(tiny.find(number)).cells]
    assert len(set(ids)) == len(ids)


def test_every_id_leads_to_a_line_of_the_source(tiny):
    tiny.lesson("03_a", "x = 1", "y = 2")
    lesson = tiny.find("03")
    lines = cell_lines(lesson.path)
    cell = lesson_notebook(lesson).cells[-1]
    assert cell.source == "y = 2"
    assert lines[cell.id] == tiny.line_of("03_a", "y = 2")


def test_under_the_title_stands_what_it_takes_and_gives(tiny):
    tiny.lesson("03_a", needs="[jvm]")
    title = lesson_notebook(tiny.find("03")).cells[0].source
    assert title.startswith("# 03 · A lesson\n")
    for words in ("5 minutes to read", "about 9 seconds", "needs jvm", "- Measure another"):
        assert words in title


def test_a_lesson_without_a_title_is_told(tiny):
    path = tiny.lesson("03_a")
    path.write_text(path.read_text().replace("# # 03", "# 03"))
    with pytest.raises(UserError, match=r"03_a\.py: the first cell is no title"):
        lesson_notebook(tiny.find("03"))


def test_a_quiz_is_rendered_and_a_broken_one_is_told_with_its_line(tiny):
    tiny.lesson("03_a", "x = 1", QUIZ_CELL)
    assert "<details" in lesson_notebook(tiny.find("03")).cells[-1].source
    tiny.lesson("03_a", "x = 1", (QUIZ_CELL[0], QUIZ.replace(" :: because a", "")))
    with pytest.raises(UserError) as fault:
        lesson_notebook(tiny.find("03"))
    assert f"03_a.py, line {tiny.line_of('03_a', 'Quiz')}: not a quiz line" in fault.value.message


def test_a_strict_cell_is_one_that_nbval_compares(tiny):
    tiny.lesson("03_a", ('tags=["strict"]', "1 + 1"), "2 + 2")
    strict, lax = lesson_notebook(tiny.find("03")).cells[-2:]
    assert "nbval-check-output" in strict.metadata["tags"]
    assert "tags" not in lax.metadata


def test_an_exercise_carries_nbgraders_metadata(tiny):
    tiny.exercise("03_a")
    notebook = exercise_notebook(tiny.find_exercise("03_a"))
    nbformat.validate(notebook)
    prompt, answer, test = (cell.metadata["nbgrader"] for cell in notebook.cells)
    assert (prompt["locked"], prompt["grade"], prompt["solution"]) == (True, False, False)
    assert (answer["grade_id"], answer["solution"], answer["locked"]) == ("double", True, False)
    assert (test["grade_id"], test["grade"], test["points"], test["locked"]) == ("double_small", True, 1, True)
    assert "points" not in answer
    assert {one["schema_version"] for one in (prompt, answer, test)} == {3}
    assert "### BEGIN HIDDEN TESTS" in notebook.cells[2].source


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ('solution="a" test="b" points=1', "both solution and test"),
        ('test="b"', "test 'b' has no whole points"),
        ('test="b" points="many"', "test 'b' has no whole points"),
        ('test="b" points=1.5', "test 'b' has no whole points"),
    ],
)
def test_options_that_contradict_each_other_are_told_with_the_line(tiny, options, words):
    tiny.exercise("03_a", ("[markdown]", "# # Exercise"), (options, "x = 1"))
    with pytest.raises(UserError) as fault:
        exercise_notebook(tiny.find_exercise("03_a"))
    assert "03_a.py, line 11: " in fault.value.message and words in fault.value.message


def test_a_notebook_that_cannot_be_written_leaves_the_old_one(tiny, monkeypatch):
    tiny.lesson("03_a", "x = 1")
    place = tiny.root / "a.ipynb"
    place.write_text("the old one")

    def full(notebook, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(nbformat, "writes", full)
    with pytest.raises(OSError, match="No space left"):
        write_notebook(lesson_notebook(tiny.find("03")), place)
    assert place.read_text() == "the old one"
    assert list(tiny.root.glob(".a*")) == []
