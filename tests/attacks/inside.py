"""Inside the lab: plant canaries, run ``nbgrader autograde`` on one attack, and tell what came of it.

``python inside.py TASK.json``, started by `nbgrader_lab`, prints one line of JSON. The lab is gone when it ends.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.attacks.canaries import Canaries, Places, read_scores
from tests.attacks.listeners import Listeners


def main(task: dict) -> dict:
    """Grade the attack, then an honest notebook, in one run of nbgrader, as an instructor would."""
    places = Places(**task["places"])
    course, name = Path(places.COURSE), task["name"]
    subprocess.run(["cp", "-a", "--sparse=always", f"{task['base']}/.", str(course)], check=True)
    for student in (name, task["next"]):
        folder = course / "submitted" / student / places.ASSIGNMENT
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", "--sparse=always", f"{task['hand_ins']}/{student}", str(folder)], check=True)
    marks = Path(places.MARKS)
    marks.mkdir(parents=True, exist_ok=True)
    listeners = Listeners(places.ABSTRACT, marks / "listener", places.TCP, places.UDP)
    listeners.listen_for(name, marks)
    canaries = Canaries(places, task["secrets"], listeners.heard, {name})
    before = read_scores(course / "gradebook.db")
    print(json.dumps({"ready": True}), flush=True)  # what goes wrong from here on is the attack's doing
    started = time.monotonic()
    ended, log = run_nbgrader(task, places)
    seconds = time.monotonic() - started
    harm = [] if ended is not None else [f"stalled the class for more than {task['timeout_s']:.0f} s"]
    time.sleep(task["settle_s"])
    harm += canaries.harm(name)
    scores = read_scores(course / "gradebook.db")
    if places.VICTIM in before and scores.get(places.VICTIM) != before[places.VICTIM]:
        harm.append("changed another student's marks")
    if scores.get(task["next"]) != task["full_marks"]:
        harm.append(f"the next, honest notebook got {scores.get(task['next'], 0.0):g} of {task['full_marks']:g}")
    return {"score": scores.get(name), "harm": harm, "seconds": seconds, "log": log[-2000:]}


def run_nbgrader(task: dict, places: Places) -> tuple[int | None, str]:
    """Exit status, None when it had to be ended, and the end of what it wrote."""
    command = [*task["command"], places.ASSIGNMENT, "--course-dir", places.COURSE]
    log = Path(places.HOME).parent / "log"
    with log.open("wb") as writing:
        process = subprocess.Popen(
            command,
            cwd=places.COURSE,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            start_new_session=True,
        )
        status: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = process.wait(task["timeout_s"])
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    with log.open("rb") as reading:
        reading.seek(max(0, log.stat().st_size - 4000))
        return status, reading.read().decode(errors="replace")


if __name__ == "__main__":
    print("\n" + json.dumps(main(json.loads(Path(sys.argv[1]).read_text()))), flush=True)
    os._exit(0)
