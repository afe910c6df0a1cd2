"""The doctor: every finding names a remedy when something is missing, and every skipped lesson a reason."""

import shutil

import pytest

from scaleml_course.course import doctor, machine
from scaleml_course.course.machine import environment_for, unmet
from scaleml_course.measure.hardware import Hardware

BARE = Hardware("a CPU", 1, 2 * 10**9, "Linux", "3.11", ())


@pytest.fixture
def bare(monkeypatch):
    """A machine with next to nothing."""
    monkeypatch.setattr(doctor, "hardware", lambda: BARE)
    monkeypatch.setattr(machine, "hardware", lambda: BARE)
    for module in (doctor, machine):
        monkeypatch.setattr(module, "java_home", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)


def test_a_bare_machine_is_told_what_it_lacks_and_what_to_do(tiny, bare, monkeypatch):
    monkeypatch.setattr(doctor, "ENOUGH_DISK_BYTES", 10**18)
    monkeypatch.setattr(doctor, "ENOUGH_MEMORY_BYTES", 10**18)
    findings = {one.name: one for one in doctor.examine(tiny.course)}
    for name in ("Cores", "Memory", "Disk", "Java", "Browser", "Sandbox"):
        assert not findings[name].good and findings[name].remedy, name
    assert findings["GPU"].good and "none" in findings["GPU"].found


def test_lessons_that_will_be_skipped_have_a_reason(tiny, bare):
    tiny.lesson("01_plain")
    tiny.lesson("02_gpu", needs="[gpu]")
    tiny.lesson("03_both", needs="[jvm, cluster]")
    reasons = doctor.skipped(tiny.course)
    assert list(reasons) == ["02_gpu", "03_both"]
    assert "Java" in reasons["03_both"] and "scheduler" in reasons["03_both"]
    assert "scheduler" not in unmet(tiny.find("03"), "tcp://host:8786")


def test_packages_that_are_not_as_locked_are_named(tiny):
    lock = tiny.root / "requirements" / "course.txt"
    elsewhere = "elsewhere==1 ; sys_platform == 'win32'"
    lock.write_text(f"numpy==1.0 \\\n    --hash=sha256:00\nno-such-package==2.0\n{elsewhere}\n# a==1\n")
    finding = next(one for one in doctor.examine(tiny.course) if one.name == "Packages")
    assert not finding.good and finding.found.startswith("2 not as locked: numpy ")
    assert "no-such-package absent instead of 2.0" in finding.found
    lock.unlink()
    finding = next(one for one in doctor.examine(tiny.course) if one.name == "Packages")
    assert not finding.good and "no lock at" in finding.found


def test_this_machine_can_be_examined(repository):
    from scaleml_course.course.catalogue import load_course

    findings = doctor.examine(load_course(repository), "tcp://host:8786")
    assert {"Python", "Packages", "Cores", "Memory", "Disk", "Java", "GPU"} <= {one.name for one in findings}
    assert findings[-1].found == "tcp://host:8786"


def test_java_comes_from_the_lock_and_is_found_by_path_and_home(monkeypatch, tiny):
    tiny.lesson("03_java", needs="[jvm]")
    monkeypatch.setenv("PATH", "/usr/bin")
    environment = environment_for(tiny.find("03"))
    assert environment["PATH"] == f"{environment['JAVA_HOME']}/bin:/usr/bin"
    monkeypatch.setattr(machine, "java_home", lambda: None)
    assert environment_for(tiny.find("03")) == {}


def test_a_lesson_without_java_gets_no_variables_for_it(tiny):
    tiny.lesson("04_plain")
    assert environment_for(tiny.find("04")) == {}
