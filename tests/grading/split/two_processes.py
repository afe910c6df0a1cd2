"""A student's process, a checker's process and a small worker between them: the split run without walls."""

import contextlib
import json
import multiprocessing
import os
import resource
import signal
import socket
import sys
import time
import types
from pathlib import Path

from scaleml_course.grading.answers import read_answer
from scaleml_course.grading.split import wire
from scaleml_course.grading.split.order import Cell, checks_of

ROOT = Path(__file__).resolve().parents[3]
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["numpy", "pandas", "scipy.sparse", "sklearn.linear_model", "joblib", __name__, "scaleml_course.measure.apart"]
    + [f"scaleml_course.grading.split.{name}" for name in ("student", "checker", "arrays", "frames", "sparse")]
)


def be_student(link, steps):
    """Run the steps of a student's notebook, then serve."""
    from scaleml_course.grading.split import student

    sys.modules["__main__"] = module = types.ModuleType("__main__")
    student.install(link.detach())
    for kind, *rest in steps:
        if kind == "run":
            (source,) = rest
            with contextlib.suppress(Exception):
                exec(compile(source, "<answer>", "exec"), vars(module))
        else:
            student.snapshot(*rest)
    student.serve()


def be_checker(control, link):
    """Run the checker; a test that hangs is ended with it."""
    from scaleml_course.grading.split import checker

    checker.main(control, link)


class Worker:
    """Sends the order, watches the time, answers for memory, and collects what the checker reports."""

    def __init__(self, student, checker, control, *, cell_timeout_s):
        self.student, self.checker, self.control = student, checker, control
        self.cell_timeout_s = cell_timeout_s
        self.outputs, self.seconds = {}, {}
        self.done = False

    def run(self, cells):
        wire.send(self.control, {"cells": [cell.as_order() for cell in cells]})
        began, interrupts = time.monotonic(), 0
        while True:
            try:
                report = wire.receive(self.control, 0.1)
            except TimeoutError:
                if time.monotonic() > began + self.cell_timeout_s + 3 * interrupts:
                    interrupts += 1
                    self.interrupt(interrupts)
                continue
            if report is None:
                return
            if "begin" in report:
                began, interrupts = time.monotonic(), 0
            elif "memory" in report:
                wire.send(self.control, self.memory(report))
            elif "end" in report:
                self.outputs[report["end"]] = report["outputs"]
                self.seconds[report["end"]] = report["seconds"]
            elif "done" in report:
                self.done = True
                return

    def interrupt(self, times):
        if times > 2:
            os.kill(self.student.pid, signal.SIGKILL)
        else:
            os.kill((self.student if times == 1 else self.checker).pid, signal.SIGINT)

    def memory(self, report):
        """As the real worker does it: the mark of the student's process, and a limit on what it may add."""
        folder = Path(f"/proc/{self.student.pid}")
        try:
            status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
            sizes = {key: int(status[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM", "VmData")}
            _, hard = resource.prlimit(self.student.pid, resource.RLIMIT_DATA)
            if report["memory"] == "begin":
                (folder / "clear_refs").write_text("5")
                if report["limit_bytes"] is not None:
                    limit = sizes["VmData"] + report["limit_bytes"]
                    resource.prlimit(self.student.pid, resource.RLIMIT_DATA, (limit, hard))
                return {"start_rss_bytes": sizes["VmRSS"]}
            resource.prlimit(self.student.pid, resource.RLIMIT_DATA, (hard, hard))
            if report["timed_out"]:
                os.kill(self.student.pid, signal.SIGINT)
            return {"peak_rss_bytes": sizes["VmHWM"]}
        except (OSError, KeyError):
            return {}


def run_split(steps, cells, *, cell_timeout_s=60, student=be_student):
    """Run cells against a student's steps in two processes; the worker, with what it was told."""
    link_a, link_b = socket.socketpair()
    control, theirs = socket.socketpair()
    processes = [
        CONTEXT.Process(target=student, args=(link_a, steps)),
        CONTEXT.Process(target=be_checker, args=(theirs, link_b)),
    ]
    for process in processes:
        process.start()
    for each in (link_a, link_b, theirs):
        each.close()
    worker = Worker(*processes, control, cell_timeout_s=cell_timeout_s)
    try:
        worker.run(cells)
    finally:
        control.close()
        for process in processes[::-1]:
            process.join(2)
            if process.is_alive():
                process.kill()
                process.join()
    return worker


def check(answer, *tests, names=None, given="", **options):
    """Outputs of each test, by its place, for a student's source and tests' sources that use these names."""
    names = names if names is not None else ("f", "g", "value")
    cells = [Cell("given", "given", given)] if given else []
    cells += [Cell(f"t{n}", "test", source, names=tuple(names)) for n, source in enumerate(tests)]
    plain = "\n".join(line for line in given.splitlines() if not line.startswith("%"))
    steps = [("run", plain), ("run", answer)] + [("snapshot", cell.id, list(cell.names)) for cell in cells]
    worker = run_split(steps, cells, **options)
    return [worker.outputs.get(f"t{n}") for n in range(len(tests))]


def error_of(outputs):
    """Name and message of the error among a test's outputs; None when it passed."""
    assert outputs is not None, "no report"
    return next(((one["ename"], one["evalue"]) for one in outputs if one["output_type"] == "error"), None)


def exercise(name):
    """The instructor's notebook of one of the course's exercises."""
    return json.loads((ROOT / "grader" / "source" / name / f"{name}.ipynb").read_text())


def failed_tests(notebook, answer=None, **options):
    """Ids of the tests that fail, with their errors, for a sample answer's file, or for the model answer."""
    cells = checks_of(notebook)
    by_index = {cell.index: cell for cell in cells if not cell.id.startswith("imports_")}
    sources = {}
    if answer is not None:
        ids = {cell["metadata"]["nbgrader"]["grade_id"] for cell in notebook["cells"]}
        sources = read_answer(answer, ids, ids).cells
    steps = []
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        if index in by_index:
            steps.append(("snapshot", by_index[index].id, list(by_index[index].names)))
        if not cell["metadata"]["nbgrader"]["grade"]:
            name = cell["metadata"]["nbgrader"]["grade_id"]
            steps.append(("run", sources.get(name, "".join(cell["source"]))))
    worker = run_split(steps, cells, **options)
    assert worker.done
    tests = [cell.id for cell in cells if cell.kind == "test"]
    return {name: error for name in tests if (error := error_of(worker.outputs.get(name)))}
