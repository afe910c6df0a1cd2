"""nbgrader as it comes, really run on every attack: each in a lab of its own, which is thrown away after it.

The lab is a bubblewrap sandbox with namespaces of its own, a read-only root, file systems of limited size in
memory, and control groups that limit processes and memory. The course folder, the gradebook, the home and everybody
who listens are inside, so what an attack does to them is real and harms nobody.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from scaleml_course.course.errors import UserError
from scaleml_course.grading.invented import Exercise
from tests.attacks import target
from tests.attacks.attack import HERE, Attack
from tests.attacks.canaries import Places
from tests.attacks.verdict import Verdict

INSIDE = Path("/tmp/lab")
PLACES = Places(
    COURSE=str(INSIDE / "course"),
    HOME=str(INSIDE / "home"),
    MARKS=str(INSIDE / "marks"),
    TCP=4701,
    UDP=4702,
    ABSTRACT="redteam-listener",
    VICTIM=target.VICTIM,
    ASSIGNMENT=target.NAME,
)
#: The honest notebook graded behind each attack; nbgrader takes students in the order of their names.
NEXT = "zz-next"
#: nbgrader's own limit is 30 s a cell; with less the same happens, and the table takes minutes less.
CELL_TIMEOUT_S = 4
COMMAND = (sys.executable, "-m", "nbgrader", "autograde")
TIMEOUT_S = 75.0
LAB_MB = 2000
NO_LAB = "Try this grader only (--grader ours), or a machine where bubblewrap can make namespaces."
MEMORY_BYTES = 3500 * 2**20
PROCESSES = 1500


def grade(attacks: Sequence[Attack], n_workers: int, step: Callable[[], None]) -> dict[str, Verdict]:
    """Grade every notebook with nbgrader as it comes.

    Parameters
    ----------
    attacks : sequence of Attack
    n_workers : int
        Labs at once.
    step : callable
        Called whenever one more is graded.

    Raises
    ------
    UserError
        Where no lab can be built: these notebooks are never run by nbgrader on the bare machine.
    """
    if shutil.which("bwrap") is None:
        raise UserError(
            "The attacks on nbgrader need a lab, and bubblewrap is not installed.",
            remedy="Install it (Debian: apt-get install bubblewrap), or try this grader only: --grader ours.",
        )
    with tempfile.TemporaryDirectory(prefix="redteam-") as scratch:
        tokens = new_tokens()
        exercise = build_base(Path(scratch) / "base", tokens)
        with ThreadPoolExecutor(n_workers) as pool:

            def one(attack: Attack) -> Verdict:
                verdict = grade_in_lab(attack, exercise, Path(scratch), tokens)
                step()
                return verdict

            return {verdict.attack: verdict for verdict in pool.map(one, attacks)}


def new_tokens() -> dict[str, str]:
    """What must not be told, each with a token that no attack can guess; the hidden tests have theirs."""
    made = {
        what: secrets.token_hex(12)
        for what in ("another student's work", "credentials", "the grader's environment", "the gradebook")
    }
    return {**made, "hidden tests": target.HIDDEN_TOKEN}


def build_base(base: Path, tokens: dict[str, str]) -> Exercise:
    """A course folder as an instructor has it: one exercise, and another student's work with its marks."""
    exercise = target.build(base)
    target.hand_in_honestly(exercise, base, target.VICTIM, tokens["another student's work"])
    run_nbgrader(base, "generate_assignment", target.NAME, "--force", "--course-dir", str(base))
    run_nbgrader(base, "autograde", target.NAME, "--course-dir", str(base))
    run_nbgrader(base, "db", "student", "add", target.VICTIM, f"--email={tokens['the gradebook']}")
    for clutter in (".ipython", ".local", ".cache", ".config", ".jupyter"):
        shutil.rmtree(base / clutter, ignore_errors=True)
    return exercise


def run_nbgrader(course: Path, *arguments: str) -> None:
    """One command of nbgrader's, on honest work only.

    Raises
    ------
    UserError
        With its last words.
    """
    finished = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env=environment(str(course)),
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise UserError(f"nbgrader {arguments[0]} failed: {finished.stderr[-600:]}", remedy="Run `make setup`.")


