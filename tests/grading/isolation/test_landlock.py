"""Every protection of Landlock in real forked processes, each beside the same act without it."""

import ctypes
import errno
import fcntl
import functools
import itertools
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import termios
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from scaleml_course.grading.isolation import landlock
from scaleml_course.grading.isolation.process_limits import drop_capabilities

#: What Python needs to start a program.
SYSTEM = [Path(p) for p in ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", sys.prefix, sys.base_prefix)]
ABI = landlock.abi()

pytestmark = pytest.mark.skipif(ABI < 1, reason="this kernel has no Landlock")


def needs(version):
    """Skip, with the reason, on a kernel whose Landlock is older."""
    return pytest.mark.skipif(version > ABI, reason=f"needs Landlock ABI {version}, this kernel has {ABI}")


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
    os.waitpid(child, 0)
    return json.loads(text)


@dataclass(frozen=True)
class Place:
    """Three folders: one to write to, one to read from, and one that is none of confined code's business."""

    inside: Path
    given: Path
    outside: Path

    def confine(self, **options):
        """Confine the process that calls this."""
        return landlock.restrict([*SYSTEM, self.given], [self.inside, Path("/dev/null")], **options)

    def at_most(self, version):
        """As `confine`, in the way of an older kernel."""
        return functools.partial(self.confine, at_most=version)


@pytest.fixture
def place(tmp_path):
    """Folders with a file in each."""
    folders = [tmp_path / name for name in ("inside", "given", "outside")]
    for folder, name in zip(folders, ("mine", "data", "secret"), strict=True):
        folder.mkdir()
        (folder / name).write_text(name)
    return Place(*folders)


@pytest.fixture
def stranger():
    """A living process outside."""
    command = ["/bin/sleep", "60"]
    # With no more rights than the confined one, so that only Landlock stands between them.
    with subprocess.Popen(command, env={"SECRET": "token"}, preexec_fn=drop_capabilities) as process:
        yield process.pid
        process.kill()


# Files


def test_what_was_given_can_be_used(place):
    def act():
        (place.inside / "made").write_text((place.given / "data").read_text())
        (place.inside / "folder").mkdir()
        (place.inside / "made").rename(place.inside / "folder" / "moved")
        Path("/dev/null").write_text("gone")
        run = subprocess.run(["/bin/sh", "-c", "echo ran"], capture_output=True, text=True, cwd=place.inside)
        return [
            (place.inside / "folder" / "moved").read_text(),
            [path.name for path in place.given.iterdir()],
            run.stdout,
        ]

    assert outcome(act, place.confine) == ["data", ["data"], "ran\n"]


def through_a_link(place):
    (place.inside / "way").symlink_to(place.outside / "secret")
    return (place.inside / "way").read_text()


def in_a_child_process(place):
    run = subprocess.run(["/bin/cat", place.outside / "secret"], capture_output=True, text=True, cwd=place.inside)
    if run.returncode:
        raise OSError(errno.EACCES, run.stderr)
    return run.stdout


def in_a_thread(place):
    found = []

    def read():
        try:
            found.append((place.outside / "secret").read_text())
        except OSError as error:
            found.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    if isinstance(found[0], OSError):
        raise found[0]
    return found[0]


FILE_ACTS = {
    "read": lambda place: (place.outside / "secret").read_text(),
    "read through a symbolic link": through_a_link,
    "read in a child process": in_a_child_process,
    "read in a thread": in_a_thread,
    "list": lambda place: len(list(place.outside.iterdir())),
    "overwrite": lambda place: (place.outside / "secret").write_text("changed"),
    "append": lambda place: (place.outside / "secret").open("a").close(),
    "create": lambda place: (place.outside / "new").write_text("new"),
    "make a folder": lambda place: (place.outside / "new").mkdir(),
    "make a symbolic link": lambda place: (place.outside / "new").symlink_to("secret"),
    "make a socket": lambda place: socket.socket(socket.AF_UNIX).bind(str(place.outside / "new")),
    "remove": lambda place: (place.outside / "secret").unlink(),
    "rename": lambda place: str((place.outside / "secret").rename(place.outside / "new")),
    "move in": lambda place: str((place.outside / "secret").rename(place.inside / "new")),
    "move out": lambda place: str((place.inside / "mine").rename(place.outside / "new")),
    "hard link in": lambda place: os.link(place.outside / "secret", place.inside / "new"),
    "write what may only be read": lambda place: (place.given / "data").write_text("changed"),
    "create where one may only read": lambda place: (place.given / "new").write_text("new"),
    "link for writing what may only be read": lambda place: os.link(place.given / "data", place.inside / "new"),
}


@pytest.mark.parametrize("name", FILE_ACTS)
def test_files_outside_are_out_of_reach(name, place):
    act = functools.partial(FILE_ACTS[name], place)
    # The confined one first: the control moves files.
    assert outcome(act, place.confine) in ("EACCES", "EXDEV")
    (place.inside / "way").unlink(missing_ok=True)
    assert outcome(act) not in ("EACCES", "EXDEV")


def test_home_cannot_be_written_to(place, tmp_path, monkeypatch):
    # A start-up file that one student left ran in the next student's kernel.
    monkeypatch.setenv("HOME", str(tmp_path))

    def act():
        (Path.home() / ".ipython/profile_default/startup").mkdir(parents=True)
        return "planted"

    assert outcome(act, place.confine) == "EACCES"
    assert outcome(act) == "planted"


@needs(3)
def test_a_file_cannot_be_emptied(place):
    def act():
        os.truncate(place.outside / "secret", 0)
        return "emptied"

    assert outcome(act, place.confine) == "EACCES"
    assert (place.outside / "secret").read_text() == "secret"
    assert outcome(act, place.at_most(2)) == "emptied"


@needs(2)
def test_moving_between_own_folders_needs_the_second_version(place):
    for name in ("a", "b"):
        (place.inside / name).mkdir()
    (place.inside / "a" / "file").write_text("")

    def act():
        (place.inside / "a" / "file").rename(place.inside / "b" / "file")
        return "moved"

    assert outcome(act, place.at_most(1)) == "EXDEV"
    assert outcome(act, place.confine) == "moved"


def test_what_was_open_stays_open(place):
    with (place.outside / "secret").open() as secret:
        assert outcome(secret.read, place.confine) == "secret"


@needs(5)
def test_a_terminal_outside_cannot_be_controlled(place):
    master, slave = os.openpty()

    def act(path):
        with Path(path).open() as terminal:
            fcntl.ioctl(terminal, termios.TIOCGWINSZ, b"\0" * 8)
        return "controlled"

    read_only = functools.partial(landlock.restrict, [*SYSTEM, Path("/dev")], [place.inside])
    look = functools.partial(act, os.ttyname(slave))
    assert outcome(look, read_only) == "EACCES"
    assert outcome(look) == "controlled"
    os.close(master), os.close(slave)


# Other processes


def test_processes_cannot_be_listed(place):
    act = functools.partial(os.listdir, "/proc")
    assert outcome(act, place.confine) == "EACCES"
    assert str(os.getpid()) in outcome(act)


def without_capabilities(*readable):
    """Confine as the grader does: a root that keeps its capabilities could read more of /proc."""

    def confine():
        landlock.restrict([*SYSTEM, *readable], [])
        drop_capabilities()

    return confine


@pytest.mark.parametrize("name", ["environ", "mem", "maps", "fd/0", "cwd/.", "root/.", "exe", "smaps_rollup"])
def test_a_process_outside_is_opaque_even_where_proc_was_given(name, stranger):
    def act(process):
        os.close(os.open(f"/proc/{process}/{name}", os.O_RDONLY))
        return "opened"

    confine = without_capabilities(Path("/proc"), Path("/dev"))
    assert outcome(functools.partial(act, stranger), confine) in ("EACCES", "EPERM")
    assert outcome(functools.partial(act, stranger), drop_capabilities) == "opened"
    assert outcome(functools.partial(act, "self"), confine) == "opened" or name in ("cwd/.", "root/.")


def test_command_lines_outside_show_where_proc_was_given(stranger):
    # `describe` says so: nothing secret may stand in the command line of a process that grades.
    command = Path(f"/proc/{stranger}/cmdline")
    assert outcome(command.read_text, without_capabilities(Path("/proc"))) == "/bin/sleep\x0060\x00"
    assert outcome(command.read_text, without_capabilities()) == "EACCES"


def test_a_process_outside_cannot_be_traced(place, stranger):
    def act():
        library = ctypes.CDLL(None, use_errno=True)
        attach = 16
        if library.ptrace(attach, stranger, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")
        return "traced"

    assert outcome(act, place.confine) == "EPERM"
    assert outcome(act) == "traced"


@needs(6)
@pytest.mark.parametrize("process", ["outside", "parent"])
def test_no_signal_reaches_a_process_outside(process, place, stranger):
    def act():
        os.kill(stranger if process == "outside" else os.getppid(), 0)
        return "reached"

    assert outcome(act, place.confine) == "EPERM"
    assert outcome(act, place.at_most(5)) == "reached"


@needs(6)
@pytest.mark.skipif(os.getuid() != 0, reason="needs root, for a user whose processes may all be ended")
def test_a_signal_to_everyone_stays_inside(place):
    nobody_here = 64123

    def act():
        os.setresuid(nobody_here, nobody_here, nobody_here)
        os.kill(-1, signal.SIGTERM)

    with subprocess.Popen(["/bin/sleep", "60"], user=nobody_here) as other:
        outcome(act, place.confine)
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(timeout=0.2)
        outcome(act, place.at_most(5))
        assert other.wait(timeout=10) == -signal.SIGTERM


def test_own_children_can_be_signalled(place):
    def act():
        child = subprocess.Popen(["/bin/sleep", "60"], cwd=place.inside)
        child.kill()
        return child.wait()

    assert outcome(act, place.confine) == -signal.SIGKILL


# Sockets


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


def listen(port):
    with socket.create_server(("127.0.0.1", port)) as server:
        return server.getsockname()[1]


@needs(4)
def test_tcp_is_refused_even_on_the_loopback(place, listener):
    act = functools.partial(connect, listener)
    assert outcome(act, place.confine) == "EACCES"
    assert outcome(act, place.at_most(3)) == "connected"
    assert outcome(act, functools.partial(place.confine, network=True)) == "connected"
    assert outcome(functools.partial(listen, 0), place.confine) == "EACCES"
    assert outcome(functools.partial(listen, 0), place.at_most(3)) > 0


@needs(4)
def test_only_the_given_ports_are_open_and_sockets_can_be_made_to_take_them(place, listener):
    free = outcome(functools.partial(listen, 0))
    confine = functools.partial(place.confine, tcp_ports=[free])

    def ask_for_any():
        landlock.bind_within([free])
        with socket.create_server(("127.0.0.1", 0)) as server:
            return [server.getsockname()[1], connect(server.getsockname())]

    assert outcome(functools.partial(listen, 0), confine) == "EACCES"
    assert outcome(ask_for_any, confine) == [free, "connected"]
    assert outcome(functools.partial(connect, listener), confine) == "EACCES"


@needs(6)
def test_abstract_sockets_made_outside_are_refused(place):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("")  # Linux chooses an abstract name
        server.listen()
        act = functools.partial(connect, server.getsockname(), socket.AF_UNIX)
        assert outcome(act, place.confine) == "EPERM"
        assert outcome(act, place.at_most(5)) == "connected"


# What it does not stop: `describe` says so, and these notice when that is no longer true.


def named_socket(place):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place.outside / "socket"))
        server.listen()
        return outcome(functools.partial(connect, str(place.outside / "socket"), socket.AF_UNIX), place.confine)


