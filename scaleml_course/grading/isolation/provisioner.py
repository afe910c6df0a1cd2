"""Kernels behind walls, by Jupyter's own door: a kernel provisioner of `jupyter_client`.

Registered as ``scaleml-sandbox`` under the entry point ``jupyter_client.kernel_provisioners``; select it in
a kernelspec's metadata, or for everything with ``JUPYTER_DEFAULT_PROVISIONER_NAME=scaleml-sandbox``.
"""

import asyncio
import atexit
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Float, Int, List, Unicode

from scaleml_course.grading.isolation.levels import choose
from scaleml_course.grading.isolation.nursery import Nursery, NurseryError
from scaleml_course.grading.isolation.spawned import Spawned
from scaleml_course.grading.limits import Limits

#: Where a kernel's sockets are, as it sees it; it is a small file system of its own.
SOCKETS = "/run/kernel/k"
CHANNELS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
#: Warmed processes kept at once; each holds a few hundred MB.
KEPT = 2
#: What lies beside a notebook and is worth a copy: more is no exercise.
MAX_BESIDE_BYTES = 200_000_000

_nurseries: dict[tuple[str, tuple[str, ...]], Nursery] = {}
_lock = threading.Lock()


def nursery(level: str, modules: Sequence[str] = ()) -> Nursery:
    """The warmed process for these modules, started when there is none; the one used last is kept longest.

    Raises
    ------
    NurseryError
        When it does not start.
    """
    key = (level, tuple(modules))
    with _lock:
        found = _nurseries.pop(key, None) or Nursery(level, modules)
        _nurseries[key] = found
        while len(_nurseries) > KEPT:
            _nurseries.pop(next(iter(_nurseries))).close()
    return found


def drop_nursery(level: str, modules: Sequence[str] = ()) -> None:
    """Close a nursery that no longer answers, so that the next use starts a new one."""
    with _lock:
        if found := _nurseries.pop((level, tuple(modules)), None):
            found.close()


@atexit.register
def close_all() -> None:
    """End every warmed process."""
    with _lock:
        while _nurseries:
            _nurseries.popitem()[1].close()


class SandboxProvisioner(KernelProvisionerBase):
    """Starts a Python kernel as a fork of a warmed process behind the walls; see `nursery`."""

    level = Unicode("", help="bubblewrap, landlock or trusted; the strongest this machine has if empty.").tag(
        config=True
    )
    modules = List(Unicode(), help="What to import before the first kernel starts.").tag(config=True)
    memory_mb = Float(2048.0, help="What the kernel may hold, in MiB.").tag(config=True)
    disk_mb = Int(1024, help="What it may write, in MiB.").tag(config=True)
    processes = Int(512, help="How many processes and threads it may have.").tag(config=True)

    spawned: Spawned | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started and not yet collected."""
        return self.spawned is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """There is no command: the kernel is forked, not executed."""
        kwargs = await super().pre_launch(**kwargs)
        return {"cmd": [], **kwargs}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel.

        Parameters
        ----------
        cmd : list of str
            Not used.
        **kwargs
            ``cwd``: its files are copied in, notebooks excepted. Or ``files``, a mapping of relative path to
            bytes; ``limits``, a `Limits`; ``link``, a file descriptor that a checker holds the other end of.
        """
        limits = kwargs.get("limits") or Limits(
            timeout_s=10 * 3600, memory_mb=self.memory_mb, disk_mb=self.disk_mb, processes=self.processes
        )
        files = kwargs["files"] if "files" in kwargs else beside(Path(kwargs.get("cwd") or "."))
        level = self.level or choose(trust_students=False).level
        connection: dict[str, Any] = dict.fromkeys(CHANNELS, 0)
        connection.update({name: number for number, name in enumerate(CHANNELS, 1)})
        session = self.parent.session
        connection |= {"transport": "ipc", "ip": SOCKETS, "signature_scheme": session.signature_scheme}
        connection |= {"key": session.key.decode(), "kernel_name": "python3"}
        link = [kwargs["link"]] if "link" in kwargs else []
        self.spawned = fork("kernel", level, self.modules, limits, files, link, connection=connection)
        self.spawned.seal(SOCKETS.rpartition("/")[0])
        # The same sockets, as this side of the walls reaches them.
        connection["ip"] = self.spawned.outside(SOCKETS)
        connection["key"] = session.key
        self.connection_info = connection
        return self.connection_info

    async def poll(self) -> int | None:
        """None while the kernel lives."""
        return self.spawned.poll() if self.spawned else 0

    async def wait(self) -> int | None:
        """Wait for the kernel to end."""
        while (status := await self.poll()) is None:
            await asyncio.sleep(0.02)
        if self.spawned:
            self.spawned.close()
            self.spawned = None
        return status

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel; SIGKILL ends everything it started."""
        if self.spawned is None:
            return
        if signum == signal.SIGKILL:
            self.spawned.kill()
        else:
            self.spawned.signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and everything it started."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """The same as `kill`: there is nothing in there that needs time to end well."""
        await self.send_signal(signal.SIGKILL)

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of what the kernel held."""
        if self.spawned:
            self.spawned.close()
            self.spawned = None


def fork(
    role: str,
    level: str,
    modules: Sequence[str],
    limits: Limits,
    files: Mapping[str, bytes],
    descriptors: Sequence[int],
    **order: Any,
) -> Spawned:
    """Fork a confined process from the right nursery; a nursery that has died is replaced once.

    Raises
    ------
    NurseryError
        When the process cannot be confined.
    """
    try:
        return nursery(level, modules).spawn(role, limits, files, descriptors, **order)
    except NurseryError:
        drop_nursery(level, modules)
        return nursery(level, modules).spawn(role, limits, files, descriptors, **order)


def beside(folder: Path) -> dict[str, bytes]:
    """The ordinary files of a folder, notebooks and hidden files excepted."""
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if path.is_symlink() or not path.is_file() or hidden or path.suffix == ".ipynb":
            continue
        total += path.stat().st_size
        if total > MAX_BESIDE_BYTES:
            raise NurseryError(f"{folder} holds more than {MAX_BESIDE_BYTES / 1e6:.0f} MB beside its notebook")
        files[str(name)] = path.read_bytes()
    return files
