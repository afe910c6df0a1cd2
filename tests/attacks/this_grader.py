"""This grader, tried on every attack: one batch with all of them, an honest notebook behind each.

The canaries are on this machine, in a temporary folder. The batch runs in a process of its own, started as
``python -m tests.attacks.this_grader TASK.json``, so that a batch which hangs or is killed is noticed too.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.attacks import target
from tests.attacks.attack import Attack
from tests.attacks.canaries import Canaries, Places, read_scores
from tests.attacks.listeners import Listeners
from tests.attacks.nbgrader_lab import environment, new_tokens, run_nbgrader
from tests.attacks.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]
#: Behind the name of an attack: the honest student whose notebook is graded next.
NEXT = "-next"
#: Short, so that what never ends costs little: seconds a notebook and a cell.
SECONDS_HOSTILE = (25.0, 4.0)
#: Time enough to start a cluster.
SECONDS_HONEST = (90.0, 30.0)
#: What a batch may take beyond the limits of all its notebooks on one worker.
PATIENCE_S = 120.0
#: How long after the batch something left behind may still act.
SETTLE_S = 2.0


def grade(attacks: Sequence[Attack], level: str, n_workers: int, step: Callable[[], None]) -> dict[str, Verdict]:
    """Grade every notebook with this grader: one batch of the hostile ones, one of the honest ones.

    Parameters
    ----------
    attacks : sequence of Attack
    level : {"bubblewrap", "landlock", "trusted"}
        How to confine them; what might harm this machine is left out where nothing does.
    n_workers : int
    step : callable
        Called whenever one more is graded.
    """
    verdicts: dict[str, Verdict] = {}
    tried = [attack for attack in attacks if level != "trusted" or not attack.dangerous]
    for seconds, honest in ((SECONDS_HOSTILE, False), (SECONDS_HONEST, True)):
        if those := [attack for attack in tried if attack.honest is honest]:
            verdicts |= grade_batch(those, level, n_workers, seconds, step)
    return verdicts


def grade_batch(
    attacks: Sequence[Attack],
    level: str,
    n_workers: int,
    seconds: tuple[float, float],
    step: Callable[[], None],
) -> dict[str, Verdict]:
    """Build a course folder with these notebooks and canaries, grade it, and judge every one."""
    with tempfile.TemporaryDirectory(prefix="redteam-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        tokens = new_tokens()
        (folder / "marks").mkdir(mode=0o777)
        listeners = Listeners(f"redteam-{secrets.token_hex(4)}", folder / "marks" / "listener")
        places = Places(
            COURSE=str(folder / "course"),
            HOME=str(folder / "home"),
            MARKS=str(folder / "marks"),
            TCP=listeners.ports[0],
            UDP=listeners.ports[1],
            ABSTRACT=listeners.abstract,
            VICTIM=target.VICTIM,
            ASSIGNMENT=target.NAME,
        )
        for attack in attacks:
            if attack.listens:
                listeners.listen_for(attack.name, folder / "marks")
        deserved = build_course(attacks, places, tokens)
        canaries = Canaries(places, tokens, listeners.heard, {attack.name for attack in attacks})
        seen = run_batch(attacks, places, canaries, level, n_workers, seconds, tokens, step)
        time.sleep(SETTLE_S)
        scores = read_scores(folder / "course" / "gradebook.db")
        verdicts = {}
        for attack in attacks:
            harm = [*seen["harm"].get(attack.name, []), *canaries.harm(attack.name)]
            verdicts[attack.name] = judge(attack, deserved[attack.name], seen["outcomes"], scores, harm)
            canaries.end_processes(attack.name)
        listeners.close()
    return verdicts


def build_course(attacks: Sequence[Attack], places: Places, tokens: dict[str, str]) -> dict[str, float]:
    """Fill the course folder; returns the points that each attack's honest part earns."""
    course = Path(places.COURSE)
    exercise = target.build(course)
    target.hand_in_honestly(exercise, course, target.VICTIM, tokens["another student's work"])
    for attack in attacks:
        folder = course / "submitted" / attack.name / target.NAME
        folder.mkdir(parents=True)
        attack.hand_in(exercise, folder, places.as_text())
        target.hand_in_honestly(exercise, course, attack.name + NEXT)
    told = f"--email={tokens['the gradebook']}"
    run_nbgrader(course, "db", "student", "add", target.VICTIM, told, "--course=scaleml")
    return {attack.name: attack.deserved(exercise) for attack in attacks}


