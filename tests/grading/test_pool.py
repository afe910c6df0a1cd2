"""The workers: one that dies, hangs or refuses costs no other submission anything, and none outlives its batch."""

import contextlib
import json
import os
import signal
import subprocess
import sys

import pytest
from batch_process import start_batch, wait_until
from distributed import LocalCluster
from fake_grader import fake_grade, write_class
from small_course import NAME

from scaleml_course.course.errors import UserError
from scaleml_course.grading import batch, pool
from scaleml_course.grading import workers as workers_module
from scaleml_course.grading.isolation.levels import Isolation
from scaleml_course.grading.processes import leftovers

pytestmark = pytest.mark.slow

QUIET = {"dashboard_address": ":0", "host": "127.0.0.1", "silence_logs": 50}
TRUSTED = Isolation("trusted", "the tests' own notebooks")


def grade(course, **options):
    given = {"isolation": TRUSTED, "grade_one": fake_grade, "n_workers": 2}
    return {row.student: row for row in batch.grade(course, **(given | options))}


def test_who_kills_the_worker_each_time_fails_and_no_other_does(tmp_path):
    wishes = {f"s{number:02d}": {} for number in range(12)}
    course = write_class(tmp_path / "course", wishes | {"s04": {"kill": "always"}})
    rows = grade(course)
    assert rows["s04"].status == "failed" and f"{NAME}.ipynb" in rows["s04"].reason
    assert "the grader ended each time" in rows["s04"].reason
    assert {row.status for name, row in rows.items() if name != "s04"} == {"graded"}
    assert leftovers(course) == []


def test_a_worker_that_dies_once_costs_nothing(tmp_path):
    wishes = {f"s{number:02d}": {} for number in range(8)}
    wishes |= {"s01": {"kill": str(tmp_path / "first")}, "s06": {"kill": str(tmp_path / "second")}}
    course = write_class(tmp_path / "course", wishes)
    rows = grade(course, n_workers=1)
    assert {row.status for row in rows.values()} == {"graded"} and len(rows) == 8


def test_a_worker_that_is_stopped_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setitem(workers_module.LOCAL, "distributed.scheduler.worker-ttl", "5s")
    course = write_class(tmp_path / "course", {"ada": {"stop": str(tmp_path / "once")}, "bob": {}})
    rows = grade(course, n_workers=1)
    assert [row.status for row in rows.values()] == ["graded", "graded"]
    assert leftovers(course) == []


def test_a_submission_that_never_comes_back_is_given_up(tmp_path, monkeypatch):
    from scaleml_course.grading.limits import Limits

    monkeypatch.setattr(pool, "GRACE_S", 1.0)
    course = write_class(tmp_path / "course", {"ada": {"sleep": 10_000.0}, "bob": {}})
    rows = grade(course, limits=Limits(timeout_s=0.5))
    assert (rows["ada"].status, rows["bob"].status) == ("failed", "graded")
    assert leftovers(course) == []


def test_a_worker_that_cannot_confine_ends_the_batch_with_its_message(tmp_path, workers):
    course = write_class(tmp_path / "course", {"ada": {"refuse": "bubblewrap cannot be had"}})
    with pytest.raises(UserError, match="bubblewrap cannot be had") as caught:
        grade(course, scheduler=workers)
    assert caught.value.remedy == "Mend it."
    assert not (course / "journal" / NAME / "ada.json").exists()


def test_two_students_may_hand_in_the_same_bytes(tmp_path, workers):
    course = write_class(tmp_path / "course", {f"s{number:02d}": {} for number in range(30)})
    rows = grade(course, scheduler=workers)
    assert len(rows) == 30 and {row.score for row in rows.values()} == {5.0}


def test_large_submissions_go_a_few_at_a_time(tmp_path, workers, monkeypatch, recwarn):
    monkeypatch.setattr(pool, "BYTES_AHEAD", 30_000_000)
    course = write_class(tmp_path / "course", {f"s{number}": {} for number in range(6)})
    for student in (course / "submitted").iterdir():
        (student / NAME / "data.bin").write_bytes(bytes(12_000_000))
    most = []
    whole = pool.Pool._send

    def send(self, job):
        whole(self, job)
        most.append(len(self._jobs))

    monkeypatch.setattr(pool.Pool, "_send", send)
    assert {row.status for row in grade(course, scheduler=workers).values()} == {"graded"}
    assert max(most) <= 3
    assert not [warned for warned in recwarn if "large graph" in str(warned.message)]


def test_a_scheduler_elsewhere_gives_the_same_marks_and_keeps_its_workers(tmp_path, workers):
    wishes = {"ada": {"scores": {"mean_small": 0.5}}, "bob": {"scores": {"spread_small": None}}, "cem": {}}
    here = grade(write_class(tmp_path / "here", wishes))
    there = grade(write_class(tmp_path / "there", wishes), scheduler=workers)
    assert [(row.student, row.score, row.checks) for row in here.values()] == [
        (row.student, row.score, row.checks) for row in there.values()
    ]
    again = grade(write_class(tmp_path / "again", wishes), scheduler=workers)
    assert len(again) == 3


def test_nobody_at_the_address(tmp_path, monkeypatch):
    course = write_class(tmp_path / "course", {"ada": {}})
    with pytest.raises(UserError, match="no Dask scheduler") as caught:
        grade(course, scheduler="tcp://127.0.0.1:1")
    assert "dask scheduler" in caught.value.remedy and caught.value.exit_status == 2


