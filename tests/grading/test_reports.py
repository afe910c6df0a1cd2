"""Marks as CSV: a row for everyone, numbers as numbers, and no formula from a student."""

import csv

import pytest
from small_course import NAME

from scaleml_course.course.errors import UserError
from scaleml_course.grading import reports
from scaleml_course.grading.outcome import Check, Outcome

OUTCOMES = [
    Outcome("ada", NAME, "graded", 4.5, 5.0, "", 2.0, 0.0, (Check("mean_small", 0.5, 1.0, "=1+1"),)),
    Outcome("bob", NAME, "unreadable", None, 5.0, 'cut short, "here"', 0.0, None),
]


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_everyone_has_a_row_with_marks_or_the_reason(tmp_path):
    marks, checks = reports.export_marks(tmp_path, OUTCOMES, tmp_path / "marks.csv")
    ada, bob = read(marks)
    assert (ada["status"], ada["score"], ada["max_score"], ada["late_seconds"]) == ("graded", "4.5", "5", "0")
    assert (bob["score"], bob["late_seconds"], bob["reason"]) == ("", "", 'cut short, "here"')
    (check,) = read(checks)
    assert (checks.name, check["test"], check["score"]) == ("marks_checks.csv", "mean_small", "0.5")


def test_a_message_cannot_become_a_formula(tmp_path):
    _, checks = reports.export_marks(tmp_path, OUTCOMES, tmp_path / "marks.csv")
    assert read(checks)[0]["message"] == "'=1+1"


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        reports.export_marks(tmp_path, OUTCOMES, tmp_path / "file" / "marks.csv")
