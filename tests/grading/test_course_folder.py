"""A course folder is read without nbgrader, and odd input is named."""

from datetime import UTC, datetime

import pytest

from scaleml_course.course.errors import UserError
from scaleml_course.grading.course_folder import CourseFolder, parse_time, read_notebook


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01 01:59:00 UTC",
        "2026-10-01 03:59:00 Europe/Berlin",
        "2026-10-01 03:59:00 +0200",
        "2026-09-30 20:59:00.000000 -05:00",
        "2026-10-01 01:59:00",
        "2026-10-01T01:59:00\n",
    ],
)
def test_times_are_read_in_any_zone(text):
    assert parse_time(text) == datetime(2026, 10, 1, 1, 59, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-10-01 01:59:00 Nowhere/Land", "1 2 3 4"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):
        parse_time(text)


def test_the_roster_joins_the_list_and_the_hand_ins(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "submitted" / "ada").mkdir(parents=True)
    (tmp_path / "students.csv").write_text("id,last_name\nbob,Builder\nada,Lovelace\n")
    assert CourseFolder(tmp_path).students() == ["ada", "bob"]


def test_a_folder_without_source_is_no_course(tmp_path):
    with pytest.raises(UserError, match="no folder named source"):
        CourseFolder(tmp_path)


def test_a_bad_due_date_is_named(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "assignments.csv").write_text("name,duedate\n01_x,soon\n")
    with pytest.raises(UserError, match="due date of 01_x"):
        CourseFolder(tmp_path).due_dates()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b'{"cells": [', "cut short"),
        (b"\xff\xfe\x00", "not text"),
        (b"[]", "no notebook"),
        (b'{"worksheets": []}', "no notebook"),
        (b'{"cells": [3]}', "cell 1"),
        (b"[" * 200_000, "deeply"),
    ],
)
def test_what_is_no_notebook_is_told_in_words(tmp_path, content, words):
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        read_notebook(path)
