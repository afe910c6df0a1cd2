"""Sources and builds: drift is told with cell and remedy, prose keeps its outputs, nothing runs without need."""

import json

import nbformat
import pytest

from scaleml_course.course import sync
from scaleml_course.course.notebook import lesson_notebook, write_notebook
from scaleml_course.course.outcome import LessonResult
from scaleml_course.course.sync import drift, exercise_drift, exercise_paths, sync_exercise, sync_lesson


@pytest.fixture
def runs(monkeypatch):
    """Stands in for papermill: every code cell says which run it was; `runs` counts them."""
    done = []

    def run_lesson(course, lesson, tier, *, force=False, on_progress=None):
        done.append(lesson.slug)
        notebook = lesson_notebook(lesson)
        if any("1 / 0" in cell.source for cell in notebook.cells):
            return LessonResult(lesson.slug, tier, "error", message="it failed")
        for cell in notebook.cells:
            if cell.cell_type == "code":
                data = {"text/plain": f"run {len(done)}"}
                cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=77)]
        write_notebook(notebook, sync.result_notebook(course, lesson, tier))
        return LessonResult(lesson.slug, tier, "ok")

    monkeypatch.setattr(sync, "run_lesson", run_lesson)
    return done


@pytest.fixture
def synced(tiny, runs):
    """A course with one lesson, in step with its source."""
    tiny.lesson("03_a", "x = 1", ("[markdown]", "# Prose."), "x + 1")
    sync_lesson(tiny.course, tiny.find("03"))
    return tiny


def outputs(tiny):
    notebook = nbformat.read(tiny.find("03").notebook, as_version=4)
    return [cell.outputs[0].data["text/plain"] for cell in notebook.cells if cell.cell_type == "code"]


def edit(path, change):
    """Change a notebook as an editor would."""
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def told(tiny):
    return [one.message for one in drift(tiny.course)]


def test_after_a_sync_there_is_no_drift_and_counts_begin_at_1(synced, runs):
    assert told(synced) == []
    notebook = nbformat.read(synced.find("03").notebook, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3]
    assert [cell.outputs[0].execution_count for cell in code] == [1, 2, 3]


def test_a_second_sync_runs_nothing_and_changes_no_byte(synced, runs):
    before = synced.find("03").notebook.read_bytes()
    assert sync_lesson(synced.course, synced.find("03")) is None
    assert synced.find("03").notebook.read_bytes() == before
    assert runs == ["03_a"]


def test_an_edit_of_prose_keeps_the_outputs_without_a_run(synced, runs):
    synced.lesson("03_a", "x = 1", ("[markdown]", "# Better prose."), "x + 1")
    assert len(told(synced)) == 1
    sync_lesson(synced.course, synced.find("03"))
    assert told(synced) == []
    assert outputs(synced) == ["run 1"] * 3 and runs == ["03_a"]


def test_an_edit_of_code_runs_the_lesson(synced, runs):
    synced.lesson("03_a", "x = 2", ("[markdown]", "# Prose."), "x + 1")
    assert sync_lesson(synced.course, synced.find("03")).status == "ok"
    assert outputs(synced) == ["run 2"] * 3


def test_refresh_runs_though_nothing_changed(synced, runs):
    sync_lesson(synced.course, synced.find("03"), refresh=True)
    assert outputs(synced) == ["run 2"] * 3


def test_a_lesson_that_fails_keeps_the_notebook_of_before(synced, runs):
    before = synced.find("03").notebook.read_bytes()
    synced.lesson("03_a", "x = 1 / 0")
    assert sync_lesson(synced.course, synced.find("03")).status == "error"
    assert synced.find("03").notebook.read_bytes() == before


def test_a_notebook_edited_without_its_source_is_told_with_cell_line_and_remedy(synced):
    path = synced.find("03").notebook
    edit(path, lambda notebook: notebook.cells[4].update(source="x + 100"))
    [message] = told(synced)
    line = synced.line_of("03_a", "x + 1")
    assert message.startswith(f"notebooks/03_a.ipynb, cell 5 (line {line} of notebooks/03_a.py) differs")
    assert "move your edit into notebooks/03_a.py, then run: make sync" in message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda notebook: notebook.cells.pop(2), "cell 3 (line"),
        (lambda notebook: notebook.cells.pop(), "lacks the last cells"),
        (lambda notebook: notebook.cells.append(nbformat.v4.new_code_cell("1")), "cell 6 differs"),
        (lambda notebook: notebook.cells[1].metadata.update(tags=["other"]), "cell 2 (line"),
        (lambda notebook: notebook.cells[2].update(execution_count=9), "not run from top to bottom"),
        (lambda notebook: notebook.metadata.update(jupytext={"formats": "ipynb,py"}), "metadata of its own"),
    ],
)
def test_every_way_to_edit_a_notebook_is_noticed(synced, change, words):
    # Guards a defect: jupytext's pairing could be committed inside a notebook.
    edit(synced.find("03").notebook, change)
    [message] = told(synced)
    assert words in message and "notebooks/03_a.ipynb" in message and "make sync" in message


