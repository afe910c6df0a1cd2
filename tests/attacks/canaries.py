"""Canaries: what an attack must not read, change, reach or leave behind, and a look at which of them it did.

Only the standard library, so that it starts at once inside the lab of `nbgrader_lab`; so `listeners`, too.
"""

import contextlib
import hashlib
import json
import os
import re
import sqlite3
import time
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

#: What an attack prints, in one piece, when it did what it must not be able to do: PROOF::name::what.
PROOF = "PROOF"
#: In the path or in the text of whatever an attack plants outside its own folder.
PLANTED = "planted-by-"
#: In the command line or the environment of every process that an attack leaves behind.
LEFT = "left-by-"
DISK_ALLOWED_BYTES = 64 * 2**20
READ_BYTES = 2**16
#: Where a grader notes, with the student's name, what was handed in: no harm.
NOTES = ("journal", "gradebook.db", "gradebook.db-wal", "gradebook.db-journal", "gradebook.db-shm")

CREDENTIALS = {
    ".ssh/id_ed25519": "-----BEGIN OPENSSH PRIVATE KEY-----\n{token}\n",
    ".netrc": "machine example.org login instructor password {token}\n",
    ".aws/credentials": "[default]\naws_secret_access_key = {token}\n",
    ".bashrc": "# of the instructor\n",
}


@dataclass(frozen=True)
class Places:
    """Where the canaries are; attacks are told.

    Attributes
    ----------
    COURSE, HOME, MARKS : str
        The course folder, the instructor's home, and a folder that everybody may write.
    TCP, UDP : int
        Ports on the loopback where somebody listens.
    ABSTRACT : str
        Name of an abstract unix socket where somebody listens; one more is ``MARKS/listener``.
    VICTIM, ASSIGNMENT : str
        The other student, and the name of the exercise.
    MEMORY_MB, DISK_MB, PROCESSES : int
        The limits of one submission.
    """

    COURSE: str
    HOME: str
    MARKS: str
    TCP: int
    UDP: int
    ABSTRACT: str
    VICTIM: str
    ASSIGNMENT: str
    MEMORY_MB: int = 1000
    DISK_MB: int = 200
    PROCESSES: int = 256

    def as_text(self) -> dict[str, str]:
        """Each name and what it stands for in the text of an attack."""
        return {name: str(value) for name, value in asdict(self).items()}


