"""The claim that no hostile notebook earns a point or does harm, and no honest one loses any: the red team's table.

``python -m benchmarks.redteam`` grades every notebook of ``tests/attacks`` with nbgrader as it comes, in disposable
labs, and with this grader, both now, and prints one table. ``--help`` tells how to try only a part.
"""

import argparse
import itertools
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import nbgrader
from rich.markup import escape

from scaleml_course.course.console import Board, out, show_error
from scaleml_course.course.errors import UserError
from scaleml_course.grading.isolation import levels
from scaleml_course.measure.hardware import hardware
from tests.attacks import nbgrader_lab, this_grader
from tests.attacks.attack import Attack, read_attacks
from tests.attacks.verdict import Verdict, table

HERE = Path(__file__).resolve().parent
OURS, THEIRS = "this grader", "nbgrader as it comes"
EXAMPLE = "Example: python -m benchmarks.redteam --grader ours --only 'fork bombs' --only always-equal"


def main(arguments: list[str]) -> int:
    """Try the red team; exit status 1 when this grader let anything through."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog=EXAMPLE)
    parser.add_argument("--grader", choices=("both", "ours", "nbgrader"), default="both")
    parser.add_argument("--only", action="append", default=[], metavar="CLASS", help="a class, or part of a name")
    parser.add_argument("--level", choices=levels.LEVELS, help="how this grader confines; the strongest by default")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="notebooks at once")
    parser.add_argument("--json", type=Path, default=HERE / "results" / "redteam.json", help="where the details go")
    given = parser.parse_args(arguments)
    attacks = [attack for attack in read_attacks() if wanted(attack, given.only)]
    if not attacks:
        raise UserError(f"No notebook is of class {', '.join(given.only)}.", remedy="See tests/attacks/notebooks.")
    isolation = levels.choose(given.level == "trusted", given.level)
    verdicts: dict[str, dict[str, Verdict]] = {}
    seconds: dict[str, float] = {}
    for grader, chosen in ((THEIRS, "nbgrader"), (OURS, "ours")):
        if given.grader in ("both", chosen):
            started = time.monotonic()
            verdicts[grader] = run(grader, attacks, isolation.level, given.jobs)
            seconds[grader] = time.monotonic() - started
    report(attacks, verdicts, seconds, isolation.level, given.json)
    return int(bool(faults(verdicts.get(OURS, {}))))


def wanted(attack: Attack, only: list[str]) -> bool:
    """Whether an attack was asked for, by its class or a part of its name."""
    return not only or any(word in (attack.kind, attack.name) or word in attack.name for word in only)


def run(grader: str, attacks: list[Attack], level: str, jobs: int) -> dict[str, Verdict]:
    """All attacks on one grader, with a bar, or now and then a line."""
    with Board("notebook") as board:
        n_done = itertools.count(1)

        def step() -> None:
            done = next(n_done)
            board.step(grader, done, len(attacks))
            if not out.is_terminal and done % 25 == 0:
                board.line(f"{grader}: {done} of {len(attacks)} notebooks")

        if grader == OURS:
            return this_grader.grade(attacks, level, jobs, step)
        return nbgrader_lab.grade(attacks, jobs, step)


def fault(verdict: Verdict) -> str:
    """What got through, in words; empty when nothing did."""
    found = list(verdict.harm)
    if verdict.gained:
        found.insert(0, f"gained {verdict.gained:g} points")
    if verdict.honest and not verdict.right:
        found.insert(0, f"an honest notebook got {verdict.score} of {verdict.deserved:g} ({verdict.status})")
    return "; ".join(found)


def faults(verdicts: dict[str, Verdict]) -> dict[str, str]:
    """What each notebook got through, for those where anything did."""
    return {name: words for name, verdict in verdicts.items() if (words := fault(verdict))}


def report(
    attacks: list[Attack],
    verdicts: dict[str, dict[str, Verdict]],
    seconds: dict[str, float],
    level: str,
    path: Path,
) -> None:
    """Print the table, and write every detail as JSON."""
    out.print(table(attacks, verdicts))
    for name, words in faults(verdicts.get(OURS, {})).items():
        out.print(f"[red]✗[/] {name}: {escape(words)}")
    for grader, taken in seconds.items():
        out.print(f"{grader}: {len(verdicts[grader])} notebooks in {taken:.0f} s")
    details = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": hardware().as_dict(),
        "nbgrader": nbgrader.__version__,
        "isolation": level,
        "seconds": seconds,
        "attacks": [
            {
                "name": attack.name,
                "class": attack.kind,
                "tries": attack.tries,
                "success": attack.success,
                **{
                    grader: found[attack.name].as_dict()
                    for grader, found in verdicts.items()
                    if attack.name in found
                },
            }
            for attack in attacks
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(details, indent=1) + "\n")
    out.print(f"Details: {path}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserError as error:
        show_error(error)
        sys.exit(error.exit_status)
