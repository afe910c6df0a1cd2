"""A class is graded: every row, once, with the right marks, whatever was handed in."""

import functools
import json
import os
import subprocess
import sys

import pytest
from fake_grader import fake_grade, write_class
from small_course import NAME

from scaleml_course.course.errors import UserError
from scaleml_course.grading import batch, marking, sample_class
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.isolation.levels import Isolation
from scaleml_course.grading.journal import Journal
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.processes import leftovers

TRUSTED = Isolation("trusted", "the tests' own notebooks")


@pytest.fixture
def quick(workers, tmp_path):
    """A function: `batch.grade` without kernels, on workers that run already; `.asked` has whom it graded."""
    log = tmp_path / "asked"

    def grade(course, **options):
        log.write_text("")
        given = {"isolation": TRUSTED, "scheduler": workers, "grade_one": functools.partial(fake_grade, log=log)}
        outcomes = batch.grade(course, **(given | options))
        grade.asked = sorted(log.read_text().split())
        return by_student(outcomes)

    return grade


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
def test_a_second_run_grades_nothing_and_imports_neither_nbgrader_nor_dask(graded):
    sample, outcomes, _ = graded
    code = (
        "import sys; from pathlib import Path\n"
        "from scaleml_course.grading import batch\n"
        "from scaleml_course.grading.limits import Limits\n"
        f"outcomes = batch.grade(Path({str(sample.course)!r}), limits=Limits(40.0, 4.0))\n"
        "heavy = ('nbgrader', 'sqlalchemy', 'distributed', 'numpy')\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in heavy]\n"
        "import json; print(json.dumps([o.as_dict() for o in outcomes]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(json.dumps([o.as_dict() for o in outcomes]))


def test_importing_the_batch_imports_neither_nbgrader_nor_dask():
    code = (
        "import sys, scaleml_course.grading.batch\n"
        "heavy = ('nbgrader', 'nbformat', 'sqlalchemy', 'numpy', 'distributed')\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in heavy]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_gradebook_says_the_same(graded):
    sample, outcomes, _ = graded
    for outcome in outcomes:
        if outcome.status == "graded":
            assert gradebook_score(sample.course, outcome.student) == outcome.score


def gradebook_score(course, student):
    """What nbgrader's own gradebook says."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "scaleml") as gradebook:
        return gradebook.find_submission(NAME, student).score


@pytest.mark.slow
def test_what_changed_is_graded_again_and_nothing_else(tmp_path, quick):
    course = write_class(tmp_path / "course", {"ada": {}, "bob": {"scores": {"mean_small": 0}}})
    first = quick(course)
    assert (first["ada"].score, first["bob"].score) == (5.0, 4.0)
    assert quick(course) == first and quick.asked == []

    # Ada hands in again, cut short: her old marks must not stand.
    handed_in = CourseFolder(course).submitted("ada", NAME) / f"{NAME}.ipynb"
    whole = handed_in.read_bytes()
    handed_in.write_bytes(whole[:300])
    second = quick(course)
    assert quick.asked == ["ada"]
    assert (second["ada"].status, second["ada"].score) == ("unreadable", None)
    assert not CourseFolder(course).autograded("ada", NAME).exists()
    assert gradebook_score(course, "ada") == 0.0

    # A half-written note, a graded notebook that is gone, and a note without its key count as not graded.
    note = course / "journal" / NAME / "bob.json"
    note.write_text(note.read_text()[:50])
    handed_in.write_bytes(whole)
    third = quick(course)
    assert quick.asked == ["ada", "bob"]
    assert (third["ada"].score, third["bob"].score) == (5.0, 4.0)
    assert gradebook_score(course, "ada") == 5.0
    (CourseFolder(course).autograded("ada", NAME) / f"{NAME}.ipynb").unlink()
    quick(course)
    assert quick.asked == ["ada"]


@pytest.mark.slow
def test_what_the_gradebook_lost_is_graded_again(tmp_path, quick):
    from nbgrader.api import Gradebook

    course = write_class(tmp_path / "course", {"ada": {}, "bob": {}})
    quick(course)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "scaleml") as gradebook:
        gradebook.remove_submission(NAME, "bob")
    quick(course)
    assert quick.asked == ["bob"]
    assert gradebook_score(course, "bob") == 5.0


@pytest.mark.slow
def test_a_weaker_level_is_not_kept_and_a_stronger_one_is(tmp_path, quick):
    course = write_class(tmp_path / "course", {"ada": {}})
    assert quick(course)["ada"].isolation == "trusted"
    strong = quick(course, isolation=Isolation("bubblewrap"))
    assert quick.asked == ["ada"] and strong["ada"].isolation == "bubblewrap"
    again = quick(course)
    assert quick.asked == [] and again["ada"].isolation == "bubblewrap"


@pytest.mark.slow
def test_failures_are_tried_again_when_asked_and_other_limits_are_another_grading(tmp_path, quick):
    wishes = {"ada": {"status": "timed_out"}, "bob": {"raise": "a fault of ours"}, "cem": {"status": "unreadable"}}
    course = write_class(tmp_path / "course", wishes)
    rows = quick(course)
    assert [row.status for row in rows.values()] == ["timed_out", "failed", "unreadable"]
    assert "ValueError: a fault of ours" in rows["bob"].reason and "--retry-failed" in rows["bob"].reason
    quick(course)
    assert quick.asked == []
    quick(course, retry_failed=True)
    assert quick.asked == ["ada", "bob"]
    quick(course, limits={NAME: Limits(10.0)}, students=["ada"])
    assert quick.asked == ["ada"]
    quick(course, limits=Limits(10.0), students=["ada"])
    assert quick.asked == []


@pytest.mark.slow
def test_hostile_files_beside_the_notebook_cost_nothing_and_are_told(tmp_path, quick):
    course = write_class(tmp_path / "course", {"ada": {}, "bob": {}})
    folder = CourseFolder(course).submitted("ada", NAME)
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "others").symlink_to(CourseFolder(course).submitted("bob", NAME))
    os.mkfifo(folder / "pipe")
    (folder / "timestamp.txt").unlink()
    os.mkfifo(folder / "timestamp.txt")
    (folder / "data").mkdir()
    (folder / "data" / "own.csv").write_text("1,2")
    row = quick(course)["ada"]
    assert (row.status, row.score, row.late_seconds) == ("graded", 5.0, None)
    for word in ("passwd is a link", "others is a link", "pipe is no regular file"):
        assert word in row.reason
    kept = CourseFolder(course).autograded("ada", NAME)
    files = sorted(str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file())
    assert files == [f"{NAME}.ipynb", "data/own.csv"]


@pytest.mark.slow
def test_who_takes_the_notebook_back_while_the_class_is_graded_has_a_row_too(tmp_path, quick):
    course = write_class(tmp_path / "course", {name: {} for name in ("ada", "bob", "zoe")})
    taken = CourseFolder(course).submitted("zoe", NAME)
    whole = marking.Marking.jobs

    def jobs(self, pairs):
        (taken / f"{NAME}.ipynb").unlink(missing_ok=True)
        yield from whole(self, pairs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marking.Marking, "jobs", jobs)
        rows = quick(course)
    assert rows["zoe"].status == "missing" and len(rows) == 3


@pytest.mark.slow
def test_only_these_are_graded(tmp_path, quick):
    course = write_class(tmp_path / "course", {name: {} for name in ("ada", "bob", "cem")})
    assert set(quick(course, only=["ada", f"cem/{NAME}"])) == {"ada", "cem"}
    assert quick.asked == ["ada", "cem"]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"students": ["nobody"]}, "no student named 'nobody'"),
        ({"assignments": ["99_x"]}, "no assignment named '99_x'"),
        ({"only": ["nobody"]}, "no student named 'nobody'"),
        ({"only": ["absent/99_x"]}, "no assignment named '99_x'"),
    ],
)
def test_names_that_do_not_exist_are_refused(repository, tmp_path, names, words):
    sample_class.build(repository, tmp_path)
    with pytest.raises(UserError, match=words) as caught:
        batch.grade(tmp_path, **names)
    assert caught.value.exit_status == 2


def test_a_name_that_no_gradebook_can_hold_is_refused(tmp_path):
    write_class(tmp_path, {"ada": {}, "b\tob": {}})
    with pytest.raises(UserError, match="printable text") as caught:
        batch.grade(tmp_path)
    assert "'b\\tob'" in caught.value.message


def test_two_runs_at_once_are_refused(repository, tmp_path):
    sample_class.build(repository, tmp_path)
    with (
        Journal(CourseFolder(tmp_path)).alone(),
        pytest.raises(UserError, match="graded by another run"),
    ):
        batch.grade(tmp_path)


@pytest.mark.slow
def test_the_plan_says_what_will_be_done(tmp_path, quick):
    course = write_class(tmp_path / "course", {"ada": {}, "bob": {}})
    (course / "students.csv").write_text("id\nabsent\n")
    plans = []
    quick(course, on_plan=plans.append, students=["ada", "absent"])
    quick(course, on_plan=plans.append)
    assert [(plan.found, plan.to_grade, plan.without) for plan in plans] == [(0, 1, 1), (2, 1, 0)]
    assert plans[0].isolation == TRUSTED


def test_code_is_not_run_unconfined_without_a_word(tmp_path, monkeypatch):
    from scaleml_course.grading.isolation import levels

    monkeypatch.setattr(levels, "strongest", lambda: Isolation("trusted", "nothing is here"))
    course = write_class(tmp_path / "course", {"ada": {}})
    with pytest.raises(UserError, match="can confine") as caught:
        batch.grade(course, grade_one=fake_grade)
    assert "--trust-students" in caught.value.remedy
    assert not (course / "journal" / NAME).exists()
    # Where nothing is to be run, nothing need be confined.
    assert {row.status for row in batch.grade(hand_nothing_in(tmp_path / "other"))} == {"absent"}


def hand_nothing_in(course):
    write_class(course, {})
    (course / "students.csv").write_text("id\nada\n")
    return course
