"""Whatever Jupyter Book says or does, the reader of its failure learns the place, the cause and the remedy."""

import re
import textwrap
from pathlib import Path

import pytest

from scaleml_course.course.book import sphinx_build
from scaleml_course.course.book.sphinx_build import complaints, run_sphinx
from scaleml_course.course.book.stage import Staged, stage_book
from scaleml_course.course.catalogue import Course
from scaleml_course.course.errors import UserError
from scaleml_course.course.processes import Ended
from tests.course.book.book_course import small_course


@pytest.fixture
def fresh(tmp_path: Path) -> Course:
    return small_course(tmp_path / "course", ("03",))


@pytest.fixture
def staged(fresh: Course, tmp_path: Path) -> Staged:
    return stage_book(fresh, "laptop", tmp_path / "source")


def outcome_of(monkeypatch: pytest.MonkeyPatch, course: Course, staged: Staged, ended: Ended) -> str:
    """What a user reads when Jupyter Book ends like this."""
    monkeypatch.setattr(sphinx_build, "run_watched", lambda *arguments, **options: ended)
    log = course.build / "book" / "build.log"
    with pytest.raises(UserError) as caught:
        run_sphinx(course, staged, course.build / "work", log, lambda line: None)
    assert log.read_text() == sphinx_build.COLOURS.sub("", ended.stderr)
    return str(caught.value)


def test_a_build_that_hangs_is_ended_and_told(monkeypatch, fresh, staged):
    text = outcome_of(monkeypatch, fresh, staged, Ended("timeout", -9, 900.0, 0, ""))
    assert "not built within 900 s" in text and "_build/book/build.log" in text


def test_a_full_disk_is_told(monkeypatch, fresh, staged):
    ended = Ended("exit", 1, 1.0, 0, "OSError: [Errno 28] No space left on device: 'x'")
    assert "the disk is full" in outcome_of(monkeypatch, fresh, staged, ended)


def test_a_crash_is_told_with_its_last_line(monkeypatch, fresh, staged):
    ended = Ended("exit", 3, 1.0, 0, "Traceback ...\nImportError: no such theme\n")
    assert "ended with status 3: ImportError: no such theme" in outcome_of(monkeypatch, fresh, staged, ended)


def test_a_silent_death_is_told_too(monkeypatch, fresh, staged):
    assert "ended with status -9: it said nothing" in outcome_of(
        monkeypatch, fresh, staged, Ended("exit", -9, 1.0, 0, "")
    )


def test_a_flood_of_warnings_is_cut_and_counted(monkeypatch, fresh, staged):
    """Colours as Sphinx writes them: they once hid every warning from us."""
    lines = "".join(
        f"\x1b[91m{staged.folder}/book/intro.md:{n}: WARNING: bad {n}\x1b[39;49;00m\n" for n in range(8)
    )
    text = outcome_of(monkeypatch, fresh, staged, Ended("exit", 1, 1.0, 0, lines))
    assert "8 warnings" in text and "book/intro.md, line 4: bad 4" in text
    assert "… and 3 more." in text and "bad 5" not in text and "\x1b" not in text


@pytest.mark.parametrize(
    ("warning", "remedy"),
    [
        ("'myst' cross-reference target not found: 'x' [myst.xref_missing]", "mend the link"),
        ("Non-consecutive header level increase; H1 to H3 [myst.header]", "skip a level"),
        ("image file not readable: a.png", "mend the path"),
        ("term not in glossary: 'x'", "book/glossary.md"),
        ("something nobody foresaw", "warnings are errors"),
    ],
)
def test_a_warning_comes_with_its_remedy(monkeypatch, fresh, staged, warning, remedy):
    lines = f"{staged.folder}/book/intro.md:3: WARNING: {warning}\n"
    text = outcome_of(monkeypatch, fresh, staged, Ended("exit", 1, 1.0, 0, lines))
    assert warning in text and remedy in text


def test_warnings_are_told_by_their_place_in_the_sources(fresh, staged):
    root = staged.folder
    text = textwrap.dedent(
        f"""
        {root}/notebooks/03_quokka.ipynb:10002: WARNING: in the title
        {root}/notebooks/03_quokka.ipynb:30001: WARNING: in the parameters
        {root}/notebooks/03_quokka.ipynb:30001: WARNING: in the parameters
        {root}/book/glossary.md:7: WARNING: in the glossary
        {root}/grader/release/03_quokka/03_quokka.ipynb:20001: ERROR: in the exercise
        WARNING: unknown config value
        reading sources... [100%] done
        """
    )
    found = complaints(fresh, staged, text)
    places = [re.sub(r"line \d+\)", "line)", where) for where, _ in found]
    assert places == [
        "notebooks/03_quokka.py, cell 1 (line)",
        "notebooks/03_quokka.py, cell 2 (line)",
        "book/glossary.md, line 7",
        "solutions/03_quokka.py",
        "book/_config.yml",
    ]
    assert found[0][1] == "in the title"