def datagram(place):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)

        def act():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                return sender.sendto(b"hidden input", receiver.getsockname())

        return outcome(act, place.confine) == 12 and receiver.recv(100).decode() == "hidden input"


def change_mode(place):
    return outcome(lambda: (place.outside / "secret").chmod(0o777), place.confine) is None


def take_resources(place):
    with subprocess.Popen(["/bin/sleep", "60"]) as other:
        act = functools.partial(resource.prlimit, other.pid, resource.RLIMIT_CPU, (1, 1))
        result = outcome(act, place.confine) == [resource.RLIM_INFINITY] * 2
        other.kill()
    return result


def look_up(place):
    return outcome(lambda: (place.outside / "secret").stat().st_size, place.confine) == len("secret")


@pytest.mark.parametrize("act", [named_socket, datagram, change_mode, take_resources, look_up])
def test_what_is_said_not_to_be_stopped_is_not(act, place):
    assert act(place)


@needs(4)
def test_ways_round_the_rule_for_tcp(place, listener):
    # Why `describe` does not say that TCP is stopped, and why a filter of system calls stands beside it.
    multipath = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)

    def fast_open():
        with socket.socket() as client:
            return client.sendto(b"hidden", socket.MSG_FASTOPEN, listener)

    def listen_unbound():
        with socket.socket() as server:
            server.listen()
            return server.getsockname()[1]

    ways = {
        "fast open": outcome(fast_open, place.confine) == 6,
        "listening unbound": outcome(listen_unbound, place.confine) not in (0, "EACCES"),
        "multipath": outcome(functools.partial(connect, listener, *multipath), place.confine) == "connected",
    }
    if not all(ways.values()):
        pytest.skip(f"this kernel closes ways that others leave open: {ways}")
    assert sum("Fast Open" in line or "Multipath" in line for line in landlock.describe(ABI)) == 2


