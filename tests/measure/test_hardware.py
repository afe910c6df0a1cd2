"""The hardware stamp: what this process may use, containers and missing drivers included."""

import importlib
import json
import os

import psutil
import pytest

from scaleml_course.measure import hardware
from scaleml_course.measure.hardware import Hardware, _gpu_names, usable_cores, usable_memory_bytes

MODULE = importlib.import_module("scaleml_course.measure.hardware")  # `measure.hardware` is the function


@pytest.fixture
def files(monkeypatch):
    """What the system's own files say, for a test to set."""
    texts = {}
    monkeypatch.setattr(MODULE, "_read", lambda path: texts.get(path, ""))
    return texts


def test_the_stamp_is_one_line_with_everything_that_matters():
    stamp = Hardware("A CPU", 4, 8 * 2**30, "Linux 6.1", "3.11.4", ("H200",)).stamp()
    assert stamp == "4 cores (A CPU), 8 GiB, H200, Linux 6.1, Python 3.11.4"
    assert ", ," not in Hardware("A CPU", 1, 2**30, "Linux 6.1", "3.11.4", ()).stamp()


def test_this_machine_is_described_and_remembered():
    here = hardware()
    assert here.n_cores >= 1 and here.memory_bytes > 10**8
    assert here.cpu and "\n" not in here.stamp()
    assert hardware() is here
    assert json.loads(json.dumps(here.as_dict()))["n_cores"] == here.n_cores


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("max 100000", 8),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("50000 100000", 1),
        ("9900000 100000", 8),
        ("", 8),
    ],
)
def test_a_containers_share_of_the_processor_counts(monkeypatch, files, quota, cores):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))
    files["/sys/fs/cgroup/cpu.max"] = quota
    assert usable_cores() == cores


def test_a_containers_memory_limit_counts(files):
    total = psutil.virtual_memory().total
    assert usable_memory_bytes() == total
    files["/sys/fs/cgroup/memory.max"] = "max\n"
    assert usable_memory_bytes() == total
    files["/sys/fs/cgroup/memory.max"] = "1000000\n"
    assert usable_memory_bytes() == 1_000_000


def test_gpus_are_listed_by_name_and_a_driver_that_fails_is_no_gpu(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _gpu_names() == ()
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\necho NVIDIA H200\necho NVIDIA L4\n")
    driver.chmod(0o755)
    assert _gpu_names() == ("NVIDIA H200", "NVIDIA L4")
    driver.write_text("#!/bin/sh\necho NVIDIA-SMI has failed\nexit 9\n")
    assert _gpu_names() == ()
