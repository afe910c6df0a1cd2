"""Where the grader's child processes begin: made to start quickly and to die with their parent."""

import ctypes
import importlib
import signal
import sys

#: What a child may be: the gradebook's preparation, one assignment's feedback.
TASKS = ("gradebook", "feedback_pages")


def start_quickly() -> None:
    """Keep jsonschema from building a grammar for internationalised addresses, half of a child's start.

    It imports this package if it can, does without if it cannot, and no notebook needs it.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies, so that a killed run leaves no grader."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def main(arguments: list[str]) -> int:
    """Run one task with the rest of the arguments."""
    task, *rest = arguments
    if task not in TASKS:
        raise ValueError(f"unknown task {task!r}")
    die_with_parent()
    start_quickly()
    module = importlib.import_module(f"scaleml_course.grading.{task}")
    return int(module.main(rest))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
