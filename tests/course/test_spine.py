"""The spine: a whole lesson has no finding, and each thing taken away is one finding that names it."""

import pytest

from scaleml_course.course.spine import check_course
from tests.course.tiny import QUIZ, TinyCourse

SLUG = "03_a"
BODY = [
    'from scaleml_course.measure import claim, predict\n\nguess = predict("03.x", "How many?", unit="", default=1)',
    'guess.compare(2)\nclaim("03.x", "It is {value}.", 2, at_least=1)',
    ("[markdown]", "# ## When this is slower\n#\n# Often."),
    ("[markdown]", "# ## Recap\n#\n# As lesson 02 said."),
    ('[markdown] tags=["quiz"]', QUIZ),
    ("[markdown]", f"# ## Exercise\n#\n# [Exercise 03](../grader/release/{SLUG}/{SLUG}.ipynb)"),
    ("[markdown]", "# ## Further reading\n#\n# - one\n# - two\n# - three"),
]
ANSWER = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
TEST = """\
assert double(2) == 4, "double(2) should be 4"
### BEGIN HIDDEN TESTS
assert double(5) == 10, "double(5) should be 10"
### END HIDDEN TESTS"""
EXERCISE = [("[markdown]", "# # Exercise"), ('solution="double"', ANSWER), ('test="small" points=1', TEST)]


def whole_lesson(tiny):
    """A lesson with its exercise and answers that has all the spine asks for."""
    tiny.lesson(SLUG, *BODY)
    tiny.exercise(SLUG, *EXERCISE)
    folder = tiny.root / "tests" / "answers" / SLUG
    folder.mkdir(parents=True)
    for name in ("right_a", "right_b", "right_c", "wrong_a", "wrong_b", "wrong_c"):
        (folder / f"{name}.py").write_text("# ---\n# why: an answer\n# ---\n")


@pytest.fixture
def whole(tiny):
    whole_lesson(tiny)
    return tiny


def rewrite(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_whole_lesson_has_no_finding(whole):
    assert check_course(whole.course) == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("[Explain one thing, Measure another, Choose between them]", "[Explain]", "03_a.py: 1 objectives"),
        ("[Explain one thing,", "[A, B, C, D, Explain one thing,", "03_a.py: 7 objectives"),
        ('tags=["parameters"]', "", 'no cell tagged "parameters"'),
        ("## When this is slower", "## When this is fast", "no section '## When this is slower'"),
        ("## Recap", "## Summary", "no section '## Recap'"),
        ("## Further reading", "## More", "no section '## Further reading'"),
        ("# ## Recap", "# ## Other\n#\n# ## Exercise\n#\n# ## Recap", "must come in this order"),
        ("guess.compare(2)", "2", "nothing to predict"),
        ("predict(", "int(", "nothing to predict"),
        ('claim("03.x"', 'print("03.x"', "no measured claim"),
        ('claim("03.x"', 'claim("04.x"', "claim '04.x' must be named 03.something"),
        (' tags=["quiz"]', "", '0 cells tagged "quiz"'),
        (" :: because a", "", "not a quiz line"),
        ("# **3. Third?**\n", "", "question 2 has 6 choices, 2 of them right"),
        (
            "../grader/release/03_a/03_a.ipynb",
            "elsewhere.ipynb",
            "does not link to ../grader/release/03_a/",
        ),
        ("# - three", "# three", "fewer than three references"),
        ("# Often.", "# WRITE: a case", "still to be written: a case"),
    ],
)
def test_each_thing_a_lesson_lacks_is_a_finding(whole, old, new, finding):
    rewrite(whole.root / "notebooks" / f"{SLUG}.py", old, new)
    found = check_course(whole.course)
    assert any(finding in one and SLUG in one for one in found), found


