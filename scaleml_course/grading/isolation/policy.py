"""What the outer sandbox shows of this machine: the arguments for bubblewrap.

An allow-list. The system's programs and libraries, Python, the environment and this package can be
read; the repository, the course folder, homes, the network and other processes are not there at all.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
#: What programs read of /etc to run; nothing in it is private.
ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "fonts", "mime.types", "ssl/certs")
PASSWD = "root:x:0:0::/:/usr/sbin/nologin\nstudent:x:1000:1000::/home/student:/bin/sh\n"
GROUP = "root:x:0:\nstudent:x:1000:\n"
HOSTS = "127.0.0.1 localhost sandbox\n::1 localhost\n"
NSSWITCH = "passwd: files\ngroup: files\nhosts: files\n"
#: The only environment that student code sees.
ENVIRONMENT = {
    "HOME": "/home/student",
    "USER": "student",
    "LOGNAME": "student",
    "SHELL": "/bin/sh",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "NUMBA_CACHE_DIR": "/tmp/numba",
    "IPYTHONDIR": "/home/student/.ipython",
    "JUPYTER_PLATFORM_DIRS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


def python_folders() -> list[Path]:
    """Where this Python, its packages and this package live, none inside another."""
    folders = {Path(sys.base_prefix), Path(sys.base_exec_prefix), Path(sys.prefix), PACKAGE}
    # Of the rest of the path only what installers fill: a working folder holds whatever lies there.
    folders |= {Path(entry) for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")}
    folders |= {folder.resolve() for folder in folders}
    kept = {folder for folder in folders if folder.is_dir() and folder != Path("/")}
    return sorted(folder for folder in kept if not any(other in folder.parents for other in kept))


def environment() -> dict[str, str]:
    """The environment inside: nothing of the grader's own goes in."""
    paths = [str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
    return ENVIRONMENT | {"PATH": os.pathsep.join(paths), "PYTHONPATH": str(PACKAGE.parent), "PYTHONSAFEPATH": "1"}


def bubblewrap(command: Sequence[str], data: dict[str, int]) -> list[str]:
    """The command line that runs `command` in the outer sandbox.

    Parameters
    ----------
    command : sequence of str
        What to run.
    data : dict of path to file descriptor
        Small files made for the inside; see `small_files`.
    """
    argv = [shutil.which("bwrap") or "bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    argv += ["--unshare-cgroup-try", "--hostname", "sandbox"]
    if os.getuid() == 0:
        # Taken off again before anything is imported: `namespaces.become_ordinary`.
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"):
            argv += ["--cap-add", capability]
    else:
        argv += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    argv += ["--die-with-parent", "--new-session", "--clearenv"]
    for name, value in environment().items():
        argv += ["--setenv", name, value]
    for place in ("/etc", "/etc/ssl", "/sys", "/sys/devices", "/tmp", "/home", "/home/student", "/run/kernel"):
        argv += ["--dir", place]
    argv += _system_folders()
    for folder in python_folders():
        for above in reversed(folder.parents[:-1]):
            argv += ["--dir", str(above)]  # else bubblewrap makes it for its own user alone
        argv += ["--ro-bind", str(folder), str(folder)]
    for path, descriptor in data.items():
        argv += ["--ro-bind-data", str(descriptor), path]
    argv += ["--proc", "/proc", "--dev", "/dev", "--ro-bind-try", "/sys/devices/system", "/sys/devices/system"]
    argv += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    # joblib looks once, when it is imported, whether semaphores can be made, and runs serially for ever if not.
    argv += ["--size", str(2**20), "--perms", "1777", "--tmpfs", "/dev/shm"]
    return [*argv, "--", *command]


def _system_folders() -> list[str]:
    """Programs and libraries; /bin and its like are links on most systems and folders on some."""
    argv = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        folder = Path("/", name)
        if folder.is_symlink():
            argv += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            argv += ["--ro-bind", str(folder), str(folder)]
    for path in (*(f"/etc/{name}" for name in ETC), *map(str, Path("/etc").glob("java*"))):
        argv += ["--ro-bind-try", path, path]
    return argv


def small_files() -> dict[str, int]:
    """File descriptors of made-up system files, by the path they get inside."""
    contents = {"passwd": PASSWD, "group": GROUP, "hosts": HOSTS, "nsswitch.conf": NSSWITCH}
    descriptors = {}
    for name, text in contents.items():
        descriptor = os.memfd_create(name)
        os.write(descriptor, text.encode())
        os.lseek(descriptor, 0, os.SEEK_SET)
        descriptors[f"/etc/{name}"] = descriptor
    return descriptors
