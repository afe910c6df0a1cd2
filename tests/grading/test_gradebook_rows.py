"""The gradebook gets the rows that nbgrader's own Autograde writes, on SQLite and on PostgreSQL."""

import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from small_course import KERNELSPEC, NAME, cell
from traitlets.config import Config

from scaleml_course.grading import gradebook
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.gradebook_rows import Entry
from scaleml_course.grading.gradebook_view import GradebookView
from scaleml_course.grading.gradebook_writer import GradebookWriter

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "scaleml"
c.Exchange.root = "/nowhere"
c.LateSubmissionPlugin.penalty_method = "zero"
"""
LATE = "2026-10-01 12:00:00 UTC"
SCORES = {"sum_right": 2.0, "sum_wrong": 0.0}


@pytest.fixture(scope="module", autouse=True)
def alembic_is_found():
    """nbgrader starts `alembic` by name, and the tests' environment need not be an activated one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        yield


def notebook():
    """A test that passes, one that fails, a text and a program for a person to grade, and a task."""
    task = cell("Draw it.", "task", points=3, code=False)
    task.metadata.nbgrader.update(grade=False, task=True, solution=False)
    return nbformat.v4.new_notebook(
        metadata={"kernelspec": KERNELSPEC, "language_info": {"name": "python"}},
        cells=[
            cell("### BEGIN SOLUTION\ntotal = 3\n### END SOLUTION", "sum_answer", solution=True),
            cell("assert total == 3", "sum_right", points=2),
            cell("assert total == 4", "sum_wrong", points=1),
            cell("Say why.", "words", solution=True, points=4, code=False),
            cell("pass", "program", solution=True, points=4),
            cell("pass", "untouched", solution=True, points=4),
            task,
        ],
    )