def test_a_quiz_of_two_or_six_questions_is_a_finding(whole):
    two = QUIZ.partition("# **3.")[0]
    whole.lesson(SLUG, *[('[markdown] tags=["quiz"]', two) if "quiz" in str(cell[0]) else cell for cell in BODY])
    line = whole.line_of(SLUG, "First?")
    assert check_course(whole.course) == [f"notebooks/03_a.py, line {line}: 2 questions; a quiz has three to five."]


def test_a_lesson_without_an_exercise_is_a_finding(whole):
    (whole.root / "solutions" / f"{SLUG}.py").unlink()
    assert check_course(whole.course) == ["notebooks/03_a.py: no exercise solutions/03_a.py."]


def test_a_claim_named_twice_in_the_course_is_a_finding(whole):
    text = (whole.root / "notebooks" / f"{SLUG}.py").read_text()
    (whole.root / "notebooks" / "04_b.py").write_text(text)
    finding = "04_b.py: claim '03.x' is made in notebooks/03_a.py too"
    assert any(finding in one for one in check_course(whole.course))


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("    ### BEGIN SOLUTION\n", "", "03_a.py, line 11: the answer is not between ### BEGIN SOLUTION"),
        ("    ### END SOLUTION", "", "the answer is not between"),
        ('# %% solution="double"', "# %%", "at least one answer cell and one test cell"),
        ('# %% test="small" points=1', "# %%", "at least one answer cell and one test cell"),
        ("### BEGIN HIDDEN TESTS\n", "", "no hidden tests"),
        ('test="small"', 'test="double"', "two cells are called 'double'"),
        ("# # Exercise", "# # WRITE: the title", "still to be written: the title"),
        (', "double(2) should be 4"', "", "has no message"),
        ("points=1", "", "its points are missing"),
    ],
)
def test_each_thing_an_exercise_lacks_is_a_finding(whole, old, new, finding):
    rewrite(whole.root / "solutions" / f"{SLUG}.py", old, new)
    found = check_course(whole.course)
    assert any(finding in one and SLUG in one for one in found), found


@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_too_few_answers_to_audit_with_are_a_finding(whole, kind):
    (whole.root / "tests" / "answers" / SLUG / f"{kind}_a.py").unlink()
    assert check_course(whole.course) == [f"tests/answers/03_a: 2 {kind} answers; the audit needs at least 3."]


def test_an_answer_that_cannot_be_read_or_says_no_reason_is_a_finding(whole):
    folder = whole.root / "tests" / "answers" / SLUG
    (folder / "right_a.py").write_text("# ---\n# fails: []\n# ---\n")
    assert check_course(whole.course) == [f"tests/answers/{SLUG}/right_a.py: its front matter does not say 'why'."]
    # Guards a defect: a colon in the reason was found only when the class was graded.
    (folder / "right_a.py").write_text("# ---\n# why: enough: the first one\n# ---\n")
    [finding] = check_course(whole.course)
    assert "right_a.py, line 2: the front matter is not YAML" in finding


def test_a_source_that_cannot_be_read_is_one_finding_and_the_others_are_still_checked(whole):
    (whole.root / "notebooks" / "02_broken.py").write_text(
        (whole.root / "notebooks" / f"{SLUG}.py")
        .read_text()
        .replace("# %% [markdown]\n# # 03", "x = 1\n# %%\n# # 03")
    )
    rewrite(whole.root / "notebooks" / f"{SLUG}.py", "## Recap", "## Summary")
    found = check_course(whole.course)
    assert any("02_broken.py, line" in one and "before the first cell" in one for one in found)
    assert "notebooks/03_a.py: no section '## Recap'." in found


def test_two_courses_do_not_share_findings(tmp_path):
    first, second = TinyCourse(tmp_path / "first"), TinyCourse(tmp_path / "second")
    whole_lesson(first)
    whole_lesson(second)
    rewrite(second.root / "notebooks" / f"{SLUG}.py", "## Recap", "## Summary")
    assert check_course(first.course) == [] != check_course(second.course)
