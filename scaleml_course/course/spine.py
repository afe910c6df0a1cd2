"""Holds every lesson and exercise to the spine that SYLLABUS and CONTRIBUTING promise the reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scaleml_course.course.catalogue import Course, Exercise, Lesson
from scaleml_course.course.errors import UserError
from scaleml_course.course.quiz import QuizError, parse_quiz
from scaleml_course.course.rules import check_tests
from scaleml_course.course.source import Cell, Source, read_front_matter, read_source

SECTIONS = ("When this is slower", "Recap", "Quiz", "Exercise", "Further reading")
UNWRITTEN = "WRITE:"  # what the template of `scaleml new-lesson` leaves for the author
CLAIM = re.compile(r"\bclaim\(\s*[\"']([^\"']+)[\"']")


def check_course(course: Course) -> list[str]:
    """What is missing from the lessons and exercises, one sentence each, naming file and remedy."""
    found: list[str] = []
    claims: dict[str, str] = {}
    for lesson in course.lessons:
        found += _guarded(lesson.path, lambda lesson=lesson: check_lesson(course, lesson))
        for name in CLAIM.findall(lesson.path.read_text(encoding="utf-8")):
            if name in claims:
                found.append(f"{_name(lesson.path)}: claim {name!r} is made in {claims[name]} too; name it anew.")
            claims[name] = _name(lesson.path)
    for exercise in course.exercises:
        found += _guarded(exercise.path, lambda one=exercise: check_exercise(course, one))
    return found


def check_lesson(course: Course, lesson: Lesson) -> Iterator[str]:
    """What `lesson` lacks of the spine."""
    source = read_source(lesson.path)
    name = _name(lesson.path)
    text = "\n".join(cell.text for cell in source.cells)
    yield from _unwritten(source)
    if not 3 <= len(lesson.objectives) <= 5:
        yield f"{name}: {len(lesson.objectives)} objectives; state three to five, each beginning with a verb."
    if not any("parameters" in cell.tags for cell in source.cells):
        yield f'{name}: no cell tagged "parameters" that sets tier = "quick".'
    headings = [
        line[3:].strip() for cell in _markdown(source) for line in cell.text.splitlines() if line[:3] == "## "
    ]
    places = [headings.index(section) if section in headings else -1 for section in SECTIONS]
    for section, place in zip(SECTIONS, places, strict=True):
        if place < 0:
            yield f"{name}: no section '## {section}'."
    if -1 not in places and places != sorted(places):
        yield f"{name}: the last sections must come in this order: {', '.join(SECTIONS)}."
    if text.count("predict(") < 1 or ".compare(" not in text:
        yield f"{name}: nothing to predict; the reader guesses with measure.predict and meets .compare afterwards."
    claims = CLAIM.findall(text)
    if not claims:
        yield f"{name}: no measured claim; numbers in prose come from measure.claim."
    for claim in claims:
        if not claim.startswith(f"{lesson.number}."):
            yield f"{name}: claim {claim!r} must be named {lesson.number}.something."
    yield from _check_quiz(source)
    twin = f"grader/release/{lesson.slug}/{lesson.slug}.ipynb"
    if not (course.root / "solutions" / lesson.path.name).exists():
        yield f"{name}: no exercise solutions/{lesson.path.name}."
    elif twin not in text:
        yield f"{name}: the section Exercise does not link to ../{twin}."
    reading = text.rpartition("## Further reading")[2]
    if sum(line.startswith(("- ", "* ")) for line in reading.splitlines()) < 3:
        yield f"{name}: fewer than three references under Further reading."


def check_exercise(course: Course, exercise: Exercise) -> Iterator[str]:
    """What `exercise` lacks: answers to write, visible and hidden tests, and answers to audit them with."""
    source = read_source(exercise.path)
    name = _name(exercise.path)
    yield from _unwritten(source)
    answers = [cell for cell in source.cells if "solution" in cell.options]
    tests = [cell for cell in source.cells if "test" in cell.options]
    for cell in answers:
        if "### BEGIN SOLUTION" not in cell.text or "### END SOLUTION" not in cell.text:
            yield f"{name}, line {cell.line}: the answer is not between ### BEGIN SOLUTION and ### END SOLUTION."
    if not answers or not tests:
        yield f"{name}: it needs at least one answer cell and one test cell."
    if not any("### BEGIN HIDDEN TESTS" in cell.text for cell in tests):
        yield f"{name}: no hidden tests; an answer copied from the visible ones would earn everything."
    yield from check_tests(source, name)
    folder = course.root / "tests" / "answers" / exercise.slug
    for kind, fewest in (("right", 3), ("wrong", 3)):
        answers_of_kind = list(folder.glob(f"{kind}_*.py"))
        for path in answers_of_kind:
            if not read_front_matter(path).get("why"):
                yield f"{path.relative_to(course.root)}: its front matter does not say 'why'."
        if (have := len(answers_of_kind)) < fewest:
            yield f"{folder.relative_to(course.root)}: {have} {kind} answers; the audit needs at least {fewest}."


def _check_quiz(source: Source) -> Iterator[str]:
    cells = [cell for cell in source.cells if "quiz" in cell.tags]
    if len(cells) != 1:
        yield f'{_name(source.path)}: {len(cells)} cells tagged "quiz"; there is one a lesson.'
        return
    try:
        questions = parse_quiz(cells[0].text)
    except QuizError as error:
        yield f"{_name(source.path)}, line {cells[0].line}: {error}."
        return
    if not 3 <= len(questions) <= 5:
        yield f"{_name(source.path)}, line {cells[0].line}: {len(questions)} questions; a quiz has three to five."


def _unwritten(source: Source) -> Iterator[str]:
    # The file's own lines: the objectives in its front matter are in no cell.
    for number, line in enumerate(source.path.read_text(encoding="utf-8").splitlines(), start=1):
        if UNWRITTEN in line:
            what = line.partition(UNWRITTEN)[2].strip(' ",')
            yield f"{_name(source.path)}, line {number}: still to be written: {what}"


def _markdown(source: Source) -> list[Cell]:
    return [cell for cell in source.cells if cell.kind == "markdown"]


def _guarded(path: Path, check: object) -> list[str]:
    """A source that cannot be read is one finding, and the others are still checked."""
    try:
        return list(check())  # type: ignore[operator]
    except UserError as error:
        return [str(error)]


def _name(path: Path) -> str:
    """A source's name with its folder: a lesson and its exercise are called alike."""
    return f"{path.parent.name}/{path.name}"