# The call itself


def test_it_says_what_it_applied(place):
    def act():
        applied = landlock.restrict([place.given, place.outside / "none"], [place.inside])
        return [applied.abi, [str(p) for p in applied.readable], [str(p) for p in applied.absent], applied.tcp]

    tcp = "refused" if ABI >= 4 else "not covered"
    assert outcome(act) == [ABI, [str(place.given)], [str(place.outside / "none")], tcp]


def test_a_process_with_a_second_thread_is_refused(place):
    def act():
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        place.confine()

    assert outcome(act) == "EBUSY"


def test_a_writable_folder_must_exist(place):
    assert outcome(lambda: landlock.restrict([], [place.outside / "none"])) == "ENOENT"


@needs(4)
def test_port_0_is_refused(place):
    assert outcome(functools.partial(place.confine, tcp_ports=[0])) == "EINVAL"


def test_no_program_gains_rights(place):
    def act():
        return [
            line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "NoNewPrivs" in line
        ]

    with_proc = functools.partial(landlock.restrict, [Path("/proc")], [place.inside])
    assert outcome(act, with_proc) == ["1"]
    assert outcome(act) == ["0"]


def test_confinement_can_only_be_narrowed(place):
    def act():
        landlock.restrict([Path("/")], [Path("/")])
        return (place.outside / "secret").read_text()

    assert outcome(act, functools.partial(landlock.restrict, [Path("/proc"), place.given], [])) == "EACCES"
    assert outcome(act) == "secret"


def test_newer_versions_stop_more_and_say_so():
    stopped = [[line for line in landlock.describe(v) if line.startswith("stopped: ")] for v in range(8)]
    assert not stopped[0]
    for older, newer in itertools.pairwise(stopped):
        assert set(older) <= set(newer)
    assert any("TCP" in line for line in stopped[4]) and not any("TCP" in line for line in stopped[3])
    assert any("signals" in line for line in stopped[6]) and not any("signals" in line for line in stopped[5])
