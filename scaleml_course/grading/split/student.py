"""The agent in the kernel that runs the student's cells: snapshots at the places of tests, then answers to them.

It runs beside the student's code, which can change all of it, and changes only its own marks by that: a test
trusts nothing that comes from here.
"""

from __future__ import annotations

import contextlib
import io
import signal
import socket
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from scaleml_course.grading.split.student_end import StudentEnd

_end: StudentEnd | None = None


def install(link_fd: int) -> None:
    """Take the student's end of the link.

    Parameters
    ----------
    link_fd : int
        Its file descriptor; programs that the student's code starts do not inherit it.
    """
    global _end
    link = socket.socket(fileno=link_fd)
    link.set_inheritable(False)
    _end = StudentEnd(link, {})


def snapshot(test: str, names: list[str]) -> None:
    """Hold on to the objects that these names are bound to now, for the cell of this id.

    Parameters
    ----------
    test : str
        Id of a test cell, or of a given cell that uses the student's names.
    names : list of str
        Missing names are left out.
    """
    end = _installed()
    end.snapshot(str(test), [str(name) for name in names if str(name).isidentifier()])


def serve() -> None:
    """Answer the checker until it hangs up; in the main thread, so that SIGINT ends the call in progress."""
    end = _installed()
    before = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not end.interrupt():
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        with _silence():
            end.serve()
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def _installed() -> StudentEnd:
    if _end is None:
        raise RuntimeError("no link: call install first")
    _end.namespace = _namespace()
    return _end


def _namespace() -> dict[str, Any]:
    """The notebook's names: those of the shell, or of `__main__` where there is none."""
    if "IPython" in sys.modules:
        from IPython import get_ipython

        shell = get_ipython()
        if shell is not None:
            names: dict[str, Any] = shell.user_ns
            return names
    return vars(sys.modules["__main__"])


class _Nowhere(io.TextIOBase):
    """Takes what student code prints while it is tested, and drops it."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    nowhere = _Nowhere()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield
