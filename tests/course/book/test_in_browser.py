"""The book in a real browser: no request leaves this machine, nothing is logged, it fits a phone, search finds."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from scaleml_course.course.book import build_book
from scaleml_course.course.serve import make_server
from tests.course.book.book_course import run_on_paper, small_course

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox",  # a container's root has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
PAGES = (
    "index.html",
    "book/intro.html",
    "notebooks/03_quokka.html",
    "notebooks/12_quokka.html",
    "grader/release/03_quokka/03_quokka.html",
    "book/runs.html",
    "book/claims.html",
    "book/glossary.html",
    "book/references.html",
    "book/instructor.html",
    "book/untrusted.html",
    "genindex.html",
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]


@dataclass
class Visit:
    """A browser window that keeps what went wrong in it."""

    page: Any
    address: str
    strangers: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}/{path}")
        self.page.wait_for_load_state("networkidle")

    def on_request(self, request: Any) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self.strangers.append(request.url)

    def on_response(self, response: Any) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status} {response.url}")

    def on_failure(self, failed: Any) -> None:
        if failed.failure != "net::ERR_ABORTED":  # the reader moved on before it came
            self.troubles.append(f"{failed.failure}: {failed.url}")

    def on_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.type}: {message.text}")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a small book is served, on this machine only."""
    course = small_course(tmp_path_factory.mktemp("course"))
    for lesson in course.lessons:
        run_on_paper(course, lesson, "laptop")
    with make_server(build_book(course, "laptop").path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A window of its own; whatever it was used for, it must have been quiet and stayed on this machine."""
    width, scheme = getattr(request, "param", ("desktop", "light"))
    context = browser.new_context(viewport=WIDTHS[width], color_scheme=scheme)
    visit = Visit(context.new_page(), address)
    context.on("request", visit.on_request)
    context.on("response", visit.on_response)
    context.on("console", visit.on_console)
    visit.page.on("pageerror", lambda error: visit.troubles.append(f"script: {error}"))
    visit.page.on("requestfailed", visit.on_failure)
    yield visit
    context.close()
    assert not visit.strangers
    assert not visit.troubles


@pytest.mark.parametrize("visit", [(w, s) for w in WIDTHS for s in ("light", "dark")], indirect=True, ids="-".join)
def test_every_page_fits_its_window_and_is_quiet(visit):
    for path in PAGES:
        visit.open(path)
        wide = visit.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{path} is {wide} pixels wider than the window"


def test_the_index_leads_to_the_front_page(visit):
    visit.open("index.html")
    visit.page.wait_for_url("**/book/intro.html")
    assert visit.page.locator("h1:visible").first.inner_text().startswith("A small book")


def test_the_colour_button_makes_it_dark_and_light_again(visit):
    visit.open("notebooks/03_quokka.html")
    button = visit.page.locator("button.theme-switch-button:visible").first
    seen = []
    for _ in range(3):
        button.click()
        background = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        seen.append((visit.page.evaluate("document.documentElement.dataset.theme"), background))
    themes = dict(seen)
    assert set(themes) == {"light", "dark"} and themes["light"] != themes["dark"]


def test_the_dark_is_kept_from_page_to_page(visit):
    visit.open("notebooks/03_quokka.html")
    button = visit.page.locator("button.theme-switch-button:visible").first
    for _ in range(3):
        if visit.page.evaluate("document.documentElement.dataset.mode") == "dark":
            break
        button.click()
    visit.open("book/glossary.html")
    assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_search_finds_a_word_of_a_lesson(visit):
    visit.open("search.html?q=quokkabyte12")
    result = visit.page.locator("#search-results li a").first
    result.wait_for()
    assert "notebooks/12_quokka.html" in result.get_attribute("href")


def test_search_can_be_started_from_any_page(visit):
    visit.open("book/glossary.html")
    visit.page.keyboard.press("Control+k")
    field_ = visit.page.locator("input[type=search]:visible").first
    field_.fill("quokkabyte03")
    field_.press("Enter")
    result = visit.page.locator("#search-results li a").first
    result.wait_for()
    assert "notebooks/03_quokka.html" in result.get_attribute("href")


@pytest.mark.parametrize("visit", [("phone", "dark")], indirect=True, ids="-".join)
def test_a_choice_of_the_quiz_opens_its_explanation_by_touch_and_by_key(visit):
    visit.open("notebooks/03_quokka.html")
    right, wrong = visit.page.locator("details.quiz-right"), visit.page.locator("details.quiz-wrong").first
    assert not right.locator("p").is_visible()
    right.locator("summary").click()
    assert right.locator("p").is_visible()
    wrong.locator("summary").focus()
    visit.page.keyboard.press("Enter")
    assert wrong.locator("p").inner_text() == "No. Lists have no pouch."


def test_maths_are_set_by_the_books_own_mathjax(visit):
    visit.open("notebooks/03_quokka.html")
    visit.page.locator("mjx-container").first.wait_for()
    assert visit.page.locator("mjx-container").count() == 1


def test_a_figure_is_shown_whole(visit):
    visit.open("notebooks/03_quokka.html")
    for figure in visit.page.locator(".cell_output img").all():
        figure.scroll_into_view_if_needed()
        natural, box = figure.evaluate("image => image.naturalWidth"), figure.bounding_box()
        column = visit.page.locator("article").bounding_box()
        assert natural > 0
        assert box["x"] >= column["x"] and box["x"] + box["width"] <= column["x"] + column["width"] + 1


def test_icons_are_drawn_without_the_themes_script(visit):
    """Guards: we leave out the script that draws them a second time; a new theme may want it back."""
    visit.open("notebooks/03_quokka.html")
    icons = visit.page.locator(".article-header-buttons i:visible").all()
    assert len(icons) >= 4
    for icon in icons:
        glyph = icon.evaluate("i => getComputedStyle(i, '::before').content")
        assert glyph not in ("none", "normal", '""')
    loaded = "[...document.fonts].some(font => font.family.includes('Font Awesome') && font.status === 'loaded')"
    assert visit.page.evaluate(loaded)


def test_the_front_page_weighs_less_than_a_photograph(visit):
    """1.5 MB on the first visit, nothing cached, nothing compressed."""
    weights: dict[str, int] = {}
    session = visit.page.context.new_cdp_session(visit.page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda e: weights.update({e["requestId"]: e["encodedDataLength"]}))
    visit.open("book/intro.html")
    assert 100_000 < sum(weights.values()) < 1_500_000


def test_the_pages_were_really_visited(address):
    """Guards: a list of pages that no longer exist would pass every test above as a row of 404s."""
    import urllib.request

    for path in PAGES:
        with urllib.request.urlopen(f"{address}/{path}", timeout=10) as response:
            assert response.status == 200


def test_a_stranger_would_be_noticed(browser, address):
    """Guards the guard: a request to another host must reach the list, even one that is never answered."""
    context = browser.new_context(offline=False)
    visit = Visit(context.new_page(), address)
    context.on("request", visit.on_request)
    context.route("**/stranger.js", lambda route: route.abort())
    visit.page.goto(f"{address}/book/intro.html")
    visit.page.evaluate("fetch('http://192.0.2.1/stranger.js').catch(() => 0)")
    context.close()
    assert visit.strangers == ["http://192.0.2.1/stranger.js"]
