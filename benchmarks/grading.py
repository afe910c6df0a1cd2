"""Submissions a minute: this grader, isolation on, beside ``nbgrader autograde`` on the same machine and course.

``python benchmarks/grading.py [--students 300] [--nbgrader-students 30] [--rounds 3]``

Both are started by their own command, from nothing, in turns; a round's rate is submissions over wall time,
start and end of the command included. nbgrader grades one notebook after the other, so that its rate does
not depend on how many there are, and it gets fewer; this grader gets a class. Bytecode is compiled for both.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from scaleml_course.course.catalogue import Exercise as Source
from scaleml_course.course.notebook import exercise_notebook, write_notebook
from scaleml_course.grading.course_folder import read_notebook
from scaleml_course.grading.invented import Exercise, as_bytes
from scaleml_course.grading.release import generate_release
from scaleml_course.measure.hardware import hardware

HERE = Path(__file__).resolve().parent
NAME = "01_throughput"
BIN = Path(sys.executable).parent


def main() -> None:
    """Measure, print a table, write ``results/grading.json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--nbgrader-students", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "grading.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grading-benchmark-") as scratch:
        theirs = build(Path(scratch) / "nbgrader", asked.nbgrader_students)
        ours = build(Path(scratch) / "ours", asked.students)
        nbgrader("generate_assignment", NAME, "--force", course=theirs)
        rates: dict[str, list[float]] = {"nbgrader autograde": [], "scaleml grade": []}
        for number in range(asked.rounds):
            rates["nbgrader autograde"].append(time_nbgrader(theirs, asked.nbgrader_students))
            rates["scaleml grade"].append(time_ours(ours, asked.students))
            print(f"round {number + 1}: " + ", ".join(f"{name} {each[-1]:.1f}" for name, each in rates.items()))
        level = json.loads((ours / "report.json").read_text())["isolation"]["level"]
    ratios = [b / a for a, b in zip(*rates.values(), strict=True)]
    results = {
        "claim": "submissions a minute, scaleml grade over nbgrader autograde",
        "isolation": level,
        "students": {"scaleml grade": asked.students, "nbgrader autograde": asked.nbgrader_students},
        "submissions_per_minute": rates,
        "ratios": ratios,
        "median_ratio": statistics.median(ratios),
        "hardware": hardware().as_dict(),
        "nbgrader": metadata.version("nbgrader"),
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    asked.out.write_text(json.dumps(results, indent=1) + "\n")
    print(f"median ratio {results['median_ratio']:.1f} (isolation: {level}; {hardware().stamp()})")


def build(course: Path, n_students: int) -> Path:
    """A course folder with the exercise and as many right answers."""
    source, release = (course / step / NAME / f"{NAME}.ipynb" for step in ("source", "release"))
    described = Source(HERE / "exercises" / f"{NAME}.py", "Throughput", 10, 60, 1500, ())
    write_notebook(exercise_notebook(described), source)
    generate_release(source, release)
    exercise = Exercise(NAME, read_notebook(source), read_notebook(release))
    notebook = as_bytes(exercise.answered({}))
    for number in range(n_students):
        folder = course / "submitted" / f"student{number:04}" / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(notebook)
    return course


def nbgrader(*arguments: str, course: Path) -> None:
    """Run nbgrader as it comes; the course folder has no configuration."""
    command = [BIN / "nbgrader", *arguments, "--course-dir", str(course), "--log-level=ERROR"]
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(course)}
    finished = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    if finished.returncode:
        sys.exit(f"nbgrader {arguments[0]} failed:\n{finished.stderr[-2000:]}")


def time_nbgrader(course: Path, n_students: int) -> float:
    """Submissions a minute of ``nbgrader autograde --force``."""
    shutil.rmtree(course / "autograded", ignore_errors=True)
    started = time.perf_counter()
    nbgrader("autograde", NAME, "--force", course=course)
    seconds = time.perf_counter() - started
    graded = len(list((course / "autograded").glob(f"*/{NAME}/{NAME}.ipynb")))
    if graded != n_students:
        sys.exit(f"nbgrader graded {graded} of {n_students}")
    return 60 * graded / seconds


def time_ours(course: Path, n_students: int) -> float:
    """Submissions a minute of ``scaleml grade``, everything forgotten before."""
    for folder in ("autograded", "journal"):
        shutil.rmtree(course / folder, ignore_errors=True)
    (course / "gradebook.db").unlink(missing_ok=True)
    report = course / "report.json"
    command = [BIN / "scaleml", "grade", "--course", str(course), "--report", str(report)]
    started = time.perf_counter()
    finished = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    rows = json.loads(report.read_text())["outcomes"] if report.exists() else []
    right = [row for row in rows if row["score"] == row["max_score"]]
    if len(right) != n_students:
        sys.exit(
            f"{len(right)} of {n_students} have full marks:\n{finished.stdout[-1000:]}{finished.stderr[-2000:]}"
        )
    return 60 * n_students / seconds


if __name__ == "__main__":
    main()
