"""A class is graded: every row, once, with the right marks, whatever was handed in and whoever was killed."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_course import NAME

from scaleml_course.course.errors import UserError
from scaleml_course.grading import batch, sample_class
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.journal import Journal
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.processes import leftovers

LIMITS = Limits(timeout_s=40.0, cell_timeout_s=4.0)


def by_student(outcomes):
    return {outcome.student: outcome for outcome in outcomes}


@pytest.mark.slow
def test_everyone_gets_the_marks_that_were_expected(graded):
    sample, outcomes, _ = graded
    assert sample.disagreements(outcomes) == []
    assert {(o.student, o.assignment) for o in outcomes} == set(sample.expected)
    assert leftovers(sample.course) == []


@pytest.mark.slow
def test_progress_tells_each_outcome_once(graded):
    _, outcomes, seen = graded
    assert [done for done, _, _ in seen] == list(range(1, len(outcomes) + 1))
    assert {total for _, total, _ in seen} == {len(outcomes)}
    assert {outcome.student for _, _, outcome in seen} == {outcome.student for outcome in outcomes}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("unreadable", ["unreadable", f"{NAME}.ipynb", "cut short", "hand it in again"]),
        ("renamed-file", ["missing", "my answers (final).ipynb", "Rename"]),
        ("absent", ["absent", "nothing was handed in"]),
        ("deleted-cells", ["graded", "'mean_small' was deleted", "'spread_answer' was deleted", "restored"]),
        ("duplicated-cell", ["graded", "'mean_answer' stands there more than once"]),
        ("syntax-error", ["graded", "'spread_answer' does not run: SyntaxError"]),
        ("endless-loop", ["graded", "'spread_answer'", "no end", "loop without end"]),
        ("kernel-exit", ["graded", "'spread_answer'", "kernel died", "not run after that: spread_small"]),
    ],
)
def test_the_reason_names_file_cell_and_remedy(graded, student, words):
    outcome = by_student(graded[1])[student]
    for word in words:
        assert word in f"{outcome.status}: {outcome.reason}"


@pytest.mark.slow
def test_only_the_late_one_is_late_and_keeps_its_marks(graded):
    outcomes = by_student(graded[1])
    late = {name for name, outcome in outcomes.items() if outcome.late_seconds}
    assert late == {"late"}
    assert outcomes["late"].late_seconds == sample_class.LATE_SECONDS
    assert outcomes["late"].score == outcomes["late"].max_score
    assert outcomes["absent"].late_seconds is None


@pytest.mark.slow
def test_a_warning_in_a_test_costs_nothing_and_is_still_shown(graded):
    sample, outcomes, _ = graded
    assert by_student(outcomes)["warns"].score == 5.0
    shown = (sample.course / "autograded" / "warns" / NAME / f"{NAME}.ipynb").read_text()
    assert "FutureWarning" in shown


@pytest.mark.slow
def test_a_second_run_grades_nothing_and_imports_no_nbgrader(graded):
    sample, outcomes, _ = graded
    code = (
        "import sys; from pathlib import Path\n"
        "from scaleml_course.grading import autograde, batch, processes\n"
        "from scaleml_course.grading.limits import Limits\n"
        "def refuse(*a, **k): raise AssertionError('a child was started')\n"
        "autograde.run_child = batch.run_child = refuse\n"
        f"outcomes = batch.grade(Path({str(sample.course)!r}), limits=Limits(40.0, 4.0))\n"
        "assert not [m for m in sys.modules if m.startswith(('nbgrader', 'sqlalchemy'))]\n"
        "import json; print(json.dumps([o.as_dict() for o in outcomes]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(json.dumps([o.as_dict() for o in outcomes]))


def test_importing_the_batch_imports_no_nbgrader():
    code = (
        "import sys, scaleml_course.grading.batch\n"
        "assert not [m for m in sys.modules if m.startswith(('nbgrader', 'nbformat', 'sqlalchemy', 'numpy'))]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_where_it_was(repository, tmp_path):
    sample = sample_class.build(repository, tmp_path)
    students = ["late", "reference", "right-numpy", "unreadable", "untouched", "wrong-off-by-one"]
    journal = tmp_path / "journal" / NAME
    code = (
        "from pathlib import Path; from scaleml_course.grading import batch\n"
        "from scaleml_course.grading.limits import Limits\n"
        f"batch.grade(Path({str(tmp_path)!r}), students={students!r}, n_workers=1, limits=Limits(40.0, 4.0))"
    )
    run = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 120
    # Two noted, and a third being graded.
    while time.monotonic() < deadline and len(list(journal.glob("*.json"))) < 2:
        assert run.poll() is None
        time.sleep(0.02)
    while time.monotonic() < deadline and not leftovers(tmp_path):
        time.sleep(0.02)
    run.kill()
    run.wait()
    noted = {path.stem: path.stat().st_mtime_ns for path in journal.glob("*.json")}
    assert 2 <= len(noted) < len(students)

    outcomes = batch.grade(tmp_path, students=students, limits=LIMITS)
    sample.expected = {(s, NAME): sample.expected[s, NAME] for s in students}
    assert sample.disagreements(outcomes) == []
    assert {path.stem for path in journal.glob("*.json")} == set(students)
    for student, time_ns in noted.items():
        assert (journal / f"{student}.json").stat().st_mtime_ns == time_ns, f"{student} was graded twice"
    assert leftovers(tmp_path) == []


@pytest.mark.slow
def test_ctrl_c_ends_what_runs(repository, tmp_path):
    sample_class.build(repository, tmp_path)
    code = (
        "from pathlib import Path; from scaleml_course.grading import batch\n"
        f"batch.grade(Path({str(tmp_path)!r}), students=['endless-loop'])"
    )
    run = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(leftovers(tmp_path)) < 2:  # the grader and its kernel
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode != 0 and "KeyboardInterrupt" in said
    assert leftovers(tmp_path) == []
    assert not (tmp_path / "journal" / NAME / "endless-loop.json").exists()


@pytest.mark.slow
def test_what_changed_is_graded_again_and_nothing_else(repository, tmp_path):
    sample = sample_class.build(repository, tmp_path)
    students = ["reference", "untouched"]
    first = by_student(batch.grade(tmp_path, students=students, limits=LIMITS))
    assert (first["reference"].score, first["untouched"].score) == (5.0, 0.0)
    folder = CourseFolder(tmp_path)

    # The reference is handed in again, cut short: its old marks must not stand.
    handed_in = folder.submitted("reference", NAME) / f"{NAME}.ipynb"
    handed_in.write_bytes(handed_in.read_bytes()[:300])
    untouched_note = tmp_path / "journal" / NAME / "untouched.json"
    before = untouched_note.stat().st_mtime_ns
    second = by_student(batch.grade(tmp_path, students=students, limits=LIMITS))
    assert (second["reference"].status, second["reference"].score) == ("unreadable", None)
    assert not folder.autograded("reference", NAME).exists()
    assert gradebook_score(tmp_path, "reference") == 0.0
    assert untouched_note.stat().st_mtime_ns == before

    # A half-written note, and a graded notebook that is gone, count as not graded.
    untouched_note.write_text(untouched_note.read_text()[:50])
    sample_class.build(repository, sample.course)
    third = by_student(batch.grade(tmp_path, students=students, limits=LIMITS))
    assert (third["reference"].score, third["untouched"].score) == (5.0, 0.0)
    assert gradebook_score(tmp_path, "reference") == 5.0


def gradebook_score(course: Path, student: str) -> float:
    """What nbgrader's own gradebook says."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "scaleml") as gradebook:
        return gradebook.find_submission(NAME, student).score


