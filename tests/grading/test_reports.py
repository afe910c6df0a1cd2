"""Marks as CSV and JSON: a row for everyone, numbers as numbers, and no formula from a student."""

import csv
import dataclasses
import json

import pytest
from small_course import NAME

from scaleml_course.course.errors import UserError
from scaleml_course.grading import progress, reports, stages
from scaleml_course.grading.batch import Plan
from scaleml_course.grading.isolation.levels import Isolation
from scaleml_course.grading.outcome import Check, Outcome

OUTCOMES = [
    Outcome("ada", NAME, "graded", 4.5, 5.0, "", 2.0, 0.0, (Check("mean_small", 0.5, 1.0, "=1+1"),), "bubblewrap"),
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


PLAN = Plan(
    found=1, to_grade=1, without=0, isolation=Isolation("landlock", "no bubblewrap"), n_workers=2, scheduler=None
)


def test_the_report_holds_everything_that_is_known_of_every_row(tmp_path):
    (tmp_path / "source").mkdir()
    path = reports.write_report(tmp_path, OUTCOMES, tmp_path / "report.json", PLAN, 1_000_000_000.0)
    values = json.loads(path.read_text())
    assert [Outcome.from_dict(row) for row in values["outcomes"]] == OUTCOMES
    assert values["isolation"] == {"level": "landlock", "why": "no bubblewrap"}
    assert values["totals"] == {"graded": 1, "unreadable": 1}
    assert values["started"] == "2001-09-09T01:46:40+00:00" and values["seconds"] > 0
    assert values["run"]["n_workers"] == 2 and values["run"]["scheduler"] is None
    assert {"python", "system", "grader", "nbgrader", "distributed", "numpy"} <= set(values["versions"])


def test_a_report_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="The report cannot be written"):
        reports.write_report(tmp_path, OUTCOMES, tmp_path / "file" / "report.json", PLAN, 0.0)


def test_the_level_stands_in_every_row(tmp_path):
    marks, _ = reports.export_marks(tmp_path, OUTCOMES, tmp_path / "marks.csv")
    assert [row["isolation"] for row in read(marks)] == ["bubblewrap", ""]


def test_the_summary_names_each_level_that_marks_were_given_under():
    assert stages.levels_told(OUTCOMES, "trusted") == "bubblewrap"
    assert stages.levels_told([], "trusted") == "trusted"
    two = [*OUTCOMES, dataclasses.replace(OUTCOMES[0], isolation="trusted")]
    assert stages.levels_told(two, "trusted") == "bubblewrap (1), trusted (1)"


def test_marks_by_hand_take_the_place_of_automatic_ones():
    by_hand = OUTCOMES[0].with_marks_by_hand({"mean_small": 1.5, "elsewhere": 9.0})
    assert (by_hand.score, by_hand.checks[0].score) == (1.5, 1.5)
    assert OUTCOMES[1].with_marks_by_hand({"mean_small": 1.0}) == OUTCOMES[1]


def test_progress_tells_the_rate_of_what_is_graded_now_and_the_time_left(capsys, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    with progress.GradingProgress(("failed",)) as shown:
        shown.begin(
            Plan(found=500, to_grade=60, without=3, isolation=Isolation("bubblewrap"), n_workers=2, scheduler=None)
        )
        for done in range(1, 504):
            shown.outcome(done, 563, OUTCOMES[0])
        assert shown.pace() == ""
        for done in range(504, 534):
            clock[0] += 2.0
            shown.outcome(done, 563, OUTCOMES[0])
        assert shown.pace() == "30 a minute, 60 s left"
        shown.outcome(534, 563, Outcome("cem", NAME, "failed", None, 5.0, "[red] worker gone"))
    said = capsys.readouterr().out
    assert "isolation: bubblewrap" in said and "60 submissions to grade, in 2 processes" in said
    assert "8 of 60 submissions, 30 a minute, 2 min left" in said
    assert "cem, 01_mean_and_spread: [red] worker gone" in said


@pytest.mark.parametrize(("seconds", "words"), [(59.7, "60 s"), (600, "10 min"), (11_100, "3 h 5 min")])
def test_durations_are_for_people(seconds, words):
    assert progress.duration(seconds) == words
