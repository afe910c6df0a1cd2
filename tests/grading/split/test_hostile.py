"""A student's process that lies, hangs, floods or dies costs its own marks and never the checker's life."""

import contextlib
import os
import signal
import socket
import struct
import threading
import time

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleml_course.grading.split import wire
from scaleml_course.grading.split.checker_end import CheckerEnd, StudentGone
from scaleml_course.grading.split.order import Cell
from tests.grading.split.two_processes import check, error_of, run_split

FETCH = [Cell("t0", "test", "f()", names=("f",)), Cell("t1", "test", "f()", names=("f",))]
FETCH += [Cell("t2", "test", "assert 1 + 1 == 2")]


class RawStudent:
    """Speaks the link's frames by hand: answers each request with what `reply` makes of it."""

    def __init__(self, reply):
        self.reply = reply

    def __call__(self, link, steps):
        frames = wire.Frames(link, lambda between: None)
        with contextlib.suppress(wire.Closed, OSError):
            while True:
                message, _ = frames.receive()
                self.reply(link, frames, message)


def lying(link, frames, message):
    """Any request gets a handle; a call gets a value that no codec makes."""
    if message["do"] == "fetch":
        answer = ["dict", "f", ["@handle", 1, "cin", "function"]]
    else:
        answer = ["np.array", "ndarray", "|O", [3], False, 0]
    frames.send({"re": message["ask"], "value": answer}, [memoryview(bytes(24))])


def stranger(link, frames, message):
    """Answers that nobody asked for, requests for what was never lent, and frames of other things come first."""
    for odd in ({"re": b"12345678", "value": 42}, {"re": 5}, {}, {"x": 1}, {"ask": 3}):
        frames.send(odd, [])
    for number in (0, 1, 2**61, "x", None, [1]):
        frames.send({"ask": b"q", "do": "getattr", "on": number, "with": ["tuple", "__globals__"]}, [])
    link.setblocking(True)
    data = msgpack.packb([1, 2, 3])
    link.sendall(wire.FRAME.pack(len(data), 0) + data)
    frames.send({"re": message["ask"], "value": ["dict"]}, [])


def huge(link, frames, message):
    """Claims a frame of four gigabytes."""
    link.setblocking(True)
    link.sendall(wire.FRAME.pack(2**32 - 1, 2**32 - 1))


def many(link, frames, message):
    """Claims buffers of a gigabyte each."""
    link.setblocking(True)
    link.sendall(wire.FRAME.pack(10, 3) + struct.pack(">3Q", 2**30, 2**30, 2**63))


def half(link, frames, message):
    """Sends half a frame, and no more."""
    link.setblocking(True)
    link.sendall(wire.FRAME.pack(100, 0) + b"\x81")
    time.sleep(600)


def noise(link, frames, message):
    """Sends what is no frame at all."""
    link.setblocking(True)
    with contextlib.suppress(OSError):
        while True:
            link.sendall(b"\xff" * 4096)


def nasty_errors(link, frames, message):
    """Describes errors with whatever might be trusted."""
    errors = [None, {}, {"types": ["builtins.exec", "os.system"], "message": 5}, {"types": "ValueError"}]
    errors += [{"types": ["StopIteration", "KeyboardInterrupt", "SystemExit"], "message": "\x1b[2Jgone" * 10_000}]
    errors += [{"types": ["UnicodeDecodeError"], "message": "m", "arguments": [1, [], {}], "place": ["x"]}]
    for error in errors[1:]:
        frames.send({"ask": b"e", "do": "call", "on": 1, "with": error}, [])
    frames.send({"re": message["ask"], "error": errors[hash(message["ask"]) % len(errors)]}, [])


RAW = {reply.__name__: reply for reply in (lying, stranger, huge, many, half, noise, nasty_errors)}


@pytest.mark.parametrize("name", RAW)
def test_forged_frames_fail_what_they_answer_and_nothing_else(name):
    worker = run_split([], FETCH, student=RawStudent(RAW[name]), cell_timeout_s=1)
    assert worker.done, "the checker is gone"
    assert error_of(worker.outputs["t0"]) and error_of(worker.outputs["t1"])
    assert error_of(worker.outputs["t2"]) is None


def test_errors_of_unknown_origin_are_bounded_and_have_no_control_characters():
    worker = run_split([], FETCH, student=RawStudent(nasty_errors), cell_timeout_s=5)
    for test in ("t0", "t1"):
        for output in worker.outputs[test]:
            assert len(str(output)) < 20_000 and "\x1b" not in str(output)


