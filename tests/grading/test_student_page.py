"""The page a student gets back: made by nbgrader itself, it shows marks, hides tests, loads and runs nothing."""

import re
import shutil

import pytest
from bs4 import BeautifulSoup
from feedback_course import ELSEWHERE, STUDENT, build
from small_course import NAME, exercise

from scaleml_course.grading import feedback, feedback_pages
from scaleml_course.grading.outcome import Outcome
from scaleml_course.grading.processes import run_child
from scaleml_course.grading.student_page import clean, markdown, mathml

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WIDTHS = (390, 1366)
TABLE = "<table><tbody><tr>"


@pytest.fixture(scope="module")
def course(repository, tmp_path_factory):
    return build(tmp_path_factory.mktemp("feedback"), repository)


@pytest.fixture(scope="module", params=["nbgrader generate_feedback", "scaleml feedback"])
def page(request, course):
    """The page, made by each of the two commands that make pages."""
    made = course / "feedback" / STUDENT / NAME / f"{NAME}.html"
    shutil.rmtree(course / "feedback", ignore_errors=True)
    if request.param == "scaleml feedback":
        results = feedback_pages.make_pages(course, NAME, {STUDENT: ""})
        assert "error" not in results[STUDENT], results
    else:
        by_hand = ["nbgrader", "generate_feedback", NAME, f"--db=sqlite:///{course}/gradebook.db"]
        done = run_child(by_hand, course=course, timeout_s=120)
        assert done.returncode == 0, done.stderr
    return made


