"""The level is the strongest that this machine has, never lowered silently, and refused where there is none."""

import pytest

from scaleml_course.course.errors import UserError
from scaleml_course.grading.isolation import levels

NONE = "this system has none"


@pytest.fixture
def machine(monkeypatch):
    """Make this a machine that lacks what is named."""

    def lacks(*names):
        for name in ("bubblewrap", "landlock"):
            fault = NONE if name in names else ""
            monkeypatch.setattr(levels, f"{name}_fault", lambda fault=fault: fault)

    return lacks


@pytest.mark.parametrize(
    ("lacking", "level"),
    [((), "bubblewrap"), (("bubblewrap",), "landlock"), (("bubblewrap", "landlock"), "trusted")],
)
def test_the_strongest_is_found_and_says_why_it_is_no_stronger(machine, lacking, level):
    machine(*lacking)
    found = levels.strongest()
    assert found.level == level
    assert bool(found.why) == (level != "bubblewrap")


def test_where_nothing_confines_it_refuses_with_the_remedy(machine):
    machine("bubblewrap", "landlock")
    with pytest.raises(UserError, match="Nothing here can confine") as caught:
        levels.choose(trust_students=False)
    assert "apt-get install bubblewrap" in caught.value.remedy and "--trust-students" in caught.value.remedy
    assert levels.choose(trust_students=True).level == "trusted"


def test_trust_does_not_lower_what_the_machine_has(machine):
    machine()
    assert levels.choose(trust_students=True).level == "bubblewrap"
    machine("bubblewrap")
    assert levels.choose(trust_students=True).level == "landlock"


def test_a_level_that_cannot_be_had_is_refused(machine):
    machine("bubblewrap")
    with pytest.raises(UserError, match="bubblewrap cannot be had here"):
        levels.choose(trust_students=True, wanted="bubblewrap")
    with pytest.raises(UserError, match="no isolation level 'docker'"):
        levels.choose(trust_students=True, wanted="docker")


def test_trusted_must_be_said_even_where_it_is_asked_for(machine):
    machine()
    with pytest.raises(UserError):
        levels.choose(trust_students=False, wanted="trusted")


def test_bubblewrap_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(levels.shutil, "which", lambda name: None)
    levels.bubblewrap_fault.cache_clear()
    try:
        assert levels.bubblewrap_fault() == "bubblewrap is not installed"
    finally:
        levels.bubblewrap_fault.cache_clear()
