"""The agent in a real kernel, where an event loop runs around every cell and the shell holds the names."""

import signal
import socket
import threading

import pytest
from jupyter_client.manager import start_new_kernel

from scaleml_course.grading.split import wire
from scaleml_course.grading.split.order import Cell
from tests.grading.split.two_processes import CONTEXT, be_checker, error_of

ANSWER = """
import asyncio, time
async def later(x):
    await asyncio.sleep(0.001)
    return x + 1
def fails():
    return 1 / 0
def slow():
    while True: time.sleep(0.01)
def chatter():
    print("printed in the kernel")
    return 7
value = [1, 2]
"""
AGENT = "__import__('scaleml_course.grading.split.student', fromlist=['serve'])"
TESTS = {
    "values": "assert value == [1, 2] and chatter() == 7",
    "awaits": "assert await later(1) == 2",
    "fails": "fails()",
    "slow": "slow()",
    "goes on": "assert chatter() == 7",
}
NAMES = ["later", "fails", "slow", "chatter", "value", "not_there"]


@pytest.fixture(scope="module")
def outputs():
    ours, link = socket.socketpair()
    control, theirs = socket.socketpair()
    link.set_inheritable(True)
    manager, client = start_new_kernel(kernel_name="python3", close_fds=False)
    process = CONTEXT.Process(target=be_checker, args=(theirs, ours))
    try:
        for source in (
            f"{AGENT}.install({link.fileno()})",
            ANSWER,
            *(f"{AGENT}.snapshot({name!r}, {NAMES!r})" for name in TESTS),
            "value = 'rebound after the snapshot'",
        ):
            reply = client.execute_interactive(source, silent=source != ANSWER, timeout=60)
            assert reply["content"]["status"] == "ok", reply["content"]
        client.execute(f"{AGENT}.serve()", silent=True)
        process.start()
        for each in (ours, link, theirs):
            each.close()
        yield verdicts(control, manager)
        reply = client.get_shell_msg(timeout=30)
        assert reply["content"]["status"] == "ok", "serve did not end when the checker hung up"
    finally:
        control.close()
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        if process.pid:
            process.join(10)


def verdicts(control, manager):
    """Outputs by test; a test that takes two seconds has the kernel interrupted."""
    cells = [Cell(name, "test", source, names=tuple(NAMES)) for name, source in TESTS.items()]
    wire.send(control, {"cells": [cell.as_order() for cell in cells]})
    found, timer = {}, None
    while (report := wire.receive(control)) and "done" not in report:
        if "begin" in report:
            timer = threading.Timer(2.0, manager.signal_kernel, [signal.SIGINT])
            timer.start()
        elif "end" in report:
            timer.cancel()
            found[report["end"]] = report["outputs"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["values", "awaits", "goes on"])
def test_names_of_the_shell_are_served(outputs, name):
    assert outputs[name] == []


@pytest.mark.slow
def test_the_line_of_the_students_own_cell_is_shown(outputs):
    name, message = error_of(outputs["fails"])
    assert name == "ZeroDivisionError" and message.endswith("(in your fails, line 6: return 1 / 0)")


@pytest.mark.slow
def test_an_interrupt_ends_the_call_and_not_the_kernel(outputs):
    assert error_of(outputs["slow"])[0] == "TimeoutError"
