"""The book is built whole or not at all, asks no other host for anything, and is not built twice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scaleml_course.course import book as book_module
from scaleml_course.course.book import BookResult, book_folder, build_book
from scaleml_course.course.catalogue import Course
from scaleml_course.course.errors import UserError
from tests.course.book.book_course import ALT, REPOSITORY, SECOND_ALT, add_cell, run_on_paper, small_course

FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
    ("object", "data"),
}
FETCHED_LINKS = {"stylesheet", "preload", "prefetch", "preconnect", "icon", "modulepreload", "manifest"}


class Page(HTMLParser):
    """What a page loads, its pictures, and its links."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        self.loads += [str(named[name]) for kind, name in FETCHED if kind == tag and name in named]
        if tag == "link" and FETCHED_LINKS & set(str(named.get("rel")).split()):
            self.loads.append(str(named["href"]))
        if tag == "img":
            self.pictures.append(named)
        if tag == "a":
            self.links.append(str(named.get("href", "")))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = small_course(tmp_path_factory.mktemp("course"))
    run_on_paper(course, course.lessons[0], "laptop")
    return course


@pytest.fixture(scope="module")
def built(course: Course) -> BookResult:
    return build_book(course, "laptop")


@pytest.fixture
def fresh(tmp_path: Path) -> Course:
    return small_course(tmp_path, ("03",))