def make_course(root, db_url=None):
    """A course folder with one submission, late, its gradebook prepared."""
    source = root / "source" / NAME / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(notebook(), source)
    text = CONFIG + (f"c.CourseDirectory.db_url = {db_url!r}\n" if db_url else "")
    (root / "nbgrader_config.py").write_text(text)
    (root / "students.csv").write_text("id\nada\n")
    (root / "assignments.csv").write_text(f"name,duedate\n{NAME},2026-10-01 00:00:00 UTC\n")
    gradebook.register(root)
    folder = root / "submitted" / "ada" / NAME
    folder.mkdir(parents=True)
    handed_in = nbformat.read(root / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    for one in handed_in.cells:
        name = one.metadata.nbgrader.grade_id
        one.source = {"sum_answer": "total = 3", "words": "Because.", "program": "a = 1"}.get(name, one.source)
    nbformat.write(handed_in, folder / f"{NAME}.ipynb")
    (folder / "timestamp.txt").write_text(LATE)
    return root


def rows(db_url, student="ada"):
    """All that the gradebook says of one submission, without the ids."""
    with Gradebook(db_url, "scaleml") as book:
        submission = book.find_submission(NAME, student)
        (part,) = submission.notebooks
        return {
            "timestamp": submission.timestamp,
            "score": (submission.score, submission.max_score, submission.late_submission_penalty),
            "needs_manual_grade": submission.needs_manual_grade,
            "notebook": (part.name, part.flagged, part.late_submission_penalty, part.score, part.max_score),
            "grades": sorted(
                (one.name, one.auto_score, one.manual_score, one.extra_credit, one.needs_manual_grade)
                for one in part.grades
            ),
            "comments": sorted((one.name, one.auto_comment, one.manual_comment) for one in part.comments),
        }


def entry(**changed):
    given = {
        "scores": SCORES | {"untouched": 0.0},
        "by_hand": ("words", "program"),
        "unanswered": ("untouched",),
        "timestamp": LATE,
    }
    return Entry("ada", NAME, **(given | changed))


def write(course, *entries):
    with GradebookWriter(course) as writer:
        writer.write(entries)


@pytest.fixture(params=["sqlite", "postgresql", "postgresql+psycopg"])
def book(request, tmp_path):
    """A course folder and the address of its gradebook, for each kind of database."""
    if request.param == "sqlite":
        return make_course(tmp_path / "course"), f"sqlite:///{tmp_path / 'course' / 'gradebook.db'}"
    server = request.getfixturevalue("postgres")
    url = server.database(tmp_path.name).replace("postgresql", request.param, 1)
    return make_course(tmp_path / "course", url), url


@pytest.fixture(scope="module")
def by_nbgrader(tmp_path_factory):
    """The rows after nbgrader's own autograde, and again after a mark by hand and a second one."""
    from nbgrader.converters import Autograde

    course = make_course(tmp_path_factory.mktemp("nbgrader") / "course")
    url = f"sqlite:///{course / 'gradebook.db'}"

    def autograde():
        config = Config({"LateSubmissionPlugin": {"penalty_method": "zero"}})
        names = {"root": str(course), "course_id": "scaleml", "student_id": "ada", "assignment_id": NAME}
        converter = Autograde(coursedir=CourseDirectory(config=config, **names), config=config)
        converter.force = True
        converter.start()
        return rows(url)

    first = autograde()
    give_by_hand(url)
    return first, autograde()


def give_by_hand(url):
    """What formgrader does when a person grades: a mark, extra credit, a comment."""
    with Gradebook(url, "scaleml") as book:
        grade = book.find_grade("words", NAME, NAME, "ada")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 3.0, 0.5, False
        book.find_grade("sum_wrong", NAME, NAME, "ada").manual_score = 1.0
        book.find_comment("words", NAME, NAME, "ada").manual_comment = "Well said."
        book.db.commit()


@pytest.mark.slow
def test_the_rows_are_those_of_nbgrader_also_after_marks_by_hand(book, by_nbgrader):
    course, url = book
    write(course, entry())
    assert rows(url) == by_nbgrader[0]
    give_by_hand(url)
    write(course, entry())
    assert rows(url) == by_nbgrader[1]
    # Done twice, as after a lost connection, it says the same.
    write(course, entry(), entry())
    assert rows(url) == by_nbgrader[1]
    with Gradebook(url, "scaleml") as opened:
        assert opened.db.query(SubmittedAssignment).count() == 1
        assert opened.find_assignment(NAME).max_score == 18.0


@pytest.mark.slow
def test_marks_are_forgotten_but_not_those_given_by_hand(book):
    course, url = book
    write(course, entry())
    give_by_hand(url)
    write(course, Entry("ada", NAME))
    assert {name: (auto, manual) for name, auto, manual, *_ in rows(url)["grades"]} == {
        "sum_right": (None, None),
        "sum_wrong": (None, 1.0),
        "words": (None, 3.0),
        "program": (None, None),
        "untouched": (None, None),
        "task": (None, None),
    }
    view = GradebookView(CourseFolder(course))
    assert view.with_rows() == {("ada", NAME)}
    assert view.by_hand() == {("ada", NAME): {"sum_wrong": 1.0, "words": 3.5}}


@pytest.mark.slow
def test_no_row_is_made_for_one_without_marks(book):
    course, url = book
    assert GradebookView(CourseFolder(course)).with_rows() == set()
    write(course, Entry("ada", NAME))
    with Gradebook(url, "scaleml") as opened:
        assert opened.db.query(SubmittedAssignment).count() == 0


@pytest.mark.slow
def test_an_extension_lifts_the_penalty(tmp_path):
    course = make_course(tmp_path / "course")
    url = f"sqlite:///{course / 'gradebook.db'}"
    write(course, entry())
    assert rows(url)["notebook"][2] == 2.0
    with Gradebook(url, "scaleml") as opened:
        opened.grant_extension(NAME, "ada", days=1)
    write(course, entry())
    assert rows(url)["notebook"][2] is None
    with Gradebook(url, "scaleml") as opened:
        opened.db.query(Assignment).one().duedate = None
        opened.db.commit()
    write(course, entry(timestamp="at noon"))
    # A time that cannot be read leaves the one that was known, as in nbgrader.
    assert rows(url)["timestamp"].isoformat() == "2026-10-01T12:00:00"


@pytest.mark.slow
def test_without_assign_late_penalties_there_are_none(tmp_path):
    course = make_course(tmp_path / "course")
    with (course / "nbgrader_config.py").open("a") as config:
        config.write('c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.SaveAutoGrades"]\n')
    write(course, entry())
    assert rows(f"sqlite:///{course / 'gradebook.db'}")["notebook"][2] is None
