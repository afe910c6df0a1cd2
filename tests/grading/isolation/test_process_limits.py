"""Limits in real forked processes, each beside the same act without it, and trees that will not die."""

import contextlib
import ctypes
import errno
import json
import mmap
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from scaleml_course.grading.isolation import process_tree
from scaleml_course.grading.isolation.disk import disk_usage
from scaleml_course.grading.isolation.process_limits import (
    apply_limits,
    become_subreaper,
    die_with_parent,
    drop_capabilities,
    tasks_of_user,
)
from scaleml_course.grading.isolation.process_tree import Tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of processes are Linux's own")
as_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become other users")

MB = 2**20
#: Users that nobody here is.
STUDENT = 64000


def outcome(act, prepare=None):
    """What `act` returns in a forked process that was prepared first, its error's name, or its signal."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if prepare is not None:
                prepare()
            result = act()
        except OSError as error:
            result = errno.errorcode.get(error.errno, repr(error))
        except BaseException as error:
            result = type(error).__name__
        os.write(writer, json.dumps(result).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if text else signal.Signals(os.WTERMSIG(status)).name


def become(user):
    """Be another user, with nothing of root left."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    drop_capabilities()


@contextlib.contextmanager
def overseen(student):
    """A trusted subreaper with one child that runs `student`; ends all of it whatever happens."""
    ready, tell = os.pipe()
    overseer = os.fork()
    if overseer == 0:
        try:
            become_subreaper()
            if os.fork() == 0:
                student()
                os._exit(0)
            os.write(tell, b"x")
            while True:
                try:
                    os.waitpid(-1, 0)
                except ChildProcessError:
                    time.sleep(0.01)
        finally:
            os._exit(0)
    os.read(ready, 1)
    os.close(ready), os.close(tell)
    tree = Tree(overseer)
    try:
        yield tree
    finally:
        tree.kill_all()
        os.kill(overseer, signal.SIGKILL)
        os.waitpid(overseer, 0)


def eventually(condition, patience_s=10.0):
    """Whether a condition comes true."""
    deadline = time.monotonic() + patience_s
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


# Limits from inside


def test_memory_is_limited_and_what_is_only_reserved_is_not():
    def allocate():
        return len(bytearray(300 * MB)) // MB

    def reserve():  # as a JVM does with its heap
        prot_none, private, anonymous, no_reserve = 0, 0x02, 0x20, 0x4000
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        size = ctypes.c_size_t(2**36)
        address = libc.mmap(None, size, prot_none, private | anonymous | no_reserve, -1, ctypes.c_long(0))
        return address != ctypes.c_void_p(-1).value

    def limit():
        apply_limits(memory_bytes=200 * MB)

    assert outcome(allocate, limit) == "MemoryError"
    assert outcome(allocate) == 300
    assert outcome(reserve, limit) is True


def test_what_is_mapped_already_does_not_count():
    def prepare():
        global held  # as the libraries of a warmed process
        held = bytearray(300 * MB)
        apply_limits(memory_bytes=200 * MB)

    assert outcome(lambda: len(bytearray(100 * MB)) // MB, prepare) == 100


@pytest.mark.parametrize("ignoring", [False, True])
def test_cpu_seconds_end_an_endless_loop_even_if_it_ignores_the_warning(ignoring):
    def loop():
        if ignoring:
            signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        while True:
            pass

    # A forked process begins with no CPU time used.
    assert outcome(loop, lambda: apply_limits(cpu_seconds=1)) == ("SIGKILL" if ignoring else "SIGXCPU")


def test_open_files_core_dumps_and_niceness_are_limited():
    def act():
        with pytest.raises(OSError, match="Too many open files"):
            [os.open(os.devnull, os.O_RDONLY) for _ in range(100)]
        return [resource.getrlimit(resource.RLIMIT_CORE), os.nice(0)]

    assert outcome(act, lambda: apply_limits(open_files=64, niceness=5)) == [[0, 0], os.nice(0) + 5]


def test_length_of_files_is_limited_only_on_demand(tmp_path):
    def sparse():
        with (tmp_path / "array.npy").open("wb") as file:
            file.truncate(2**38)
        return "made"

    def prepare(**limits):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        apply_limits(**limits)

    assert outcome(sparse, lambda: prepare(file_bytes=MB)) == "EFBIG"
    assert outcome(sparse, prepare) == "made"


def test_a_limit_that_was_lower_stays():
    def act():
        apply_limits(open_files=50)
        apply_limits(open_files=500)
        return resource.getrlimit(resource.RLIMIT_NOFILE)

    assert outcome(act) == [50, 50]


@as_root
def test_number_of_processes_is_limited_for_an_ordinary_user():
    def fork_all():
        children = []
        try:
            for _ in range(20):
                child = os.fork()
                if child == 0:
                    time.sleep(20)
                    os._exit(0)
                children.append(child)
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
        return len(children)

    def prepare(user):
        if user:
            become(user)
        apply_limits(processes=5 + tasks_of_user(user))

    assert outcome(fork_all, lambda: prepare(STUDENT)) == "EAGAIN"
    assert outcome(fork_all, lambda: become(STUDENT)) == 20
    # Linux holds no root to it: this is why the user must be changed.
    assert outcome(fork_all, lambda: apply_limits(processes=5)) == 20


def test_tasks_of_a_user_count_threads():
    before = tasks_of_user(os.getuid())
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(20)]
    for thread in threads:
        thread.start()
    during = tasks_of_user(os.getuid())
    stop.set()
    assert during >= before + 10  # other processes may end meanwhile


