"""The catalogue: front matter read strictly, numbers unique, lessons chosen by any of their names."""

import pytest

from scaleml_course.course.catalogue import load_course
from scaleml_course.course.errors import UserError


def fault(tiny):
    """The one fault of the course, whether it stops the catalogue or only its own source."""
    try:
        [found] = tiny.course.faults
    except UserError as error:
        found = error
    assert found.remedy
    return found.message


def test_a_lesson_is_what_its_front_matter_says(tiny):
    tiny.lesson("03_some_words", needs="[jvm, gpu]", cores=2, disk_mb=50)
    [lesson] = tiny.course.lessons
    assert (lesson.slug, lesson.number, lesson.title) == ("03_some_words", "03", "A lesson")
    assert (lesson.cores, lesson.disk_mb, lesson.needs) == (2, 50, ("jvm", "gpu"))
    assert lesson.seconds == {"quick": 5, "laptop": 9}
    assert len(lesson.objectives) == 3
    assert lesson.notebook.name == "03_some_words.ipynb"


def test_what_is_left_out_has_a_default(tiny):
    tiny.lesson("03_plain")
    lesson = tiny.find("03")
    assert (lesson.cores, lesson.disk_mb, lesson.needs) == (1, 0, ())


def test_lessons_come_in_the_order_of_their_numbers(tiny):
    for slug in ("12_c", "03_a", "04_b"):
        tiny.lesson(slug)
        tiny.exercise(slug)
    assert [lesson.number for lesson in tiny.course.lessons] == ["03", "04", "12"]
    assert [exercise.number for exercise in tiny.course.exercises] == ["03", "04", "12"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("minuts", 5, "unknown field 'minuts'"),
        ("needs", "[jvm, tpu]", "unknown need 'tpu'"),
        ("needs", "jvm", "'needs' is 'jvm', not a list"),
        ("minutes", "soon", "'minutes' is 'soon', not a whole number"),
        ("timeout_s", "true", "'timeout_s' is True, not a whole number"),
        ("title", 7, "'title' is 7, not text"),
        ("title", "", "lacks 'title'"),
        ("seconds", "{quick: 5}", "no whole number for laptop"),
        ("seconds", "{}", "no whole number for quick and laptop"),
        ("seconds", "{quick: 5, laptop: 9, labtop: 3}", "'seconds' names labtop, which is no tier"),
        ("objectives", '["Explain: why"]', None),
        ("objectives", "[Explain: why]", "objective {'Explain': 'why'} is no text"),
    ],
)
def test_a_front_matter_that_cannot_be_meant_is_told_with_file_and_field(tiny, field, value, words):
    tiny.lesson("03_words", **{field: value})
    if words is None:
        assert tiny.find("03").objectives == ("Explain: why",)
    else:
        message = fault(tiny)
        assert "notebooks/03_words.py" in message and words in message


def test_an_exercise_has_no_field_of_a_lesson(tiny):
    tiny.exercise("03_words", objectives="[a]")
    assert "unknown field 'objectives'" in fault(tiny)


@pytest.mark.parametrize("slug", ["3_words", "lesson", "03-words", "03_Words", "003_words"])
def test_a_file_that_is_not_named_as_a_lesson_is_told(tiny, slug):
    tiny.lesson(slug)
    message = fault(tiny)
    assert f"{slug}.py" in message and "NN_slug.py" in message


def test_a_number_used_twice_is_told_with_both_files(tiny):
    tiny.lesson("03_one")
    tiny.lesson("03_two")
    message = fault(tiny)
    assert "Number 03 is used twice" in message and "03_one.py" in message and "03_two.py" in message


def test_lessons_are_chosen_by_number_slug_or_path(tiny):
    for slug in ("03_a", "04_b", "12_c"):
        tiny.lesson(slug)

    def chosen(*names):
        return [lesson.number for lesson in tiny.course.select(list(names))]

    assert chosen() == ["03", "04", "12"]
    assert chosen("12", "3") == ["12", "03"]
    assert chosen("04_b", "notebooks/12_c.py", "notebooks/03_a.ipynb") == ["04", "12", "03"]
    assert chosen("03", "03_a", "3") == ["03"]  # guards a defect: it ran three times at once


def test_a_lesson_that_is_not_there_is_a_wrong_request(tiny):
    tiny.lesson("03_a")
    with pytest.raises(UserError) as raised:
        tiny.course.select(["99"])
    assert raised.value.exit_status == 2
    assert "'99'" in raised.value.message and "03_a" in raised.value.remedy


def test_a_broken_front_matter_costs_no_other_lesson(tiny):
    tiny.lesson("03_good")
    tiny.lesson("04_broken", minuts=5)
    course = tiny.course
    assert [lesson.slug for lesson in course.lessons] == ["03_good"]
    assert len(course.faults) == 1
    with pytest.raises(UserError, match="unknown field 'minuts'"):
        course.select(["04"])


def test_a_course_is_found_from_any_folder_inside_it(tiny, tmp_path):
    assert load_course(tiny.root / "notebooks").root == tiny.root
    with pytest.raises(UserError) as raised:
        load_course(tmp_path)
    assert raised.value.exit_status == 2
    assert "not inside a course repository" in raised.value.message