def forger(link, steps):
    """Knows the protocol, and answers a request with another one's number."""
    from scaleml_course.grading.split.codec import Encoder

    frames = wire.Frames(link, lambda between: None)
    with contextlib.suppress(wire.Closed, OSError):
        while True:
            message, _ = frames.receive()
            answer = Encoder().node({})
            frames.send({"re": bytes(8), "value": answer}, [])
            frames.send({"re": message["ask"], "value": answer}, [])


def test_an_answer_to_another_request_is_dropped():
    worker = run_split([], FETCH, student=forger)
    assert error_of(worker.outputs["t0"])[0] == "NameError"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_on_the_link_make_the_checker_raise_anything_unforeseen(data):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        end = CheckerEnd(ours, {})
        with contextlib.suppress(StudentGone, wire.WireError):
            end.fetch("t", ["f"])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["re", "ask", "do", "on", "with", "value", "error", "drop", "aside"]),
                       st.recursive(st.none() | st.integers(0, 9) | st.text(max_size=3) | st.binary(max_size=3),
                                    lambda inner: st.lists(inner, max_size=3), max_leaves=8)))  # fmt: skip
def test_no_message_makes_the_checker_raise_anything_unforeseen(message):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        data = msgpack.packb(message)
        theirs.sendall(wire.FRAME.pack(len(data), 0) + data)
        theirs.shutdown(socket.SHUT_WR)
        end = CheckerEnd(ours, {})
        with contextlib.suppress(StudentGone):
            end.fetch("t", ["f"])


def test_a_call_that_ends_the_process_fails_and_so_do_later_ones_but_other_tests_pass():
    answer = "import os\ndef f(): os._exit(0)\ndef g(): return 3"
    first, second, third = check(answer, "f()", "assert g() == 3", "assert 1 == 1", names=("f", "g"))
    assert error_of(first)[0] == "StudentGone" and "ended" in error_of(first)[1]
    assert error_of(second)[0] == "StudentGone"
    assert error_of(third)[0] == "StudentGone"  # its names could not be fetched


def test_a_process_that_ends_before_it_serves_fails_what_needs_it():
    worker = run_split([("run", "import os; os._exit(3)")], FETCH)
    assert [error_of(worker.outputs[name]) is None for name in ("t0", "t1", "t2")] == [False, False, True]


def test_a_call_without_end_is_interrupted_and_the_next_one_is_served():
    answer = "import time\ndef f():\n    while True: time.sleep(0.01)\ndef g(): return 3"
    first, second = check(answer, "f()", "assert g() == 3", cell_timeout_s=1)
    assert error_of(first)[0] == "TimeoutError" and "still running" in error_of(first)[1]
    assert error_of(second) is None


@pytest.mark.slow
def test_a_call_that_ignores_interrupts_costs_its_own_test_first():
    answer = "def f():\n while True:\n  try:\n   while True: sum(range(9))\n  except BaseException: pass"
    first, second = check(answer, "f()", "assert 1 == 1", cell_timeout_s=1, names=("f",))
    assert error_of(first)[0] == "TimeoutError"
    assert error_of(second)[0] in ("TimeoutError", "StudentGone")


@pytest.mark.slow
def test_a_test_without_end_is_interrupted_and_the_link_still_works():
    tests = ["while True: pass", "assert f() == 3", "f(lambda: [0 for _ in iter(int, 1)])", "assert f() == 3"]
    outputs = check("def f(call=lambda: 3): return call()", *tests, cell_timeout_s=1)
    assert [error_of(each)[0] if error_of(each) else None for each in outputs] == [
        "TimeoutError",
        None,
        "TimeoutError",
        None,
    ]


def test_an_interrupt_between_calls_ends_nothing():
    answer = (
        f"import os\ndef f(): return os.getpid()\ndef g(): os.kill(os.getpid(), {int(signal.SIGINT)}); return 1"
    )
    kill = (
        f"import os, time\npid = f()\nfor _ in range(20):\n    os.kill(pid, {int(signal.SIGINT)}); time.sleep(0.01)"
    )
    outputs = check(answer, kill, "assert f() > 1", "g()", "assert f() > 1")
    assert [error_of(each) is None for each in outputs] == [True, True, False, True]


