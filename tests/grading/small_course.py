"""A repository with one small exercise, for the tests: two answers, three tests, five points."""

import textwrap
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from scaleml_course.grading import release

NAME = "01_mean_and_spread"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def cell(source: str, name: str, *, solution: bool = False, points: int | None = None, code: bool = True) -> Any:
    """One exercise cell, as `make sync` builds it."""
    made = (new_code_cell if code else new_markdown_cell)(textwrap.dedent(source).strip())
    made.id = f"id-{name}"
    made.metadata["nbgrader"] = {
        "grade": points is not None,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
        **({"points": points} if points is not None else {}),
    }
    return made


def exercise() -> Any:
    """The exercise with its solutions and hidden tests."""
    return new_notebook(
        metadata={"kernelspec": KERNELSPEC, "language_info": {"name": "python"}},
        cells=[
            cell("# Mean and spread", "locked_00", code=False),
            cell("numbers = [1.0, 2.0, 6.0]", "locked_01"),
            cell(
                """
                def mean(values):
                    \"\"\"The arithmetic mean.\"\"\"
                    ### BEGIN SOLUTION
                    return sum(values) / len(values)
                    ### END SOLUTION
                """,
                "mean_answer",
                solution=True,
            ),
            cell("assert mean(numbers) == 3.0", "mean_small", points=1),
            cell(
                """
                def spread(values):
                    ### BEGIN SOLUTION
                    secret_width = max(values) - min(values)
                    return secret_width
                    ### END SOLUTION
                """,
                "spread_answer",
                solution=True,
            ),
            cell("assert spread(numbers) == 5.0", "spread_small", points=2),
            cell(
                """
                assert spread([4.0]) == 0.0
                ### BEGIN HIDDEN TESTS
                assert spread([-1.0, 1.0]) == 2.0, "negative numbers are numbers too"
                ### END HIDDEN TESTS
                """,
                "spread_negative",
                points=2,
            ),
        ],
    )


ANSWERS = {
    "right_numpy": """
        # ---
        # why: lets NumPy do both
        # ---
        # %% solution="mean_answer"
        import numpy

        def mean(values):
            return float(numpy.mean(values))
        # %% solution="spread_answer"
        def spread(values):
            return float(numpy.ptp(values))
        """,
    "wrong_ignores_sign": """
        # ---
        # why: takes the sign away first, which only negative numbers show
        # fails: [spread_negative]
        # ---
        # %% solution="spread_answer"
        def spread(values):
            return max(map(abs, values)) - min(map(abs, values))
        """,
    "wrong_off_by_one": """
        # ---
        # why: divides by one too few
        # fails: [mean_small]
        # ---
        # %% solution="mean_answer"
        def mean(values):
            return sum(values) / (len(values) - 1)
        """,
}


def write_repository(root: Path, answers: dict[str, str] = ANSWERS) -> Path:
    """Write the exercise, its release and the answers where the repository has them."""
    source = root / "grader" / "source" / NAME / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(nbformat.writes(exercise()) + "\n")
    release.generate_release(source, root / "grader" / "release" / NAME / f"{NAME}.ipynb")
    folder = root / "tests" / "answers" / NAME
    folder.mkdir(parents=True)
    for name, text in answers.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text).lstrip())
    return root
