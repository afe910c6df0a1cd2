"""A feedback page for every student: nbgrader's where there are marks, a plain one where there are none."""

import copy
import hashlib
import html
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scaleml_course.course.processes import Ended
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.journal import write_whole
from scaleml_course.grading.outcome import Outcome
from scaleml_course.grading.processes import run_child

#: For one page; one that takes longer is given up, and costs nobody else theirs.
SECONDS_A_PAGE = 30.0
SECONDS_TO_START = 120.0

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
body {{ font: 1rem/1.5 sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p><strong>{verdict}</strong></p>
<p>{reason}</p>
</main>
</body>
</html>
"""

VERDICTS = {
    "graded": "Graded: {score:g} of {max_score:g} points. The page with your notebook could not be made.",
    "absent": "No marks: nothing was handed in.",
    "unreadable": "No marks yet: the file cannot be read.",
    "missing": "No marks yet: the expected file was not handed in.",
    "timed_out": "No marks yet: the notebook took too long and was ended.",
    "out_of_memory": "No marks yet: the notebook used too much memory and was ended.",
    "failed": "No marks yet: grading failed.",
}


def feedback(course: Path, outcomes: Iterable[Outcome]) -> dict[tuple[str, str], Path]:
    """Make or renew the feedback page of every outcome.

    Pages that are up to date are left alone: those whose notebook, marks and comments did not change.

    Parameters
    ----------
    course : Path
        nbgrader's course folder.
    outcomes : iterable of Outcome
        From `batch.grade`.

    Returns
    -------
    dict of (student, assignment) to Path
        The page of each; nobody is left out.
    """
    folder = CourseFolder(course)
    memory = Memory(folder)
    outcomes = list(outcomes)
    errors: dict[tuple[str, str], str] = {}
    by_assignment: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.status == "graded":
            by_assignment.setdefault(outcome.assignment, []).append(outcome)
    for assignment, graded in by_assignment.items():
        if not memory.holds(graded):
            errors |= renew(folder, memory, assignment, [outcome.student for outcome in graded])
    memory.save()
    pages = {}
    for outcome in outcomes:
        page = page_path(folder, outcome)
        key = (outcome.student, outcome.assignment)
        if outcome.status != "graded" or key in errors or not page.is_file():
            write_plain(page, outcome, errors.get(key, ""))
        pages[key] = page
    return pages


class Memory:
    """Which pages were made from what, so that a second run has nothing to do."""

    def __init__(self, folder: CourseFolder) -> None:
        self.folder = folder
        self.path = folder.root / "journal" / "feedback.json"
        try:
            noted = dict(json.loads(self.path.read_text()))
        except (OSError, ValueError, TypeError):
            noted = {}
        self.gradebook: Any = noted.get("gradebook")
        # Another configuration, or another version of the page, may show the same marks in another way.
        self.config = folder.config().read_text() + look_of_pages()
        same = noted.get("config") == self.config
        self.stamps: dict[str, dict[str, str]] = copy.deepcopy(noted.get("stamps", {})) if same else {}
        self._noted = noted

    def holds(self, graded: list[Outcome]) -> bool:
        """Whether the gradebook is untouched since, and all these have their pages."""
        if self.gradebook is None or self.gradebook != self.gradebook_now():
            return False
        return all(
            self.stamps.get(outcome.assignment, {}).get(outcome.student)
            and page_path(self.folder, outcome).is_file()
            for outcome in graded
        )

    def gradebook_now(self) -> list[int] | None:
        """Size and time of the SQLite gradebook; None for one on a server, which is always asked."""
        try:
            status = (self.folder.root / "gradebook.db").stat()
        except OSError:
            return None
        return [status.st_size, status.st_mtime_ns]

    def save(self) -> None:
        """Note what was made; nothing is written when nothing changed."""
        now = {"gradebook": self.gradebook_now(), "stamps": self.stamps, "config": self.config}
        if now != self._noted:
            write_whole(self.path, now)


def look_of_pages() -> str:
    """Changes when what makes a page does."""
    here = Path(__file__).parent
    makers = [here / "hidden.py", here / "student_page.py", *sorted((here / "templates").rglob("*.*"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in makers)).hexdigest()


def renew(folder: CourseFolder, memory: Memory, assignment: str, students: list[str]) -> dict[tuple[str, str], str]:
    """Have a child make the outdated pages of one assignment; returns what went wrong, by student."""
    stamps = memory.stamps.setdefault(assignment, {})
    with tempfile.TemporaryDirectory(prefix="scaleml-feedback-") as scratch:
        asked, result = Path(scratch) / "stamps.json", Path(scratch) / "result.json"
        asked.write_text(json.dumps({student: stamps.get(student, "") for student in students}))
        ended = run_child(
            [
                "scaleml_course.grading.child",
                "feedback_pages",
                f"--course={folder.root}",
                f"--assignment={assignment}",
                f"--stamps={asked}",
                f"--result={result}",
            ],
            course=folder.root,
            timeout_s=SECONDS_TO_START + SECONDS_A_PAGE * len(students),
        )
        try:
            results = json.loads(result.read_text())
        except (OSError, ValueError):
            results = {student: {"error": last_words(ended)} for student in students}
    for student, made in results.items():
        stamps[student] = made.get("stamp", "")
    return {(student, assignment): made["error"] for student, made in results.items() if "error" in made}


def last_words(ended: Ended) -> str:
    """Why a child left no result."""
    if ended.reason != "exit":
        return f"making the pages was ended: {ended.reason}"
    return (ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"])[-1]


def page_path(folder: CourseFolder, outcome: Outcome) -> Path:
    """Where nbgrader puts a student's page."""
    return folder.feedback(outcome.student, outcome.assignment) / f"{outcome.assignment}.html"


def write_plain(page: Path, outcome: Outcome, error: str) -> None:
    """A page that says why there is no better one; an unchanged one is not written again."""
    verdict = VERDICTS[outcome.status].format(score=outcome.score or 0, max_score=outcome.max_score)
    # What a student wrote may be quoted in the reason, and must not become part of the page.
    text = PAGE.format(
        title=html.escape(f"{outcome.assignment}: {outcome.student}"),
        verdict=html.escape(verdict),
        reason=html.escape(" ".join(filter(None, [outcome.reason, error]))),
    )
    if not page.is_file() or page.read_text(encoding="utf-8", errors="replace") != text:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.unlink(missing_ok=True)
        page.write_text(text, encoding="utf-8")
