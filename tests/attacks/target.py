"""The target exercise, built and released as every exercise is, and the honest notebooks of two students."""

from pathlib import Path

from scaleml_course.course.catalogue import Exercise as Source
from scaleml_course.course.notebook import exercise_notebook, write_notebook
from scaleml_course.grading.course_folder import read_notebook
from scaleml_course.grading.invented import Exercise, as_bytes
from scaleml_course.grading.release import generate_release

HERE = Path(__file__).resolve().parent
NAME = "01_target"
FULL_MARKS = 10.0
#: A student of the class who did everything right, and whose work and marks are nobody else's business.
VICTIM = "another-student"
#: Stands in the hidden tests and nowhere else.
HIDDEN_TOKEN = "quince_7319"


def build(course: Path) -> Exercise:
    """Build the target's source and release notebooks in a course folder."""
    source, release = (course / step / NAME / f"{NAME}.ipynb" for step in ("source", "release"))
    exercise = Source(HERE / f"{NAME}.py", "A target for the red team", 10, 30, 1000, ())
    write_notebook(exercise_notebook(exercise), source)
    generate_release(source, release)
    return Exercise(NAME, read_notebook(source), read_notebook(release))


def hand_in_honestly(exercise: Exercise, course: Path, student: str, remark: str = "") -> None:
    """The reference solution as that student's work, with a remark in an added comment."""
    notebook = exercise.answered({"number": f"{exercise.reference['number']}\n# {remark}"} if remark else {})
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_bytes(as_bytes(notebook))
