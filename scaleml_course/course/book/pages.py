"""Writes the pages of the book that no author writes: the runs, the claims, and the lessons on the front page."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from scaleml_course.course.book.notebooks import Shown
from scaleml_course.measure.claims import Claim
from scaleml_course.measure.hardware import hardware

NAMES = "requirements/course.in"
ORIGINS = {"run": "{tier}", "reference": "{tier}, reference", "none": "not run"}


def runs_page(shown: Sequence[Shown], names: Path) -> str:
    """Time, memory, machine and versions behind every output of the book, in MyST markdown.

    Parameters
    ----------
    shown : sequence of Shown
    names : Path
        The list of required packages (`requirements/course.in`), whose headings group the versions.
    """
    machines = list(dict.fromkeys(one.machine for one in shown if one.machine))
    rows = [
        [
            _link(one),
            ORIGINS[one.origin].format(tier=one.tier),
            f"{one.result.seconds:.0f} s" if one.origin == "run" else "",
            str(one.result.n_cells) if one.origin != "none" else "",
            f"{one.result.peak_memory_bytes / 1e6:,.0f} MB" if one.origin == "run" else "",
            str(len(one.result.claims)) if one.origin != "none" else "",
            one.when,
            f"M{machines.index(one.machine) + 1}" if one.machine else "",
        ]
        for one in shown
    ]
    head = ["Lesson", "Tier", "Time", "Cells", "Peak memory", "Claims", "Day", "Machine"]
    here = hardware()
    lines = [
        "# Runs, versions and hardware",
        "",
        "Every output in this book comes from one of the runs below. *Time* is the whole lesson from the start of "
        "its kernel; *peak memory* is what the lesson and every process it started held together, at its worst "
        "moment. A *reference* run is the one kept with the notebook in the repository, at the smallest tier; only "
        "its outputs are known. What the lessons claim from these runs stands on [its own page](claims.md).",
        "",
        *_block("runs-table", markdown_table(head, rows, align="llrrrrcc")),
        "",
        "## Machines",
        "",
        *(
            [f"- **M{n}**: {machine}" for n, machine in enumerate(machines, start=1)]
            or ["No run noted its machine."]
        ),
        "",
        "Times are shown with their machine and never promised for another. Yours will differ; the claims are made "
        "so that they should hold there too.",
        "",
        "## Versions",
        "",
        f"Python {here.python} on {here.system}. All packages, with the hashes of their files, are locked in "
        "`requirements/course.txt`; these are the ones that the course asks for by name.",
    ]
    for heading, packages in required_packages(names):
        table = markdown_table(["Package", "Version"], _versions(packages), align="ll")
        lines += ["", f"### {heading}", "", *_block("versions-table", table)]
    return "\n".join(lines) + "\n"


def claims_page(shown: Sequence[Shown]) -> str:
    """Every claim of every lesson with its number and its bound, in MyST markdown."""
    claims = [Claim(**claim) for one in shown for claim in one.result.claims]
    unchecked = sum(not claim.checked for claim in claims)
    told = "All were checked when the lessons ran, and held."
    if unchecked:
        told = f"All but {unchecked} were checked when the lessons ran, and held; the others say why not."
    lines = [
        "# What the course claims",
        "",
        "A sentence of this course that carries a measured number is printed by the cell that measured it, "
        "together with a bound that should hold on **any** machine. A lesson whose measurement falls outside its "
        "bound fails, so a sentence that stops being true is noticed. If one fails on yours, that is worth an "
        "issue.",
        "",
        f"So far there are {len(claims)}. {told}" if claims else "No lesson has been run yet.",
    ]
    for one in shown:
        if one.result.claims:
            lines += ["", f"## {_title(one)}", "", f"From {_link(one)} at tier {one.tier}.", ""]
            for claim in one.result.claims:
                lines += [*_block("claim-entry", _claim_entry(Claim(**claim))), ""]
    return "\n".join(lines) + "\n"


def lesson_cards(shown: Sequence[Shown]) -> str:
    """A card a lesson for the front page: what it measured, and what the reader will be able to do."""
    lines = ["::::{grid} 1", ":gutter: 3", ""]
    for one in shown:
        sentence = _striking_sentence(one)
        lines += [
            f":::{{grid-item-card}} {_title(one)}",
            f":link: /notebooks/{one.lesson.slug}",
            ":link-type: doc",
            ":class-card: lesson-card",
            "",
            f"{one.lesson.minutes} minutes to read",
            "",
            *([f"> {' '.join(sentence.split())}", ""] if sentence else []),
            *(f"- {objective}" for objective in one.lesson.objectives),
            ":::",
            "",
        ]
    return "\n".join([*lines, "::::"]) + "\n"


def required_packages(path: Path) -> list[tuple[str, list[str]]]:
    """Package names by heading, as `requirements/course.in` groups them: a comment, then names below it."""
    groups = []
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        names = [match[0] for line in lines if (match := re.match(r"[A-Za-z][\w.-]*", line))]
        if names:
            heading = lines[0].lstrip("# ").strip() if lines[0].startswith("#") else "Packages"
            groups.append((heading, sorted(names, key=str.lower)))
    return groups


def _versions(names: Iterable[str]) -> list[list[str]]:
    rows = []
    for name in names:
        try:
            rows.append([name, importlib.metadata.version(name)])
        except importlib.metadata.PackageNotFoundError:
            rows.append([name, "not installed"])
    return rows


def _claim_entry(claim: Claim) -> list[str]:
    """A claim as two paragraphs: the sentence, then what it rests on."""
    unit = f" {claim.unit}" if claim.unit else ""
    interval = "" if claim.low == claim.high else f" (interval {claim.low:,.4g} to {claim.high:,.4g})"
    checked = "checked" if claim.checked else f"not checked: {claim.reason}"
    rests_on = [f"Measured {claim.value:,.4g}{unit}{interval}", f"bound: {claim.bound}", checked]
    return [" ".join(claim.sentence.split()), "", " · ".join(rests_on)]


def _block(name: str, lines: Sequence[str]) -> list[str]:
    """`lines` in a block with a class, for the style sheet."""
    return [f":::{{div}} {name}", *lines, ":::"]


def _striking_sentence(one: Shown) -> str:
    """What a lesson says on the front page: of its checked claims, the one with the largest factor."""
    claims = [Claim(**claim) for claim in one.result.claims]
    factors = [claim for claim in claims if claim.checked and claim.unit == "times"]
    return max(factors, key=lambda claim: claim.value).sentence if factors else ""


def _title(one: Shown) -> str:
    return f"{one.lesson.number} · {one.lesson.title}"


def _link(one: Shown) -> str:
    return f"[{_title(one)}](../notebooks/{one.lesson.slug}.ipynb)"


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[Any]], *, align: str) -> list[str]:
    """A markdown table; `align` has one of l, c and r a column."""
    marks = {"l": ":---", "c": ":---:", "r": "---:"}
    escaped = [[" ".join(str(text).split()).replace("|", r"\|") for text in row] for row in rows]
    lines = [head, [marks[side] for side in align], *escaped]
    return [f"| {' | '.join(line)} |" for line in lines]
