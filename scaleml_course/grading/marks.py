"""What an executed notebook says beyond its points: errors in plain words, and what an instructor should know."""

from typing import Any

from scaleml_course.grading.sanitize import grade_id
from scaleml_course.grading.split.execute import DIED, NOT_RUN, OUT_OF_MEMORY, TIMED_OUT

#: Errors that the grader itself puts under a cell.
OWN = (TIMED_OUT, NOT_RUN, DIED, OUT_OF_MEMORY, "CheckerDied")


def first_error(cell: Any) -> Any | None:
    """The error under a cell: the grader's own, which says why, before one that an interrupt caused."""
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    return min(errors, key=lambda error: error.ename not in OWN, default=None)


def describe(error: Any | None) -> str:
    """One line for an error output, in plain words where it is the grader's own."""
    if error is None:
        return ""
    message = " ".join(str(error.evalue).split())[:300]
    if error.ename in OWN:
        return message
    return f"{error.ename}: {message}" if message else str(error.ename)


def unusual(notebook: Any) -> list[str]:
    """What the instructor should know of how the cells ran, beyond points lost."""
    found, not_run = [], []
    for number, cell in enumerate(notebook.cells, 1):
        error = first_error(cell)
        if error is None:
            continue
        options = cell.metadata.get("nbgrader", {})
        name = f"cell {grade_id(cell) or number!r}"
        if error.ename == NOT_RUN:
            not_run.append(grade_id(cell) or str(number))
        elif error.ename in OWN:
            found.append(f"{name}: {describe(error)}; look there for a loop without end or a crash")
        elif options.get("solution") and error.ename == "NotImplementedError":
            found.append(f"answer {name} was left as it was given out")
        elif options.get("solution"):
            found.append(f"answer {name} does not run: {describe(error)}")
    if not_run:
        found.append(f"not run after that: {', '.join(not_run)}")
    return found
