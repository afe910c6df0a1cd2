"""Peak memory apart: the right number of bytes, every kind of death reported, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from scaleml_course.measure import high_water_bytes, peak_memory, resident_bytes
from scaleml_course.measure.apart import OUT_OF_MEMORY

MB = 1_000_000


def two_hundred_megabytes(factor=1):
    """At the top of a test module: cloudpickle ships it by name."""
    return float(np.ones(25 * MB * factor).sum())


def test_the_bytes_of_an_array_are_what_the_call_added():
    measured = peak_memory(two_hundred_megabytes)
    assert measured.status == "ok", measured.error
    assert measured.result == 25e6
    assert 195 * MB < measured.added_bytes < 260 * MB
    assert 0 < measured.start_rss_bytes < measured.peak_rss_bytes
    assert measured.seconds > 0


def test_memory_that_was_freed_still_counts():
    def comes_and_goes():
        waste = np.ones(12 * MB)
        del waste
        return 1

    assert peak_memory(comes_and_goes).added_bytes > 90 * MB


def test_what_the_function_closes_over_goes_along():
    factor = 2
    measured = peak_memory(lambda more: factor * more, 21)
    assert (measured.status, measured.result) == ("ok", 42)
    assert peak_memory(dict, one=1).result == {"one": 1}


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA counts private memory on Linux alone")
def test_an_allocation_past_the_limit_is_out_of_memory_and_not_our_death():
    measured = peak_memory(two_hundred_megabytes, limit_bytes=100 * MB)
    assert measured.status == "out_of_memory"
    assert "allocate" in measured.error.lower()
    assert measured.result is None
    assert measured.added_bytes < 150 * MB


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA counts private memory on Linux alone")
def test_a_limit_that_is_not_reached_changes_nothing():
    assert peak_memory(two_hundred_megabytes, limit_bytes=400 * MB).status == "ok"


@pytest.mark.parametrize(
    "text",
    [
        "ArrowMemoryError: malloc of size 800 failed",
        "RuntimeError: CUDA out of memory",
        "ArrowException: std::bad_alloc",
        "OSError: Cannot allocate memory",
    ],
)
def test_other_words_for_no_memory_are_known(text):
    assert OUT_OF_MEMORY.search(text)


def test_a_word_that_looks_like_memory_is_an_ordinary_error():
    # Guards a defect: any error that said "alloc" was taken for a lack of memory.
    def fails():
        raise ValueError("the allocation of seats to parties is not defined")

    measured = peak_memory(fails)
    assert measured.status == "error"
    assert measured.error == "ValueError: the allocation of seats to parties is not defined"


def test_a_timeout_ends_the_whole_group(tmp_path, living):
    mark = f"asleep = {tmp_path.name!r}"

    def starts_another_and_waits():
        subprocess.Popen([sys.executable, "-c", f"{mark}; import time; time.sleep(600)"])
        Path(tmp_path, "started").touch()
        time.sleep(600)

    measured = peak_memory(starts_another_and_waits, timeout_s=4)
    assert (measured.status, measured.error) == ("timeout", "still running after 4 s")
    assert (tmp_path / "started").exists()
    assert living(mark) == []


def test_a_process_left_behind_is_ended_and_does_not_hold_up_the_answer(tmp_path, living):
    # Guards a defect: it inherited our pipe, and we waited for it until the timeout.
    mark = f"left = {tmp_path.name!r}"

    def leaves_one():
        subprocess.Popen([sys.executable, "-c", f"{mark}; import time; time.sleep(600)"])
        return "done"

    measured = peak_memory(leaves_one, timeout_s=60)
    assert (measured.status, measured.result) == ("ok", "done")
    assert living(mark) == []


def test_a_call_that_is_killed_says_by_which_signal():
    measured = peak_memory(lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert measured.status == "killed"
    assert "SIGKILL" in measured.error
    assert measured.peak_rss_bytes == 0


def test_an_exit_without_an_answer_is_an_error_with_its_status():
    measured = peak_memory(lambda: os._exit(7))
    assert (measured.status, measured.error) == ("error", "exit status 7")


def test_a_result_that_cannot_be_sent_back_is_an_error_that_says_so():
    measured = peak_memory(lambda: (number for number in range(3)))
    assert measured.status == "error"
    assert "pickle" in measured.error and "generator" in measured.error


def test_what_the_call_prints_does_not_disturb(capfd):
    assert peak_memory(lambda: print("noise") or 5).result == 5
    assert capfd.readouterr().out == ""


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    peak_memory(int)
    peak_memory(lambda: os._exit(1))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("scaleml")] == []


def test_the_high_water_mark_is_never_below_what_is_resident_now():
    kept = np.ones(5 * MB)
    now = resident_bytes()
    assert high_water_bytes() >= 0.95 * now > kept.nbytes
