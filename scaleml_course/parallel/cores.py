"""How many cores nobody is using: a speed-up needs them, and on a shared machine they come and go."""

from __future__ import annotations

import time

import psutil

from scaleml_course.measure import hardware


def idle_cores(seconds: float = 0.25) -> float:
    """Cores of this machine that stood idle while this call slept.

    Parameters
    ----------
    seconds : float
        How long to look.

    Returns
    -------
    float
        Idle seconds of all cores over elapsed seconds; at most the cores this process may use. Time that a
        virtual machine's host took away does not count as idle.
    """
    before, start = psutil.cpu_times(), time.perf_counter()
    time.sleep(seconds)
    after, elapsed = psutil.cpu_times(), time.perf_counter() - start
    idle = after.idle - before.idle + getattr(after, "iowait", 0.0) - getattr(before, "iowait", 0.0)
    return min(float(hardware().n_cores), max(0.0, idle / elapsed))