@pytest.fixture
def no_sphinx(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Stands in for Jupyter Book: writes one page, at once."""
    calls: list[Path] = []

    def run(course, staged, output, log, on_line):
        calls.append(output)
        folder = output / "_build" / "html"
        folder.mkdir(parents=True)
        (folder / "intro.html").write_text(f"build {len(calls)}")
        return folder

    monkeypatch.setattr(book_module, "run_sphinx", run)
    yield calls


@pytest.mark.slow
def test_a_book_is_built_with_every_page(course, built):
    assert not built.cached and built.path == book_folder(course) and built.seconds > 0
    names = {str(path.relative_to(built.path)) for path in built.path.rglob("*.html")}
    lessons = {f"notebooks/{number}_quokka.html" for number in ("03", "12")}
    exercises = {f"grader/release/{number}_quokka/{number}_quokka.html" for number in ("03", "12")}
    matter = {
        f"book/{name}.html"
        for name in ("intro", "runs", "claims", "glossary", "references", "instructor", "untrusted")
    }
    assert lessons | exercises | matter | {"index.html", "search.html"} <= names
    assert built.n_pages == len(lessons | exercises | matter)
    assert "WARNING" not in (built.path.parent / "build.log").read_text()
    assert not (built.path.parent / "work").exists()


@pytest.mark.slow
def test_no_page_and_no_style_sheet_loads_anything_from_another_host(built):
    pages = [Page(path) for path in built.path.rglob("*.html")]
    loads = {load for page in pages for load in page.loads}
    assert loads and not [load for load in loads if re.match(r"(https?:)?//", load)]
    for sheet in built.path.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.findall(r"""(?:url\(|@import)\s*["']?(?:https?:)?//[^)"';]*""", text), sheet.name


@pytest.mark.slow
def test_everything_that_a_page_loads_is_there(built):
    """Guards: MathJax and the style sheet are put in place by our own code, which Sphinx does not check."""
    for path in built.path.rglob("*.html"):
        for load in Page(path).loads:
            file = path.parent / load.split("?")[0]
            assert load.startswith("data:") or file.exists(), f"{path.name} loads {load}"


@pytest.mark.slow
def test_pictures_have_their_findings_as_alt_text(built):
    pictures = Page(built.path / "notebooks" / "03_quokka.html").pictures
    figures = [picture["alt"] for picture in pictures if "_images/" in str(picture["src"])]
    assert figures == [ALT, SECOND_ALT]
    for path in built.path.rglob("*.html"):
        for picture in Page(path).pictures:
            assert "alt" in picture and not re.search(r"\.(png|svg|jpe?g)$", str(picture["alt"])), path.name


@pytest.mark.slow
def test_launch_buttons_open_the_repositorys_own_file(built):
    hub = "https://mybinder.org/v2/gh/scaleml-course/scaleml-course/main?urlpath=lab/tree/"
    for file in ("notebooks/03_quokka", "grader/release/03_quokka/03_quokka"):
        links = Page(built.path / f"{file}.html").links
        assert f"{hub}{file}.ipynb" in links


@pytest.mark.slow
def test_search_knows_a_word_of_each_lesson(built):
    index = (built.path / "searchindex.js").read_text(encoding="utf-8")
    assert "quokkabyte03" in index and "quokkabyte12" in index


@pytest.mark.slow
def test_only_pages_with_maths_load_mathjax(built):
    """Guards: Sphinx gives it to every page above one with maths, so the front page weighed a megabyte more."""
    loading = {
        str(path.relative_to(built.path))
        for path in built.path.rglob("*.html")
        if any("mathjax" in load for load in Page(path).loads)
    }
    assert loading == {"notebooks/03_quokka.html", "notebooks/12_quokka.html"}


@pytest.mark.slow
def test_the_entrance_leads_to_the_front_page(built):
    assert "url=book/intro.html" in (built.path / "index.html").read_text()


@pytest.mark.slow
def test_nothing_changed_nothing_built(course, built):
    again = build_book(course, "laptop")
    assert again.cached and (again.n_pages, again.notices) == (built.n_pages, built.notices)


@pytest.mark.slow
def test_a_warning_is_an_error_with_page_cell_and_remedy_and_the_old_book_stays(fresh):
    old = book_folder(fresh)
    old.mkdir(parents=True)
    (old / "index.html").write_text("the old book")
    add_cell(fresh.lessons[0], "See [nothing](no_such_page.md).")
    with pytest.raises(UserError) as caught:
        build_book(fresh, "laptop")
    text = str(caught.value)
    assert re.search(r"notebooks/03_quokka\.py, cell 10 \(line \d+\): .*no_such_page\.md", text)
    assert "mend the link" in text and "_build/book/build.log" in text
    assert "no_such_page" in (fresh.build / "book" / "build.log").read_text()
    assert (old / "index.html").read_text() == "the old book"
    assert not (fresh.build / "book" / "work").exists()


@pytest.mark.slow
def test_the_repositorys_own_book_builds(tmp_path):
    for folder in ("book", "notebooks", "solutions", "grader/release", "requirements"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    assert build_book(Course(tmp_path), "laptop").n_pages >= 6


def test_each_thing_the_book_is_made_of_makes_a_new_one(fresh, no_sphinx):
    build_book(fresh, "laptop")
    changes = [
        lambda: run_on_paper(fresh, fresh.lessons[0], "laptop"),
        lambda: add_cell(fresh.lessons[0], "Another sentence."),
        lambda: (fresh.root / "book" / "intro.md").write_text("# Another"),
        lambda: (fresh.root / "book" / "assets" / "course.css").write_text("p {}"),
        lambda: (fresh.root / "requirements" / "course.txt").write_text("numpy==1"),
        lambda: (fresh.root / "notebooks" / "picture.png").write_bytes(b"one"),
        lambda: (fresh.root / "notebooks" / "picture.png").write_bytes(b"two"),
    ]
    for change in changes:
        change()
        assert not build_book(fresh, "laptop").cached
        assert build_book(fresh, "laptop").cached
    assert len(no_sphinx) == 1 + len(changes)
    assert not build_book(fresh, "quick").cached


def test_a_book_can_be_forced_and_a_missing_one_is_built_again(fresh, no_sphinx):
    build_book(fresh, "laptop")
    assert not build_book(fresh, "laptop", force=True).cached
    shutil.rmtree(book_folder(fresh))
    assert not build_book(fresh, "laptop").cached
    assert (book_folder(fresh) / "intro.html").read_text() == "build 3"


def test_a_failed_build_keeps_the_old_book(fresh, no_sphinx, monkeypatch):
    build_book(fresh, "laptop")

    def fail(*arguments):
        raise UserError("no")

    monkeypatch.setattr(book_module, "run_sphinx", fail)
    with pytest.raises(UserError):
        build_book(fresh, "laptop", force=True)
    assert (book_folder(fresh) / "intro.html").read_text() == "build 1"


def test_a_cached_book_needs_no_sphinx(fresh, no_sphinx):
    """Guards: a second `make course` must be quick, and importing Sphinx alone takes a second."""
    build_book(fresh, "laptop")
    code = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from scaleml_course.course.book import build_book
        from scaleml_course.course.catalogue import Course
        assert build_book(Course(Path({str(fresh.root)!r})), "laptop").cached
        assert not {{"sphinx", "jupyter_book", "myst_nb"}} & set(sys.modules)
        """
    )
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=120)