def test_workers_that_declare_nothing_are_told_how(tmp_path, monkeypatch):
    monkeypatch.setattr(workers_module, "PATIENCE_S", 1.0)
    course = write_class(tmp_path / "course", {"ada": {}})
    with (
        LocalCluster(n_workers=1, **QUIET) as cluster,
        pytest.raises(UserError, match="declares the resource grader") as caught,
    ):
        grade(course, scheduler=cluster.scheduler_address)
    assert "--resources grader=1" in caught.value.remedy


def test_when_the_last_worker_leaves_the_batch_ends_with_a_message(tmp_path, monkeypatch):
    monkeypatch.setattr(workers_module, "PATIENCE_S", 1.0)
    course = write_class(tmp_path / "course", {f"s{number}": {"sleep": 0.5} for number in range(20)})
    with LocalCluster(n_workers=1, threads_per_worker=1, resources={"grader": 1}, **QUIET) as cluster:

        def leave(done, total, row):
            cluster.scale(0)

        with pytest.raises(UserError, match="any more"):
            grade(course, scheduler=cluster.scheduler_address, progress=leave)
    kept = {path.stem for path in (course / "journal" / NAME).glob("*.json")}
    assert kept
    rows = grade(course)
    assert len(rows) == 20 and {row.status for row in rows.values()} == {"graded"}


def test_the_commands_that_the_remedies_name_start_a_cluster_that_grades(tmp_path):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    dask = [sys.executable, "-m", "dask"]
    options = {"env": environment, "cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    note = tmp_path / "scheduler.json"
    # As no_workers and _remote_client word them, with a free port and no other machine let in.
    local = ["--host", "127.0.0.1"]
    scheduler = [*dask, "scheduler", "--no-dashboard", "--port", "0", "--scheduler-file", str(note), *local]
    with subprocess.Popen(scheduler, **options) as started:
        wait_until(note.is_file)
        wait_until(lambda: note.read_text().endswith("}"))
        address = json.loads(note.read_text())["address"]
        words = (
            workers_module.START_WORKERS.format(address=address)
            .partition(": dask ")[2]
            .replace("CORES", "2")
            .split()
        )
        with subprocess.Popen([*dask, *words, *local], **options) as worker:
            try:
                course = write_class(tmp_path / "course", {f"s{number}": {} for number in range(10)})
                rows = grade(course, scheduler=address)
                assert {row.score for row in rows.values()} == {5.0} and len(rows) == 10
            finally:
                worker.terminate()
                started.terminate()


def test_landlock_wants_a_scheduler_that_does_not_obey_everyone(tmp_path, workers):
    course = write_class(tmp_path / "course", {"ada": {}})
    with pytest.raises(UserError, match="obey everyone") as caught:
        grade(course, scheduler=workers, isolation=Isolation("landlock"))
    assert "tls://" in caught.value.remedy


def test_another_version_of_the_grader_is_refused(tmp_path, workers, monkeypatch):
    from scaleml_course.grading import marking

    monkeypatch.setattr(marking, "grader_key", lambda: "another")
    course = write_class(tmp_path / "course", {"ada": {}})
    with pytest.raises(UserError, match="another version of the grader"):
        grade(course, scheduler=workers)


def test_the_local_pool_answers_nobody_else(tmp_path):
    """Whoever reaches a scheduler runs code in its workers: on this machine that would be the students."""
    from distributed import Client

    from scaleml_course.grading.pool_worker import Bench

    bench = Bench("a-test", "key", "trusted", {}, fake_grade)
    with workers_module.open_workers(1, None, bench, "a-marker") as client:
        address = client.scheduler.address
        assert address.startswith("tls://127.0.0.1:")
        for other in (address, address.replace("tls://", "tcp://")):
            with pytest.raises((OSError, TypeError)), contextlib.closing(Client(other, timeout=2)):
                pass


def test_few_submissions_are_under_way_however_many_there_are(tmp_path, monkeypatch):
    """What bounds the coordinator's memory."""
    most = 0

    class Counted(dict):
        def __setitem__(self, key, value):
            nonlocal most
            super().__setitem__(key, value)
            most = max(most, len(self))

    from scaleml_course.grading import marking

    whole = marking.Marking.__init__

    def init(self, *given):
        whole(self, *given)
        self._out = Counted()

    monkeypatch.setattr(marking.Marking, "__init__", init)
    course = write_class(tmp_path / "course", {f"s{number:03d}": {} for number in range(60)})
    assert len(grade(course)) == 60
    assert 0 < most <= 2 * pool.AHEAD


def test_ctrl_c_ends_what_runs_and_notes_nothing_of_it(tmp_path):
    course = write_class(tmp_path / "course", {"ada": {"sleep": 600.0}, "bob": {}})
    run = start_batch(course, n_workers=2)
    wait_until(lambda: (course / "journal" / NAME / "bob.json").exists())
    assert leftovers(course)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=120)
    assert run.returncode != 0 and "KeyboardInterrupt" in said
    assert leftovers(course) == []
    assert not (course / "journal" / NAME / "ada.json").exists()
    assert not list((course / "autograded").rglob("*.writing"))
