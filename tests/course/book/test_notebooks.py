"""What a page shows: text from the source, outputs from the right run, every picture with its own words."""

from pathlib import Path

import nbformat
import pytest

from scaleml_course.course.book.notebooks import exercise_page, find_run, lesson_page, run_stamp
from scaleml_course.course.catalogue import Course
from scaleml_course.course.errors import UserError
from scaleml_course.course.execute import result_notebook
from scaleml_course.course.notebook import lesson_notebook, write_notebook
from scaleml_course.measure.claims import MIME_TYPE
from tests.course.book.book_course import ALT, SECOND_ALT, add_cell, executed_notebook, run_on_paper, small_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return small_course(tmp_path, ("03",))


def page_of(course: Course, tier: str = "laptop") -> nbformat.NotebookNode:
    return lesson_page(course, find_run(course, course.lessons[0], tier))


def test_a_good_run_is_shown_and_named(course):
    run_on_paper(course, course.lessons[0], "laptop")
    shown = find_run(course, course.lessons[0], "laptop")
    assert (shown.origin, shown.tier, shown.when, shown.notice) == ("run", "laptop", "2026-11-01", "")
    assert "laptop" in run_stamp(shown) and "12 s" in run_stamp(shown) and shown.machine in run_stamp(shown)


def test_without_a_run_the_reference_is_shown_and_the_page_says_so(course):
    lesson = course.lessons[0]
    write_notebook(executed_notebook(lesson), lesson.notebook)
    shown = find_run(course, lesson, "laptop")
    assert (shown.origin, shown.tier) == ("reference", "quick")
    assert "reference" in run_stamp(shown)
    assert "scaleml run 03 --tier laptop" in shown.notice
    assert 'tier = "quick"' in [cell.source for cell in lesson_page(course, shown).cells]
    assert len(shown.result.claims) == 1


def test_a_run_of_other_code_is_not_shown(course):
    """Guards: a lesson edited since its run would stand beside outputs of code that is no longer there."""
    run_on_paper(course, course.lessons[0], "laptop")
    add_cell(course.lessons[0], "print('new')", kind="code")
    shown = find_run(course, course.lessons[0], "laptop")
    assert shown.origin == "none"
    assert "warning" in run_stamp(shown)
    assert not any(cell.get("outputs") for cell in lesson_page(course, shown).cells)


def test_an_edit_of_prose_keeps_the_run_shows_the_new_text_and_tells_the_builder(course):
    run_on_paper(course, course.lessons[0], "laptop")
    add_cell(course.lessons[0], "A new sentence.")
    shown = find_run(course, course.lessons[0], "laptop")
    assert shown.origin == "run" and "older" in shown.notice
    assert "A new sentence." in [cell.source for cell in lesson_page(course, shown).cells]


def test_a_run_that_broke_off_is_not_shown(course):
    """Guards: a notebook left by a run that was killed, without the record of a good end."""
    lesson = course.lessons[0]
    run_on_paper(course, lesson, "laptop")
    result_notebook(course, lesson, "laptop").with_suffix(".json").unlink()
    assert find_run(course, lesson, "laptop").origin == "none"


@pytest.mark.parametrize("left", ["", "not json", "{}"])
def test_a_spoilt_notebook_or_record_counts_as_no_run(course, left):
    lesson = course.lessons[0]
    run_on_paper(course, lesson, "laptop")
    result_notebook(course, lesson, "laptop").write_text(left)
    assert find_run(course, lesson, "laptop").origin == "none"


def test_the_reader_sees_one_parameter_cell_with_the_tier_of_the_run(course):
    run_on_paper(course, course.lessons[0], "laptop")
    cells = page_of(course).cells
    assert [cell.source for cell in cells if "tier = " in cell.source] == ['tier = "laptop"']
    assert not any("injected-parameters" in cell.metadata.get("tags", []) for cell in cells)


def test_nothing_of_the_machinery_is_left_in_the_page(course):
    run_on_paper(course, course.lessons[0], "laptop")
    text = nbformat.writes(page_of(course))
    assert "papermill" not in text and MIME_TYPE not in text and "nbval" not in text


def test_a_claim_is_marked_and_keeps_its_sentence(course):
    run_on_paper(course, course.lessons[0], "laptop")
    (cell,) = [cell for cell in page_of(course).cells if "claim" in cell.metadata.get("tags", [])]
    assert cell.outputs[0].data["text/markdown"] == "The loop took **40 times** as long."


def test_each_picture_gets_its_own_alt_text_where_the_builder_looks_for_it(course):
    """Guards: myst-nb has one alt text a cell and falls back on the file's name; a cell can draw twice."""
    run_on_paper(course, course.lessons[0], "laptop")
    page = page_of(course)
    pictured = [cell for cell in page.cells if "mystnb" in cell.metadata]
    assert [cell.metadata["mystnb"]["image"]["alt"] for cell in pictured] == [ALT, SECOND_ALT]
    assert [len(cell.outputs) for cell in pictured] == [1, 1]
    assert "remove-input" in pictured[1].metadata["tags"] and pictured[1].source
    assert len({cell.id for cell in page.cells}) == len(page.cells)
    nbformat.validate(page)


@pytest.mark.parametrize("metadata", [{}, {"image/png": {}}, {"image/png": {"alt": "  "}}])
def test_a_picture_without_alt_text_is_refused_with_its_cell(course, metadata):
    lesson = course.lessons[0]
    run_on_paper(course, lesson, "laptop")
    path = result_notebook(course, lesson, "laptop")
    executed = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in executed.cells if cell.source == "draw_two_figures()"]
    cell.outputs[1].metadata = nbformat.from_dict(metadata)
    write_notebook(executed, path)
    with pytest.raises(UserError, match=r"notebooks/03_quokka\.py, cell 5 \(line \d+\)") as caught:
        page_of(course)
    assert "measure.figure" in caught.value.remedy


def test_counts_run_from_one(course):
    run_on_paper(course, course.lessons[0], "laptop")
    counts = [cell.execution_count for cell in page_of(course).cells if cell.cell_type == "code" and cell.outputs]
    assert counts == sorted(counts) and len(set(counts)) == len(counts)


def test_the_page_has_the_source_cells_in_their_order(course):
    run_on_paper(course, course.lessons[0], "laptop")
    built = [cell.id for cell in lesson_notebook(course.lessons[0]).cells]
    assert [cell.id for cell in page_of(course).cells if cell.id in built] == built


def test_an_exercise_is_the_released_notebook_and_says_where_to_work(course):
    page = exercise_page(course, course.exercises[0])
    assert page.cells[0].source.startswith("# Exercise 03")
    assert "rocket" in page.cells[1].source
    assert "raise NotImplementedError()" in page.cells[2].source


def test_an_exercise_without_a_release_names_the_remedy(course):
    (course.root / "grader" / "release" / "03_quokka" / "03_quokka.ipynb").unlink()
    with pytest.raises(UserError, match="has not been released") as caught:
        exercise_page(course, course.exercises[0])
    assert "scaleml release" in caught.value.remedy
