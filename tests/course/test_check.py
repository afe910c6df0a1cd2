"""Checking with nbval: a strict output that changed, a cell that raises, a lesson that hangs."""

import nbformat
import pytest

from scaleml_course.course import check
from scaleml_course.course.check import CheckResult, check_lesson, check_lessons
from scaleml_course.course.notebook import lesson_notebook, write_notebook
from tests.course.tiny import TinyCourse


def commit(tiny, slug, **outputs):
    """Write the reference notebook as if the lesson had run and given `outputs`, by text of the cell."""
    notebook = lesson_notebook(tiny.find(slug))
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
        cell.execution_count = count
        if shown := outputs.get(cell.source.split()[-1]):
            data = {"text/plain": shown}
            cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=count)]
    write_notebook(notebook, tiny.find(slug).notebook)


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Lessons that change, raise and stay as they were, checked once."""
    tiny = TinyCourse(tmp_path_factory.mktemp("checked"))
    tiny.lesson("01_same", ("[markdown]", "# ## Prose"), ('tags=["strict"]', "a = 41 + 1\na"), "object()")
    tiny.lesson("02_changed", "x = 3", ("[markdown]", "# ## Prose"), ('tags=["strict"]', "b = 6\nb"))
    tiny.lesson("03_raises", "y = 0", ("[markdown]", "# ## Prose"), "1 / y")
    tiny.lesson("04_missing")
    tiny.lesson("05_gpu", needs="[cluster]")
    commit(tiny, "01", a="42")
    commit(tiny, "02", b="7")
    commit(tiny, "03")
    told = []
    results = check_lessons(tiny.course, tiny.course.lessons, on_result=told.append)
    assert told == results
    return tiny, {result.slug[:2]: result for result in results}


def test_an_output_that_is_the_same_is_good(checked):
    _, results = checked
    assert results["01"].status == "ok", results["01"].message + results["01"].detail
    assert (results["01"].n_cells, results["01"].n_strict) == (3, 1)


def test_a_strict_output_that_changed_is_told_with_file_cell_and_line(checked):
    tiny, results = checked
    result = results["02"]
    line = tiny.line_of("02_changed", "b = 6")
    assert result.status == "failed"
    assert result.message.startswith(f"notebooks/02_changed.py, cell 5 (line {line}): the output is not the refe")
    assert "scaleml sync --refresh" in result.message and "'strict'" in result.message
    assert "6" in result.detail and "7" in result.detail
    assert "\x1b" not in result.detail


def test_a_cell_that_raises_is_told_as_such(checked):
    # Guards a defect: the advice was to accept the new output.
    tiny, results = checked
    result = results["03"]
    line = tiny.line_of("03_raises", "1 / y")
    assert result.status == "failed"
    assert result.message.startswith(f"notebooks/03_raises.py, cell 5 (line {line}): the cell failed")
    assert "--refresh" not in result.message and "Mend the cell" in result.message
    assert "ZeroDivisionError" in result.detail


def test_a_notebook_that_was_never_built_is_told(checked):
    _, results = checked
    assert results["04"].status == "failed"
    assert results["04"].message == "notebooks/04_missing.ipynb is missing. Run: make sync"


def test_a_lesson_that_cannot_run_here_is_skipped_with_the_reason(checked):
    _, results = checked
    assert results["05"].good and "pass --scheduler" in results["05"].message


def test_a_good_check_is_not_done_twice_and_a_failed_one_is(checked, monkeypatch):
    tiny, _ = checked
    stamps = {path.name for path in (tiny.course.build / "check").iterdir()}
    assert stamps == {"01_same.json"}
    again = CheckResult("01_same", "failed", message="nbval was called")
    monkeypatch.setattr(check, "_run_nbval", lambda course, lesson: again)
    assert check_lesson(tiny.course, tiny.find("01")).cached
    assert check_lesson(tiny.course, tiny.find("01"), force=True) is again
    assert check_lesson(tiny.course, tiny.find("02")).message == "nbval was called"
    commit(tiny, "01", a="43")
    assert check_lesson(tiny.course, tiny.find("01")) is again


@pytest.mark.slow
def test_a_lesson_that_hangs_under_nbval_is_ended_and_told(tiny, living):
    mark = tiny.root.parent.name
    code = f"mark = {mark!r}; import time; time.sleep(600)"
    tiny.lesson(
        "01_hangs",
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {code!r}], start_new_session=True)",
        "while True:\n    pass",
        timeout_s=8,
    )
    commit(tiny, "01")
    result = check_lesson(tiny.course, tiny.find("01"))
    assert result.status == "failed"
    assert "notebooks/01_hangs" in result.message
    assert living(mark) == []