# Privileges


def capabilities():
    """The five sets, and whether exec can add to them."""
    status = Path("/proc/self/status").read_text()
    names = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs")
    return [int(status.partition(f"{name}:")[2].split(maxsplit=1)[0], 16) for name in names]


@as_root
def test_no_capability_is_left_and_none_comes_back():
    def after_exec():
        code = "print([l.split()[1] for l in open('/proc/self/status') if l[:4] in ('CapP', 'CapE', 'CapB')])"
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()

    assert outcome(capabilities, drop_capabilities) == [0, 0, 0, 0, 0, 1]
    assert outcome(after_exec, drop_capabilities) == str(["0" * 16] * 3)
    assert str(["0" * 16] * 3) != outcome(after_exec)


@as_root
def test_root_without_capabilities_cannot_become_another_user_or_read_anothers_file(tmp_path):
    (tmp_path / "file").write_text("private")
    os.chown(tmp_path / "file", STUDENT, STUDENT)
    (tmp_path / "file").chmod(0o600)
    assert outcome(lambda: os.setuid(STUDENT), drop_capabilities) == "EPERM"
    assert outcome((tmp_path / "file").read_text, drop_capabilities) == "EACCES"
    assert outcome((tmp_path / "file").read_text) == "private"


@as_root
def test_the_grader_can_still_look_at_a_process_that_changed_its_user():
    def owner():
        return Path("/proc/self/environ").stat().st_uid

    def become_only():
        os.setresuid(STUDENT, STUDENT, STUDENT)

    assert outcome(owner, lambda: become(STUDENT)) == STUDENT
    assert outcome(owner, become_only) == 0


def test_privileges_can_be_dropped_twice():
    def twice():
        drop_capabilities()
        drop_capabilities()

    assert outcome(capabilities, twice)[:3] == [0, 0, 0]


# Ends


def test_a_process_dies_with_its_parent():
    reader, writer = os.pipe()
    parent = os.fork()
    if parent == 0:
        own = os.getpid()
        if os.fork() == 0:
            die_with_parent(own)
            os.write(writer, b"x")
            time.sleep(60)
            os._exit(0)
        time.sleep(60)
        os._exit(0)
    os.close(writer)
    os.read(reader, 1)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert os.read(reader, 1) == b""  # the end of the pipe: nobody holds it any more
    os.close(reader)


def test_a_process_whose_parent_is_gone_already_ends_at_once():
    def act():
        die_with_parent(1 if os.getppid() != 1 else 2)
        return "lives on"

    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, act().encode())
        os._exit(0)
    os.close(writer)
    assert os.read(reader, 100) == b""
    os.close(reader)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 137


def daemon():
    """Fork twice, with a session of its own: what outlives a kernel."""
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        time.sleep(60)
        os._exit(0)
    os.wait()


