"""What the gradebook must know before anything is graded: assignments with their cells, and students.

In a process of its own, because nbgrader changes the working folder:
``python -m scaleml_course.grading.child gradebook --course FOLDER --result FILE``.
"""

import argparse
import json
from datetime import UTC
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry, Student
from nbgrader.converters import GenerateAssignment

from scaleml_course.course.errors import UserError
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.nbgrader_course import ErrorLog, course_directory, read_config


def register(course: Path) -> None:
    """Put every assignment of ``source`` and every known student into the gradebook.

    Raises
    ------
    UserError
        When an exercise cannot be released, or changed its cells after marks were given by hand.
    """
    folder = CourseFolder(course)
    config = read_config(folder.root)
    coursedir = course_directory(folder.root, config)
    due_dates = folder.due_dates()
    for course_id in (coursedir.course_id, "default_course"):
        # nbgrader's preprocessors open the gradebook under its default name: made here once, so that
        # no two graders make it at the same time.
        Gradebook(coursedir.db_url, course_id).close()
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        known = {student.id for student in gradebook.students}
        # In one transaction: a large class would wait for a thousand of them.
        gradebook.db.add_all(Student(id=student) for student in folder.students() if student not in known)
        gradebook.db.commit()
    for assignment in folder.assignments():
        drop_outdated_submissions(coursedir, folder, assignment)
        generate(coursedir, config, assignment)
        due = due_dates.get(assignment)
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            duedate = due.astimezone(UTC).replace(tzinfo=None) if due else None
            gradebook.update_or_create_assignment(assignment, duedate=duedate)


def generate(coursedir: Any, config: Any, assignment: str) -> None:
    """Run nbgrader's generate_assignment, which writes ``release`` and the gradebook's cells.

    Raises
    ------
    UserError
        With nbgrader's own cause, in one line.
    """
    coursedir.assignment_id = assignment
    log = ErrorLog()
    converter = GenerateAssignment(coursedir=coursedir, config=config, log=log.logger)
    converter.force = True
    try:
        converter.start()
    except Exception as error:
        raise UserError(
            f"nbgrader could not release {assignment}: {log.cause() or error}.",
            remedy=f"Mend the exercise's source (solutions/{assignment}.py), then run `make sync`.",
        ) from error


def drop_outdated_submissions(coursedir: Any, folder: CourseFolder, assignment: str) -> None:
    """Remove the gradebook's marks of an assignment whose set of cells changed; all are graded again.

    nbgrader refuses to change the cells of an assignment that has submissions.

    Raises
    ------
    UserError
        When a person gave marks or comments, which would be lost.
    """
    wanted = cell_names(folder.source(assignment))
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            notebook = gradebook.find_notebook(assignment, assignment)
        except MissingEntry:
            return
        submissions = gradebook.assignment_submissions(assignment)
        if {cell.name for cell in notebook.source_cells} == wanted or not submissions:
            return
        for submission in submissions:
            for part in submission.notebooks:
                if any(grade.manual_score is not None for grade in part.grades) or any(
                    comment.manual_comment for comment in part.comments
                ):
                    raise UserError(
                        f"{assignment} changed its cells after marks were given by hand.",
                        remedy=f"Export the marks, move {folder.root / 'gradebook.db'} away, grade again.",
                    )
        for student in [submission.student.id for submission in submissions]:
            gradebook.remove_submission(assignment, student)


def cell_names(source: Path) -> set[str]:
    """The nbgrader ids in a source notebook."""
    cells = json.loads(source.read_text())["cells"]
    return {
        cell["metadata"]["nbgrader"]["grade_id"]
        for cell in cells
        if cell["metadata"].get("nbgrader", {}).get("grade_id")
    }


def main(arguments: list[str]) -> int:
    """Register; a user's error goes to the result file, for the parent to raise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--course", type=Path, required=True)
    parser.add_argument("--result", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        register(given.course)
    except UserError as error:
        given.result.write_text(json.dumps({"message": error.message, "remedy": error.remedy}))
        return 1
    url = course_directory(given.course, read_config(given.course)).db_url
    given.result.write_text(json.dumps({"db_url": url}))
    return 0
