"""Runs lessons with papermill: in parallel, within their limits, and never twice for the same content."""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psutil

from scaleml_course.course.catalogue import Course, Lesson
from scaleml_course.course.content_key import Stamps, notebook_key
from scaleml_course.course.errors import UserError
from scaleml_course.course.machine import environment_for, unmet
from scaleml_course.course.outcome import LessonResult, explain, read_claims
from scaleml_course.course.processes import Ended, run_watched
from scaleml_course.measure.hardware import hardware

Progress = Callable[[str, int, int], None]
MEGABYTE = 1_000_000


def result_notebook(course: Course, lesson: Lesson, tier: str) -> Path:
    """Where the executed notebook of a good run lies."""
    return course.build / "lessons" / tier / f"{lesson.slug}.ipynb"


def run_lessons(
    course: Course,
    lessons: list[Lesson],
    tier: str,
    *,
    scheduler: str | None = None,
    force: bool = False,
    on_progress: Progress = lambda slug, place, of: None,
    on_result: Callable[[LessonResult], None] = lambda result: None,
) -> list[LessonResult]:
    """Run `lessons` at `tier`, as many at once as cores and declared memory allow.

    A lesson that fails, hangs or eats memory is ended, with everything it started, and the others still run.

    Parameters
    ----------
    tier : {"quick", "laptop", "cluster"}
    scheduler : str, optional
        Address of a Dask scheduler; required for the tier "cluster".
    force : bool
        Run even what has not changed.
    on_progress, on_result : callable
        Called from worker threads: with slug, cell and number of cells; with each result as it comes.

    Returns
    -------
    list of LessonResult
        In the order of `lessons`.
    """
    if tier == "cluster" and not scheduler:
        raise UserError(
            "The tier 'cluster' needs a Dask scheduler.",
            remedy="Pass --scheduler tcp://host:8786, or choose --tier laptop.",
            exit_status=2,
        )
    budget = Budget(hardware().n_cores, int(psutil.virtual_memory().available * 0.9))

    stop = threading.Event()

    def work(lesson: Lesson) -> LessonResult:
        with budget.share(lesson):
            if stop.is_set():
                return LessonResult(lesson.slug, tier, "error", message=f"{lesson.slug} was not run.")
            try:
                result = run_lesson(
                    course, lesson, tier, scheduler=scheduler, force=force, on_progress=on_progress, stop=stop
                )
            except UserError as error:  # a source that cannot be read is its own lesson's failure
                result = LessonResult(lesson.slug, tier, "error", message=str(error))
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                result = _no_space(lesson, tier, f"the disk is full, {error.filename or 'a file'} was not written")
        if not stop.is_set():
            on_result(result)
        return result

    with ThreadPoolExecutor(max_workers=max(1, len(lessons))) as pool:
        try:
            return list(pool.map(work, lessons))
        except BaseException:  # Ctrl-C above all: leaving the block waits for the threads, so end their work
            stop.set()
            raise


def _no_space(lesson: Lesson, tier: str, what: str) -> LessonResult:
    remedy = "Free some space, or point TMPDIR at a larger disk; run again."
    return LessonResult(lesson.slug, tier, "no_space", message=f"{lesson.path.name}: {what}. {remedy}")


class Budget:
    """Cores and memory, handed to whichever lesson fits; a lesson larger than all of it runs alone."""

    def __init__(self, cores: int, memory_bytes: int) -> None:
        self.cores, self.memory_bytes = cores, memory_bytes
        self._used: list[Lesson] = []
        self._changed = threading.Condition()

    def share(self, lesson: Lesson) -> _Share:
        return _Share(self, lesson)

    def fits(self, lesson: Lesson) -> bool:
        """Whether `lesson` can start beside what runs now."""
        cores = sum(one.cores for one in self._used) + lesson.cores
        memory = sum(one.memory_mb for one in self._used) + lesson.memory_mb
        return not self._used or (cores <= self.cores and memory * MEGABYTE <= self.memory_bytes)


class _Share:
    def __init__(self, budget: Budget, lesson: Lesson) -> None:
        self.budget, self.lesson = budget, lesson

    def __enter__(self) -> None:
        with self.budget._changed:
            self.budget._changed.wait_for(lambda: self.budget.fits(self.lesson))
            self.budget._used.append(self.lesson)

    def __exit__(self, *error: object) -> None:
        with self.budget._changed:
            self.budget._used.remove(self.lesson)
            self.budget._changed.notify_all()


