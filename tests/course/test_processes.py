"""Watched children: ended at a limit, with everything they started, wherever it went."""

import os
import subprocess
import sys
import threading
import time

import psutil
import pytest

from scaleml_course.course import processes
from scaleml_course.course.processes import Family, child_environment, new_family, run_watched


@pytest.fixture
def watched(tmp_path):
    """Runs a script as `python -m` would; every process it may leave carries the folder's name."""

    def run(script, **limits):
        (tmp_path / "watched_script.py").write_text(script)
        environment = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{processes.PACKAGE_PARENT}"}
        options = {"timeout_s": 60, "environment": environment} | limits
        return run_watched(["watched_script"], cwd=tmp_path, **options)

    return run


def sleeper(mark):
    """Python code that starts a process with `mark` in its command line, in a session of its own."""
    inner = f"mark = {mark!r}; import time; time.sleep(600)"
    command = f"[sys.executable, '-c', {inner!r}]"
    return f"import subprocess, sys\nsubprocess.Popen({command}, start_new_session=True)\n"


def test_an_ordinary_end_with_status_lines_and_complaints(watched):
    lines = []
    ended = watched(
        "import sys\nprint('one')\nprint('two')\nprint('trouble', file=sys.stderr)\nsys.exit(3)",
        on_line=lines.append,
    )
    assert (ended.reason, ended.returncode, ended.stderr.strip()) == ("exit", 3, "trouble")
    assert lines == ["one\n", "two\n"]
    assert ended.seconds > 0


def test_what_is_left_over_is_ended_though_it_left_the_session(watched, tmp_path, living):
    mark = f"left-{tmp_path.name}"
    ended = watched(sleeper(mark))
    assert (ended.reason, ended.returncode) == ("exit", 0)
    assert living(mark) == []


def test_a_grandchild_whose_parent_is_gone_is_ended_too(watched, tmp_path, living):
    mark = f"orphan-{tmp_path.name}"
    inner = sleeper(mark)
    ended = watched(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {inner!r}], check=True)")
    assert ended.returncode == 0, ended.stderr
    assert living(mark) == []


def test_a_timeout_ends_all_of_it(watched, tmp_path, living):
    mark = f"slow-{tmp_path.name}"
    ended = watched(sleeper(mark) + "print('started')\nimport time; time.sleep(600)", timeout_s=3)
    assert (ended.reason, ended.returncode) == ("timeout", -9)
    assert living(mark) == []


def test_the_memory_of_the_whole_family_counts(watched):
    # Neither of the two holds 250 MB alone.
    hold = "import time; held = b'x' * 150_000_000; time.sleep(600)"
    other = f"subprocess.Popen([sys.executable, '-c', {hold!r}], start_new_session=True)"
    ended = watched(f"import subprocess, sys\n{other}\n{hold}", memory_bytes=250_000_000)
    assert ended.reason == "memory"
    assert 250_000_000 < ended.peak_memory_bytes < 400_000_000


def test_memory_shared_by_a_fork_counts_once(watched):
    script = (
        "import os, time\nheld = b'x' * 100_000_000\n"
        "if os.fork() == 0:\n    time.sleep(2)\n    os._exit(0)\n"
        "time.sleep(2)\nos.wait()\n"
    )
    ended = watched(script, memory_bytes=190_000_000)
    assert ended.reason == "exit", "the fork's copy was counted as memory of its own"
    assert ended.peak_memory_bytes > 100_000_000


def test_a_set_event_stops_the_child(watched):
    stop = threading.Event()
    ended = watched("print('started')\nimport time; time.sleep(600)", stop=stop, on_line=lambda line: stop.set())
    assert ended.reason == "stopped"


def test_an_error_in_here_ends_the_child_all_the_same(watched, tmp_path, living, monkeypatch):
    mark = f"mine-{tmp_path.name}"

    def interrupted(*given):
        deadline = time.monotonic() + 20
        while not living(mark, patience_s=0) and time.monotonic() < deadline:
            time.sleep(0.05)
        raise KeyboardInterrupt

    monkeypatch.setattr(processes, "_watch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        watched(sleeper(mark) + "import time; time.sleep(600)")
    assert living(mark) == []


def test_families_nest_and_the_inner_one_ends_alone(monkeypatch, tmp_path):
    outer = new_family()
    monkeypatch.setenv(processes.MARKER, outer.marker)
    inner = new_family()
    assert inner.marker.startswith(outer.marker + "/")

    def start(family):
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        return subprocess.Popen(command, env=child_environment(family), start_new_session=True)

    first, second = start(outer), start(inner)
    try:
        assert {process.pid for process in _settled(outer, 2)} == {first.pid, second.pid}
        assert {process.pid for process in _settled(inner, 1)} == {second.pid}
        [line] = inner.end()
        assert str(second.pid) in line and "time.sleep" in line
        assert second.wait(10) == -9 and first.poll() is None
        assert len(outer.end()) == 1
        assert first.wait(10) == -9
    finally:
        for process in (first, second):
            process.kill()
            process.wait()


def test_one_family_is_not_another_whose_name_begins_alike():
    short, long = Family("abc"), Family("abcdef")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=child_environment(long))
    try:
        assert len(_settled(long, 1)) == 1
        assert short.members() == []
    finally:
        child.kill()
        child.wait()


def test_a_child_starts_clean_and_finds_the_package(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    environment = child_environment(new_family(), EXTRA="x")
    assert "PYTHONDONTWRITEBYTECODE" not in environment and "JPY_PARENT_PID" not in environment
    assert environment["EXTRA"] == "x"
    assert str(processes.PACKAGE_PARENT) in environment["PYTHONPATH"].split(os.pathsep)


def test_a_process_is_described_in_one_short_line():
    line = processes.describe(psutil.Process())
    assert line.startswith(f"{os.getpid()} (") and len(line) < 120


def _settled(family, count):
    """The family's members, once as many have started."""
    deadline = time.monotonic() + 10
    while len(members := family.members()) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return members
