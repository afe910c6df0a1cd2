"""How a process ended, in a sentence: the cases that a real run does not easily show."""

import math

import nbformat
import pytest

from scaleml_course.course.outcome import explain, place, read_claims
from scaleml_course.course.processes import Ended
from scaleml_course.measure.claims import MIME_TYPE


@pytest.fixture
def told(tiny):
    tiny.lesson("03_a", "x = 1")

    def tell(reason="exit", returncode=1, stderr="", **report):
        ended = Ended(reason, returncode, 2.0, 7_000_000, stderr)
        return explain(tiny.course, tiny.find("03"), "quick", ended, {"status": "unknown"} | report)

    return tell


def test_a_disk_that_fills_while_the_notebook_is_written_is_told(told):
    result = told(stderr="Traceback …\nOSError: [Errno 28] No space left on device")
    assert result.status == "no_space"
    assert result.message.startswith("notebooks/03_a.py: the disk is full.") and "TMPDIR" in result.message


def test_a_process_that_ends_without_a_word_is_told_with_its_last_line_or_none(told):
    result = told(stderr="something\nRuntimeError: Kernel didn't respond in 120 seconds\n")
    assert result.status == "died"
    assert "status 1: RuntimeError: Kernel didn't respond" in result.message
    assert "something" in result.detail
    assert "no message" in told(returncode=-11).message


def test_several_processes_left_are_counted_and_three_are_named(told):
    left = [{"process": f"{pid} (worker)", "cell": ""} for pid in range(5)]
    message = told(returncode=0, status="ok", left_running=left).message
    assert "left 5 processes running" in message and "2 (worker); …" in message and "3 (worker)" not in message


def test_a_cell_that_is_unknown_still_names_the_file(tiny):
    tiny.lesson("03_a")
    assert place(tiny.course, tiny.find("03"), "99-nothing") == "notebooks/03_a.py"


def test_a_claim_without_a_number_is_read_back_as_no_number(tmp_path):
    record = {"name": "99.x", "value": None, "low": None, "high": None, "at_least": 2, "at_most": None}
    output = nbformat.v4.new_output("display_data", {MIME_TYPE: record, "text/plain": "It is nan."})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])
    nbformat.write(notebook, tmp_path / "a.ipynb")
    [claim] = read_claims(tmp_path / "a.ipynb")
    assert math.isnan(claim["value"]) and claim["at_most"] is None
