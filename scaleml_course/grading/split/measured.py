"""`peak_memory` in the checker: calls in place, while the worker watches the process of the student's code."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

from scaleml_course.grading.split import wire
from scaleml_course.grading.split.checker_end import CheckerEnd, StudentGone
from scaleml_course.grading.split.failures import clean, message_of
from scaleml_course.grading.split.link import DeadlinePassed

MESSAGE_CHARACTERS = 500
#: Resident memory past the limit that no honest call reaches: the limit is one of private memory, and what is
#: resident also counts libraries that the call was the first to use.
FAR_PAST, ROOM_BYTES = 1.25, 48 * 2**20


@contextlib.contextmanager
def measured_in_student_process(control: socket.socket, end: CheckerEnd) -> Iterator[None]:
    """Within this block, `scaleml_course.measure.peak_memory` measures the process of the student's code."""
    from scaleml_course.measure import memory

    before, memory.elsewhere = memory.elsewhere, _measure(control, end)
    try:
        yield
    finally:
        memory.elsewhere = before


def _measure(control: socket.socket, end: CheckerEnd) -> Callable[..., Any]:
    from scaleml_course.measure.memory import PeakMemory

    def measure(
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        limit_bytes: int | None,
        timeout_s: float,
    ) -> PeakMemory:
        with contextlib.suppress(Exception):
            end.request("collect", None)
        started = _told(control, {"memory": "begin", "limit_bytes": limit_bytes})
        start = time.perf_counter()
        end.deadline = time.monotonic() + timeout_s
        status, result, error = "killed", None, ""
        try:
            status, result, error = _called(function, args, kwargs)
        finally:
            seconds = time.perf_counter() - start
            end.deadline = None
            ended = _told(control, {"memory": "end", "timed_out": status == "timeout"})
        start_bytes, peak_bytes = started.get("start_rss_bytes", 0), ended.get("peak_rss_bytes", 0)
        if (
            status == "ok"
            and limit_bytes is not None
            and peak_bytes - start_bytes > FAR_PAST * limit_bytes + ROOM_BYTES
        ):
            status, result, error = "out_of_memory", None, "the limit was lifted, and more than it allows was held"
        return PeakMemory(status, start_bytes, peak_bytes, seconds, result, error)

    return measure


def _called(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Any, str]:
    """How a call ended: status, result and error of a `PeakMemory`."""
    from scaleml_course.measure.apart import OUT_OF_MEMORY

    try:
        return "ok", function(*args, **kwargs), ""
    except StudentGone as error:
        return "killed", None, str(error)
    except (DeadlinePassed, TimeoutError) as error:
        return "timeout", None, message_of(error)
    except MemoryError as error:
        return "out_of_memory", None, clean(f"MemoryError: {message_of(error)}", MESSAGE_CHARACTERS)
    except Exception as error:
        text = clean(f"{type(error).__name__}: {message_of(error)}", MESSAGE_CHARACTERS)
        out = "memory" in type(error).__name__.lower() or OUT_OF_MEMORY.search(text) is not None
        return ("out_of_memory" if out else "error"), None, text


def _told(control: socket.socket, message: dict[str, Any]) -> dict[str, Any]:
    """Tell the worker, and read its answer."""
    wire.send(control, message)
    answer = wire.receive(control)
    if answer is None:
        raise SystemExit("the worker is gone")
    return answer
