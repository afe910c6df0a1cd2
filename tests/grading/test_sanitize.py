"""The submission made regular: answers and added cells are the student's, everything else is the course's."""

import copy

import nbformat
from nbformat.v4 import new_code_cell
from small_course import exercise

from scaleml_course.grading.sanitize import NOTES, grade_id, rebuild


def submitted():
    """A released notebook with an answer of the student's own in each answer cell."""
    notebook = copy.deepcopy(exercise())
    for cell in notebook.cells:
        if cell.metadata.nbgrader.solution:
            cell.source = f"# my {cell.metadata.nbgrader.grade_id}"
    return notebook


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_a_regular_submission_stays_as_it_is():
    given = submitted()
    rebuilt = rebuild(exercise(), given)
    assert sources(rebuilt) == sources(given)
    assert rebuilt.metadata[NOTES] == []


def test_a_students_own_cell_stays_where_it_was():
    given = submitted()
    given.cells.insert(2, new_code_cell("import math"))
    rebuilt = rebuild(exercise(), given)
    assert sources(rebuilt) == sources(given)


def test_deleted_tests_come_back_in_their_place_and_deleted_answers_stay_away():
    given = submitted()
    given.cells = [c for c in given.cells if grade_id(c) not in ("mean_small", "spread_answer")]
    rebuilt = rebuild(exercise(), given)
    assert [grade_id(cell) for cell in rebuilt.cells] == [grade_id(cell) for cell in exercise().cells]
    assert "secret_width" not in "\n".join(sources(rebuilt))
    assert "'mean_small' was deleted: it was put back" in rebuilt.metadata[NOTES][0]
    assert "answer cell 'spread_answer' was deleted" in rebuilt.metadata[NOTES][1]


def test_of_two_copies_the_last_counts_and_runs_last():
    given = submitted()
    second = copy.deepcopy(given.cells[2])
    second.source = "# my better mean"
    given.cells.insert(3, second)
    rebuilt = rebuild(exercise(), given)
    assert sources(rebuilt)[2:4] == ["# my mean_answer", "# my better mean"]
    assert [grade_id(cell) for cell in rebuilt.cells][2:4] == [None, "mean_answer"]
    assert "more than once" in rebuilt.metadata[NOTES][0]


def test_points_tags_types_and_order_are_the_courses():
    given = submitted()
    test = given.cells[3]
    test.metadata.nbgrader.points = 100
    test.metadata.tags = ["skip-execution"]
    test.source = "pass"
    given.cells.reverse()
    rebuilt = rebuild(exercise(), given)
    back = next(cell for cell in rebuilt.cells if grade_id(cell) == "mean_small")
    assert (back.metadata.nbgrader.points, back.metadata.get("tags"), back.source) == (
        1,
        None,
        "assert mean(numbers) == 3.0",
    )
    assert [grade_id(cell) for cell in rebuilt.cells] == [grade_id(cell) for cell in exercise().cells]


def test_ids_stay_unique_and_the_notebook_valid():
    given = submitted()
    given.cells += [copy.deepcopy(cell) for cell in given.cells]
    rebuilt = rebuild(exercise(), given)
    ids = [cell.id for cell in rebuilt.cells]
    assert len(set(ids)) == len(ids)
    nbformat.validate(rebuilt)


def test_metadata_of_the_wrong_kind_are_no_obstacle():
    given = submitted()
    given.cells[2].metadata["nbgrader"] = "mine"
    given.cells[3].metadata["nbgrader"] = {"grade_id": ["x"]}
    rebuilt = rebuild(exercise(), given)
    assert [grade_id(cell) for cell in rebuilt.cells if grade_id(cell)] == [
        grade_id(cell) for cell in exercise().cells
    ]
