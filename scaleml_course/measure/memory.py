"""Peak memory of one call, measured in a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudpickle
import psutil

RESET_PEAK = "5"  # what proc_pid_clear_refs(5) wants written to set VmHWM back to VmRSS

#: Measures in the place of `peak_memory`, where what is to be measured runs in another process anyway: called with
#: function, args, kwargs, limit_bytes and timeout_s, it returns a `PeakMemory`. Set while a notebook is graded.
elsewhere: Callable[..., PeakMemory] | None = None


@dataclass(frozen=True)
class PeakMemory:
    """How a call in its own process ended, and the memory it took.

    Attributes
    ----------
    status : {"ok", "out_of_memory", "timeout", "error", "killed"}
    start_rss_bytes, peak_rss_bytes : int
        Resident memory of the process before the call, and at its highest during the call. Zero when the
        process did not live to tell.
    seconds : float
        Wall time of the call.
    result : object
        What the call returned; None unless `status` is "ok".
    error : str
        The last line of the error, in the child's own words; empty when `status` is "ok".
    """

    status: str
    start_rss_bytes: int = 0
    peak_rss_bytes: int = 0
    seconds: float = 0.0
    result: Any = None
    error: str = ""

    @property
    def added_bytes(self) -> int:
        """What the call took on top of what the process held before it."""
        return self.peak_rss_bytes - self.start_rss_bytes


def resident_bytes() -> int:
    """Resident memory of this process now, in bytes."""
    return int(psutil.Process().memory_info().rss)


def high_water_bytes() -> int:
    """The most resident memory that this process ever held (or since `reset_high_water`), in bytes."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def reset_high_water() -> None:
    """Count the high-water mark from now on. Linux only; elsewhere it keeps counting from the start."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text(RESET_PEAK)


def peak_memory(
    function: Callable[..., Any],
    *args: Any,
    limit_bytes: int | None = None,
    timeout_s: float = 120.0,
    **kwargs: Any,
) -> PeakMemory:
    """Call `function(*args, **kwargs)` in a fresh process and report its peak resident memory.

    A process of its own, because memory that Python freed often stays with the process: measured in place,
    the second call seems to need nothing.

    Parameters
    ----------
    function : callable
        Sent with cloudpickle, so one defined in a notebook will do.
    limit_bytes : int, optional
        The call may add at most this much private memory (`RLIMIT_DATA`, Linux). An allocation past it
        raises MemoryError in the child, and `status` is "out_of_memory"; this process is never in danger.
    timeout_s : float
        After this many seconds the child and everything it started in its process group are ended.

    Returns
    -------
    PeakMemory
        Failures are reported in `status`, never raised: a call that dies is a result here.
    """
    if elsewhere is not None:
        return elsewhere(function, args, kwargs, limit_bytes, timeout_s)
    with tempfile.TemporaryDirectory(prefix="scaleml-apart-") as folder:
        order, answer = Path(folder, "order"), Path(folder, "answer")
        order.write_bytes(cloudpickle.dumps((function, args, kwargs, limit_bytes)))
        # Not a pipe: whatever the call leaves running would hold it open, and we would wait for that.
        complaints = Path(folder, "complaints")
        with complaints.open("wb") as stderr:
            child = subprocess.Popen(
                [sys.executable, "-m", "scaleml_course.measure.apart", str(order), str(answer)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        try:
            child.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            return PeakMemory("timeout", error=f"still running after {timeout_s:g} s")
        finally:
            _end_group(child)
        if answer.exists():
            return PeakMemory(**cloudpickle.loads(answer.read_bytes()))
        return _died(child.returncode, complaints.read_text(encoding="utf-8", errors="replace"))


def _died(returncode: int, stderr: str) -> PeakMemory:
    """The child left no answer: say how it ended."""
    last_line = (stderr.strip().splitlines() or [""])[-1]
    ending = f"ended by {_signal_name(-returncode)}" if returncode < 0 else f"exit status {returncode}"
    # Memory ran out so far that not even the answer could be written, or that C++ aborted.
    if "MemoryError" in stderr or "bad_alloc" in stderr:
        return PeakMemory("out_of_memory", error=last_line)
    if returncode < 0:
        return PeakMemory("killed", error=f"{ending}. {last_line}".strip())
    return PeakMemory("error", error=last_line or ending)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most real-time signals have no name
        return f"signal {number}"


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """End whatever still lives in the child's process group, and collect the child."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
