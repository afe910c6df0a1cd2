"""The sample class: who is in it, what is expected of each, and the faults of answer files."""

import shutil

import pytest
from small_course import ANSWERS, NAME, write_repository

from scaleml_course.course.errors import UserError
from scaleml_course.grading import sample_class
from scaleml_course.grading.invented import Exercise, bound_names, with_warning
from scaleml_course.grading.outcome import Check, Outcome


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_at_least_twelve_hand_ins_an_exercise_with_known_marks(repository, tmp_path):
    sample = sample_class.build(repository, tmp_path)
    handed_in = [path.name for path in (tmp_path / "submitted").glob(f"*/{NAME}")]
    assert len(handed_in) >= 12
    marks = {student: points for (student, _), points in sample.expected.items()}
    assert marks["right-numpy"] == marks["late"] == marks["warns"] == marks["duplicated-cell"] == 5.0
    assert marks["untouched"] == 0.0
    assert (marks["wrong-ignores-sign"], marks["wrong-off-by-one"]) == (3.0, 4.0)
    # Each of these lost the second answer, which two tests need.
    for student in ("deleted-cells", "syntax-error", "endless-loop", "kernel-exit"):
        assert marks[student] == 1.0
    assert marks["unreadable"] is marks["renamed-file"] is marks["absent"] is None


def test_built_again_it_is_the_same_and_holds_nothing_old(repository, tmp_path):
    sample_class.build(repository, tmp_path)
    first = files(tmp_path)
    times = {path: (tmp_path / path).stat().st_mtime_ns for path in first}
    (tmp_path / "submitted" / "left" / NAME).mkdir(parents=True)
    (tmp_path / "submitted" / "left" / NAME / "old.txt").write_text("gone next time")
    sample_class.build(repository, tmp_path)
    assert files(tmp_path) == first
    assert {path: (tmp_path / path).stat().st_mtime_ns for path in first} == times


def test_disagreement_names_the_answer_file(repository, tmp_path):
    sample = sample_class.build(repository, tmp_path)
    checks = (Check("mean_small", 1.0, 1.0), Check("spread_small", 4.0, 4.0))
    outcome = Outcome("wrong-off-by-one", NAME, "graded", 5.0, 5.0, checks=checks)
    sample.expected = {(outcome.student, NAME): sample.expected[outcome.student, NAME]}
    (said,) = sample.disagreements([outcome])
    assert "wrong_off_by_one.py" in said and "expected graded, 4.0 points; got graded, 5.0" in said
    assert sample.disagreements([]) == [f"wrong-off-by-one, {NAME}: no outcome"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("wrong_x", '# ---\n# fails: [nothing]\n# ---\n# %% solution="mean_answer"\nmean = 1\n', "fails is"),
        ("wrong_x", '# ---\n# why: x\n# ---\n# %% solution="mean_answer"\nmean = 1\n', "a wrong answer"),
        ("right_x", '# ---\n# why: x\n# ---\n# %% solution="mode"\nmode = 1\n', "it answers mode"),
        ("half_x", '# ---\n# why: x\n# ---\n# %% solution="mean_answer"\nmean = 1\n', "neither right_"),
    ],
)
def test_a_faulty_answer_file_is_named(repository, tmp_path, name, text, words):
    root = tmp_path / "repository"
    shutil.copytree(repository, root)
    (root / "tests" / "answers" / NAME / f"{name}.py").write_text(text)
    with pytest.raises(UserError, match=words) as caught:
        sample_class.build(root, tmp_path / "course")
    assert f"{name}.py" in caught.value.message


def test_an_exercise_needs_a_wrong_answer_too(tmp_path):
    root = write_repository(tmp_path / "r", {"right_numpy": ANSWERS["right_numpy"]})
    with pytest.raises(UserError, match="no wrong answer"):
        sample_class.build(root, tmp_path / "course")


def test_what_needs_an_answer_is_found_through_other_cells():
    def code(source, **options):
        name = options.pop("id")
        return {
            "cell_type": "code",
            "source": source,
            "metadata": {"nbgrader": {"grade_id": name, **options}},
        }

    cells = [
        code("def f(x):\n    inner = x\n    return inner", id="f", solution=True),
        code("table = [f(1)]", id="locked"),
        code("inner = 2\nassert inner", id="own", grade=True, points=1),
        code("assert table", id="through", grade=True, points=2),
    ]
    exercise = Exercise("x", {"cells": cells}, {"cells": cells})
    assert exercise.needing("f") == {"through"}


def test_names_inside_a_function_are_not_bound_outside():
    assert bound_names("import a.b as c\nfor i in []:\n    j = 1\ndef f():\n    k = 1\n%time x") == {
        "c",
        "i",
        "j",
        "f",
    }


def test_the_warning_stands_inside_the_function_after_its_docstring():
    code = with_warning('def f(x):\n    """Say."""\n    return x\n\n@jit\ndef g(x):\n    return x')
    assert code.splitlines()[2].startswith('    __import__("warnings").warn(')
    assert code.count("warn(") == 1
    namespace = {"jit": lambda function: function}
    exec(code, namespace)
    with pytest.warns(FutureWarning):
        assert namespace["f"](3) == 3
