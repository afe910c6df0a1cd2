"""The red team against this grader: no undeserved point, no harm, no stalled batch, no honest answer marked down.

The notebooks are in ``tests/attacks``; ``make redteam`` prints the table with nbgrader beside it.
"""

import itertools
import os
import shutil
import sqlite3

import pytest

from scaleml_course.grading.isolation import levels
from tests.attacks import nbgrader_lab, target, this_grader
from tests.attacks.attack import HONEST, read_attacks
from tests.attacks.canaries import Canaries, Places, read_scores
from tests.attacks.listeners import Listeners
from tests.attacks.verdict import Verdict

ATTACKS = {attack.name: attack for attack in read_attacks()}
#: One of each kind of defence: values, messages, time, process end, files, and an honest one.
FEW = (
    "always-equal-any-object",
    "forged-messages-session-send",
    "reading-tests-source-folder",
    "metadata-skip-execution",
    "process-end-kill-itself",
    "outliving-double-fork",
    "network-tcp",
    "honest-warns-everywhere",
)


@pytest.fixture(scope="module")
def level():
    """The strongest isolation of this machine; without any, these notebooks are not run."""
    found = levels.strongest()
    if found.level == "trusted":
        pytest.skip(f"nothing here can confine hostile notebooks: {found.why}")
    return found.level


def graded(names, level):
    n_workers = len(os.sched_getaffinity(0))
    return this_grader.grade([ATTACKS[name] for name in names], level, n_workers, lambda: None)


@pytest.fixture(scope="module")
def verdicts(level):
    return graded(ATTACKS, level)


@pytest.fixture(scope="module")
def few(level):
    return graded(FEW, level)


def check(verdict):
    assert verdict.gained == 0, f"{verdict.gained:g} undeserved points ({verdict.status})"
    assert verdict.harm == (), f"harm: {verdict.harm} ({verdict.status})"
    assert not verdict.honest or verdict.right, f"{verdict.score} of {verdict.deserved:g} points: {verdict.status}"


@pytest.mark.slow  # twenty seconds, most of them for the class folder and the warmed processes
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", FEW)
def test_one_of_each_kind_gets_nothing_and_harms_nobody(few, name):
    check(few[name])


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", [name for name in ATTACKS if name not in FEW])
def test_no_point_no_harm_no_stall_and_no_honest_answer_marked_down(verdicts, name):
    check(verdicts[name])


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="the lab for nbgrader as it comes needs bubblewrap")
def test_the_same_attacks_get_through_nbgrader_as_it_comes():
    # What this grader withstands must be an attack: where nothing defends, it gains and harms.
    names = ("forged-messages-session-send", "network-tcp", "outliving-double-fork", "honest-callable-object")
    seen = nbgrader_lab.grade([ATTACKS[name] for name in names], 2, lambda: None)
    assert seen[names[0]].gained == target.FULL_MARKS
    assert seen[names[1]].harm == ("reached a listener outside",)
    assert seen[names[2]].harm == ("left 1 process behind",)
    assert seen[names[3]].right and seen[names[3]].harm == ()


def test_every_class_that_was_asked_for_is_there():
    hostile = [attack for attack in ATTACKS.values() if not attack.honest]
    assert len(hostile) >= 60 and len({attack.kind for attack in hostile}) >= 20
    assert len([attack for attack in ATTACKS.values() if attack.kind == HONEST]) >= 12


def test_no_name_is_the_beginning_of_another():
    # Traces are known by names: one attack's must not pass for another's.
    names = sorted(ATTACKS)
    assert [pair for pair in itertools.pairwise(names) if pair[1].startswith(pair[0])] == []


def test_no_attack_knows_the_token_of_the_hidden_tests():
    assert [name for name, one in ATTACKS.items() if target.HIDDEN_TOKEN in one.path.read_text()] == []


@pytest.mark.parametrize(
    ("score", "harm", "wrong"),
    [(3.0, (), "undeserved"), (0.0, ("planted x",), "harm"), (None, (), "")],
)
def test_a_point_or_a_harm_is_a_failure(score, harm, wrong):
    verdict = Verdict("a", "a class", 0.0, score, harm, 1.0)
    if wrong:
        with pytest.raises(AssertionError, match=wrong):
            check(verdict)
    else:
        check(verdict)


def test_an_honest_notebook_that_loses_points_is_a_failure():
    with pytest.raises(AssertionError, match=r"9\.0 of 10 points"):
        check(Verdict("a", HONEST, 10.0, 9.0, (), 1.0))


@pytest.fixture
def places(tmp_path):
    """A course folder with another student's work."""
    course = tmp_path / "course"
    for step in ("source", "release"):
        (course / step).mkdir(parents=True)
    work = course / "submitted" / target.VICTIM
    work.mkdir(parents=True)
    (work / "work.ipynb").write_text("{}")
    return Places(
        COURSE=str(course),
        HOME=str(tmp_path / "home"),
        MARKS=str(tmp_path / "marks"),
        TCP=0,
        UDP=0,
        ABSTRACT="",
        VICTIM=target.VICTIM,
        ASSIGNMENT=target.NAME,
    )


@pytest.fixture
def canaries(places, tmp_path):
    listeners = Listeners(f"canaries-{tmp_path}"[-90:], tmp_path / "listener")
    made = Canaries(places, nbgrader_lab.new_tokens(), listeners.heard, {"eve"})
    made.port = listeners.ports[0]
    yield made
    listeners.close()


def test_the_canaries_see_what_was_planted_changed_and_said(canaries, places, tmp_path):
    import socket
    import time

    assert canaries.harm("eve", patience_s=0) == []
    (tmp_path / "home" / "x.py").write_text("# planted-by-eve")
    (tmp_path / "course" / "submitted" / target.VICTIM / "work.ipynb").write_text("[]")
    with socket.create_connection(("127.0.0.1", canaries.port)) as one:
        one.sendall(b"eve was here")
    deadline = time.monotonic() + 10
    while not canaries.heard and time.monotonic() < deadline:
        time.sleep(0.01)
    told = canaries.harm("eve", also=canaries.secrets["credentials"], patience_s=0)
    wanted = {"planted x.py", f"changed submitted/{target.VICTIM}/work.ipynb", "reached a listener outside"}
    assert set(told) == wanted | {"told credentials"}
    assert canaries.harm("eve", patience_s=0) == [], "the same harm is told once"


def test_the_canaries_see_a_process_and_a_proof(canaries, tmp_path):
    import subprocess
    import sys

    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "left-by-eve"])
    try:
        found = canaries.harm("eve", also="PROOF::eve::held 3000 MB\n", patience_s=0)
        assert found == ["held 3000 MB", "left 1 process behind"]
        canaries.end_processes("eve")
        assert process.wait(10) == -9
    finally:
        process.kill()
        process.wait()


def test_a_gradebook_that_is_none_has_no_scores(tmp_path):
    (tmp_path / "gradebook.db").write_bytes(b"garbage" * 1000)
    assert read_scores(tmp_path / "gradebook.db") == {}
    sqlite3.connect(tmp_path / "empty.db").close()
    assert read_scores(tmp_path / "empty.db") == {}
