"""Nothing is lost: killed, cut off or out of disk at any moment, the next run ends with the same marks."""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import threading

import psutil
import pytest
from batch_process import start_batch, wait_until
from fake_grader import fake_grade, write_class
from small_course import NAME

from scaleml_course.course.errors import UserError
from scaleml_course.grading import batch, gradebook_writer, sample_class
from scaleml_course.grading.isolation.levels import Isolation
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.processes import leftovers

pytestmark = pytest.mark.slow

TRUSTED = Isolation("trusted", "the tests' own notebooks")
#: Sixty submissions, three transactions: every one has other marks than its neighbours.
WISHES = {
    f"s{number:02d}": {"scores": {"mean_small": number % 2, "spread_small": number % 3 / 2}} for number in range(60)
}
MARKS = {name: wish["scores"]["mean_small"] + wish["scores"]["spread_small"] + 2.0 for name, wish in WISHES.items()}


@pytest.fixture
def log(tmp_path):
    """A file with the name of each student who was graded, one line a time."""
    path = tmp_path / "log"
    path.touch()
    return path


@pytest.fixture
def run(workers, log):
    """A function: grade without kernels on workers that run already."""
    grade_one = functools.partial(fake_grade, log=log)
    return functools.partial(batch.grade, isolation=TRUSTED, scheduler=workers, grade_one=grade_one)


def noted(course):
    """When each outcome was noted."""
    return {path.stem: path.stat().st_mtime_ns for path in (course / "journal" / NAME).glob("*.json")}


def check_all(course, outcomes, before=None, db_url=None):
    """Every student has the marks of an undisturbed run, in every place; what was noted before was left alone."""
    from nbgrader.api import Gradebook

    assert {row.student: row.score for row in outcomes} == MARKS
    after = noted(course)
    assert set(after) == set(MARKS)
    for student, time_ns in (before or {}).items():
        assert after[student] == time_ns, f"{student} was graded twice"
    with Gradebook(db_url or f"sqlite:///{course / 'gradebook.db'}", "scaleml") as book:
        assert {one.student.id: one.score for one in book.assignment_submissions(NAME)} == MARKS
    kept = {path.parent.parent.name for path in (course / "autograded").rglob("*.ipynb")}
    assert kept == set(MARKS)
    assert not [path for path in course.rglob(".*") if path.name.endswith((".writing", ".tmp"))]


@pytest.mark.parametrize(
    "die",
    [
        ("stage", 1, "before"),
        ("stage", 30, "after"),
        ("publish", 7, "before"),
        ("publish", 40, "after"),
        ("write", 1, "before"),
        ("write", 2, "after"),
        ("note", 3, "before"),
        ("note", 31, "after"),
    ],
    ids=lambda die: "-".join(map(str, die)),
)
def test_a_coordinator_that_is_killed(tmp_path, workers, run, log, die):
    course = write_class(tmp_path / "course", WISHES)
    killed = start_batch(course, scheduler=workers, log=str(log), die=die)
    assert killed.wait(120) == -signal.SIGKILL
    before = noted(course)
    assert len(before) < len(WISHES)
    log.write_text("")
    outcomes = run(course)
    check_all(course, outcomes, before)
    assert sorted(log.read_text().split()) == sorted(set(WISHES) - set(before))


def test_a_killed_coordinator_leaves_no_process(tmp_path, run):
    course = write_class(tmp_path / "course", WISHES | {"s59": WISHES["s59"] | {"sleep": 600.0}})
    killed = start_batch(course, n_workers=2)
    wait_until(lambda: len(noted(course)) >= 20)
    workers = leftovers(course)
    assert len(workers) >= 2
    killed.kill()
    killed.wait()
    wait_until(lambda: not any(alive(process) for process in workers), 20)


def test_a_killed_coordinator_leaves_no_kernel(tmp_path, repository):
    course = tmp_path / "course"
    sample = sample_class.build(repository, course)
    killed = start_batch(course, real=True, n_workers=2, students=["endless-loop", "reference", "untouched"])
    wait_until(lambda: len(noted(course)) >= 2)  # so the loop runs, for two minutes more
    family = psutil.Process(killed.pid).children(recursive=True)
    assert len(family) >= 6, "workers, and nests with kernels"
    killed.kill()
    killed.wait()
    wait_until(lambda: not any(alive(process) for process in family), 20)
    outcomes = batch.grade(course, students=["endless-loop"], limits=Limits(40.0, 4.0), trust_students=True)
    assert outcomes[0].score == sample.expected["endless-loop", NAME]


