"""What a test uses is read from its syntax: the student's names and no others, through helpers too."""

import pytest

from scaleml_course.grading.split.order import bound_by, checks_of, hidden_lines
from tests.grading.split.two_processes import exercise


def cell(source, kind="given", name=None):
    """A code cell of an instructor's notebook."""
    options = {"given": {}, "answer": {"solution": True}, "test": {"grade": True, "points": 1}}[kind]
    options |= {"by hand": True} if kind == "by hand" else {}
    metadata = {"nbgrader": {"grade_id": name, **options}} if name else {}
    return {"cell_type": "code", "id": f"id-{name}", "source": source, "metadata": metadata}


def used(*cells):
    """Names of the last cell of a notebook."""
    notebook = {"cells": [cell(source, kind, f"c{n}") for n, (kind, source) in enumerate(cells)]}
    return set(checks_of(notebook)[-1].names)


@pytest.mark.parametrize(
    "answer",
    [
        "def f(): pass",
        "async def f(): pass",
        "class f: pass",
        "f = 1",
        "a, (f, *b) = 1, (2, 3)",
        "f: int = 1",
        "f += 1",
        "for f in x: pass",
        "with x as f: pass",
        "if x:\n    f = 1\nelse:\n    g = 2",
        "(f := 1)",
        "print(f := 1)",
        "try:\n    f = 1\nexcept ValueError as g:\n    pass",
        "f[0] = 1",
        "f.x.y[1] = 2",
        "def h():\n    global f\n    f = 1",
        "match x:\n    case [f, *g]: pass",
        "f.append(3)",
        "model = f.fit(x, y)",
        "while (f := g()): pass",
        "from y import z; f = z",
    ],
)
def test_every_way_to_bind_a_name_counts(answer):
    assert "f" in used(("answer", answer), ("test", "assert f"))


@pytest.mark.parametrize(
    "answer",
    [
        "def g(f):\n    f = 1",
        "g = [f for f in x]",
        "g = lambda f: f",
        "class G:\n    f = 1",
        "print(f)",
        "f.head()",
    ],
)
def test_what_binds_nothing_in_the_notebook_does_not(answer):
    assert used(("answer", answer), ("test", "assert f")) == set()


@pytest.mark.parametrize(
    "test",
    [
        "f()",
        "def t():\n    return [f(x) for x in y]\nt()",
        "(lambda: f)()",
        "class T:\n    def t(self): return f",
        "f += 1",
        "del f",
        "print(f'{f}')",
        "@f\ndef t(): pass",
        "def t(x=f): pass",
        "x: f = 1",
        "f.x = 1",
        "async def t():\n    async for x in f(): await x",
    ],
)
def test_every_way_to_use_a_name_counts(test):
    assert used(("answer", "f = 1\nunused = 2"), ("test", test)) == {"f"}


def test_names_of_other_cells_are_not_fetched():
    assert used(("answer", "f = 1"), ("given", "g = 1"), ("test", "g, len, print")) == set()
    assert used(("answer", "f = 1"), ("test", "f = 2"), ("test", "f")) == set()
    assert used(("test", "f = 2"), ("answer", "f = 1"), ("test", "f")) == {"f"}
    assert used(("answer", "f = 1"), ("given", "f = 2"), ("answer", "f = 3"), ("test", "f")) == {"f"}


def test_names_are_followed_through_helpers_of_earlier_cells():
    cells = [("answer", "def f(): pass\ndef g(): pass"), ("test", "def helper(): return f()")]
    cells += [("given", "def second(): return helper()\nthird = lambda: second()")]
    assert used(*cells, ("test", "third()")) == {"f"}
    assert used(*cells, ("test", "len([])")) == set()
    assert used(("given", "def helper(): return f()"), ("answer", "f = 1"), ("test", "helper()")) == {"f"}


def test_given_cells_fetch_what_they_use():
    notebook = {"cells": [cell("f = 1", "answer", "a"), cell("g = f()", "given", "b"), cell("g", "test", "c")]}
    cells = checks_of(notebook)
    assert [(each.id, each.kind, each.names) for each in cells] == [("b", "given", ("f",)), ("c", "test", ())]


def test_imports_of_the_model_answer_are_given_and_not_fetched():
    notebook = {"cells": [cell("import numpy as np\nf = np.ones", "answer", "a"), cell("np, f", "test", "c")]}
    imports, test = checks_of(notebook)
    assert (imports.kind, imports.source, test.names) == ("given", "import numpy as np", ("f",))


def test_a_cell_that_a_person_grades_is_an_answer():
    by_hand = cell("f = 1", "answer", "a")
    by_hand["metadata"]["nbgrader"]["grade"] = True
    assert [each.id for each in checks_of({"cells": [by_hand, cell("f", "test", "t")]})] == ["t"]


def test_cells_without_marks_of_nbgrader_and_with_magics_are_given():
    plain = {"cell_type": "code", "id": "x1", "source": ["%matplotlib inline\n", "g = f\n"], "metadata": {}}
    timed = [("answer", "f = g = 1"), ("given", "%%time\nx = 1\n%time f()")]
    assert used(*timed) == {"f"}
    text = {"cell_type": "markdown", "id": "m", "source": "f", "metadata": {}}
    cells = checks_of({"cells": [cell("f = 1", "answer", "a"), text, plain]})
    assert [(each.id, each.names, each.index) for each in cells] == [("x1", ("f",), 2)]


def test_hidden_lines_are_counted_as_the_student_will_not_see_them():
    source = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc\n# BEGIN HIDDEN TESTS\nd"
    assert list(hidden_lines(source)) == [(2, 4), (6, 7)]
    assert list(hidden_lines("a\nb")) == []


def test_the_exercise_on_distances():
    cells = checks_of(exercise("03_why_python_is_slow"))
    names = {each.id: each.names for each in cells if each.kind == "test"}
    assert set(names["nearest_rows"]) == {"nearest"}
    assert set(names["distances_fast"]) == {"squared_distances"}
    assert {name for each in cells for name in each.names} == {"squared_distances", "nearest", "cache_lines"}
    assert all(each.hidden for each in cells if each.id == "distances_small")


def test_an_order_can_be_sent():
    (only,) = checks_of({"cells": [cell("x = 1", "test", "t")]})
    assert only.as_order() == {"id": "t", "kind": "test", "source": "x = 1", "hidden": [], "names": []}
    assert only.as_order("given")["kind"] == "given"


def test_bound_names_of_imports():
    import ast

    assert bound_by(ast.parse("import a.b, c as d").body[0]) == {"a", "d"}