def text_of(page):
    """What a reader reads, with single spaces."""
    return " ".join(BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").get_text(" ").split())


@pytest.mark.slow
def test_no_hidden_line_and_no_marker_is_in_the_page(page):
    """Guards nbgrader's issues 917 and 1363."""
    raw = page.read_text(encoding="utf-8")
    flat = "".join(text_of(page).split())
    assert "HIDDEN" not in raw and "SOLUTION" not in raw
    hidden = 'assert spread([-1.0, 1.0]) == 2.0, "negative numbers are numbers too"'
    assert hidden in exercise().cells[-1].source
    for part in (hidden, "[-1.0, 1.0]", "spread([-1.0"):
        assert part not in raw and "".join(part.split()) not in flat
    assert "[left out: it quotes a hidden test]" in text_of(page)


@pytest.mark.slow
def test_no_reference_solution_is_in_the_page(page):
    assert "secret_width" not in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_marks_messages_comments_answers_and_isolation_are_in_the_page(page):
    text = text_of(page)
    for part in (
        "Score: 3 of 5 points",
        "Graded under: bubblewrap",
        "spread_negative 0 / 2 negative numbers are numbers too",
        "mean_small 1 / 1 All checks hold.",
        "Comment Think of negative numbers.",
        "# (A hidden check stands here.)",
        "return my_own_sum",
        "abs ( values [ 0 ])",
        "spread ([ 4.0 ]) == 0.0",
        "My own words",
        "words kept",
        "printed <script>document.title = 'run'</script>",
        "kept",
    ):
        assert "".join(part.split()) in "".join(text.split()), part


@pytest.mark.slow
def test_nothing_in_the_page_could_load_or_run(page):
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert not soup.find_all(["script", "iframe", "object", "embed", "svg", "form", "base", "link[rel=stylesheet]"])
    assert not [tag for tag in soup.find_all(True) if [name for name in tag.attrs if name.startswith("on")]]
    for tag in soup.find_all(src=True):
        assert tag.name == "img" and re.match(r"data:image/(png|svg\+xml);base64,", tag["src"])
    links = [tag["href"] for tag in soup.find_all(href=True)]
    assert links and all(link.startswith(("#", "data:,")) for link in links)
    assert not [tag for tag in soup.find_all(True) if ELSEWHERE in str(tag.attrs)]
    assert not soup.select("p.page-head")  # a student's own markup cannot pass for the head of the page
    assert len(soup.find_all("math")) == 4  # two given, one of the student's, one output


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_in_a_browser_the_page_asks_for_nothing_is_quiet_and_fits(browser, page, width, scheme):
    requests, said = [], []
    window = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    window.on("request", lambda request: requests.append(request.url))
    window.on("console", lambda message: said.append(message.text))
    tab = window.new_page()
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(page.as_uri())
    tab.wait_for_load_state("networkidle")
    title, too_wide = tab.title(), tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    formula = tab.locator("math[display=block]").first.bounding_box()
    wide_code = tab.locator(".source").nth(1).evaluate("one => one.scrollWidth > one.clientWidth")
    window.close()
    assert [url for url in requests if not url.startswith("data:")] == [page.as_uri()]
    assert said == []
    assert title == f"{NAME}: {STUDENT}"
    assert too_wide <= 0 and wide_code
    assert formula["height"] > 20  # drawn as a fraction under a root, not as text


@pytest.mark.slow
def test_a_course_with_its_own_configuration_hides_its_tests_all_the_same(course, tmp_path):
    """Guards: an instructor's old nbgrader_config.py must not bring hidden tests back."""
    own = tmp_path / "own"
    shutil.copytree(course, own)
    (own / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'scaleml'\n")
    shutil.rmtree(own / "feedback", ignore_errors=True)
    assert "error" not in feedback_pages.make_pages(own, NAME, {STUDENT: ""})[STUDENT]
    raw = (own / "feedback" / STUDENT / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "HIDDEN" not in raw and "-1.0" not in raw and "<script" not in raw


@pytest.mark.slow
def test_a_page_that_takes_too_long_is_given_up_and_the_next_is_made(course, monkeypatch):
    """Guards: one notebook written to be slow to show must not cost the class its pages."""
    real = feedback_pages.make_page

    def slow(coursedir, config, student, assignment):
        if student == "slow":
            while True:
                pass
        real(coursedir, config, student, assignment)

    monkeypatch.setattr(feedback_pages, "make_page", slow)
    monkeypatch.setattr(feedback_pages, "stamp_of", lambda *names: "stamp")
    monkeypatch.setattr(feedback_pages, "SECONDS_A_PAGE", 20.0)
    monkeypatch.setattr(feedback_pages.signal, "setitimer", sooner(feedback_pages.signal.setitimer))
    results = feedback_pages.make_pages(course, NAME, {"slow": "", STUDENT: ""})
    assert "takes too long" in results["slow"]["error"]
    assert results[STUDENT] == {"stamp": "stamp"}


def sooner(setitimer):
    """An alarm clock on which the first alarm rings at once."""
    alarms = iter([0.2])
    return lambda which, seconds: setitimer(which, next(alarms, seconds) if seconds else 0)


def test_a_changed_template_renews_the_pages(monkeypatch, tmp_path):
    (tmp_path / "source").mkdir()
    before = feedback.Memory(feedback.CourseFolder(tmp_path)).config
    monkeypatch.setattr(feedback, "look_of_pages", lambda: "another look")
    assert feedback.Memory(feedback.CourseFolder(tmp_path)).config != before


def test_the_plain_page_forbids_itself_scripts_and_requests(tmp_path):
    (tmp_path / "source").mkdir()
    (page,) = feedback.feedback(tmp_path, [Outcome("ada", NAME, "absent", None, 5.0)]).values()
    assert "default-src 'none'" in page.read_text()


@pytest.mark.parametrize(
    "tex", [r"\frac{a}{b}", r"\begin{cases} a & b \\ c & d \end{cases}", r"\begin{aligned} a &= b \end{aligned}"]
)
def test_a_formula_becomes_mathml(tex):
    assert mathml(tex).startswith("<math")


@pytest.mark.parametrize("tex", [r"\nosuch{x}", "x^", "{" * 3000, r"\href{javascript:alert(1)}{x}", "\\", "_"])
def test_a_formula_beyond_the_converter_stays_readable_as_it_was_written(tex):
    assert mathml(tex) == f"<code>{tex}</code>"


def test_a_dollar_sign_in_code_is_no_formula():
    assert markdown("`$x$` costs $5") == "<p><code>$x$</code> costs $5</p>\n"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('<a href="https://example.org">x</a>', '<a href="https://example.org">x</a>'),
        ('<a href="java\nscript:alert(1)">x</a>', "<a>x</a>"),
        ('<div class="highlight"><span class="nb">x</span></div>',) * 2,
        ('<div class="page-head" id="x" style="color: red">x</div>', "<div>x</div>"),
        ("<style>b {}</style>x", "x"),
        ("<scr<script>ipt>alert(1)</script>", "ipt&gt;alert(1)"),
        (f"{TABLE}<td colspan='2' onclick='x'>x</td></tr>", f'{TABLE}<td colspan="2">x</td></tr></tbody></table>'),
    ],
)
def test_markup_passes_an_allow_list(given, kept):
    assert clean(given) == kept