def run_batch(
    attacks: Sequence[Attack],
    places: Places,
    canaries: Canaries,
    level: str,
    n_workers: int,
    seconds: tuple[float, float],
    tokens: dict[str, str],
    step: Callable[[], None],
) -> dict[str, Any]:
    """Grade in a process of its own; what each outcome was, and what harm was seen as soon as it was there."""
    folder = Path(places.COURSE).parent
    task = {"places": vars(places), "level": level, "n_workers": n_workers, "seconds": seconds}
    (folder / "task.json").write_text(json.dumps(task))
    log = folder / "log"
    with log.open("wb") as writing:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.this_grader", str(folder / "task.json")],
            cwd=ROOT,
            env={**environment(places.HOME), "REDTEAM_SECRET": tokens["the grader's environment"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=writing,
            start_new_session=True,
            text=True,
        )
        timer = _end_after(process, PATIENCE_S + seconds[0] * len(attacks) * 1.5)
        outcomes: dict[str, dict[str, Any]] = {}
        harm: dict[str, list[str]] = {}
        hostile = {attack.name for attack in attacks}
        for line in process.stdout or ():
            outcome = json.loads(line)
            student = outcome["student"]
            outcomes[student] = outcome
            if student in hostile:
                told = json.dumps([outcome["reason"], outcome["checks"]])
                harm[student] = canaries.harm(student, also=told)
                step()
        status = process.wait()
        timer.cancel()
    if status:
        last = " ".join(log.read_text(errors="replace").split())[-300:]
        for attack in attacks:
            if attack.name not in outcomes:
                harm.setdefault(attack.name, []).append(f"no outcome: the batch ended with {status}: {last}")
    return {"outcomes": outcomes, "harm": harm}


def _end_after(process: subprocess.Popen, timeout_s: float) -> threading.Timer:
    """Kill a batch that has stalled."""

    def end() -> None:
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(timeout_s, end)
    timer.start()
    return timer


def judge(
    attack: Attack,
    deserved: float,
    outcomes: dict[str, dict[str, Any]],
    scores: dict[str, float],
    harm: list[str],
) -> Verdict:
    """What came of one attack, from its outcome, the gradebook and the honest notebook behind it."""
    outcome = outcomes.get(attack.name, {"status": "no outcome", "score": None, "seconds": 0.0, "reason": ""})
    score, in_gradebook = outcome["score"], scores.get(attack.name, 0.0)
    if outcome["score"] is not None and in_gradebook != score:
        harm = [*harm, f"the gradebook says {in_gradebook:g} points, the outcome {score:g}"]
    score = score if score is None else max(score, in_gradebook)
    following = outcomes.get(attack.name + NEXT, {}).get("score") or 0.0
    if following != target.FULL_MARKS:
        harm = [*harm, f"the next, honest notebook got {following:g} of {target.FULL_MARKS:g}"]
    if outcomes.get(target.VICTIM, {}).get("score") != scores.get(target.VICTIM):
        harm = [*harm, "another student's marks differ in the gradebook"]
    said = f"{outcome['status']}: {outcome['reason']}"[:300]
    return Verdict.of(attack, deserved, score, harm, outcome["seconds"], said)


def main(task: dict[str, Any]) -> None:
    """Grade the course folder; one line of JSON an outcome, as soon as it is there."""
    from scaleml_course.grading import batch
    from scaleml_course.grading.isolation.levels import Isolation
    from scaleml_course.grading.limits import Limits

    places = Places(**task["places"])
    timeout_s, cell_timeout_s = task["seconds"]
    limits = Limits(
        timeout_s=timeout_s,
        cell_timeout_s=cell_timeout_s,
        memory_mb=places.MEMORY_MB,
        disk_mb=places.DISK_MB,
        processes=places.PROCESSES,
    )
    batch.grade(
        Path(places.COURSE),
        n_workers=task["n_workers"],
        limits=limits,
        isolation=Isolation(task["level"]),
        trust_students=task["level"] == "trusted",
        progress=lambda done, total, outcome: print(json.dumps(outcome.as_dict()), flush=True),
    )


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
