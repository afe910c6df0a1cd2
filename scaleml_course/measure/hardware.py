"""What this machine is: the stamp that every number carries."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True)
class Hardware:
    """A machine, as far as it matters to a measurement.

    Attributes
    ----------
    cpu : str
        The processor's own name.
    n_cores : int
        Logical cores this process may use (affinity and container limits counted in).
    memory_bytes : int
        Memory this process may use (container limit counted in).
    system, python : str
        Operating system with its release, and Python's version.
    gpus : tuple of str
        Names of NVIDIA GPUs, as their driver gives them; empty when there is none.
    """

    cpu: str
    n_cores: int
    memory_bytes: int
    system: str
    python: str
    gpus: tuple[str, ...]

    def stamp(self) -> str:
        """One line for a caption or a table."""
        gpus = f", {', '.join(self.gpus)}" if self.gpus else ""
        return (
            f"{self.n_cores} cores ({self.cpu}), {self.memory_bytes / 2**30:.0f} GiB{gpus}, "
            f"{self.system}, Python {self.python}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


@lru_cache(maxsize=1)
def hardware() -> Hardware:
    """Describe the machine this process runs on (asked once, then remembered)."""
    return Hardware(
        cpu=_cpu_name(),
        n_cores=usable_cores(),
        memory_bytes=usable_memory_bytes(),
        system=f"{platform.system()} {platform.release().split('-')[0]}",
        python=platform.python_version(),
        gpus=_gpu_names(),
    )


def usable_cores() -> int:
    """Cores this process may use: the affinity mask, cut to the cgroup's CPU quota where there is one."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    quota = _read("/sys/fs/cgroup/cpu.max").split()
    if len(quota) == 2 and quota[0] != "max":
        return max(1, min(affinity, round(int(quota[0]) / int(quota[1]))))
    return affinity


def usable_memory_bytes() -> int:
    """Memory this process may use, in bytes: the machine's, cut to the cgroup's limit where there is one."""
    total = int(psutil.virtual_memory().total)
    limit = _read("/sys/fs/cgroup/memory.max").strip()
    return min(total, int(limit)) if limit.isdigit() else total


def _cpu_name() -> str:
    for line in _read("/proc/cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _gpu_names() -> tuple[str, ...]:
    if shutil.which("nvidia-smi") is None:
        return ()
    try:
        listing = subprocess.run(
            ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (subprocess.SubprocessError, OSError):
        return ()  # a driver that does not answer is no GPU to us
    return tuple(name.strip() for name in listing.splitlines() if name.strip())


def _read(path: str) -> str:
    """The file's text, or nothing where this system has no such file."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
