"""Which submissions a run is about: the names that were asked for, checked against those that exist."""

from collections.abc import Collection, Iterable

from scaleml_course.course.errors import UserError
from scaleml_course.grading.course_folder import CourseFolder

#: Student, assignment.
Pair = tuple[str, str]
#: What nbgrader's tables take.
NAME_LENGTH = 128


def choose_pairs(
    folder: CourseFolder,
    assignments: Iterable[str] | None,
    students: Iterable[str] | None,
    only: Collection[str],
) -> list[Pair]:
    """Every pair of student and assignment that was asked for, by assignment, then student.

    Parameters
    ----------
    folder : CourseFolder
    assignments, students : iterable of str, optional
        All when left out.
    only : collection of str
        ``STUDENT`` or ``STUDENT/ASSIGNMENT``; no others when there is any.

    Raises
    ------
    UserError
        Naming the first unknown name and those that exist, or a folder whose name no gradebook can hold.
    """
    everyone = storable(folder)
    of_course = folder.assignments()
    wanted_students = known(students, everyone, "student", folder)
    pairs = [
        (student, name)
        for name in known(assignments, of_course, "assignment", folder)
        for student in wanted_students
    ]
    if not only:
        return pairs
    chosen: set[Pair] = set()
    for text in only:
        student, _, name = text.partition("/")
        known([student], everyone, "student", folder)
        names = known([name], of_course, "assignment", folder) if name else of_course
        chosen |= {(student, one) for one in names}
    return [pair for pair in pairs if pair in chosen]


def known(wanted: Iterable[str] | None, existing: list[str], what: str, folder: CourseFolder) -> list[str]:
    """The wanted names, sorted, once each.

    Raises
    ------
    UserError
        Naming the first unknown one and those that exist.
    """
    if wanted is None:
        return existing
    names = sorted(set(wanted))
    for name in names:
        if name not in existing:
            raise UserError(
                f"There is no {what} named {name!r} in {folder.root}.",
                remedy=f"Known: {', '.join(existing) or 'none'}.",
                exit_status=2,
            )
    return names


def storable(folder: CourseFolder) -> list[str]:
    """All students, whose names a gradebook can hold.

    Raises
    ------
    UserError
        Naming the first whose name is no text, or too long.
    """
    everyone = folder.students()
    for name in everyone:
        if not name.isprintable() or len(name) > NAME_LENGTH:
            raise UserError(
                f"A student's name must be printable text of at most {NAME_LENGTH} signs: {ascii(name)[:200]}.",
                remedy=f"Rename the folder in {folder.root / 'submitted'}, or the row in students.csv.",
                exit_status=2,
            )
    return everyone
