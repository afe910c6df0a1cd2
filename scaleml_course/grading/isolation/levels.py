"""How strongly student code can be confined on this machine, and the choice of a level.

| level | what confines it |
|---|---|
| bubblewrap | namespaces and an allow-list of files: no network, no other process, no other file |
| landlock | Landlock (Linux 5.13 and later): no other file, no signal, TCP on loopback and beyond not told apart |
| trusted | nothing but limits of time and memory; the checker is still a process of its own |
"""

import functools
import os
import shutil
import subprocess
from dataclasses import dataclass

from scaleml_course.course.errors import UserError
from scaleml_course.grading.isolation import landlock

LEVELS = ("bubblewrap", "landlock", "trusted")
#: The first ABI whose rules hold a process by more than its files.
LEAST_ABI = 1
REMEDY = (
    "On Debian: apt-get install bubblewrap (in a container also allow user namespaces: "
    "--security-opt seccomp=unconfined). Landlock wants Linux 5.13 or later. "
    "For notebooks that you trust as your own: --trust-students."
)


@dataclass(frozen=True)
class Isolation:
    """A level, and why it is not a stronger one.

    Attributes
    ----------
    level : {"bubblewrap", "landlock", "trusted"}
    why : str
        Empty for the strongest.
    """

    level: str
    why: str = ""


@functools.cache
def bubblewrap_fault() -> str:
    """Why bubblewrap cannot confine a kernel here; empty when it can. Tried for real, once a process."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed"
    from scaleml_course.grading.isolation.nursery import NurseryError, probe

    try:
        probe("bubblewrap")
    except (NurseryError, OSError, subprocess.SubprocessError) as error:
        return f"bubblewrap cannot confine a process here: {str(error).splitlines()[-1][:200]}"
    return ""


@functools.cache
def landlock_fault() -> str:
    """Why Landlock cannot confine a kernel here; empty when it can."""
    if os.name != "posix" or landlock.abi() < LEAST_ABI:
        return "this system has no Landlock"
    return ""


def strongest() -> Isolation:
    """The strongest level that this machine has."""
    without_bubblewrap = bubblewrap_fault()
    if not without_bubblewrap:
        return Isolation("bubblewrap")
    without_landlock = landlock_fault()
    if not without_landlock:
        return Isolation("landlock", without_bubblewrap)
    return Isolation("trusted", f"{without_bubblewrap}; {without_landlock}")


def choose(trust_students: bool, wanted: str | None = None) -> Isolation:
    """The level to grade under.

    Parameters
    ----------
    trust_students : bool
        Whether code may run unconfined where nothing can confine it.
    wanted : str, optional
        A level to use instead of the strongest; a stronger one than this machine has is refused.

    Raises
    ------
    UserError
        When nothing can confine the code and nobody said that it is trusted, or `wanted` cannot be had.
    """
    found = strongest()
    if wanted is not None:
        if wanted not in LEVELS:
            raise UserError(f"There is no isolation level {wanted!r}.", remedy=f"One of: {', '.join(LEVELS)}.")
        faults = {"bubblewrap": bubblewrap_fault, "landlock": landlock_fault}
        if wanted in faults and (fault := faults[wanted]()):
            raise UserError(f"The level {wanted} cannot be had here: {fault}.", remedy=REMEDY)
        found = Isolation(wanted, "asked for" if wanted != found.level else found.why)
    if found.level == "trusted" and not trust_students:
        raise UserError(f"Nothing here can confine student code: {found.why}.", remedy=REMEDY)
    return found
