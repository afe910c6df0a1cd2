"""Feedback: a page for everyone, made once, safe to open."""

import html

import pytest
from bs4 import BeautifulSoup
from small_course import NAME

from scaleml_course.grading import feedback
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.outcome import STATUSES, Outcome


def refuse(*arguments, **options):
    raise AssertionError("a child was started")


@pytest.mark.slow
def test_everyone_has_a_page_and_a_second_run_makes_none(graded, monkeypatch):
    sample, outcomes, _ = graded
    pages = feedback.feedback(sample.course, outcomes)
    assert set(pages) == set(sample.expected)
    text = {student: page.read_text() for (student, _), page in pages.items()}
    assert "The arithmetic mean." in text["reference"] and "Score: <strong>5</strong> of 5" in text["reference"]
    assert "Score: <strong>3</strong> of 5" in text["wrong-ignores-sign"]
    assert "negative numbers are numbers too" in text["wrong-ignores-sign"]
    reason = next(outcome.reason for outcome in outcomes if outcome.student == "unreadable")
    assert html.escape(reason) in text["unreadable"] and "No marks yet" in text["unreadable"]
    assert f"Graded under: {outcomes[0].isolation}" in text["reference"]
    assert "nothing was handed in" in text["absent"]

    times = {key: page.stat().st_mtime_ns for key, page in pages.items()}
    monkeypatch.setattr(feedback, "run_child", refuse)
    again = feedback.feedback(sample.course, outcomes)
    assert {key: page.stat().st_mtime_ns for key, page in again.items()} == times


@pytest.mark.slow
def test_no_page_of_the_class_holds_a_hidden_test_or_a_reference_solution(graded):
    """Whatever students did to their notebooks, pages are made from what grading really leaves."""
    sample, outcomes, _ = graded
    for (student, _), page in feedback.feedback(sample.course, outcomes).items():
        text = "".join(BeautifulSoup(page.read_text(), "html.parser").get_text().split())
        assert "HIDDENTESTS" not in text and "SOLUTION" not in text, student
        assert "assertspread([-1.0" not in text, student
        # The rest of the class hands in the reference's second answer, its own page shows it.
        if student in ("untouched", "absent", "unreadable", "wrong-ignores-sign", "right-numpy"):
            assert "secret_width" not in text, student


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
        assert "Score: <strong>0.5</strong>" in after["untouched", NAME].read_text()
    finally:
        with Gradebook(f"sqlite:///{sample.course / 'gradebook.db'}", "scaleml") as gradebook:
            gradebook.find_grade("mean_small", NAME, NAME, "untouched").manual_score = None
            gradebook.db.commit()


def test_every_status_has_its_words():
    """Guards: a new kind of outcome for which the page cannot be written."""
    assert set(feedback.VERDICTS) == set(STATUSES)


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
