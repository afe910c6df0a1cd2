"""One submission: what it does to its own process and the grader's, and that nothing is left of it."""

import json
import os
import shutil
import time

import psutil
import pytest
from small_course import NAME

from scaleml_course.grading import autograde, batch, sample_class
from scaleml_course.grading.answers import Answer
from scaleml_course.grading.autograde import grade_submission
from scaleml_course.grading.processes import leftovers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(repository, tmp_path_factory):
    """A course folder whose gradebook knows the exercise."""
    folder = tmp_path_factory.mktemp("single")
    sample_class.build(repository, folder)
    batch.grade(folder, students=["absent"])
    return folder


@pytest.fixture
def hand_in(course, repository, request):
    """Hand in the reference with another second answer; returns the student's id."""

    def write(code, student="ada"):
        exercise = sample_class.read_exercise(repository, NAME)
        given = sample_class.hand_in(exercise, Answer(course, "", (), {"spread_answer": code}))
        folder = course / "submitted" / student / NAME
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(given.content)
        request.addfinalizer(lambda: shutil.rmtree(folder.parent))
        return student

    return write


def test_a_process_left_behind_is_ended(course, hand_in, tmp_path):
    note = tmp_path / "pid"
    student = hand_in(
        "import subprocess, sys\n"
        "sleep = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "left = subprocess.Popen(sleep, start_new_session=True)\n"
        f"open({str(note)!r}, 'w').write(str(left.pid))"
    )
    outcome = grade_submission(course, student, NAME, timeout_s=40)
    assert (outcome.status, outcome.score) == ("graded", 1.0)
    pid = int(note.read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert leftovers(course) == []


def test_a_loop_that_ignores_the_interrupt_costs_only_what_comes_after(course, hand_in):
    student = hand_in("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass")
    outcome = grade_submission(course, student, NAME, timeout_s=40, cell_timeout_s=2)
    assert (outcome.status, outcome.score) == ("graded", 1.0)
    assert "'spread_answer': no end within the time for one cell, not even after an interrupt" in outcome.reason
    assert leftovers(course) == []


def test_the_notebook_has_a_limit_of_its_own(course, hand_in):
    student = hand_in("import time\ntime.sleep(600)")
    outcome = grade_submission(course, student, NAME, timeout_s=5, cell_timeout_s=60)
    assert (outcome.status, outcome.score) == ("graded", 1.0)
    assert "not run after that: spread_small, spread_negative" in outcome.reason


def test_a_grader_that_is_stopped_is_ended_as_a_whole(course, hand_in, monkeypatch):
    monkeypatch.setattr(autograde, "GRACE_S", 10.0)
    student = hand_in("import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)")
    outcome = grade_submission(course, student, NAME, timeout_s=5)
    assert (outcome.status, outcome.score, outcome.max_score) == ("timed_out", None, 5.0)
    assert f"{NAME}.ipynb was ended as a whole" in outcome.reason
    assert leftovers(course) == []


def test_a_grader_that_is_killed_is_a_failed_row(course, hand_in):
    student = hand_in("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)")
    outcome = grade_submission(course, student, NAME, timeout_s=40)
    assert (outcome.status, outcome.score) == ("failed", None)
    assert "the grader ended while it graded" in outcome.reason


def test_too_much_memory_is_told(course, hand_in):
    student = hand_in("import time\nhoard = b'x' * (900 * 2**20)\ntime.sleep(20)")
    outcome = grade_submission(course, student, NAME, timeout_s=40, memory_mb=300)
    assert (outcome.status, outcome.score) == ("out_of_memory", None)
    assert "more than its 300 MB" in outcome.reason


def test_a_name_that_reads_like_a_pattern_selects_only_itself(course, hand_in):
    hand_in("spread = None", student="abc")
    outcome = grade_submission(course, hand_in("def spread(v): return max(v) - min(v)", student="a[b]*"), NAME)
    assert (outcome.status, outcome.score) == ("graded", 5.0)
    assert not (course / "autograded" / "abc").exists()


def test_a_timestamp_that_is_none_costs_no_marks(course, hand_in):
    student = hand_in("def spread(v): return max(v) - min(v)")
    (course / "submitted" / student / NAME / "timestamp.txt").write_text("half past nine")
    assert grade_submission(course, student, NAME).score == 5.0


def test_what_nbgrader_cannot_take_is_a_failed_row(course, hand_in):
    student = hand_in("pass")
    path = course / "submitted" / student / NAME / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["cell_type"] = "poem"
    notebook["nbformat"] = 4
    path.write_text(json.dumps(notebook))
    outcome = grade_submission(course, student, NAME)
    assert outcome.status in ("failed", "unreadable")
    assert f"{NAME}.ipynb" in outcome.reason
    assert not (course / "autograded" / student / NAME).exists()


def test_a_child_dies_with_its_parent(course, hand_in):
    student = hand_in("import time\ntime.sleep(600)")
    parent = os.fork()
    if parent == 0:
        try:
            grade_submission(course, student, NAME, timeout_s=600, cell_timeout_s=600)
        finally:
            os._exit(0)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(leftovers(course)) < 2:  # the grader and its kernel
        time.sleep(0.05)
    assert len(leftovers(course)) >= 2
    os.kill(parent, 9)
    os.waitpid(parent, 0)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and leftovers(course):
        time.sleep(0.05)
    assert leftovers(course) == []
