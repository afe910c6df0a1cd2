"""The `scaleml` command as its user meets it: messages instead of tracebacks, statuses that mean something."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scaleml_course.cli import Tier, app
from scaleml_course.course.book import book_folder
from scaleml_course.course.catalogue import TIERS
from tests.course.tiny import TinyCourse

COMMANDS = sorted(command.name or command.callback.__name__ for command in app.registered_commands)
PROMISED = "doctor run check sync release grade feedback export book serve new-lesson course"
COMMAND = [sys.executable, "-m", "scaleml_course.cli"]


def scaleml(*words, cwd, **more):
    """Run the command in a process of its own, without a terminal."""
    environment = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR")}
    options = {"capture_output": True, "text": True, "timeout": 200} | more
    return subprocess.run([*COMMAND, *words], cwd=cwd, env=environment, check=False, **options)


def said(done):
    """Everything it printed, with what must be true of all of it."""
    shown = (done.stdout or "") + (done.stderr or "")
    assert 'File "' not in shown, shown  # a traceback of ours; a lesson's own looks otherwise
    assert "\x1b" not in shown, "colour codes though nobody looks"
    return shown


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A course with a good lesson, one that raises, and a built book."""
    tiny = TinyCourse(tmp_path_factory.mktemp("course"))
    tiny.lesson("01_good", "print('good')")
    tiny.lesson("02_raises", "items = []", "items[3]")
    return tiny


@pytest.mark.parametrize(
    "name", sorted(command.name or command.callback.__name__ for command in app.registered_commands)
)
def test_every_command_has_help_with_an_example(name):
    shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output
    example = next(line.strip() for line in shown.splitlines() if "Example:" in line)
    assert example.startswith(f"Example: scaleml {name}")
    words = example.removeprefix("Example: scaleml ").split()
    for option in (word for word in words[1:] if word.startswith("--")):
        assert option in shown.replace(example, ""), f"the example uses {option}, which help does not list"


def test_help_lists_the_statuses_and_every_command_the_course_promises():
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    for name in [
        "doctor",
        "run",
        "check",
        "sync",
        "release",
        "grade",
        "feedback",
        "export",
        "book",
        "serve",
        "new-lesson",
        "course",
    ]:
        assert re.search(rf"^\W*{name}\s", shown, re.MULTILINE), name
    assert "0 all is well" in shown and "130 interrupted" in shown


def test_the_tiers_of_the_command_are_those_of_the_catalogue():
    assert tuple(Tier) == TIERS


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["run", "--tier", "huge"], ["'huge'", "'quick', 'laptop', 'cluster'"]),
        (["book", "--tier", "huge"], ["'huge'", "'quick', 'laptop', 'cluster'"]),
        (["run", "99"], ["No lesson '99'", "01_good, 02_raises"]),
        (["check", "no_such_lesson"], ["No lesson 'no_such_lesson'", "01_good, 02_raises"]),
        (["run", "--tier", "cluster"], ["needs a Dask scheduler", "--scheduler tcp://host:8786"]),
        (["new-lesson", "01", "again"], ["Number 01 is taken by notebooks/01_good.py"]),
        (["new-lesson", "xx", "again"], ["is no name for a lesson"]),
        (["serve", "--port", "70000"], ["--port", "65535"]),
        (["fly"], ["No such command 'fly'"]),
        (["run", "--fast"], ["--fast"]),
    ],
)
def test_a_wrong_request_is_told_and_has_status_2(tiny, words, parts):
    done = scaleml(*words, cwd=tiny.root)
    shown = " ".join(said(done).replace("│", " ").split())
    assert done.returncode == 2, shown
    for part in parts:
        assert part in shown


def test_outside_a_course_it_says_so(tmp_path):
    done = scaleml("doctor", cwd=tmp_path)
    assert done.returncode == 2
    assert "not inside a course repository" in said(done) and "Remedy: Change to the folder you cloned." in said(
        done
    )


def test_a_broken_front_matter_is_told_without_a_traceback(tmp_path):
    tiny = TinyCourse(tmp_path / "course")
    tiny.lesson("01_good", minuts=3)
    done = scaleml("run", cwd=tiny.root)
    assert done.returncode == 1
    assert "01_good.py: unknown field 'minuts'" in said(done)


