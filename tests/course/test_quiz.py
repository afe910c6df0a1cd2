"""Quizzes: every malformed form is refused with its place, every explanation reaches the reader."""

import textwrap
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from scaleml_course.course.quiz import Choice, Question, QuizError, parse_quiz, render_quiz

GOOD = """
## Quiz
**1. What does `range(3)` hold?**
- [ ] three integers :: it holds *three numbers of its own*: start, stop and step
- [x] start, stop, step :: right, whatever its length
- [ ] nothing :: it knows where it begins
**2. And a list?**
- [x] references :: each 8 bytes
- [ ] values < 2**63 :: that is an array
- [ ] a `list<int>` :: Python has none :: not even in typing
"""


def test_a_quiz_is_read_whole():
    first, second = parse_quiz(GOOD)
    assert (first.number, first.text) == (1, "What does `range(3)` hold?")
    assert [choice.right for choice in first.choices] == [False, True, False]
    assert second.choices[2].text == "a `list<int>`"
    assert second.choices[2].explanation == "Python has none :: not even in typing"


@pytest.mark.parametrize(
    ("replace", "by", "words"),
    [
        (" :: right, whatever its length", "", "not a quiz line: '- [x] start, stop, step'"),
        ("nothing :: it", "nothing: it", "not a quiz line"),
        ("- [x] start", "- [X] start", "not a quiz line: '- [X] start"),
        ("- [ ] nothing", "- [] nothing", "not a quiz line"),
        ("- [ ] nothing", "* [ ] nothing", "not a quiz line"),
        ("**2. And a list?**", "2. And a list?", "not a quiz line: '2. And a list?'"),
        ("**2. And a list?**", "And so on.", "not a quiz line: 'And so on.'"),
        ("**2. And a list?**", "**3. And a list?**", "question 3 stands where question 2 should"),
        ("**2. And a list?**", "**1. And a list?**", "question 1 stands where question 2 should"),
        ("- [x] start", "- [ ] start", "question 1 has 3 choices, 0 of them right"),
        ("- [ ] nothing", "- [x] nothing", "question 1 has 3 choices, 2 of them right"),
        ("- [ ] nothing :: it knows where it begins\n", "", "question 1 has 2 choices, 1 of them right"),
        ("**1. What does `range(3)` hold?**\n", "", "a choice stands before the first question"),
    ],
)
def test_a_quiz_a_reader_could_not_learn_from_is_refused(replace, by, words):
    assert replace in GOOD
    with pytest.raises(QuizError) as refused:
        parse_quiz(GOOD.replace(replace, by, 1))
    assert words in str(refused.value)


class Balance(HTMLParser):
    """Checks that tags close in order, and keeps the text of every element."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        if tag != "hr" and tag != "br":
            self.open.append(tag)
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes nothing; open: {self.open}"
        self.open.pop()

    def handle_data(self, data):
        self.text += data


def parsed(markdown):
    """What a browser gets: the notebook's markdown, rendered as Jupyter and the book do."""
    page = Balance()
    page.feed(MarkdownIt("commonmark").render(markdown))
    page.close()
    assert page.open == []
    return page


def test_every_explanation_is_in_valid_html_that_the_keyboard_opens():
    page = parsed(render_quiz(parse_quiz(GOOD)))
    names = [tag for tag, _ in page.tags]
    assert names.count("details") == names.count("summary") == 6  # native: focus, Enter and Space for nothing
    assert all("open" not in attributes for tag, attributes in page.tags if tag == "details")
    # The summary is the first child, or the browser writes "Details" in its place.
    assert all(names[place + 1] == "summary" for place, name in enumerate(names) if name == "details")
    for words in ("start, stop and step", "each 8 bytes", "that is an array", "Right.", "No.", "values < 2**63"):
        assert words in page.text
    assert "em" in names and "code" in names


def test_a_choice_that_looks_like_html_is_shown_as_it_is_written():
    # Guards a defect: `<int>` went into the page as a tag, and the browser swallowed it.
    choices = tuple(
        Choice(text, text == "b", "Since <T> is no tag & </details> neither.") for text in ("a <int>", "b", "c")
    )
    page = parsed(render_quiz([Question(1, "Which?", choices)]))
    assert "a <int>" in page.text and "<T> is no tag & </details> neither" in page.text
    assert "int" not in [tag for tag, _ in page.tags]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30).map(str.strip)
WORDS = TEXT.filter(lambda text: text and "::" not in text)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=3, max_size=5), st.data())
def test_any_text_survives_reading_and_makes_valid_html(pairs, data):
    right = data.draw(st.integers(0, len(pairs) - 1))
    lines = [f"- [{'x' if place == right else ' '}] {one} :: {why}" for place, (one, why) in enumerate(pairs)]
    [question] = parse_quiz("\n".join(["**1. Which?**", *lines]))
    assert [(choice.text, choice.explanation) for choice in question.choices] == pairs
    assert [choice.right for choice in question.choices].index(True) == right
    assert len([tag for tag, _ in parsed(render_quiz([question])).tags if tag == "details"]) == len(pairs)


def test_the_right_choice_does_not_stand_out_before_it_is_opened():
    text = textwrap.dedent(render_quiz(parse_quiz(GOOD)))
    summaries = [part.partition("</summary>")[0] for part in text.split("<summary>")[1:]]
    assert not any("Right" in summary or "No." in summary for summary in summaries)