def test_student_code_that_takes_over_the_agent_gains_nothing():
    answer = """
import sys
from scaleml_course.grading.split import student, student_end, codec
def f(x): return 0
class Yes:
    def __eq__(self, other): return True
student_end.StudentEnd.perform = lambda self, operation, number, arguments: (
    {"f": f, "answer": 42, "__builtins__": {}} if operation == "fetch" else Yes())
"""
    outputs = check(answer, "assert f(1) == 1", "assert 'answer' not in globals()", names=("f",))
    assert error_of(outputs[0]) is not None


def test_names_that_were_not_asked_for_are_refused():
    def reply(link, frames, message):
        frames.send({"re": message["ask"], "value": ["dict", "f", 1, "assert_equal", 2]}, [])

    ours, theirs = socket.socketpair()
    with ours, theirs:
        end = CheckerEnd(ours, {})
        thread = threading.Thread(target=lambda: RawStudent(reply)(theirs, []), daemon=True)
        thread.start()
        with pytest.raises(ValueError, match="names"):
            end.fetch("t", ["f"])
        ours.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_length_that_is_right_and_items_that_never_come_earn_nothing():
    answer = """
class Odd:
    asked = 0
    def __len__(self):
        self.asked += 1
        return 3 if self.asked == 1 else 0
    def __iter__(self): return iter(())
def f(): return Odd()
"""
    loop = "got = f()\nassert len(got) == 3\nfor one, wanted in zip({}):\n    assert one == wanted"
    outputs = check(answer, loop.format("got, [1, 2, 3]"), loop.format("[1, 2, 3], got"))
    assert [error_of(each)[0] for each in outputs] == ["TypeError", "TypeError"]


def test_a_named_tuple_has_no_method_that_answers_for_the_test():
    answer = """
from collections import namedtuple
def f(): return namedtuple("Frame", "equals shape")(lambda other: True, (1, 1))
"""
    outputs = check(answer, "import pandas as pd\nassert f().equals(pd.DataFrame({'a': [1]}))")
    assert error_of(outputs[0]) is not None


def test_masked_elements_do_not_pass_for_equal():
    answer = """
import numpy as np
def f(all=True): return np.ma.array(np.zeros(3), mask=[all, True, True])
def g(array): return bool(array.mask[1]), np.ma.array([1.0, 2.0], mask=False)
"""
    head = "import numpy as np\n"
    tests = ["np.testing.assert_allclose(f(), np.arange(3.0))", "assert np.allclose(f(False), np.arange(3.0))"]
    tests += ["assert f(False).filled(7).tolist() == [0, 7, 7]", "assert not any(a != 5 for a in f())"]
    tests += ["masked, whole = g(np.ma.array([1, 2], mask=[0, 1]))\nassert masked and whole.tolist() == [1.0, 2.0]"]
    outputs = check(answer, *(head + test for test in tests))
    assert [error_of(each) is None for each in outputs] == [False, False, True, False, True]


def test_endless_results_are_refused_within_bounds():
    answer = """
import numpy as np
def f(kind):
    if kind == "loop":
        x = []; x.append(x); return x
    if kind == "digits": return 1 << (1 << 20)
    if kind == "nodes": return [[0]] * 3_000_000
    if kind == "array": return np.broadcast_to(np.zeros(1), (1 << 40,))
    if kind == "text": return "x" * (1 << 20)
"""
    tests = [f"f({kind!r})" for kind in ("loop", "digits", "nodes")]
    tests += ["assert f('array').shape == (1 << 40,)", "assert len(f('text')) == 1 << 20", "print('y' * 10**6)"]
    outputs = check(answer, *tests)
    assert [error_of(each) is not None for each in outputs] == [True, True, True, False, False, False]
    assert all("passed on" in error_of(each)[1] for each in outputs[:3])
    assert len(str(outputs[5])) < 70_000


def test_many_blocks_stream_through_at_the_speed_of_copies_and_in_little_memory():
    answer = "def f(blocks):\n    return sum(float(block[0, 0]) for block in blocks)"
    test = """
import numpy as np, resource
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def blocks():
    for number in range(60):
        yield np.full((1000, 500), float(number))
assert f(blocks()) == sum(range(60))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
assert grown < 60_000, f"{grown} kB"
"""
    assert error_of(check(answer, test)[0]) is None


def test_the_process_that_serves_is_another_one():
    answer = "import os\ndef f(): return os.getpid()"
    assert error_of(check(answer, f"import os\nassert f() not in (os.getpid(), {os.getpid()})")[0]) is None