class Canaries:
    """The canaries of one course folder.

    Parameters
    ----------
    places : Places
        Where they are; the course folder has its ``source``, ``release`` and the victim's work.
    secrets : dict of str to str
        What must not be told, and by which token one knows it.
    heard : list of bytes
        What was said to the listeners outside, see `listeners`; it grows.
    attacks : set of str
        All attacks in this course folder: what one of them hands in is no trace of another.
    """

    def __init__(self, places: Places, secrets: dict[str, str], heard: list[bytes], attacks: set[str]) -> None:
        self.places, self.secrets, self.heard, self.attacks = places, secrets, heard, attacks
        self.course, self.home, self.marks = Path(places.COURSE), Path(places.HOME), Path(places.MARKS)
        for name, text in CREDENTIALS.items():
            path = self.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.format(token=secrets["credentials"]))
        self.marks.mkdir(parents=True, exist_ok=True)
        self.marks.chmod(0o777)
        self._known: set[str] = set()
        self._before = self._protected()

    def harm(self, name: str, *, also: str = "", patience_s: float = 1.0) -> list[str]:
        """What the attack of that name did, in words; nothing twice.

        Parameters
        ----------
        name : str
            The invented student who handed it in.
        also : str
            What the grader says of it, beside the graded notebook.
        patience_s : float
            How long a process may still live after the grading of its submission.
        """
        text = self.outputs(name) + also
        found = [*self._told(name, text), *self._proofs(name, text), *self._changed(), *self._planted(name)]
        if any(name.encode() in words for words in self.heard):
            found.append("reached a listener outside")
        if n_left := len(self._left(name, patience_s)):
            found.append(f"left {n_left} process{'es' * (n_left > 1)} behind")
        if (used := self._disk_bytes(name)) > DISK_ALLOWED_BYTES:
            found.append(f"left {used / 2**20:.0f} MiB on the disk")
        fresh = [one for one in dict.fromkeys(found) if f"{name}: {one}" not in self._known]
        self._known |= {f"{name}: {one}" for one in fresh}
        return fresh

    def end_processes(self, name: str) -> None:
        """Kill what an attack left behind."""
        for pid in self._left(name, 0.0):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)

    def _protected(self) -> dict[str, str]:
        """A digest of every file that no submission may change."""
        work = [self.course / "submitted" / self.places.VICTIM, self.course / "source", self.course / "release"]
        files = list(files_below(work))
        files += [self.home / name for name in CREDENTIALS]
        return {str(path): digest(path) for path in files}

    def _changed(self) -> list[str]:
        now, before = self._protected(), self._before
        self._before = {**now}
        changed = [path for path in {**before, **now} if now.get(path, "") != before.get(path, "")]
        return [f"changed {Path(path).relative_to(self._base(path))}" for path in changed]

    def _base(self, path: str) -> Path:
        return self.course if path.startswith(f"{self.course}/") else self.home

    def _told(self, name: str, text: str) -> list[str]:
        """Secrets that stand in what the student would get back, or would have been told outside."""
        text += "".join(words.decode(errors="replace") for words in self.heard if name.encode() in words)
        return [f"told {what}" for what, token in self.secrets.items() if token in text]

    def _proofs(self, name: str, text: str) -> list[str]:
        # The text is JSON, in which a line's end is a backslash and an n.
        return list(dict.fromkeys(re.findall(rf'{PROOF}::{re.escape(name)}::([^"\\\n]{{1,120}})', text)))

    def outputs(self, name: str) -> str:
        """What the graded notebook shows, but for the errors of tests, which the student does not see."""
        path = self.course / "autograded" / name / self.places.ASSIGNMENT / f"{self.places.ASSIGNMENT}.ipynb"
        shown = []
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            for cell in json.loads(path.read_bytes())["cells"]:
                graded = cell["metadata"].get("nbgrader", {}).get("grade")
                for output in cell.get("outputs", []):
                    if not (graded and output["output_type"] == "error"):
                        shown.append(json.dumps(output))
        return "\n".join(shown)

    def _elsewhere(self, name: str) -> Iterator[Path]:
        """Every file outside the attack's own folders."""
        steps = ("submitted", "autograded", "feedback")
        own = {self.course / step / attack for step in steps for attack in self.attacks}
        waiting = [self.course, self.home, self.marks, *Path("/tmp").glob(f"*{name}*")]
        waiting += Path("/dev/shm").glob(f"*{name}*")
        return files_below(waiting, own)

    def _planted(self, name: str) -> list[str]:
        sign = f"{PLANTED}{name}"
        found = []
        for path in self._elsewhere(name):
            with contextlib.suppress(OSError):
                beginning = b"" if path.stat().st_size > 2**20 else path.read_bytes()[:READ_BYTES]
                # Another student's notebook may hold an attack that names itself; this is about this one.
                if sign in path.name or sign.encode() in beginning:
                    found.append(f"planted {path.name.replace(name, 'NAME')}")
        return found

    def _left(self, name: str, patience_s: float) -> list[int]:
        deadline = time.monotonic() + patience_s
        while (found := marked_processes(f"{LEFT}{name}")) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def _disk_bytes(self, name: str) -> int:
        """What it takes on the disk beyond what was handed in."""
        graded = sum(blocks(path) for path in files_below([self.course / "autograded" / name]))
        return graded + sum(blocks(path) for path in self._elsewhere(name) if name in str(path))


def files_below(folders: list[Path], excluded: Collection[Path] = ()) -> Iterator[Path]:
    """Every ordinary file in and below these folders, however deep they are nested."""
    waiting = list(folders)
    while waiting:
        path = waiting.pop()
        if path in excluded or path.name in NOTES:
            continue
        with contextlib.suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                waiting += path.iterdir()
            elif path.is_file():
                yield path


def digest(path: Path) -> str:
    """SHA-256 of a file; empty when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def blocks(path: Path) -> int:
    """Bytes that a file really takes."""
    try:
        return path.lstat().st_blocks * 512
    except OSError:
        return 0


def marked_processes(sign: str) -> list[int]:
    """Living processes with `sign` in their command line or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                seen = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                if sign.encode() in seen and (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                    found.append(int(entry.name))
    return found


def read_scores(database: Path) -> dict[str, float]:
    """Points of every student in an nbgrader gradebook; given by hand before given by a test."""
    query = """
        select student.id, sum(coalesce(grade.manual_score, grade.auto_score, 0)) from grade
        join submitted_notebook on grade.notebook_id = submitted_notebook.id
        join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
        join student on submitted_assignment.student_id = student.id group by student.id
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            return {str(student): float(points or 0) for student, points in connection.execute(query)}
    except sqlite3.Error:
        return {}
