"""Inside the sandbox: a process that has imported the course's libraries, and forks one process a submission.

``python -m scaleml_course.grading.isolation.nest CONTROL_FD LEVEL MODULE…``, started by `nursery`. Importing
NumPy, pandas and scikit-learn takes two seconds, forking a process that has them takes milliseconds. It
holds no test, no secret and one thread (a fork copies only the thread that forks).
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import tarfile
import tempfile
import threading
from pathlib import Path
from typing import Any, NoReturn

from scaleml_course.grading.isolation import namespaces, policy
from scaleml_course.grading.isolation.process_limits import (
    apply_limits,
    become_subreaper,
    drop_capabilities,
    tasks_of_user,
)
from scaleml_course.grading.isolation.process_tree import Tree
from scaleml_course.grading.isolation.system_calls import refuse_system_calls

#: What every kernel and every checker needs, whatever the exercise imports.
ALWAYS = (
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel.iostream",
    "ipykernel.debugger",  # with debugpy: half of a kernel's start
    "ipykernel.heartbeat",
    "IPython.core.completer",
    "IPython.core.magics",
    "msgpack",
    "numpy.lib.format",
    *(
        f"scaleml_course.grading.split.{part}"
        for part in ("arrays", "checker", "columns", "frames", "sparse", "student")
    ),
)
MAX_MESSAGE = 65536


def main(control_fd: int, level: str, modules: list[str]) -> None:
    """Get ready, then fork on demand until the grader hangs up."""
    if level == "bubblewrap":
        namespaces.become_ordinary()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for a kernel, never for all of them
    control = socket.socket(fileno=control_fd)
    missing = [] if modules == ["--bare"] else warm(modules)
    n_threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 (a number is wanted)
    control.send(json.dumps({"ready": os.getpid(), "threads": n_threads, "missing": missing}).encode())
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE, 8)
        if not message:
            return
        child = os.fork()
        if child == 0:
            control.close()
            _begin(json.loads(message), descriptors, level)
        for descriptor in descriptors:
            os.close(descriptor)
        os.waitpid(child, 0)  # it ends at once: its own child is what stays


def warm(modules: list[str]) -> list[str]:
    """Import what submissions will import; returns those that this machine does not have."""
    for name in ALWAYS:
        importlib.import_module(name)
    missing = []
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:  # whatever it is, the submission that needs it will say so
            missing.append(name)
    if "matplotlib" in sys.modules:
        with contextlib.suppress(Exception):
            importlib.import_module("matplotlib.font_manager")  # looks at every font, once instead of each time
    if threading.active_count() > 1:
        raise RuntimeError(f"imports started threads, which a fork would lose: {threading.enumerate()}")
    gc.collect()
    gc.freeze()  # pages that no collection touches stay shared with every fork
    return missing


def _begin(order: dict[str, Any], descriptors: list[int], level: str) -> NoReturn:
    """In the first fork: new namespaces, then the process that stays as the first of them."""
    report = socket.socket(fileno=descriptors[0])
    try:
        os.setsid()
        if level == "bubblewrap":
            namespaces.unshare_all()
        if os.fork():
            os._exit(0)
        _oversee(order, descriptors, level, report)
    except BaseException as error:
        _tell(report, {"failed": f"{type(error).__name__}: {error}"})
    os._exit(70)


def _oversee(order: dict[str, Any], descriptors: list[int], level: str, report: socket.socket) -> NoReturn:
    """The first process of a submission: furnish, start what was asked for, and end everything after it."""
    limits = order["limits"]
    if level == "bubblewrap":
        namespaces.furnish(limits["disk_mb"], limits["memory_mb"], policy.python_folders())
        home = Path("/home/student")
    else:
        become_subreaper()
        home = Path(order["folder"]) / "home"
    _tell(report, {"overseer": os.getpid()})
    child = os.fork()
    if child == 0:
        try:
            _become(order, descriptors, level, report, home)
        except BaseException as error:
            _tell(report, {"failed": f"{type(error).__name__}: {error}"})
        os._exit(70)
    for descriptor in descriptors[1:]:
        os.close(descriptor)
    with contextlib.suppress(OSError):
        for descriptor in (0, 1, 2):
            os.close(descriptor)
    status = _wait_or_hang_up(child, report)
    if level != "bubblewrap":  # there, the end of a namespace's first process ends all others
        Tree(os.getpid()).kill_all()
    _tell(report, {"exit": status})
    os._exit(0)


def _wait_or_hang_up(child: int, report: socket.socket) -> int:
    """Exit status of the child; the child is killed when the grader is gone."""
    poller = select.poll()
    poller.register(os.pidfd_open(child), select.POLLIN)
    poller.register(report, select.POLLIN | select.POLLRDHUP)
    while True:
        with contextlib.suppress(ChildProcessError):
            done, status = os.waitpid(-1, os.WNOHANG)  # strangers' children end up here too
            if done == child:
                return os.waitstatus_to_exitcode(status)
            if done:
                continue
        for descriptor, events in poller.poll(1000):
            if descriptor != report.fileno():
                continue
            asked = b"" if events & (select.POLLHUP | select.POLLRDHUP) else report.recv(MAX_MESSAGE)
            if asked:
                _obey(child, json.loads(asked))
                _tell(report, {"done": child})
            else:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)


def _obey(child: int, order: dict[str, Any]) -> None:
    """What the grader asks of an overseer, who may do what neither the grader nor the child may."""
    if "limit_data" in order:
        _limit_data(child, order["limit_data"])
    elif "seal" in order:
        namespaces.seal(order["seal"])


def _limit_data(child: int, added_bytes: int | None) -> None:
    """Let the child map this much more private memory, or as much as ever again.

    From here, because a process of the same user may: a grader that is root need not be allowed to. Only the soft
    limit, since nobody here may raise a hard one again; the grader looks at what was really held.
    """
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        _, hard = resource.prlimit(child, resource.RLIMIT_DATA)
        soft = hard
        if added_bytes is not None:
            status = Path(f"/proc/{child}/status").read_text()
            mapped = 1024 * int(status.partition("VmData:")[2].split(maxsplit=1)[0])
            soft = mapped + added_bytes if hard == resource.RLIM_INFINITY else min(hard, mapped + added_bytes)
        resource.prlimit(child, resource.RLIMIT_DATA, (soft, hard))


def _become(order: dict[str, Any], descriptors: list[int], level: str, report: socket.socket, home: Path) -> None:
    """Confine this process, then be a kernel or a checker."""
    work = home / "work"
    work.mkdir(parents=True, exist_ok=True)
    os.chdir(work)
    with tarfile.open(fileobj=os.fdopen(descriptors[1], "rb")) as archive:
        archive.extractall(work, filter="data")
    limits = order["limits"]
    if level != "bubblewrap":
        folder = Path(order["folder"])
        os.environ |= {"HOME": str(home), "TMPDIR": str(folder / "tmp"), "IPYTHONDIR": str(home / ".ipython")}
        os.environ |= {"MPLCONFIGDIR": str(folder / "tmp/mpl"), "NUMBA_CACHE_DIR": str(folder / "tmp/numba")}
        tempfile.tempdir = None
    if level == "landlock":
        _landlock(Path(order["folder"]), order["readable"], order["ports"])
    # Without a user namespace, what the user runs elsewhere counts too.
    others = 0 if level == "bubblewrap" else tasks_of_user(os.getuid())
    apply_limits(
        processes=limits["processes"] + others,
        memory_bytes=limits["memory_mb"] * 2**20,
        cpu_seconds=limits["cpu_s"],
    )
    if level == "trusted":
        namespaces.stay_visible()
    else:
        drop_capabilities()
        own_network = level == "bubblewrap"
        refuse_system_calls(network="all" if own_network else "tcp", change_files=own_network)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Threads were held to one while the libraries were imported, so that this process could be forked.
    for name in THREADS:
        os.environ.pop(name, None)
    if order["role"] == "kernel":
        _kernel(order, report, descriptors[2] if len(descriptors) > 2 else None)
    elif order["role"] == "checker":
        _checker(report, descriptors[2], descriptors[3])
    else:
        _tell(report, {"started": os.getpid()})
        signal.pause()


THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def _landlock(folder: Path, readable: list[str], ports: list[int]) -> None:
    """Landlock's rules; of TCP only a few ports, which a cluster on the loopback can use."""
    from scaleml_course.grading.isolation import landlock

    site = folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        f"from scaleml_course.grading.isolation.landlock import bind_within\nbind_within({ports})\n"
    )
    os.environ["PYTHONPATH"] = os.pathsep.join([str(site), os.environ["PYTHONPATH"]])
    landlock.bind_within(ports)
    landlock.restrict(
        [Path(path) for path in readable], [folder, Path("/dev/shm"), Path("/dev/null")], tcp_ports=ports
    )


