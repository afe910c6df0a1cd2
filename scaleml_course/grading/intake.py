"""What a student handed in, read once and within bounds: regular files only, and no link is followed."""

import contextlib
import hashlib
import itertools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch
from pathlib import PurePosixPath

from scaleml_course.grading.course_folder import CourseFolder, parse_time

#: The notebook, and all other files together; more is refused or left out, with a note.
NOTEBOOK_BYTES = 32 * 2**20
OTHER_BYTES = 32 * 2**20
OTHER_FILES = 500
FOLDER_DEPTH = 12
TIMESTAMP_BYTES = 200
#: What nbgrader leaves out too (``CourseDirectory.ignore``).
IGNORED = (".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache")

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a pipe that a student left would wait for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class HandedIn:
    """The files of one submission.

    Attributes
    ----------
    files : dict of str to bytes
        Relative path, with ``/`` between folders, to content; the notebook is among them unless there
        is `trouble`.
    left_out : list of str
        What was not read, and why, in words for the instructor.
    trouble : tuple of str or None
        Status and reason when there is nothing that could be graded.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    trouble: tuple[str, str] | None = None

    def key(self) -> str:
        """A hash over everything that was read, and over what was not."""
        digest = hashlib.sha256(repr((self.trouble, sorted(self.left_out))).encode())
        for path in sorted(self.files):
            digest.update(os.fsencode(path) + b"\0" + hashlib.sha256(self.files[path]).digest())
        return digest.hexdigest()

    def timestamp(self) -> str:
        """The text of ``timestamp.txt``, empty when there is none."""
        return self.files.get("timestamp.txt", b"").decode("utf-8", "replace").strip()


def read_submission(folder: CourseFolder, student: str, assignment: str) -> HandedIn:
    """Read a submission's folder.

    Parameters
    ----------
    folder : CourseFolder
        Whose ``submitted`` folder.
    student, assignment : str
        Whose submission, and to which assignment.

    Returns
    -------
    HandedIn
        With status ``absent`` when there is no folder, ``missing`` when the expected notebook is not in
        it, ``unreadable`` when that is no regular file or larger than `NOTEBOOK_BYTES`. Whether it holds
        a notebook at all is for the worker to find out: parsing may cost much memory.

    Raises
    ------
    OSError
        When the folder itself cannot be read.
    """
    found = HandedIn()
    with contextlib.ExitStack() as opened:
        try:
            place = os.open(folder.root / "submitted" / student, _FOLDER)
            opened.callback(os.close, place)
            place = os.open(assignment, _FOLDER, dir_fd=place)
            opened.callback(os.close, place)
        except FileNotFoundError:
            found.trouble = ("absent", "nothing was handed in")
            return found
        except NotADirectoryError:  # also for a link, which is not followed
            found.trouble = ("missing", f"what was handed in for {assignment} is a link or a file, no folder")
            return found
        notebook = f"{assignment}.ipynb"
        for name, limit in ((notebook, NOTEBOOK_BYTES), ("timestamp.txt", TIMESTAMP_BYTES)):
            with contextlib.suppress(FileNotFoundError):
                _read_into(found, place, name, name, limit)
        if notebook not in found.files:
            found.trouble = _no_notebook(found, place, notebook)
            return found
        _read_others(found, place, notebook)
    return found


def _no_notebook(found: HandedIn, place: int, notebook: str) -> tuple[str, str]:
    """Status and reason when the notebook is not there or was not read."""
    if found.left_out and notebook in found.left_out[0]:
        return "unreadable", f"{found.left_out[0]}. Hand in the notebook itself, with its outputs cleared."
    names = sorted(entry.name for entry in _entries(place) if entry.name.endswith(".ipynb"))
    others = f"found {', '.join(map(shown, names[:5]))} instead" if names else "no notebook is there"
    return "missing", (
        f"{notebook} is not among the files handed in ({others}). "
        f"Rename the notebook to {notebook} and hand it in again."
    )


def _read_others(found: HandedIn, place: int, notebook: str) -> None:
    """Read what lies beside the notebook, until a bound is reached."""
    room = OTHER_BYTES
    for count, (path, folder, name) in enumerate(_walk(place, PurePosixPath(), found)):
        if str(path) in (notebook, "timestamp.txt"):
            continue
        if count >= OTHER_FILES:
            found.left_out.append(f"more than {OTHER_FILES} files were handed in: those from {shown(str(path))} on")
            return
        with contextlib.suppress(FileNotFoundError):
            room -= _read_into(found, folder, name, str(path), room)


def _walk(place: int, above: PurePosixPath, found: HandedIn) -> Iterator[tuple[PurePosixPath, int, str]]:
    """Every entry that is no folder: its path, and an open folder and name to reach it by."""
    for entry in _entries(place):
        path = above / entry.name
        if any(fnmatch(entry.name, pattern) for pattern in IGNORED):
            continue
        if not entry.is_dir(follow_symlinks=False):
            yield path, place, entry.name
        elif len(path.parts) > FOLDER_DEPTH:
            found.left_out.append(f"{shown(str(path))} lies too deep")
        else:
            try:
                inner = os.open(entry.name, _FOLDER, dir_fd=place)
            except OSError as error:
                found.left_out.append(f"{shown(str(path))} cannot be opened ({error.strerror})")
                continue
            try:
                yield from _walk(inner, path, found)
            finally:
                os.close(inner)


def _entries(place: int) -> list[os.DirEntry[str]]:
    """What lies in an open folder, sorted; a few more than may be read, however many there are."""
    with os.scandir(place) as entries:
        return sorted(itertools.islice(entries, 4 * OTHER_FILES), key=lambda entry: entry.name)


def _read_into(found: HandedIn, folder: int, name: str, path: str, limit: int) -> int:
    """Read one regular file of at most `limit` bytes, or note why not; returns the bytes read."""
    try:
        file = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:  # ELOOP for a link
        link = stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        found.left_out.append(f"{shown(path)} {'is a link' if link else f'cannot be opened ({error.strerror})'}")
        return 0
    with open(file, "rb") as opened:  # noqa: PTH123 (a file descriptor)
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            found.left_out.append(f"{shown(path)} is no regular file")
            return 0
        # A file may grow between the two looks: what is read decides.
        content = opened.read(limit + 1) if status.st_size <= limit else b""
        if status.st_size > limit or len(content) > limit:
            found.left_out.append(f"{shown(path)} is too large ({status.st_size / 2**20:.0f} MB)")
            return 0
        found.files[path] = content
        return len(content)


def shown(name: str) -> str:
    """A student's file name, fit to stand in a sentence."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in name)
    return plain if len(plain) <= 80 else f"{plain[:77]}..."


def late_seconds(handed_in: HandedIn, due: datetime | None) -> float | None:
    """Seconds after the due date, 0 in time, None when either time is not known."""
    try:
        submitted_at = parse_time(handed_in.timestamp())
        return None if due is None else max(0.0, (submitted_at - due).total_seconds())
    except (ValueError, OverflowError):
        return None
