"""The notebook that students get: nbgrader's own release, checked, the same bytes every time."""

import ast
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scaleml_course.course.errors import UserError
from scaleml_course.grading.child import start_quickly
from scaleml_course.grading.course_folder import read_notebook

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
REGIONS = {"SOLUTION": "solution", "HIDDEN TESTS": "grade"}


def generate_release(source_notebook: Path, out: Path) -> Path:
    """Make the release notebook of one exercise by nbgrader's generate_assignment.

    Parameters
    ----------
    source_notebook : Path
        Built exercise notebook, with solutions and hidden tests.
    out : Path
        Where the release notebook goes; its name must be the source's.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    UserError
        Listing everything wrong with the source, or naming the secret that would be given away.
    """
    source_notebook, out = Path(source_notebook), Path(out)
    notebook = validate(source_notebook)
    name = source_notebook.stem
    with tempfile.TemporaryDirectory(prefix="scaleml-release-") as scratch:
        course = Path(scratch)
        (course / "source" / name).mkdir(parents=True)
        shutil.copyfile(source_notebook, course / "source" / name / f"{name}.ipynb")
        run_generate_assignment(course, name)
        released = course / "release" / name / f"{name}.ipynb"
        refuse_secrets(notebook, read_notebook(released), source_notebook)
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = out.with_name(f".{out.name}.tmp")
        shutil.copyfile(released, temporary)
        temporary.replace(out)
    return out


def run_generate_assignment(course: Path, name: str) -> None:
    """nbgrader's own step, in this process; its working folder is restored."""
    start_quickly()
    from scaleml_course.grading.gradebook import generate  # imports nbgrader, which takes a second
    from scaleml_course.grading.nbgrader_course import course_directory, read_config

    config = read_config(course)
    # As `nbgrader generate_assignment --no-db`: a release enters no gradebook.
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    generate(course_directory(course, config), config, name)


def validate(source_notebook: Path) -> dict[str, Any]:
    """Read an exercise notebook and check what nbgrader would stumble over.

    Returns
    -------
    dict
        The notebook.

    Raises
    ------
    UserError
        Listing every fault found, each with its cell.
    """
    try:
        notebook = read_notebook(source_notebook)
    except (OSError, ValueError) as error:
        raise UserError(
            f"{source_notebook} cannot be read: {error}.", remedy="Build it again: `make sync`."
        ) from error
    faults = list(find_faults(notebook))
    if faults:
        raise UserError(
            f"{source_notebook} cannot be released:\n" + "\n".join(f"  - {fault}" for fault in faults),
            remedy=f"Mend solutions/{source_notebook.stem}.py, then run `make sync`.",
        )
    return notebook


def find_faults(notebook: dict[str, Any]) -> Iterator[str]:
    """Each fault of an exercise notebook, in words."""
    seen: set[str] = set()
    kinds = set()
    for number, cell in enumerate(notebook["cells"], 1):
        options = cell["metadata"].get("nbgrader", {})
        name = options.get("grade_id", "")
        where = f"cell {number} ({name})" if name else f"cell {number}"
        if "id" not in cell:
            yield f"{where} has no cell id, so each build would give it another"
        if options:
            kinds |= {kind for kind in ("solution", "grade") if options.get(kind)}
            if not NAME.match(name):
                yield f"{where}: the id {name!r} is not letters, digits, _ and -"
            if name in seen:
                yield f"{where}: the id is used twice"
            seen.add(name)
            yield from faults_of_points(where, options)
        yield from faults_of_regions(where, "".join(cell["source"]), options)
        if options.get("grade") and not options.get("solution"):
            yield from faults_of_test(where, "".join(cell["source"]))
    for kind, words in (("solution", "no answer cell"), ("grade", "no test cell")):
        if kind not in kinds:
            yield f"the exercise has {words}"


def faults_of_points(where: str, options: dict[str, Any]) -> Iterator[str]:
    """A test without points, or points that are none."""
    if not options.get("grade"):
        return
    points = options.get("points")
    if isinstance(points, bool) or not isinstance(points, int | float) or not points > 0:
        yield f"{where}: points are {points!r}, not a number above 0"


def faults_of_regions(where: str, source: str, options: dict[str, Any]) -> Iterator[str]:
    """BEGIN and END lines that do not pair up, or stand in a cell where nbgrader keeps their text."""
    for region, kind in REGIONS.items():
        marks = re.findall(rf"(BEGIN|END) {region}", source)
        if marks and not options.get(kind):
            wanted = "an answer" if kind == "solution" else "a test"
            yield f"{where}: {region} lines stand in a cell that is not {wanted}"
        if marks != ["BEGIN", "END"] * (len(marks) // 2):
            yield f"{where}: BEGIN {region} and END {region} do not come in pairs"
    if options.get("solution") and not options.get("grade") and "BEGIN SOLUTION" not in source:
        yield f"{where}: an answer cell without BEGIN SOLUTION would be given out empty"


def faults_of_test(where: str, source: str) -> Iterator[str]:
    """A test that is not Python, or whose last line is a bare value, which nbgrader reads as points."""
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        yield f"{where}: the test is not Python (line {error.lineno}: {error.msg})"
        return
    if not body:
        yield f"{where}: the test is empty, so everyone would earn its points"
    elif isinstance(body[-1], ast.Expr) and not isinstance(body[-1].value, ast.Call | ast.Constant):
        yield f"{where}: the last line is a value, which nbgrader takes for the points earned; use assert"


def refuse_secrets(source: dict[str, Any], released: dict[str, Any], path: Path) -> None:
    """Raise when a line of a solution or a hidden test stands in the release.

    Raises
    ------
    UserError
        Naming the cell and the line.
    """
    open_lines = {line.strip() for cell in source["cells"] for line in split(cell)[0]}
    given = {line.strip() for cell in released["cells"] for line in "".join(cell["source"]).splitlines()}
    for number, cell in enumerate(source["cells"], 1):
        for line in map(str.strip, split(cell)[1]):
            # A line such as `return total` may rightly stand elsewhere in the open.
            if line and line in given and line not in open_lines:
                raise UserError(
                    f"{path}, cell {number}: the release would give away {line!r}.",
                    remedy="Put it between BEGIN and END lines of its own cell only, then run `make sync`.",
                )
    for cell in released["cells"]:
        text = "".join(cell["source"])
        if any(f"BEGIN {region}" in text or f"END {region}" in text for region in REGIONS) or cell.get("outputs"):
            raise UserError(
                f"{path}: the release still holds a solution's or hidden test's marks, or an output.",
                remedy="Check the preprocessors of GenerateAssignment in grader/nbgrader_config.py.",
            )


def split(cell: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Lines of a cell outside and inside its solution and hidden test regions."""
    outside: list[str] = []
    inside: list[str] = []
    hidden = False
    for line in "".join(cell["source"]).splitlines():
        if re.search(r"BEGIN (SOLUTION|HIDDEN TESTS)", line):
            hidden = True
        elif re.search(r"END (SOLUTION|HIDDEN TESTS)", line):
            hidden = False
        else:
            (inside if hidden else outside).append(line)
    return outside, inside