@pytest.mark.slow
def test_the_gradebook_says_the_same(graded):
    sample, outcomes, _ = graded
    for outcome in outcomes:
        if outcome.status == "graded":
            assert gradebook_score(sample.course, outcome.student) == outcome.score


def test_names_that_do_not_exist_are_refused(repository, tmp_path):
    sample_class.build(repository, tmp_path)
    with pytest.raises(UserError, match="no student named 'nobody'") as caught:
        batch.grade(tmp_path, students=["nobody"])
    assert caught.value.exit_status == 2
    with pytest.raises(UserError, match="no assignment named '99_x'"):
        batch.grade(tmp_path, assignments=["99_x"])


def test_two_runs_at_once_are_refused(repository, tmp_path):
    sample_class.build(repository, tmp_path)
    with (
        Journal(CourseFolder(tmp_path)).alone(),
        pytest.raises(UserError, match="graded by another run"),
    ):
        batch.grade(tmp_path)


def fake_grading(monkeypatch, grade_one):
    """Put `grade_one(student)` in the place of a child, and a gradebook where one is looked for."""

    def grade_submission(course, student, assignment, **limits):
        return grade_one(student)

    def register(folder, journal, students):
        (folder.root / "gradebook.db").touch()
        journal.note_registered(students, f"sqlite:///{folder.root / 'gradebook.db'}")

    monkeypatch.setattr(batch, "grade_submission", grade_submission)
    monkeypatch.setattr(batch, "register", register)