def test_outputs_that_were_cleared_come_back_by_a_run(synced, runs):
    # Guards a defect: sync numbered the empty cells, and the reference outputs were gone for good.
    def clear(notebook):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.update(outputs=[], execution_count=None)

    edit(synced.find("03").notebook, clear)
    assert "not run from top to bottom" in told(synced)[0]
    sync_lesson(synced.course, synced.find("03"))
    assert len(runs) == 2 and outputs(synced) == ["run 2"] * 3


@pytest.mark.parametrize("text", [None, "", "{", '{"cells": 3}'])
def test_a_notebook_that_is_missing_or_none_is_told_and_made_anew(synced, text):
    path = synced.find("03").notebook
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    [message] = told(synced)
    assert "notebooks/03_a.ipynb is missing or is no notebook. Run: make sync" in message
    sync_lesson(synced.course, synced.find("03"))
    assert told(synced) == []


def test_a_notebook_without_a_source_is_told(synced):
    (synced.root / "notebooks" / "99_gone.ipynb").write_text("{}")
    (synced.root / "grader" / "release" / "98_gone").mkdir(parents=True)
    first, second = told(synced)
    assert "notebooks/99_gone.ipynb has no source. Add the source, or delete it." in first
    assert "grader/release/98_gone has no source" in second


def test_built_files_never_hold_a_path_of_this_machine(synced):
    assert str(synced.root) not in synced.find("03").notebook.read_text()


@pytest.fixture
def exercise(tiny):
    """A course with one exercise, built."""
    tiny.exercise("03_a")
    assert sync_exercise(tiny.course, tiny.find_exercise("03_a"))
    return tiny


def test_an_exercise_is_built_for_teacher_and_student(exercise):
    source, release = exercise_paths(exercise.course, "03_a")
    assert "return 2 * x" in source.read_text() and "== 10" in source.read_text()
    assert "return 2 * x" not in release.read_text() and "== 10" not in release.read_text()
    assert "YOUR CODE HERE" in release.read_text()
    assert told(exercise) == []
    assert sync_exercise(exercise.course, exercise.find_exercise("03_a")) is False


def test_an_exercise_is_built_to_the_same_bytes_anywhere(exercise, tmp_path):
    from tests.course.tiny import TinyCourse

    other = TinyCourse(tmp_path / "elsewhere")
    other.exercise("03_a")
    sync_exercise(other.course, other.find_exercise("03_a"))
    here, there = exercise_paths(exercise.course, "03_a"), exercise_paths(other.course, "03_a")
    assert [path.read_bytes() for path in here] == [path.read_bytes() for path in there]


def test_exercise_drift_is_told_with_file_and_cell(exercise):
    source, release = exercise_paths(exercise.course, "03_a")
    whole = release.read_bytes()
    notebook = json.loads(whole)
    notebook["cells"][2]["source"] = "assert True"
    release.write_text(json.dumps(notebook))
    [found] = exercise_drift(exercise.course, exercise.find_exercise("03_a"))
    assert "grader/release/03_a/03_a.ipynb, cell 3 differs from the source." in found.message
    assert "move your edit into solutions/03_a.py" in found.message
    release.unlink()
    [found] = exercise_drift(exercise.course, exercise.find_exercise("03_a"))
    assert "grader/release/03_a/03_a.ipynb is missing. Run: make sync" in found.message
    release.write_bytes(whole)
    assert told(exercise) == []
    exercise.exercise(
        "03_a",
        ("[markdown]", "# # Exercise, said better"),
        ('solution="double"', "def double(x):\n    ### BEGIN SOLUTION\n    return x + x\n    ### END SOLUTION"),
        ('test="small" points=1', "assert double(2) == 4"),
    )
    [found] = exercise_drift(exercise.course, exercise.find_exercise("03_a"))
    assert "grader/source/03_a/03_a.ipynb, cell 1 differs" in found.message
    assert source.exists()
