"""What is done to the pages after Jupyter Book: what a page needs stays, what it does not need goes."""

from pathlib import Path

import pytest

from scaleml_course.course.book import finish
from scaleml_course.course.book.finish import finish_book
from scaleml_course.course.book.stage import Staged
from scaleml_course.course.errors import UserError

OTHER = '<script src="_static/scripts/bootstrap.js"></script>'
MATHJAX = '<script defer="defer" src="_static/mathjax/tex-chtml-full.js?v=1"></script>'
ICONS = '<script defer src="_static/scripts/fontawesome.js?digest=2"></script>'


@pytest.fixture
def built(tmp_path: Path) -> Path:
    scripts = tmp_path / "_static" / "scripts"
    scripts.mkdir(parents=True)
    for name in ("bootstrap.js", "bootstrap.js.map", "fontawesome.js", "fontawesome.js.LICENSE.txt"):
        (scripts / name).write_text("...")
    return tmp_path


def finished(built: Path) -> None:
    finish_book(built, Staged(built, "book/intro", "Loops & <arrays>", 1, ()))


def test_the_entrance_names_the_book_and_leads_in(built):
    finished(built)
    text = (built / "index.html").read_text()
    assert "url=book/intro.html" in text and "<title>Loops &amp; &lt;arrays&gt;</title>" in text


def test_a_page_without_maths_keeps_its_other_scripts_only(built):
    (built / "page.html").write_text(f"<head>{OTHER}{MATHJAX}{ICONS}</head>")
    finished(built)
    assert (built / "page.html").read_text() == f"<head>{OTHER}</head>"
    assert not (built / "_static" / "mathjax").exists()


def test_a_page_with_maths_keeps_mathjax_and_finds_it(built):
    (built / "page.html").write_text(f'<head>{MATHJAX}</head><span class="math notranslate">x</span>')
    finished(built)
    assert MATHJAX in (built / "page.html").read_text()
    assert (built / "_static" / "mathjax" / "tex-chtml-full.js").stat().st_size > 100_000
    assert list((built / "_static" / "mathjax" / "output" / "chtml" / "fonts").rglob("*.woff"))


def test_maths_without_the_package_names_the_remedy(built, monkeypatch):
    (built / "page.html").write_text('<span class="math notranslate">x</span>')
    monkeypatch.setattr(finish, "MATHJAX_PACKAGE", "a-package-that-is-not-there")
    with pytest.raises(UserError, match="make setup"):
        finished(built)


def test_files_that_no_reader_needs_are_gone(built):
    finished(built)
    assert [path.name for path in (built / "_static" / "scripts").iterdir()] == ["bootstrap.js"]
