"""Finishes the built pages: an entrance, MathJax from our own shelf, and no script that a page can do without."""

from __future__ import annotations

import html
import importlib.util
import re
import shutil
from pathlib import Path

from scaleml_course.course.book.stage import Staged
from scaleml_course.course.errors import UserError

MATHJAX_PACKAGE = "sphinx-mathjax-offline"
MATHJAX_PARTS = ("tex-chtml-full.js", "output/chtml", "a11y", "sre")
HAS_MATHS = 'class="math'
SCRIPT = r'\s*<script[^>]*"[^"]*{name}[^"]*"[^>]*></script>'
# Sphinx gives MathJax, a megabyte, also to pages that only have a page with maths below them.
MATHJAX = re.compile(SCRIPT.format(name="mathjax/"))
# The theme draws its icons twice: by a web font, and by a script of 1.5 MB. The font does (theme 1.3.0).
FONTAWESOME = re.compile(SCRIPT.format(name=r"scripts/fontawesome\.js"))
NOT_FOR_READERS = ("*.map", "scripts/fontawesome.js*", "webpack-macros.html", "sbt-webpack-macros.html")


def finish_book(built: Path, staged: Staged) -> None:
    """Do in `built` what Jupyter Book leaves to do."""
    _write_entrance(built, staged)
    for pattern in NOT_FOR_READERS:
        for path in (built / "_static").rglob(pattern):
            path.unlink()
    needs_mathjax = False
    for page in built.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        has_maths = HAS_MATHS in text
        needs_mathjax |= has_maths
        lighter = FONTAWESOME.sub("", text if has_maths else MATHJAX.sub("", text))
        if lighter != text:
            page.write_text(lighter, encoding="utf-8")
    if needs_mathjax:
        _copy_mathjax(built / "_static" / "mathjax")


def _write_entrance(built: Path, staged: Staged) -> None:
    first = f"{staged.first_page}.html"
    (built / "index.html").write_text(
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta http-equiv="refresh" content="0; url={first}">\n'
        f'<link rel="icon" href="_static/favicon.svg">\n'
        f'<title>{html.escape(staged.title)}</title>\n<a href="{first}">Open the book</a>\n</html>\n',
        encoding="utf-8",
    )


def _copy_mathjax(target: Path) -> None:
    """The parts of MathJax that the book's pages can load, from the installed package."""
    found = importlib.util.find_spec(MATHJAX_PACKAGE)
    if found is None or found.origin is None:
        raise UserError(f"A page has maths, and {MATHJAX_PACKAGE} is not installed.", remedy="Run: make setup")
    source = Path(found.origin).parent / "static" / "mathjax"
    for part in MATHJAX_PARTS:
        place = target / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, place)
        else:
            shutil.copyfile(source / part, place)