def outcome(student, status="unreadable"):
    return batch.Outcome(student, NAME, status, None, 5.0, "broken")


def test_a_full_disk_costs_only_the_row_it_hits(repository, tmp_path, monkeypatch):
    sample_class.build(repository, tmp_path)
    fake_grading(monkeypatch, outcome)
    whole = Journal.note

    def note(self, given, key):
        if given.student == "late":
            raise OSError(28, "No space left on device")
        whole(self, given, key)

    monkeypatch.setattr(Journal, "note", note)
    outcomes = by_student(batch.grade(tmp_path))
    assert (outcomes["late"].status, outcomes["reference"].status) == ("failed", "unreadable")
    assert "No space left on device" in outcomes["late"].reason
    monkeypatch.setattr(Journal, "note", whole)
    assert by_student(batch.grade(tmp_path))["late"].status == "unreadable"


def test_ctrl_c_notes_nothing_of_what_was_under_way(repository, tmp_path, monkeypatch):
    sample_class.build(repository, tmp_path)
    graded = []

    def grade_one(student):
        graded.append(student)
        if len(graded) == 3:
            raise KeyboardInterrupt
        return outcome(student)

    fake_grading(monkeypatch, grade_one)
    with pytest.raises(KeyboardInterrupt):
        batch.grade(tmp_path, n_workers=1)
    noted = {path.stem for path in (tmp_path / "journal" / NAME).glob("*.json")}
    # A worker may finish one more before it hears of the interrupt; that one is graded, and noted.
    assert graded[2] not in noted and set(graded[:2]) <= noted
    graded.clear()
    graded.extend(["", "", ""])  # past the interrupt
    assert len(batch.grade(tmp_path, n_workers=1)) == len(CourseFolder(tmp_path).students())
    assert not noted & set(graded)


def test_failures_are_tried_again_when_asked(repository, tmp_path, monkeypatch):
    sample_class.build(repository, tmp_path)
    asked = []

    def grade_one(student):
        asked.append(student)
        return outcome(student, "failed" if student == "late" else "unreadable")

    fake_grading(monkeypatch, grade_one)
    batch.grade(tmp_path)
    asked.clear()
    batch.grade(tmp_path)
    assert asked == []
    batch.grade(tmp_path, retry_failed=True)
    assert asked == ["late"]


def test_other_limits_are_another_grading(repository, tmp_path, monkeypatch):
    sample_class.build(repository, tmp_path)
    asked = []

    def grade_one(student):
        asked.append(student)
        return outcome(student)

    fake_grading(monkeypatch, grade_one)
    batch.grade(tmp_path, students=["late"], limits={NAME: Limits(10.0)})
    batch.grade(tmp_path, students=["late"], limits=Limits(10.0))
    assert asked == ["late"]
    batch.grade(tmp_path, students=["late"], limits=Limits(20.0))
    assert asked == ["late", "late"]
