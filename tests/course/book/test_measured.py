"""The recorded tables about grading: what a recording says is shown, and a missing one is said to be missing."""

import json

from scaleml_course.course.book.measured import grading_speed, redteam_table
from scaleml_course.measure.hardware import hardware


def test_a_missing_recording_is_said_to_be_missing(tmp_path):
    assert "make redteam" in redteam_table(tmp_path / "none.json")
    assert "benchmarks/grading.py" in grading_speed(tmp_path / "none.json")


def verdict(score, deserved=0.0, harm=()):
    return {"score": score, "deserved": deserved, "gained": max(0.0, score - deserved), "harm": list(harm)}


def test_points_and_harm_are_counted_by_class(tmp_path):
    path = tmp_path / "redteam.json"
    attacks = [
        {"class": "network", "name": "a", "them": verdict(3.0, harm=["reached the host"]), "us": verdict(0.0)},
        {"class": "network", "name": "b", "them": verdict(0.0), "us": verdict(0.0)},
        {"class": "hooks", "name": "c", "them": verdict(10.0), "us": verdict(2.0, 2.0)},
        {"class": "honest but unusual", "name": "d", "them": verdict(8.0, 10.0), "us": verdict(10.0, 10.0)},
    ]
    recorded = {"seconds": {"them": 9.0, "us": 1.0}, "attacks": attacks, "at": "2026-11-21T13:00:00+00:00"}
    recorded |= {"isolation": "bubblewrap", "hardware": hardware().as_dict(), "nbgrader": "0.9.6"}
    path.write_text(json.dumps(recorded))
    lines = redteam_table(path).splitlines()
    assert "| network | 2 | 1 | 1 | 0 | 0 |" in lines
    assert "| hooks | 1 | 1 | 0 | 0 | 0 |" in lines
    assert "| **all hostile ones** | 3 | 2 | 1 | 0 | 0 |" in lines
    assert "of 1: them: 0; us: 1." in lines[-1] and "*bubblewrap*" in lines[-1]


def test_the_ratio_stands_with_its_machine(tmp_path):
    path = tmp_path / "grading.json"
    rates = {"nbgrader autograde": [20.0, 19.6], "scaleml grade": [240.4, 250.0]}
    students = {"nbgrader autograde": 30, "scaleml grade": 300}
    recorded = {"submissions_per_minute": rates, "students": students, "ratios": [12.0, 12.8], "median_ratio": 12.4}
    recorded |= {"measured": "2026-11-21T13:00:00", "nbgrader": "0.9.6", "hardware": hardware().as_dict()}
    path.write_text(json.dumps(recorded))
    text = grading_speed(path)
    assert "| `scaleml grade` | 300 | 240, 250 |" in text
    assert "**12.4 times**" in text and hardware().cpu in text
