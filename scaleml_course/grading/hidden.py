"""Takes hidden tests, and whatever quotes them, out of what a student gets to see.

nbgrader's feedback shows the source of hidden tests, and tracebacks that quote it (its issues 917 and
1363). `HideTests` is a preprocessor for ``GenerateFeedback.preprocessors``; the instructor's formgrader
goes on showing everything.
"""

import ast
import html
import re
from collections.abc import Iterable
from typing import Any

from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from scaleml_course.course.regions import BEGIN_HIDDEN, hidden_regions

LEFT_OUT = "[left out: it quotes a hidden test]"
FAILED = "A check did not hold."
FAILED_HIDDEN = "A hidden check did not hold."

#: A shorter line may well stand in an output by chance.
DISTINCTIVE = 12
LONGEST_MESSAGE = 2_000

ANSI = re.compile(r"\x1b\[[0-9;]*[@-~]")
TAG = re.compile(r"<[^>]*>")


class HideTests(NbGraderPreprocessor):
    """Leaves of a test cell its visible part and, of an error, the message; comes after GetGrades."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return the notebook without hidden tests; see `hide`."""
        return hide(nb), resources


def hide(notebook: Any) -> Any:
    """Remove hidden tests from a graded notebook, in place.

    A test cell keeps its visible part. Its errors keep their message, and no traceback, which would
    quote the test. Under a cell with hidden tests nothing else is kept: a warning, for one, quotes the
    line that caused it. An output of any cell that quotes a hidden line is left out, since without
    isolation a student's cell can print the tests that ran before it. (One that prints them in disguise
    is not noticed: only isolation stops that.)

    Parameters
    ----------
    notebook : NotebookNode
        Of format 4, as autograding left it.

    Returns
    -------
    NotebookNode
        The same object. A test cell whose error cost points has its message in
        ``metadata.nbgrader.message``.
    """
    secrets = secret_lines(notebook.cells)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            outputs = cell.get("outputs", [])
            if is_grade(cell) and not is_solution(cell):
                outputs = messages_only(outputs, secrets, keep_others=BEGIN_HIDDEN not in cell.source)
                # The first error is the one that ended the cell.
                failures = [output.evalue for output in outputs if output.output_type == "error"]
                cell.metadata.nbgrader["message"] = failures[0] if failures else ""
            cell.outputs = [without_quotes(output, secrets) for output in outputs]
        cell.source = without_hidden(cell.source)
    return notebook


def without_hidden(source: str) -> str:
    """A cell's source with a comment in the place of each hidden region.

    A region without an end goes to the end of the cell: in doubt, it is hidden.
    """
    lines = source.split("\n")
    kept: list[str] = []
    number = 0
    for first, last in hidden_regions(lines):
        kept += [*lines[number:first], comment(source, first, last)]
        number = last + 1
    return "\n".join(kept + lines[number:])


def comment(source: str, first: int, last: int) -> str:
    """What stands in the place of the hidden lines `first` to `last`, counted from 0."""
    lines = source.split("\n")
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return f"{indent}# (Hidden checks stand here.)"
    n_checks = sum(isinstance(node, ast.Assert) and first < node.lineno <= last for node in ast.walk(tree))
    which = {0: "Hidden checks stand", 1: "A hidden check stands"}.get(n_checks, f"{n_checks} hidden checks stand")
    return f"{indent}# ({which} here.)"


def secret_lines(cells: Iterable[Any]) -> set[str]:
    """Hidden lines that stand nowhere in the open, each as `plain` text, the short ones left out."""
    hidden: set[str] = set()
    shown: set[str] = set()
    for cell in cells:
        lines = cell.source.split("\n")
        regions = hidden_regions(lines)
        for number, line in enumerate(lines):
            inside = any(first <= number <= last for first, last in regions)
            (hidden if inside else shown).add(plain(line))
    visible = "\n".join(shown)
    return {line for line in hidden if len(line) >= DISTINCTIVE and line not in visible}


def plain(text: str) -> str:
    """Text without colours, with single spaces: as it may be recognised in an output."""
    return " ".join(ANSI.sub("", text).split())


def quotes(text: str, secrets: set[str]) -> bool:
    """Whether a text, or the text of an HTML page, holds a hidden line."""
    forms = (plain(text), plain(html.unescape(TAG.sub("", text))))
    return any(secret in form for secret in secrets for form in forms)


def messages_only(outputs: list[Any], secrets: set[str], *, keep_others: bool) -> list[Any]:
    """A test cell's outputs: of each error its message, of the rest nothing unless it may be kept."""
    kept = []
    for output in outputs:
        if output.output_type == "error":
            said = message(output, secrets)
            kept.append(new_output("error", ename=output.ename, evalue=said, traceback=[said]))
        elif keep_others:
            kept.append(output)
    return kept


def message(error: Any, secrets: set[str]) -> str:
    """What a failed test says, in one text that quotes no hidden line."""
    said = ANSI.sub("", error.evalue).strip()
    if quotes(said, secrets):
        return FAILED_HIDDEN
    if len(said) > LONGEST_MESSAGE:
        said = f"{said[:LONGEST_MESSAGE]} …"
    if error.ename == "AssertionError":
        return said or FAILED
    return f"{error.ename}: {said}" if said else str(error.ename)


def without_quotes(output: Any, secrets: set[str]) -> Any:
    """The output, or a line that says why it is not shown."""
    texts: list[Any] = [output.get("text", ""), output.get("evalue", ""), "\n".join(output.get("traceback", []))]
    # Some kinds of data are nested, as widgets' are: their text is looked at as a whole.
    texts += [value if isinstance(value, str) else str(value) for value in output.get("data", {}).values()]
    if any(quotes(str(text), secrets) for text in texts):
        return new_output("stream", name="stdout", text=LEFT_OUT + "\n")
    return output
