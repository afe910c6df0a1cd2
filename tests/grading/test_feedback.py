"""Feedback: a page for everyone, made once, safe to open."""

import pytest
from small_course import NAME

from scaleml_course.grading import feedback
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.outcome import Outcome


def refuse(*arguments, **options):
    raise AssertionError("a child was started")


@pytest.mark.slow
def test_everyone_has_a_page_and_a_second_run_makes_none(graded, monkeypatch):
    sample, outcomes, _ = graded
    pages = feedback.feedback(sample.course, outcomes)
    assert set(pages) == set(sample.expected)
    text = {student: page.read_text() for (student, _), page in pages.items()}
    assert "The arithmetic mean." in text["reference"] and "Score: 5.0" in text["reference"]
    assert "Score: 3.0" in text["wrong-ignores-sign"]
    assert "cut short" in text["unreadable"] and "No marks yet" in text["unreadable"]
    assert "nothing was handed in" in text["absent"]

    times = {key: page.stat().st_mtime_ns for key, page in pages.items()}
    monkeypatch.setattr(feedback, "run_child", refuse)
    again = feedback.feedback(sample.course, outcomes)
    assert {key: page.stat().st_mtime_ns for key, page in again.items()} == times


@pytest.mark.slow
def test_a_mark_given_by_hand_renews_that_page_only(graded):
    from nbgrader.api import Gradebook

    sample, outcomes, _ = graded
    pages = feedback.feedback(sample.course, outcomes)
    before = {key: page.stat().st_mtime_ns for key, page in pages.items()}
    with Gradebook(f"sqlite:///{sample.course / 'gradebook.db'}", "scaleml") as gradebook:
        grade = gradebook.find_grade("mean_small", NAME, NAME, "untouched")
        grade.manual_score = 0.5
        gradebook.db.commit()
    try:
        after = feedback.feedback(sample.course, outcomes)
        changed = [key for key, page in after.items() if page.stat().st_mtime_ns != before[key]]
        assert changed == [("untouched", NAME)]
        assert "Score: 0.5" in after["untouched", NAME].read_text()
    finally:
        with Gradebook(f"sqlite:///{sample.course / 'gradebook.db'}", "scaleml") as gradebook:
            gradebook.find_grade("mean_small", NAME, NAME, "untouched").manual_score = None
            gradebook.db.commit()


def test_a_reason_cannot_become_markup(tmp_path):
    (tmp_path / "source").mkdir()
    outcome = Outcome("<b>ada", NAME, "failed", None, 5.0, "<script>alert(1)</script>")
    (page,) = feedback.feedback(tmp_path, [outcome]).values()
    assert "<script>" not in page.read_text() and "&lt;script&gt;" in page.read_text()


def test_when_the_pages_cannot_be_made_a_plain_one_tells_the_marks(tmp_path, monkeypatch):
    (tmp_path / "source").mkdir()

    def broken(arguments, **options):
        from scaleml_course.course.processes import Ended

        return Ended("exit", 1, 0.1, 0, "MemoryError")

    monkeypatch.setattr(feedback, "run_child", broken)
    outcome = Outcome("ada", NAME, "graded", 4.0, 5.0)
    (page,) = feedback.feedback(tmp_path, [outcome]).values()
    assert "4 of 5 points" in page.read_text() and "MemoryError" in page.read_text()
    assert page == CourseFolder(tmp_path).feedback("ada", NAME) / f"{NAME}.html"
