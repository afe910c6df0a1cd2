"""Every refusal of the system call filter in real forked processes, each beside the same act without it."""

import contextlib
import ctypes
import errno
import functools
import json
import os
import platform
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scaleml_course.grading.isolation.system_calls import refuse_system_calls

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="the filter is written for Linux on x86-64 and arm64",
)


def outcome(act, confine=None):
    """What `act` returns in a forked process that was confined first, or the name of its error."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if confine is not None:
                confine()
            result = act()
        except OSError as error:
            result = errno.errorcode.get(error.errno, repr(error))
        except BaseException as error:
            result = repr(error)
        os.write(writer, json.dumps(result).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if text else signal.Signals(os.WTERMSIG(status)).name


def call(x86_64, aarch64, *arguments):
    """A system call by its number."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = x86_64 if platform.machine() == "x86_64" else aarch64
    if libc.syscall(ctypes.c_long(number), *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
    return "done"


with_tcp = functools.partial(refuse_system_calls, network="tcp")


@pytest.fixture
def listener():
    """A TCP listener on the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def connect(address, *kind):
    with socket.socket(*(kind or (socket.AF_INET, socket.SOCK_STREAM))) as client:
        client.settimeout(5)
        client.connect(address)
    return "connected"


def test_tcp_only_when_asked_for(listener):
    act = functools.partial(connect, listener)
    assert outcome(act, refuse_system_calls) == "EACCES"
    assert outcome(act, with_tcp) == "connected"


@pytest.mark.parametrize("confine", [refuse_system_calls, with_tcp])
@pytest.mark.parametrize(
    "kind",
    [
        (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_INET6, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK),
        (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP),
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP),
        (socket.AF_VSOCK, socket.SOCK_STREAM),
        (socket.AF_PACKET, socket.SOCK_RAW),
        (socket.AF_NETLINK, socket.SOCK_RAW, 9),
    ],
)
def test_no_other_socket_at_all(kind, confine):
    assert outcome(lambda: socket.socket(*kind).close(), confine) == "EACCES"


def test_no_connection_by_fast_open(listener):
    def act():
        with socket.socket() as client:
            return client.sendto(b"hidden", socket.MSG_FASTOPEN, listener)

    assert outcome(act, with_tcp) == "EPERM"
    assert outcome(act) == 6


def test_any_socket_in_a_network_of_its_own():
    datagram = functools.partial(refuse_system_calls, network="all")
    assert outcome(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(), datagram) is None


def test_no_memory_that_belongs_to_no_process():
    # Written and closed but mapped somewhere, it would count as nobody's.
    assert outcome(lambda: os.memfd_create("hidden") > 0, refuse_system_calls) == "ENOSYS"
    assert outcome(lambda: os.memfd_create("hidden") > 0) is True


def test_unix_sockets_pairs_and_the_list_of_interfaces_work(tmp_path):
    def act():
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(tmp_path / "socket"))
            server.listen()
            connect(str(tmp_path / "socket"), socket.AF_UNIX)
        left, right = socket.socketpair()
        left.send(b"x")
        return [right.recv(1).decode(), "lo" in [name for _, name in socket.if_nameindex()]]

    assert outcome(act, refuse_system_calls) == ["x", True]


def test_modes_and_times_stay_and_copying_still_works(tmp_path):
    (tmp_path / "file").write_text("text")
    (tmp_path / "file").chmod(0o644)
    os.utime(tmp_path / "file", (0, 0))

    def act():
        (tmp_path / "file").chmod(0o777)
        with (tmp_path / "file").open() as file:
            os.fchmod(file.fileno(), 0)
        os.utime(tmp_path / "file")
        shutil.copy2(tmp_path / "file", tmp_path / "copy")
        status = (tmp_path / "file").stat()
        return [oct(status.st_mode & 0o777), status.st_mtime, (tmp_path / "copy").read_text()]

    assert outcome(act, refuse_system_calls) == ["0o644", 0.0, "text"]
    may_change = functools.partial(refuse_system_calls, change_files=True)
    assert outcome(act, may_change)[:2] != ["0o644", 0.0]


# What is set, and how it is read.
OF_A_PROCESS = {
    "limits": (
        lambda pid: resource.prlimit(pid, resource.RLIMIT_CPU, (900, 900)),
        lambda pid: resource.prlimit(pid, resource.RLIMIT_CPU),
    ),
    "priority": (
        lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19),
        lambda pid: os.getpriority(os.PRIO_PROCESS, pid),
    ),
    "processors": (lambda pid: os.sched_setaffinity(pid, {0}), os.sched_getaffinity),
    "scheduler": (lambda pid: os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0)), os.sched_getscheduler),
}


@pytest.mark.parametrize("name", OF_A_PROCESS)
def test_other_processes_keep_what_they_have(name):
    if name == "processors" and os.sched_getaffinity(0) == {0}:
        pytest.skip("needs a second processor")
    act, read = OF_A_PROCESS[name]

    def try_it(pid):
        with contextlib.suppress(PermissionError):
            act(pid)

    with subprocess.Popen(["/bin/sleep", "60"]) as other:
        before = read(other.pid)
        outcome(lambda: try_it(other.pid), refuse_system_calls)
        assert read(other.pid) == before
        outcome(lambda: try_it(other.pid))
        assert read(other.pid) != before
        other.kill()


@pytest.mark.parametrize("name", sorted(set(OF_A_PROCESS) - {"limits"}))
def test_a_process_can_set_its_own(name):
    act, read = OF_A_PROCESS[name]
    before = str(read(0))
    if name == "processors" and before == "{0}":
        pytest.skip("needs a second processor")
    assert outcome(lambda: [act(0), str(read(0))][1], refuse_system_calls) != before


def test_nobody_signals_everyone():
    assert outcome(lambda: os.kill(-1, 0), refuse_system_calls) == "EPERM"
    assert outcome(lambda: os.kill(-1, 0)) is None
    assert outcome(lambda: os.kill(os.getpid(), 0), refuse_system_calls) is None


CALLS = {
    "shared memory": (29, 194, 0, 4096, 0o1600),
    "message queue": (68, 186, 0, 0o1600),
    "keyring": (250, 219, 0, -3, 0),
    "inotify": (294, 26, 0),
    "user namespace": (272, 97, 0x10000000),
}


@pytest.mark.parametrize("name", CALLS)
def test_calls_that_reach_beyond_the_process_are_refused(name):
    act = functools.partial(call, *CALLS[name])
    assert outcome(act, refuse_system_calls) == "EPERM"
    assert outcome(act) != "EPERM"


def test_no_namespace_by_clone_and_no_io_uring():
    new_user = 0x10000000 | signal.SIGCHLD
    assert outcome(lambda: call(56, 220, new_user, None, None, None, None), refuse_system_calls) == "EPERM"
    assert outcome(lambda: call(425, 425, 0, None), refuse_system_calls) == "ENOSYS"
    assert outcome(lambda: call(425, 425, 0, None)) == "EFAULT"


def test_the_other_numbering_of_calls_is_no_way_round():
    if platform.machine() != "x86_64":
        pytest.skip("only x86-64 has a second numbering")
    assert outcome(lambda: call(0x40000000 + 41, 0, 2, 2, 0), refuse_system_calls) == "ENOSYS"


def test_threads_children_and_programs_are_held_too(listener):
    code = f"import socket; socket.create_connection({listener!r})"

    def act():
        found = []
        thread = threading.Thread(target=lambda: found.append(outcome(functools.partial(connect, listener))))
        thread.start()
        thread.join()
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        return [*found, outcome(functools.partial(connect, listener)), "PermissionError" in run.stderr]

    assert outcome(act, refuse_system_calls) == ["EACCES", "EACCES", True]


def test_a_thread_that_was_there_before_is_held_too(listener):
    go, found = threading.Event(), []

    def later():
        go.wait()
        try:
            connect(listener)
        except OSError as error:
            found.append(errno.errorcode[error.errno])

    def act():
        thread = threading.Thread(target=later)
        thread.start()
        refuse_system_calls()
        go.set()
        thread.join()
        return found

    assert outcome(act) == ["EACCES"]


def test_ordinary_work_goes_on():
    code = (
        "import numpy, pandas, concurrent.futures as f, multiprocessing as m, tempfile, shutil;"
        "print(sum(f.ThreadPoolExecutor(2).map(abs, [-1, -2])), sum(m.get_context('fork').Pool(2).map(abs, [-3])),"
        " numpy.linalg.inv(numpy.eye(200)).sum(), len(pandas.DataFrame({'a': [1]})))"
    )

    def act():
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split()

    assert outcome(act, refuse_system_calls) == ["3", "3", "200.0", "1"]


def test_it_can_be_applied_twice():
    def twice():
        refuse_system_calls()
        refuse_system_calls()

    assert outcome(lambda: Path("/proc/self/comm").read_text() != "", twice) is True
