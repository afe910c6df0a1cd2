"""Where an exercise's cell hides tests or a solution: the lines between its BEGIN and END marks."""

from __future__ import annotations

BEGIN_HIDDEN, END_HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
BEGIN_SOLUTION, END_SOLUTION = "BEGIN SOLUTION", "END SOLUTION"


def hidden_regions(lines: list[str]) -> list[tuple[int, int]]:
    """Indices of the first and last line of each hidden region, the lines that mark it included.

    A region without an end goes to the last line: in doubt, it is hidden.
    """
    return regions(lines, BEGIN_HIDDEN, END_HIDDEN)


def solution_regions(lines: list[str]) -> list[tuple[int, int]]:
    """The same for the reference solution in an answer cell."""
    return regions(lines, BEGIN_SOLUTION, END_SOLUTION)


def regions(lines: list[str], begin: str, end: str) -> list[tuple[int, int]]:
    """Indices of the first and last line of each region from a line with `begin` to one with `end`."""
    found: list[tuple[int, int]] = []
    first: int | None = None
    for number, line in enumerate(lines):
        if begin in line and first is None:
            first = number
        elif end in line and first is not None:
            found.append((first, number))
            first = None
    return found if first is None else [*found, (first, len(lines) - 1)]