def alive(process):
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def test_workers_that_are_killed(tmp_path, log):
    course = write_class(tmp_path / "course", {name: wish | {"sleep": 0.02} for name, wish in WISHES.items()})
    killed = []

    def kill_one(done, total, row):
        if done in (1, 26, 51):
            found = [process for process in leftovers(course) if process.ppid() == os.getpid()]
            found[0].kill()
            killed.append(found[0].pid)

    outcomes = batch.grade(course, isolation=TRUSTED, n_workers=2, grade_one=fake_grade, progress=kill_one)
    assert len(set(killed)) == 3
    check_all(course, outcomes)
    assert leftovers(course) == []


@pytest.fixture
def on_server(tmp_path, postgres):
    """A course folder whose gradebook is on PostgreSQL, and its address."""
    course = write_class(tmp_path / "course", WISHES)
    url = postgres.database(tmp_path.name)
    (course / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.CourseDirectory.course_id = "scaleml"\nc.CourseDirectory.db_url = {url!r}\n'
    )
    return course, url


def test_database_connections_that_are_killed(tmp_path, postgres, run, on_server):
    course, url = on_server
    killed = []

    def kill(done, total, row):
        if done in (1, 30):
            killed.append(postgres.kill_connections(tmp_path.name))

    check_all(course, run(course, progress=kill), db_url=url)
    assert len(killed) == 2


def test_a_database_connection_that_is_killed_within_a_transaction(tmp_path, postgres, run, on_server, monkeypatch):
    course, url = on_server
    whole, killed = gradebook_writer.write_marks, []

    def write_marks(db, rows, entries):
        notebooks = whole(db, rows, entries)
        if len(killed) < 3:
            killed.append(postgres.kill_connections(tmp_path.name))
        return notebooks

    monkeypatch.setattr(gradebook_writer, "write_marks", write_marks)
    check_all(course, run(course), db_url=url)
    assert killed[0] >= 1 and len(killed) == 3


def test_a_database_that_restarts_is_waited_for(postgres, run, on_server):
    course, url = on_server
    again = threading.Timer(2.0, postgres.start)

    def restart(done, total, row):
        if done == 25:
            postgres.stop()
            again.start()

    check_all(course, run(course, progress=restart), db_url=url)
    again.join()


def test_a_database_that_stays_away_ends_the_run_and_the_next_one_finishes(postgres, run, on_server, monkeypatch):
    course, url = on_server
    monkeypatch.setattr(gradebook_writer, "RECONNECT_S", 0.5)

    def stop(done, total, row):
        if done == 25:
            postgres.stop()

    with pytest.raises(UserError, match="The gradebook cannot be") as caught:
        run(course, progress=stop)
    assert "is kept" in caught.value.remedy and "run this again" in caught.value.remedy
    before = noted(course)
    assert len(before) >= 25
    with pytest.raises(UserError, match="The gradebook cannot be read"):
        run(course)
    postgres.start()
    check_all(course, run(course), before, url)


def test_a_gradebook_that_another_program_holds_is_waited_for(tmp_path, run):
    import sqlite3

    course = write_class(tmp_path / "course", WISHES)

    def hold(done, total, row):
        if done == 25:
            other = sqlite3.connect(course / "gradebook.db", check_same_thread=False)
            other.execute("begin immediate")
            # Longer than SQLite itself waits.
            threading.Timer(7.0, lambda: (other.rollback(), other.close())).start()

    check_all(course, run(course, progress=hold))


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of its own, of 24 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("moment", [0, 1, 25, 50])
def test_a_disk_that_fills_up(small_disk, run, moment):
    course = write_class(small_disk / "course", WISHES)
    filler = small_disk / "filler"

    def fill(done=0, total=0, row=None):
        if done == moment:
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))

    if moment == 0:
        fill()
    with pytest.raises((UserError, OSError)) as caught:
        run(course, progress=fill)
    assert any(word in str(caught.value) for word in ("full", "No space left"))
    before = noted(course)
    assert len(before) < len(WISHES)
    filler.unlink()
    check_all(course, run(course), before)
    shutil.rmtree(course)
