"""The rows that say what a submission's marks are: those that nbgrader's Autograde writes, for many at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.utils import parse_utc
from sqlalchemy import insert, select, update

NO_RESPONSE = "No response."


@dataclass(frozen=True)
class Entry:
    """What the gradebook must say of one submission.

    Attributes
    ----------
    student, assignment : str
    scores : dict of str to float or None
        Points by grade id; None when there are no marks, which removes earlier automatic ones.
    by_hand : tuple of str
        Grade ids that a person must grade.
    unanswered : tuple of str
        Answer cells left as they were given out.
    timestamp : str
        As in ``timestamp.txt``; empty when not known.
    """

    student: str
    assignment: str
    scores: dict[str, float] | None = None
    by_hand: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    timestamp: str = ""


@dataclass
class AssignmentRows:
    """The ids of an assignment's own rows, which do not change while a batch runs.

    Attributes
    ----------
    assignment_id, notebook_id : str
    graded, commented : dict of str to str
        Cell id to grade id, of the cells that a submission has a grade for, and a comment.
    """

    assignment_id: str
    notebook_id: str
    graded: dict[str, str] = field(default_factory=dict)
    commented: dict[str, str] = field(default_factory=dict)


def assignment_rows(gradebook: Gradebook, name: str) -> AssignmentRows:
    """Look up an assignment whose one notebook has its name.

    Raises
    ------
    nbgrader.api.MissingEntry
        When the gradebook does not know it.
    """
    notebook = gradebook.find_notebook(name, name)
    rows = AssignmentRows(notebook.assignment_id, notebook.id)
    for cell in notebook.grade_cells:
        rows.graded[cell.id] = cell.name
    for cell in notebook.solution_cells:
        rows.commented[cell.id] = cell.name
    for cell in notebook.task_cells:
        rows.graded[cell.id] = rows.commented[cell.id] = cell.name
    return rows


def write_marks(db: Any, rows: AssignmentRows, entries: Mapping[str, Entry]) -> list[str]:
    """Write entries of one assignment, by student; returns the ids of their submitted notebooks.

    Whatever stands there already, it says the same afterwards, so that it can be done twice.
    """
    notebooks = _existing(db, rows, entries)
    _renew_times(db, rows, {student: entries[student] for student in notebooks})
    # Who never had marks needs no row: nbgrader makes none either.
    new = {name: entry for name, entry in entries.items() if name not in notebooks and entry.scores is not None}
    if new:
        notebooks |= _add(db, rows, new)
    by_notebook = {notebook: entries[student] for student, notebook in notebooks.items()}
    _score(db, rows, by_notebook)
    _comment(db, rows, by_notebook)
    return list(by_notebook)


def _existing(db: Any, rows: AssignmentRows, entries: Mapping[str, Entry]) -> dict[str, str]:
    """Id of the submitted notebook of each student who has one."""
    found = db.execute(
        select(SubmittedAssignment.student_id, SubmittedNotebook.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(
            SubmittedAssignment.assignment_id == rows.assignment_id,
            SubmittedNotebook.notebook_id == rows.notebook_id,
            SubmittedAssignment.student_id.in_(list(entries)),
        )
    )
    return {student: notebook for student, notebook in found}


def _renew_times(db: Any, rows: AssignmentRows, entries: Mapping[str, Entry]) -> None:
    """Set the time of submission; one that is not known leaves the old, as nbgrader does."""
    for student, entry in entries.items():
        if (time := parsed(entry.timestamp)) is not None:
            db.execute(
                update(SubmittedAssignment)
                .where(
                    SubmittedAssignment.assignment_id == rows.assignment_id,
                    SubmittedAssignment.student_id == student,
                )
                .values(timestamp=time),
                execution_options={"synchronize_session": False},
            )


def _add(db: Any, rows: AssignmentRows, entries: Mapping[str, Entry]) -> dict[str, str]:
    """Make all rows of new submissions, as `Gradebook.add_submission` does for one."""
    submissions = {student: new_uuid() for student in entries}
    notebooks = {student: new_uuid() for student in entries}
    db.execute(
        insert(SubmittedAssignment),
        [
            {
                "id": submissions[student],
                "assignment_id": rows.assignment_id,
                "student_id": student,
                "timestamp": parsed(entry.timestamp),
            }
            for student, entry in entries.items()
        ],
    )
    db.execute(
        insert(SubmittedNotebook),
        [
            {
                "id": notebooks[student],
                "assignment_id": submissions[student],
                "notebook_id": rows.notebook_id,
                "flagged": False,
            }
            for student in entries
        ],
    )
    for model, cells in ((Grade, rows.graded), (Comment, rows.commented)):
        made = [
            {"id": new_uuid(), "cell_id": cell, "notebook_id": notebook}
            for notebook in notebooks.values()
            for cell in cells
        ]
        if made:
            db.execute(insert(model), made)
    return notebooks


def _score(db: Any, rows: AssignmentRows, entries: Mapping[str, Entry]) -> None:
    """Automatic scores as SaveAutoGrades writes them: a mark given by hand stays, and is to be looked at."""
    found = db.execute(
        select(Grade.id, Grade.cell_id, Grade.notebook_id, Grade.manual_score).where(
            Grade.notebook_id.in_(list(entries))
        )
    )
    forgotten, scored = [], []
    for grade, cell, notebook, manual_score in found:
        entry, name = entries[notebook], rows.graded[cell]
        if entry.scores is None:
            forgotten.append({"id": grade, "auto_score": None})
            continue
        score = None if name in entry.by_hand else entry.scores.get(name)
        is_task = cell in rows.commented and name not in entry.scores
        if score is None and is_task and name not in entry.by_hand:
            continue  # nbgrader leaves tasks to the person who grades them
        needs_manual = manual_score is not None or score is None
        scored.append({"id": grade, "auto_score": score, "needs_manual_grade": needs_manual})
    for changes in (forgotten, scored):
        if changes:
            db.execute(update(Grade), changes)


def _comment(db: Any, rows: AssignmentRows, entries: Mapping[str, Entry]) -> None:
    """Automatic comments: that there is no answer."""
    found = db.execute(
        select(Comment.id, Comment.cell_id, Comment.notebook_id).where(Comment.notebook_id.in_(list(entries)))
    )
    changes = [
        {
            "id": comment,
            "auto_comment": NO_RESPONSE if rows.commented[cell] in entries[notebook].unanswered else None,
        }
        for comment, cell, notebook in found
    ]
    if changes:
        db.execute(update(Comment), changes)


def write_penalties(db: Any, notebooks: list[str], plugin: Any) -> None:
    """Penalties for lateness by nbgrader's plugin, bounded by the score, as AssignLatePenalties gives them."""
    if not notebooks:
        return
    db.execute(update(SubmittedNotebook), [{"id": one, "late_submission_penalty": None} for one in notebooks])
    db.expire_all()
    late = (
        db.query(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .filter(SubmittedNotebook.id.in_(notebooks), SubmittedAssignment.timestamp > Assignment.duedate)
    )
    for notebook in late.all():
        seconds = notebook.assignment.total_seconds_late  # an extension counts
        if seconds > 0:
            score = notebook.score
            penalty = plugin.late_submission_penalty(notebook.assignment.student_id, score, seconds)
            if penalty is not None:
                notebook.late_submission_penalty = min(max(penalty, 0.0), score)


def parsed(timestamp: str) -> datetime | None:
    """A time of submission as nbgrader reads it, None where it cannot be read."""
    try:
        return parse_utc(timestamp) if timestamp else None
    except (ValueError, OverflowError, AttributeError, TypeError):
        return None