def test_a_taken_port_is_told_with_its_owner_and_a_free_one(tiny):
    book = book_folder(tiny.course)
    book.mkdir(parents=True, exist_ok=True)
    (book / "index.html").write_text("book")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = scaleml("serve", "--no-open", "--port", str(port), cwd=tiny.root)
    assert done.returncode == 1
    assert f"Port {port} is taken by process {os.getpid()} (" in said(done)
    assert re.search(r"scaleml serve --port \d+", said(done))


@pytest.fixture(scope="module")
def runs(tiny):
    """The course run twice, the second time from a folder inside it."""
    return scaleml("run", cwd=tiny.root), scaleml("run", cwd=tiny.root / "notebooks")


def test_a_lesson_that_raises_gives_status_1_and_the_other_one_runs(runs, tiny):
    first, _ = runs
    shown = said(first)
    assert first.returncode == 1, shown
    assert "✓ 01_good at quick: 2 cells, 0 claims" in first.stdout
    assert "✗ 02_raises at quick: error" in first.stdout
    line = tiny.line_of("02_raises", "items[3]")
    assert f"notebooks/02_raises.py, cell 4 (line {line}): IndexError: list index out of range" in first.stderr
    assert "items[3]" in first.stderr, "the failing cell is not shown"
    assert "1 of 2 lessons, 2 cells, 0 claims hold; see above." in first.stderr


def test_what_has_not_changed_is_not_run_again(runs):
    _, second = runs
    assert second.returncode == 1
    assert "01_good at quick: 2 cells, 0 claims" in second.stdout and "(unchanged)" in second.stdout


def test_a_good_lesson_alone_gives_status_0(runs, tiny):
    done = scaleml("run", "1", cwd=tiny.root)
    assert done.returncode == 0, said(done)
    assert "1 of 1 lessons" in done.stdout


def test_doctor_names_what_is_skipped_and_why(tiny):
    done = scaleml("doctor", cwd=tiny.root)
    assert done.returncode == 0, said(done)
    assert "All 2 lessons can run here." in said(done)


def test_a_new_lesson_is_written_and_check_lists_what_is_left_to_write(tmp_path):
    tiny = TinyCourse(tmp_path / "course")
    done = scaleml("new-lesson", "05", "numba kernels", cwd=tiny.root)
    assert done.returncode == 0, said(done)
    assert "wrote notebooks/05_numba_kernels.py" in done.stdout
    done = scaleml("check", "--sources", cwd=tiny.root)
    assert done.returncode == 1
    assert "05_numba_kernels.py, line 9: still to be written: what the reader can do afterwards" in said(done)
    assert "notebooks/05_numba_kernels.ipynb is missing or is no notebook. Run: make sync" in said(done)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_under_the_output_is_told(tiny):
    with Path("/dev/full").open("w") as full:
        done = scaleml("doctor", cwd=tiny.root, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert "The disk is full" in said(done)
    assert "Exception ignored" not in done.stderr


def test_a_reader_that_goes_away_is_no_error(tiny):
    """As in `scaleml doctor | head -1`."""
    command = subprocess.Popen([*COMMAND, "doctor"], cwd=tiny.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    command.stdout.close()
    complaints = command.stderr.read().decode()
    command.stderr.close()
    command.wait(60)
    assert 'File "' not in complaints and "Exception ignored" not in complaints


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_an_interruption_ends_the_lesson_and_all_it_started(tmp_path, living, number, status):
    # Guards a defect: Ctrl-C waited for the lesson to end by itself.
    tiny = TinyCourse(tmp_path / "course")
    mark = f"interrupted-{tmp_path.name}"
    code = f"mark = {mark!r}; import time; time.sleep(600)"
    sleeper = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {code!r}], start_new_session=True)"
    tiny.lesson("01_hangs", sleeper, "while True:\n    pass")
    command = subprocess.Popen(
        [*COMMAND, "run"],
        cwd=tiny.root,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # a killed command cannot clear up after itself
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not living(mark, patience_s=0) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert living(mark, patience_s=0), "the lesson did not start"
    command.send_signal(number)
    shown, _ = command.communicate(timeout=60)
    assert living(mark, patience_s=20) == []
    assert command.returncode == status, shown
    if number != signal.SIGKILL:
        assert "Interrupted; what was running has been ended." in shown and "Traceback" not in shown
