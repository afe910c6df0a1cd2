"""The pages that no author writes: runs, claims and cards say what the runs recorded, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from scaleml_course.course.book.notebooks import Shown, find_run
from scaleml_course.course.book.pages import claims_page, lesson_cards, required_packages, runs_page
from scaleml_course.course.catalogue import Course
from tests.course.book.book_course import REPOSITORY, run_on_paper, small_course

NAMES = REPOSITORY / "requirements" / "course.in"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return small_course(tmp_path)


@pytest.fixture
def shown(course: Course) -> list[Shown]:
    """One lesson with a run at laptop, one without any."""
    run_on_paper(course, course.lessons[0], "laptop")
    return [find_run(course, lesson, "laptop") for lesson in course.lessons]


def with_claim(one: Shown, **changes: object) -> Shown:
    claims = [one.result.claims[0] | changes]
    return replace(one, result=replace(one.result, claims=claims))


def test_the_runs_page_has_a_row_a_lesson(shown):
    rows = [line for line in runs_page(shown, NAMES).splitlines() if line.startswith("| [")]
    link = "[03 · Quokka 03](../notebooks/03_quokka.ipynb)"
    assert rows[0] == f"| {link} | laptop | 12 s | 5 | 345 MB | 1 | 2026-11-01 | M1 |"
    assert "not run" in rows[1] and len(rows) == 2


def test_the_runs_page_names_machine_and_versions(shown):
    import numpy

    page = runs_page(shown, NAMES)
    assert f"- **M1**: {shown[0].machine}" in page
    assert f"| numpy | {numpy.__version__} |" in page
    assert "### What the lessons teach with" in page


def test_the_runs_page_without_any_run_says_so(shown):
    assert "No run noted its machine." in runs_page(shown[1:], NAMES)


def test_every_required_package_is_listed_once():
    """Guards: a comment or a pin that the reading of course.in takes for a name, or a name that it loses."""
    names = [name for _, group in required_packages(NAMES) for name in group]
    lines = [line for line in NAMES.read_text().splitlines() if line.strip() and not line.startswith("#")]
    assert len(names) == len(lines) == len(set(names))
    assert {"numpy", "dask", "jupyter-book", "uv"} <= set(names)


def test_a_claim_is_told_with_value_interval_bound_and_check(shown):
    page = claims_page(shown)
    assert "The loop took **40 times** as long." in page
    assert "Measured 40 times (interval 38 to 42) · bound: at least 5 times · checked" in page


def test_a_claim_that_was_not_checked_says_why(shown):
    page = claims_page([with_claim(shown[0], checked=False, reason="this machine has one core")])
    assert "not checked: this machine has one core" in page
    assert "All but 1 were checked" in page


def test_a_number_without_interval_shows_none(shown):
    assert "interval" not in claims_page([with_claim(shown[0], low=40.0, high=40.0)]).split("## ")[1]


def test_without_runs_there_are_no_claims(shown):
    assert "No lesson has been run yet." in claims_page(shown[1:])


def test_cards_link_the_lessons_and_lead_with_what_was_measured(shown):
    cards = lesson_cards(shown)
    assert cards.count(":link: /notebooks/") == 2
    assert "> The loop took **40 times** as long." in cards
    assert cards.count("- Explain why loops are slow.") == 2


def test_a_card_shows_no_sentence_that_was_not_checked(shown):
    assert "The loop took" not in lesson_cards([with_claim(shown[0], checked=False, reason="one core")])


def test_a_card_shows_the_claim_with_the_largest_factor(shown):
    claims = [shown[0].result.claims[0] | {"value": value, "sentence": f"It was {value}."} for value in (3, 90, 7)]
    one = replace(shown[0], result=replace(shown[0].result, claims=claims))
    assert "> It was 90." in lesson_cards([one])


def test_a_bar_in_a_title_does_not_break_the_table(shown):
    one = replace(shown[0], lesson=replace(shown[0].lesson, title="This | that"))
    (row,) = [line for line in runs_page([one], NAMES).splitlines() if line.startswith("| [")]
    assert r"This \| that" in row and row.replace(r"\|", "").count("|") == 9