def _kernel(order: dict[str, Any], report: socket.socket, link_fd: int | None) -> NoReturn:
    """Be an ordinary Jupyter kernel."""
    from ipykernel.kernelapp import IPKernelApp

    from scaleml_course.grading.split import student

    if link_fd is not None:
        student.install(link_fd)
    # Without namespaces the socket's folder is the submission's own.
    prefix = "" if order["folder"] == "None" else order["folder"]
    order["connection"]["ip"] = prefix + order["connection"]["ip"]
    connection = Path(order["connection"]["ip"]).with_name("connection.json")
    connection.parent.mkdir(parents=True, exist_ok=True)
    connection.write_text(json.dumps(order["connection"]))
    app = IPKernelApp.instance()
    # A private history database would cost a file and a thread for every submission.
    app.initialize(["-f", str(connection), "--HistoryManager.enabled=False", "--quiet", "--log-level=50"])
    _tell(report, {"started": os.getpid()})
    report.close()
    app.start()
    os._exit(0)


def _checker(report: socket.socket, link_fd: int, control_fd: int) -> NoReturn:
    from scaleml_course.grading.split import checker

    _tell(report, {"started": os.getpid()})
    report.close()
    checker.main(socket.socket(fileno=control_fd), socket.socket(fileno=link_fd))
    os._exit(0)


def _tell(report: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        report.send(json.dumps(message).encode())


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
