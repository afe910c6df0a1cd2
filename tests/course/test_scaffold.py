"""A new lesson from the templates: it reads, and what is still to be written is exactly what check lists."""

import pytest

from scaleml_course.course.errors import UserError
from scaleml_course.course.notebook import exercise_notebook, lesson_notebook
from scaleml_course.course.scaffold import ANSWERS, new_lesson
from scaleml_course.course.spine import UNWRITTEN, check_course
from scaleml_course.course.sync import exercise_paths, sync_exercise


def test_it_writes_lesson_exercise_and_answers(tiny):
    written = new_lesson(tiny.course, "5", "Numba kernels", "Kernels with numba")
    names = [str(path.relative_to(tiny.root)) for path in written]
    assert names[:2] == ["notebooks/05_numba_kernels.py", "solutions/05_numba_kernels.py"]
    assert len(names) == 2 + len(ANSWERS)
    assert tiny.find("05").title == "Kernels with numba"
    assert all(path.exists() for path in written)


def test_check_lists_exactly_the_places_to_write(tiny):
    written = new_lesson(tiny.course, "05", "kernels", "Kernels")
    # Guards a defect: the objectives, which stand in the front matter, were not among them.
    places = [
        f"{path.parent.name}/{path.name}, line {number}: "
        for path in written
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if UNWRITTEN in line
    ]
    found = check_course(tiny.course)
    assert len(found) == len(places) > 20
    for place, finding in zip(places, found, strict=True):
        assert finding.startswith(place + "still to be written: ")


def test_what_it_writes_can_be_built_and_released(tiny):
    new_lesson(tiny.course, "05", "kernels", "Kernels")
    assert lesson_notebook(tiny.find("05")).cells[0].source.startswith("# 05 · Kernels")
    exercise = tiny.find_exercise("05_kernels")
    points = [cell.metadata["nbgrader"].get("points", 0) for cell in exercise_notebook(exercise).cells]
    assert sum(points) == 2
    assert sync_exercise(tiny.course, exercise)
    _, release = exercise_paths(tiny.course, "05_kernels")
    assert "numbers is wrong" not in release.read_text() and "raise NotImplementedError" in release.read_text()


@pytest.mark.parametrize(
    "title", ["Kernels: with numba", 'The "fast" path', "It's 7 % faster", "#1", "Größe", "a {b}"]
)
def test_any_title_survives(tiny, title):
    # Guards a defect: a colon in the title broke the front matter.
    new_lesson(tiny.course, "05", "kernels", title)
    assert tiny.find("05").title == title == tiny.find_exercise("05_kernels").title


@pytest.mark.parametrize(
    ("number", "name", "title", "words"),
    [
        ("abc", "kernels", "Kernels", "is no name for a lesson"),
        ("123", "kernels", "Kernels", "is no name for a lesson"),
        ("05", "!!!", "Kernels", "is no name for a lesson"),
        ("05", "kernels", " ", "is no title"),
        ("05", "kernels", "two\nlines", "is no title"),
        ("03", "kernels", "Kernels", "Number 03 is taken by notebooks/03_a.py"),
        ("3", "kernels", "Kernels", "Number 03 is taken"),
    ],
)
def test_a_request_that_does_not_fit_writes_nothing(tiny, number, name, title, words):
    tiny.lesson("03_a")
    before = sorted(tiny.root.rglob("*"))
    with pytest.raises(UserError) as refused:
        new_lesson(tiny.course, number, name, title)
    assert words in refused.value.message and refused.value.remedy and refused.value.exit_status == 2
    assert sorted(tiny.root.rglob("*")) == before


@pytest.mark.slow
def test_the_new_lesson_runs_and_its_answers_behave_as_they_say(tiny, tmp_path):
    from scaleml_course.course.execute import run_lessons
    from scaleml_course.course.sync import drift, sync_lesson
    from scaleml_course.grading import batch, sample_class
    from scaleml_course.grading.limits import Limits

    new_lesson(tiny.course, "05", "kernels", "Kernels")
    [result] = run_lessons(tiny.course, tiny.course.lessons, "quick")
    assert result.status == "ok", result.message + result.detail
    assert [claim["name"] for claim in result.claims] == ["05.speed_up"]
    assert sync_lesson(tiny.course, tiny.find("05")).cached
    sync_exercise(tiny.course, tiny.find_exercise("05_kernels"))
    assert drift(tiny.course) == []
    sample = sample_class.build(tiny.root, tmp_path / "class")
    outcomes = batch.grade(sample.course, limits=Limits(timeout_s=60.0, cell_timeout_s=6.0))
    assert {"right-fsum", "wrong-constant", "untouched"} <= {outcome.student for outcome in outcomes}
    assert sample.disagreements(outcomes) == []
