"""One submission, really run: marks come from the checker, what ran keeps its marks, and nothing is left of it."""

import json

import psutil
import pytest
from small_course import NAME

from scaleml_course.grading import sample_class
from scaleml_course.grading.answers import Answer
from scaleml_course.grading.isolation import levels
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.one import Exercise, Submission, close_all, grade_one

pytestmark = pytest.mark.slow
LIMITS = Limits(timeout_s=40.0, cell_timeout_s=2.0, memory_mb=500)


@pytest.fixture(scope="module", params=["bubblewrap", "landlock", "trusted"])
def level(request):
    faults = {"bubblewrap": levels.bubblewrap_fault, "landlock": levels.landlock_fault, "trusted": str}
    if fault := faults[request.param]():
        pytest.skip(fault)
    yield request.param
    close_all()


@pytest.fixture
def grade(repository, level):
    """Grade the reference with another second answer (three tests of 1, 2 and 2 points; the last two are its)."""
    exercise = sample_class.read_exercise(repository, NAME)
    given = (repository / "grader" / step / NAME / f"{NAME}.ipynb" for step in ("source", "release"))
    bundle = Exercise(NAME, *(path.read_bytes() for path in given), {})

    def run(code, limits=LIMITS, **beside):
        handed_in = sample_class.hand_in(exercise, Answer(repository, "", (), {"spread_answer": code}))
        files = {f"{NAME}.ipynb": handed_in.content, **{f"{name}.py": text for name, text in beside.items()}}
        return grade_one(bundle, Submission("ada", NAME, files), limits, level)

    return run


RIGHT = "def spread(v):\n    return max(v) - min(v)"


def test_the_level_is_stamped_on_marks_and_notebook(grade, level):
    graded = grade(RIGHT)
    assert (graded.result["status"], graded.result["score"]) == ("graded", 5.0)
    assert graded.result["isolation"] == level
    assert json.loads(graded.notebook)["metadata"]["scaleml_isolation"] == level
    assert graded.scores == {"mean_small": 1.0, "spread_small": 2.0, "spread_negative": 2.0}


def test_no_test_reaches_the_students_process(grade):
    """While tests call it, the answer searches all of its process's memory for their text, hidden or not."""
    graded = grade(
        "import re\n"
        "def found(pattern):\n"
        "    for line in open('/proc/self/maps'):\n"
        "        span, rights = line.split()[:2]\n"
        "        start, stop = (int(number, 16) for number in span.split('-'))\n"
        "        if rights.startswith('rw'):\n"
        "            try:\n"
        "                with open('/proc/self/mem', 'rb') as memory:\n"
        "                    for place in range(start, stop, 2**24):\n"
        "                        memory.seek(place)\n"
        "                        if re.search(pattern, memory.read(min(2**24, stop - place))): return True\n"
        "            except OSError: pass\n"
        "def spread(v):\n"
        # As patterns, so that the search does not find its own text.
        "    assert found(rb'def spread.v.:'), 'the search works: it finds the answer itself'\n"
        "    assert not found(rb'assert spread.\\[4.0'), 'the visible part of a test is here'\n"
        "    assert not found(rb'numbers are numbers to{2}'), 'the hidden part is here'\n"
        "    return max(v) - min(v)",
        Limits(timeout_s=120.0, cell_timeout_s=30.0, memory_mb=500),
    )
    assert graded.result["score"] == 5.0, graded.result["checks"]


def test_a_loop_that_ignores_the_interrupt_costs_only_what_comes_after(grade):
    graded = grade("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass")
    assert (graded.result["status"], graded.result["score"]) == ("graded", 1.0)
    assert (
        "'spread_answer': no end within the time for one cell, not even after an interrupt"
        in graded.result["reason"]
    )


def test_a_dead_kernel_costs_only_what_comes_after(grade):
    graded = grade("import os\nos._exit(0)")
    assert (graded.result["status"], graded.result["score"]) == ("graded", 1.0)
    assert "the kernel died while this cell ran" in graded.result["reason"]


def test_a_call_that_ends_the_kernel_costs_its_own_test(grade):
    graded = grade("def spread(v):\n    import os\n    if min(v) < 0: os._exit(0)\n    return max(v) - min(v)")
    assert (graded.result["status"], graded.result["score"]) == ("graded", 3.0)


def test_a_call_without_end_costs_its_own_test(grade):
    graded = grade(
        "import signal\ndef spread(v):\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "    while len(v) > 2: pass\n    return max(v) - min(v)"
    )
    assert (graded.result["status"], graded.result["score"]) == ("graded", 3.0)


def test_the_notebook_has_a_limit_of_its_own(grade):
    graded = grade("import time\ntime.sleep(600)", Limits(timeout_s=5.0, cell_timeout_s=60.0, memory_mb=500))
    assert (graded.result["status"], graded.result["score"]) in (("graded", 0.0), ("graded", 1.0))
    assert "spread_small, spread_negative" in graded.result["reason"]


def test_too_much_memory_is_told(grade):
    graded = grade(
        "import mmap, time\nhoard = [mmap.mmap(-1, 2**20) for _ in range(900)]\n"
        "for m in hoard: m.write(b'x' * 2**20)\ntime.sleep(5)"
    )
    assert (graded.result["status"], graded.result["score"]) == ("graded", 1.0)
    assert "memory" in graded.result["reason"]


def test_an_object_that_equals_everything_equals_nothing(grade):
    graded = grade("class Any(float):\n    def __eq__(self, other): return True\ndef spread(v): return Any(1)")
    assert graded.result["score"] == 1.0


def test_warnings_and_prints_cost_nothing(grade):
    graded = grade(
        "import sys, warnings\ndef spread(v):\n"
        "    warnings.warn('careful'); print('x'); print('y', file=sys.stderr)\n"
        "    return max(v) - min(v)"
    )
    assert graded.result["score"] == 5.0


def test_a_file_beside_the_notebook_is_the_students_alone(grade):
    """A module named like one that the tests import must not be theirs."""
    graded = grade("def spread(v): return 7", numpy=b"raise SystemExit", builtins=b"", json=b"raise SystemExit")
    assert graded.result["score"] == 1.0


def test_nothing_is_left_of_it(grade):
    before = {process.pid for process in psutil.process_iter()}
    grade(RIGHT)
    between = {process.pid for process in psutil.process_iter()}
    grade(
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], "
        "start_new_session=True)\n" + RIGHT
    )
    asleep = []
    for process in psutil.process_iter():
        if process.pid not in before | between:
            try:
                asleep += [process] if "time.sleep(600)" in " ".join(process.cmdline()) else []
            except psutil.Error:
                continue
    assert asleep == []


def test_marks_of_one_do_not_depend_on_the_one_before(grade):
    """A submission that spoils whatever it can reach; then an honest one, from the same warmed process."""
    grade(
        "import builtins, json, pathlib, os, sys, tempfile\nbuiltins.max = lambda *a: 0\njson.dumps = None\n"
        "sys.path.insert(0, '/tmp')\n"
        "pathlib.Path(tempfile.gettempdir(), 'sitecustomize.py').write_text('raise SystemExit')\n"
        "pathlib.Path.home().joinpath('.ipython').mkdir(exist_ok=True)\nos.environ['PYTHONPATH'] = '/tmp'\n"
        "def spread(v): return 0"
    )
    assert grade(RIGHT).result["score"] == 5.0