def test_a_daemon_that_outlives_its_parent_is_found_and_ended():
    with overseen(daemon) as tree:
        assert eventually(lambda: len(tree.processes()) == 1)  # the parent has ended, the daemon has not
        (left,) = tree.processes()
        assert tree.kill_all() == 0
        assert not _lives(left.pid)


def test_without_a_subreaper_a_daemon_gets_away():
    # The control of the test above: what makes the difference is the subreaper.
    reader, writer = os.pipe()
    parent = os.fork()
    if parent == 0:
        child = os.fork()
        if child == 0:
            if os.fork():
                os._exit(0)
            os.write(writer, str(os.getpid()).encode())
            time.sleep(60)
            os._exit(0)
        os.waitpid(child, 0)
        time.sleep(60)
    away = int(os.read(reader, 100))
    found = eventually(lambda: away not in [process.pid for process in Tree(parent).processes()])
    os.kill(away, signal.SIGKILL), os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    os.close(reader), os.close(writer)
    assert found


def _lives(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def fork_bomb():
    """As the shell's, for at most half a minute."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            os.fork()


@as_root
def test_a_fork_bomb_is_held_and_ended():
    def student():
        become(STUDENT + 1)
        apply_limits(processes=60, niceness=10)
        fork_bomb()

    with overseen(student) as tree:
        assert eventually(lambda: len(tree.processes()) == 60)
        assert tasks_of_user(STUDENT + 1) == 60
        assert tree.kill_all(deadline_s=20) == 0
        assert tasks_of_user(STUDENT + 1) == 0 or not tree.processes()
    assert eventually(lambda: tasks_of_user(STUDENT + 1) == 0)


@as_root
def test_processes_that_fork_and_end_at_once_are_caught():
    # Each is gone before it can be looked at; only its child lives, for as short.
    def student():
        become(STUDENT + 2)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if os.fork():
                os._exit(0)

    with overseen(student) as tree:
        assert tree.kill_all(deadline_s=20) == 0
        assert eventually(lambda: tasks_of_user(STUDENT + 2) == 0)


def test_stopped_processes_are_ended_too():
    with overseen(lambda: os.kill(os.getpid(), signal.SIGSTOP)) as tree:
        assert tree.kill_all() == 0
        assert not tree.processes()


def test_one_started_as_its_parents_sister_is_found():
    # clone(CLONE_PARENT): a child of the overseer, not of the student's process.
    def student():
        clone, clone_parent = 56, 0x8000
        if ctypes.CDLL(None).syscall(clone, clone_parent | signal.SIGCHLD, None, None, None, None) == 0:
            time.sleep(60)
        os._exit(0)

    if os.uname().machine != "x86_64":
        pytest.skip("the number of the system call is that of x86_64")
    with overseen(student) as tree:
        assert eventually(lambda: len(tree.processes()) == 1)
        assert tree.kill_all() == 0


def test_those_seen_before_are_ended_even_when_the_overseer_is_dead():
    reader, writer = os.pipe()
    overseer = os.fork()
    if overseer == 0:
        become_subreaper()
        if os.fork() == 0:
            os.write(writer, b"x")
            time.sleep(60)
            os._exit(0)
        time.sleep(60)
    os.read(reader, 1)
    tree = Tree(overseer)
    (child,) = tree.processes()
    os.kill(overseer, signal.SIGKILL)
    os.waitpid(overseer, 0)
    assert [process.pid for process in tree.processes()] == [child.pid]
    assert tree.kill_all() == 0
    assert not _lives(child.pid)
    os.close(reader), os.close(writer)


def test_a_tree_needs_a_living_root():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    with pytest.raises(ProcessLookupError):
        Tree(child)


@as_root
def test_members_of_a_pid_namespace_are_seen_and_ended_from_outside():
    command = ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", "sleep 60 & (sleep 60 &) ; sleep 60"]
    with subprocess.Popen(command) as starter:
        assert eventually(lambda: len(Tree(starter.pid).processes()) == 4)
        first = min(Tree(starter.pid).processes(), key=lambda process: (process.started, process.pid))
        inside = Tree(first.pid)
        assert "NSpid:\t" in Path(f"/proc/{first.pid}/status").read_text()
        assert len(inside.processes()) == 3
        assert inside.kill_all() == 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(first.pid, signal.SIGKILL)


# What a tree uses


def hold(n_bytes, children):
    """Hold memory in a process and share it with forked children."""
    block = mmap.mmap(-1, n_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for start in range(0, n_bytes, 4096):
        block[start] = 1
    for _ in range(children):
        if os.fork() == 0:
            time.sleep(60)
    time.sleep(60)


def test_shared_memory_counts_once_when_it_matters():
    with overseen(lambda: hold(200 * MB, children=4)) as tree:
        assert eventually(lambda: tree.usage(float("inf")).processes == 5)
        cheap, exact = tree.usage(memory_limit_bytes=10_000 * MB), tree.usage(memory_limit_bytes=500 * MB)
    assert not cheap.exact and cheap.memory_bytes > 1000 * MB
    assert exact.exact and 200 * MB < exact.memory_bytes < 500 * MB


def test_memory_is_seen_when_the_first_thread_has_ended():
    def student():
        threading.Thread(target=hold, args=(200 * MB, 0)).start()
        exit_thread = {"x86_64": 60, "aarch64": 93}[os.uname().machine]
        ctypes.CDLL(None).syscall(exit_thread, 0)

    with overseen(student) as tree:
        assert eventually(lambda: "(zombie)" in Path(f"/proc/{tree.processes()[0].pid}/status").read_text())
        assert eventually(lambda: tree.usage(float("inf")).memory_bytes > 200 * MB)
        assert eventually(lambda: tree.usage().memory_bytes > 200 * MB)
        assert tree.kill_all() == 0


def test_cpu_time_and_threads_are_counted():
    def student():
        for _ in range(3):
            threading.Thread(target=time.sleep, args=(60,)).start()
        while time.process_time() < 0.3:
            pass
        time.sleep(60)

    with overseen(student) as tree:
        assert eventually(lambda: tree.usage().threads == 4 and tree.usage().cpu_seconds >= 0.2)


def test_files_without_a_name_are_counted(tmp_path):
    def student():
        with (tmp_path / "gone").open("wb") as file:
            file.write(bytes(8 * MB))
            file.flush()
            (tmp_path / "gone").unlink()
            os.write(os.memfd_create("hidden"), bytes(8 * MB))
            if os.fork() == 0:  # holds the same ones
                time.sleep(60)
            time.sleep(60)

    with overseen(student) as tree:
        assert eventually(lambda: tree.unlinked_bytes() >= 16 * MB)
        assert tree.unlinked_bytes() < 20 * MB
        assert disk_usage(tmp_path).disk_bytes < MB


def test_disk_usage_counts_blocks_once_and_follows_no_link(tmp_path):
    folder = tmp_path / "home"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "data").write_bytes(os.urandom(4 * MB))
    os.link(folder / "sub" / "data", folder / "again")
    (folder / "loop").symlink_to("..")
    with (folder / "sparse.npy").open("wb") as file:
        file.truncate(2**38)
    os.sync()
    usage = disk_usage(folder)
    assert 4 * MB <= usage.disk_bytes < 5 * MB
    assert usage.complete and usage.entries == 4


def test_disk_usage_says_when_it_did_not_see_all(tmp_path):
    for name in range(30):
        (tmp_path / str(name)).touch()
    assert disk_usage(tmp_path).disk_bytes >= 30 * 1024  # empty files are not free
    assert not disk_usage(tmp_path, max_entries=10).complete
    deep = tmp_path / "deep"
    deep.mkdir()
    (deep / "/".join("d" * 60)).mkdir(parents=True)
    assert not disk_usage(deep).complete


@as_root
def test_disk_usage_of_a_locked_folder_is_not_complete(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o700)
    tmp_path.chmod(0o755)
    assert outcome(lambda: disk_usage(tmp_path / "locked").complete, lambda: become(STUDENT)) is False
    assert disk_usage(tmp_path / "locked").complete


def test_children_are_found_without_the_kernels_files(monkeypatch):
    monkeypatch.setattr(process_tree, "_HAS_CHILDREN_FILES", False)
    with overseen(daemon) as tree:
        assert eventually(lambda: len(tree.processes()) == 1)
        assert tree.kill_all() == 0
