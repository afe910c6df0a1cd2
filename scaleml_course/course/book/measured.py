"""What `benchmarks/` recorded about grading, as fragments that the book includes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scaleml_course.course.book.pages import markdown_table
from scaleml_course.measure.hardware import Hardware

HONEST = "honest but unusual"
ABSENT = "*No recorded run lies in this repository. `{command}` makes one.*\n"


def redteam_table(path: Path) -> str:
    """Hostile notebooks by class: tried, and for each grader those that gained points or did harm.

    Parameters
    ----------
    path : Path
        ``benchmarks/results/redteam.json``.
    """
    recorded = _read(path)
    if recorded is None:
        return ABSENT.format(command="make redteam")
    attacks = recorded["attacks"]
    graders = [name for name in recorded["seconds"] if any(name in attack for attack in attacks)]
    hostile = [attack for attack in attacks if attack["class"] != HONEST]
    rows = []
    for kind in [*sorted({attack["class"] for attack in hostile}), "**all hostile ones**"]:
        those = [attack for attack in hostile if kind in (attack["class"], "**all hostile ones**")]
        row = [kind, len(those)]
        for grader in graders:
            found = [attack[grader] for attack in those if grader in attack]
            whole = len(found) == len(those)
            gaining, harming = sum(each["gained"] > 0 for each in found), sum(bool(each["harm"]) for each in found)
            row += [gaining, harming] if whole else [f"{gaining} of {len(found)}", f"{harming} of {len(found)}"]
        rows.append(row)
    head = ["Class", "Tried"]
    for grader in graders:
        head += [f"{grader}: gain points", "do harm"]
    honest = [attack for attack in attacks if attack["class"] == HONEST]
    right = {
        grader: sum(attack[grader]["score"] == attack[grader]["deserved"] for attack in honest if grader in attack)
        for grader in graders
    }
    kept = "; ".join(f"{grader}: {number}" for grader, number in right.items())
    lines = [
        *markdown_table(head, rows, align="l" + "r" * (len(head) - 1)),
        "",
        f"Honest but unusual notebooks (warnings, figures, clusters inside an answer) with their full marks, of "
        f"{len(honest)}: {kept}. "
        f"Run on {recorded['at'][:10]} at level *{recorded['isolation']}*, on {_machine(recorded)}; nbgrader "
        f"{recorded['nbgrader']} with its default configuration, each notebook in a disposable lab.",
    ]
    return "\n".join(lines) + "\n"


def grading_speed(path: Path) -> str:
    """Submissions a minute of both graders, and their ratio.

    Parameters
    ----------
    path : Path
        ``benchmarks/results/grading.json``.
    """
    recorded = _read(path)
    if recorded is None:
        return ABSENT.format(command="python benchmarks/grading.py")
    rates = recorded["submissions_per_minute"]
    rows = [
        [f"`{name}`", recorded["students"][name], ", ".join(f"{rate:.0f}" for rate in each)]
        for name, each in rates.items()
    ]
    lines = [
        *markdown_table(["Command", "Submissions", "A minute, round by round"], rows, align="lrr"),
        "",
        f"With isolation on, `scaleml grade` grades **{recorded['median_ratio']:.1f} times** as many submissions a "
        f"minute as `nbgrader autograde` (median of {len(recorded['ratios'])} rounds in turns, each command from "
        f"its start to its end, bytecode compiled for both). Measured on {recorded['measured'][:10]} with nbgrader "
        f"{recorded['nbgrader']} on {_machine(recorded)}.",
    ]
    return "\n".join(lines) + "\n"


def _read(path: Path) -> dict[str, Any] | None:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def _machine(recorded: Mapping[str, Any]) -> str:
    described = recorded["hardware"]
    return Hardware(**{**described, "gpus": tuple(described["gpus"])}).stamp()
