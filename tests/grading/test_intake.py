"""What was handed in is read within bounds: no link is followed, no pipe waited for, nothing too large taken."""

import os
from datetime import UTC, datetime

import pytest
from small_course import NAME

from scaleml_course.grading import intake
from scaleml_course.grading.course_folder import CourseFolder
from scaleml_course.grading.intake import late_seconds, read_submission


@pytest.fixture
def folder(tmp_path):
    """A course folder with Ada's notebook."""
    (tmp_path / "source").mkdir()
    submitted = tmp_path / "submitted" / "ada" / NAME
    submitted.mkdir(parents=True)
    (submitted / f"{NAME}.ipynb").write_bytes(b"{}")
    return CourseFolder(tmp_path)


@pytest.fixture
def ada(folder):
    return folder.submitted("ada", NAME)


def test_all_regular_files_are_read_but_those_that_nbgrader_ignores(folder, ada):
    (ada / "data" / "deep").mkdir(parents=True)
    (ada / "data" / "deep" / "own.csv").write_text("1")
    (ada / ".ipynb_checkpoints").mkdir()
    (ada / ".ipynb_checkpoints" / "x.ipynb").write_text("2")
    (ada / "module.pyc").write_text("3")
    found = read_submission(folder, "ada", NAME)
    assert found.files == {f"{NAME}.ipynb": b"{}", "data/deep/own.csv": b"1"}
    assert (found.left_out, found.trouble) == ([], None)


def test_links_and_pipes_are_left_out_and_told(folder, ada, tmp_path):
    (tmp_path / "secret").write_text("of another")
    (ada / "link.txt").symlink_to(tmp_path / "secret")
    (ada / "folder").symlink_to(tmp_path)
    os.mkfifo(ada / "pipe")
    os.mkfifo(ada / "timestamp.txt")
    found = read_submission(folder, "ada", NAME)
    assert set(found.files) == {f"{NAME}.ipynb"}
    assert sorted(found.left_out) == [
        "folder is a link",
        "link.txt is a link",
        "pipe is no regular file",
        "timestamp.txt is no regular file",
    ]
    assert late_seconds(found, datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("make", "status", "words"),
    [
        (lambda path: path.unlink(), "missing", "no notebook is there"),
        (lambda path: path.rename(path.with_name("mine.ipynb")), "missing", "found mine.ipynb instead"),
        (lambda path: (path.unlink(), path.symlink_to("/etc/passwd")), "unreadable", "is a link"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "unreadable", "is no regular file"),
        (lambda path: path.write_bytes(b"x" * 2001), "unreadable", "is too large"),
        (lambda path: (path.unlink(), path.parent.rmdir()), "absent", "nothing was handed in"),
        (
            lambda path: (path.unlink(), path.parent.rmdir(), path.parent.symlink_to("/etc")),
            "missing",
            "is a link or a file",
        ),
    ],
    ids=["none", "renamed", "link", "pipe", "large", "nothing", "folder is a link"],
)
def test_without_a_notebook_there_is_a_reason(folder, ada, monkeypatch, make, status, words):
    monkeypatch.setattr(intake, "NOTEBOOK_BYTES", 2000)
    make(ada / f"{NAME}.ipynb")
    found = read_submission(folder, "ada", NAME)
    assert found.trouble[0] == status and words in found.trouble[1]


def test_the_folder_of_another_student_is_not_read_through_a_link(folder):
    (folder.root / "submitted" / "eve").symlink_to(folder.root / "submitted" / "ada")
    assert read_submission(folder, "eve", NAME).trouble[0] == "missing"


def test_many_files_and_large_files_end_at_a_bound(folder, ada, monkeypatch):
    monkeypatch.setattr(intake, "OTHER_FILES", 20)
    monkeypatch.setattr(intake, "OTHER_BYTES", 1000)
    for number in range(300):
        (ada / f"{number:03d}.txt").write_bytes(b"x" * 30)
    found = read_submission(folder, "ada", NAME)
    assert len(found.files) <= 21 and "more than 20 files" in found.left_out[-1]
    for path in ada.glob("*.txt"):
        path.unlink()
    (ada / "a.bin").write_bytes(b"x" * 900)
    (ada / "b.bin").write_bytes(b"x" * 900)
    os.truncate(ada / "a.bin", 900)
    (ada / "sparse.bin").touch()
    os.truncate(ada / "sparse.bin", 2**40)
    found = read_submission(folder, "ada", NAME)
    assert set(found.files) == {f"{NAME}.ipynb", "a.bin"}
    assert [words.split(" (")[0] for words in found.left_out] == ["b.bin is too large", "sparse.bin is too large"]


def test_a_deep_folder_ends_at_a_bound(folder, ada):
    deep = ada
    for number in range(30):
        deep /= f"f{number}"
    deep.mkdir(parents=True)
    (deep / "x").write_text("")
    found = read_submission(folder, "ada", NAME)
    assert len(found.left_out) == 1 and "too deep" in found.left_out[0]


def test_a_name_that_is_no_text_is_shown_harmless(folder, ada):
    (ada / "a\n\x1b[31m.txt").symlink_to("x")
    (folder.root / os.fsdecode(b"submitted/ada/") / NAME / os.fsdecode(b"\xff.txt")).write_text("1")
    found = read_submission(folder, "ada", NAME)
    assert found.left_out == ["a??[31m.txt is a link"]
    assert len(found.key()) == 64


def test_the_key_changes_with_everything_that_was_handed_in(folder, ada):
    keys = [read_submission(folder, "ada", NAME).key()]
    (ada / "extra.txt").write_text("1")
    keys.append(read_submission(folder, "ada", NAME).key())
    (ada / "extra.txt").write_text("2")
    keys.append(read_submission(folder, "ada", NAME).key())
    (ada / "extra.txt").rename(ada / "other.txt")
    keys.append(read_submission(folder, "ada", NAME).key())
    (ada / "pipe").symlink_to("x")
    keys.append(read_submission(folder, "ada", NAME).key())
    assert len(set(keys)) == 5
    assert read_submission(folder, "ada", NAME).key() == keys[-1]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-10-01 00:00:00 UTC", 0.0),
        ("2026-10-01 02:00:10 +0200", 10.0),
        ("0001-01-01 00:00:00 +2300", 0.0),
        ("half past nine", None),
        ("", None),
    ],
)
def test_lateness(folder, ada, text, seconds):
    (ada / "timestamp.txt").write_text(text)
    late = late_seconds(read_submission(folder, "ada", NAME), datetime(2026, 10, 1, tzinfo=UTC))
    assert late == seconds