def run_lesson(
    course: Course,
    lesson: Lesson,
    tier: str,
    *,
    scheduler: str | None = None,
    force: bool = False,
    on_progress: Progress = lambda slug, place, of: None,
    stop: threading.Event | None = None,
) -> LessonResult:
    """Run one lesson, or find that it need not run; see `run_lessons`."""
    if reason := unmet(lesson, scheduler):
        return LessonResult(lesson.slug, tier, "skipped", message=f"{lesson.slug} is skipped: {reason}.")
    stamps = Stamps(course.build / "lessons" / tier)
    key = notebook_key(course.root, lesson.path, tier, scheduler or "")
    output = result_notebook(course, lesson, tier)
    kept = None if force or not output.exists() else stamps.read(lesson.slug, key)
    with contextlib.suppress(TypeError):  # a record with other fields is one of another version: run anew
        if kept is not None:
            return replace(LessonResult(**kept), cached=True)

    with tempfile.TemporaryDirectory(prefix="scaleml-") as scratch:
        free_mb = shutil.disk_usage(scratch).free / MEGABYTE
        if free_mb < lesson.disk_mb:
            needs = f"needs {lesson.disk_mb} MB of disk, and {scratch} has {free_mb:.0f} MB"
            return _no_space(lesson, tier, needs)
        executed = Path(scratch, "executed.ipynb")
        ended, report = _execute(course, lesson, tier, Path(scratch), executed, scheduler, on_progress, stop)
        result = explain(course, lesson, tier, ended, report)
        result = replace(result, hardware=hardware().as_dict())
        output.parent.mkdir(parents=True, exist_ok=True)
        if result.status == "ok":
            result = replace(result, claims=read_claims(executed), n_cells=report["of"])
            _put(executed, output)
            stamps.write(lesson.slug, key, asdict(result))
        elif executed.exists():
            _put(executed, output.with_suffix(".failed.ipynb"))
    return result


def _put(file: Path, place: Path) -> None:
    """Copy whole or not at all: when the disk fills up, the earlier result is still there."""
    fresh = place.with_name(f".{place.name}.new")
    try:
        shutil.copyfile(file, fresh)
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)


def _execute(
    course: Course,
    lesson: Lesson,
    tier: str,
    scratch: Path,
    executed: Path,
    scheduler: str | None,
    on_progress: Progress,
    stop: threading.Event | None,
) -> tuple[Ended, dict[str, Any]]:
    """Run the lesson in a watched process; returns how that ended and what it reported."""
    from scaleml_course.course.notebook import lesson_notebook, write_notebook

    notebook, report_path = scratch / f"{lesson.slug}.ipynb", scratch / "report.json"
    write_notebook(lesson_notebook(lesson), notebook)
    temporary, state = scratch / "tmp", scratch / "state"
    temporary.mkdir()
    last: dict[str, Any] = {"cell": "", "of": 0}

    def on_line(line: str) -> None:
        try:
            last.update(json.loads(line))
        except ValueError:
            return  # something else wrote to standard output; it is not ours to show
        on_progress(lesson.slug, last["place"], last["of"])

    order = {
        "notebook": str(notebook),
        "output": str(executed),
        "report": str(report_path),
        "parameters": {"tier": tier},
        "cwd": str(course.root / "notebooks"),
    }
    (scratch / "order.json").write_text(json.dumps(order), encoding="utf-8")
    environment = {"TMPDIR": str(temporary), "SCALEML_STATE_DIR": str(state), **environment_for(lesson)}
    if scheduler:
        environment["DASK_SCHEDULER_ADDRESS"] = scheduler
    ended = run_watched(
        ["scaleml_course.course.run_one", str(scratch / "order.json")],
        cwd=course.root,
        timeout_s=lesson.timeout_s,
        memory_bytes=lesson.memory_mb * MEGABYTE,
        on_line=on_line,
        environment=environment,
        stop=stop,
    )
    try:
        return ended, last | json.loads(report_path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ended, last | {"status": "unknown"}
