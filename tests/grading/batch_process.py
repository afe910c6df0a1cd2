"""A batch in a process of its own, to be interrupted or killed: ``python batch_process.py ARGUMENTS_AS_JSON``."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def start_batch(course, **options):
    """Start grading a course folder, without kernels unless the option ``real`` is given.

    Options are those of `batch.grade`, and ``die``: [name of a step, number, "before" or "after"], where the
    process shall kill itself; ``log``: a file that gets the name of each student who is graded.
    """
    arguments = json.dumps({"course": str(course), **options})
    return subprocess.Popen([sys.executable, __file__, arguments], stderr=subprocess.PIPE, text=True)


def wait_until(holds, seconds=120):
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def die_at(step, number, when):
    """Make this process kill itself before or after the given call of a step."""
    from scaleml_course.grading.gradebook_writer import GradebookWriter
    from scaleml_course.grading.graded_files import GradedFiles
    from scaleml_course.grading.journal import Journal

    places = {"stage": GradedFiles, "publish": GradedFiles, "write": GradebookWriter, "note": Journal}
    place, calls = places[step], []
    whole = getattr(place, step)

    def deadly(*given):
        calls.append(1)
        if len(calls) == number and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        whole(*given)
        if len(calls) == number and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(place, step, deadly)


def main():
    """Grade as the arguments say."""
    import functools

    from scaleml_course.grading import batch
    from scaleml_course.grading.isolation.levels import Isolation

    options = json.loads(sys.argv[1])
    course = Path(options.pop("course"))
    if options.pop("real", False):
        batch.grade(course, trust_students=True, **options)
        return
    from fake_grader import fake_grade

    if die := options.pop("die", None):
        die_at(*die)
    grade_one = functools.partial(fake_grade, log=options.pop("log", None))
    batch.grade(course, isolation=Isolation("trusted"), grade_one=grade_one, **options)


if __name__ == "__main__":
    main()