def environment(home: str) -> dict[str, str]:
    """The environment that an instructor's nbgrader would have."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {"HOME": home, "PATH": path, "LANG": "C.UTF-8"}


def grade_in_lab(attack: Attack, exercise: Exercise, scratch: Path, tokens: dict[str, str]) -> Verdict:
    """One attack in one lab."""
    folder = scratch / attack.name
    for student in (attack.name, NEXT):
        (folder / student).mkdir(parents=True)
    attack.hand_in(exercise, folder / attack.name, PLACES.as_text())
    shutil.copytree(scratch / "base" / "submitted" / target.VICTIM / target.NAME, folder / NEXT, dirs_exist_ok=True)
    task = {
        "places": vars(PLACES),
        "name": attack.name,
        "next": NEXT,
        "base": "/tmp/base",
        "hand_ins": "/tmp/task",
        "secrets": tokens,
        "command": [*COMMAND, *([] if attack.honest else [f"--Execute.timeout={CELL_TIMEOUT_S}"])],
        "timeout_s": TIMEOUT_S,
        "settle_s": 1.0,
        "full_marks": target.FULL_MARKS,
    }
    (folder / "task.json").write_text(json.dumps(task))
    started = time.monotonic()
    told = run_lab(folder, scratch / "base", tokens["the grader's environment"])
    shutil.rmtree(folder, ignore_errors=True)
    return Verdict.of(
        attack,
        attack.deserved(exercise),
        told.get("score"),
        told["harm"],
        told.get("seconds", time.monotonic() - started),
        told.get("log", "").strip().rpartition("\n")[2][:300],
    )


def run_lab(task: Path, base: Path, secret: str) -> dict:
    """Run `inside` in a lab; what it tells, or that the attack ended even it.

    Raises
    ------
    UserError
        When the lab failed before the attack began: that says nothing about the attack.
    """
    command = [*bubblewrap(task, base), sys.executable, str(HERE / "inside.py"), "/tmp/task/task.json"]
    variables = {**environment(PLACES.HOME), "REDTEAM_SECRET": secret}
    with control_groups() as groups, tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as complaints:
        joining = 'for group in $GROUPS_TO_JOIN; do echo $$ > "$group/cgroup.procs"; done; exec "$@"'
        process = subprocess.Popen(
            ["sh", "-c", joining, "sh", *command],
            env={**variables, "GROUPS_TO_JOIN": " ".join(map(str, groups))},
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=complaints,
        )
        try:
            process.wait(TIMEOUT_S + 30)
        except subprocess.TimeoutExpired:
            process.kill()  # the first process of the lab goes with it, and so everything in it
            process.wait()
        answer.seek(0)
        complaints.seek(0)
        lines = answer.read().split(b"\n")
        if b'{"ready": true}' not in lines:
            said = complaints.read()[-600:].decode(errors="replace").strip()
            raise UserError(f"The lab could not be prepared: {said or 'it said nothing'}", remedy=NO_LAB)
    with suppress(ValueError, IndexError):
        told = json.loads(next(line for line in reversed(lines) if line))
        if isinstance(told, dict) and "harm" in told:
            return told
    return {"harm": ["ended or stopped everything that the user ran, this lab's observer too"]}


def bubblewrap(task: Path, base: Path) -> list[str]:
    """The command line of a lab."""
    argv = ["bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--unshare-pid", "--unshare-net"]
    argv += ["--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session"]
    argv += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    argv += ["--ro-bind", "/proc/sys", "/proc/sys"]
    if Path("/proc/sysrq-trigger").exists():
        argv += ["--ro-bind", "/dev/null", "/proc/sysrq-trigger"]
    for folder in ("/tmp", "/dev/shm", str(INSIDE)):
        argv += ["--size", str(LAB_MB * 2**20), "--tmpfs", folder]
    for folder in {HERE.parents[1], Path(sys.prefix), Path(sys.base_prefix)}:
        if Path("/tmp") in folder.parents:  # a course may be checked out there
            argv += ["--ro-bind", str(folder), str(folder)]
    for folder in ("course", "home", "marks"):
        argv += ["--dir", str(INSIDE / folder)]
    return [*argv, "--ro-bind", str(base), "/tmp/base", "--ro-bind", str(task), "/tmp/task", "--chdir", str(INSIDE)]


@contextmanager
def control_groups() -> Iterator[list[Path]]:
    """Fresh control groups that limit processes and memory, where this user may make any; then gone again."""
    made = []
    for folder, limits in control_group_places():
        group = folder / f"redteam-{secrets.token_hex(4)}"
        try:
            group.mkdir()
            for name, value in limits.items():
                (group / name).write_text(str(value))
            made.append(group)
        except OSError:
            with suppress(OSError):
                group.rmdir()
    try:
        yield made
    finally:
        for group in made:
            for _ in range(100):
                with suppress(OSError):
                    group.rmdir()
                if not group.exists():
                    break
                time.sleep(0.05)


def control_group_places() -> Iterator[tuple[Path, dict[str, int]]]:
    """This process's own control groups, and what to write to limit a group below them."""
    root = Path("/sys/fs/cgroup")
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, own = line.split(":", 2)
        if controllers == "pids":
            yield root / "pids" / own.lstrip("/"), {"pids.max": PROCESSES}
        elif controllers == "memory":
            yield root / "memory" / own.lstrip("/"), {"memory.limit_in_bytes": MEMORY_BYTES}
        elif not controllers and (root / "cgroup.controllers").exists():
            yield root / own.lstrip("/"), {"pids.max": PROCESSES, "memory.max": MEMORY_BYTES}
