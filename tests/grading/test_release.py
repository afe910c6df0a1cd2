"""The release: what students get, what they must not get, and the faults refused before nbgrader runs."""

import json

import nbformat
import pytest
from small_course import NAME, exercise

from scaleml_course.course.errors import UserError
from scaleml_course.grading import release


def write(folder, notebook):
    path = folder / f"{NAME}.ipynb"
    path.write_text(nbformat.writes(notebook))
    return path


def test_a_release_keeps_prompts_and_visible_tests_and_nothing_secret(repository):
    text = (repository / "grader" / "release" / NAME / f"{NAME}.ipynb").read_text()
    assert "The arithmetic mean." in text and "spread([4.0])" in text
    assert "secret_width" not in text and "negative numbers" not in text
    assert "raise NotImplementedError()" in text


def test_the_same_source_gives_the_same_bytes(tmp_path):
    source = write(tmp_path, exercise())
    once = release.generate_release(source, tmp_path / "a" / f"{NAME}.ipynb").read_bytes()
    again = release.generate_release(source, tmp_path / "b" / f"{NAME}.ipynb").read_bytes()
    assert once == again
    assert [cell["id"] for cell in json.loads(once)["cells"]] == [cell.id for cell in exercise().cells]
    assert not list(tmp_path.rglob("*.db"))


def spoil_id(notebook):
    notebook.cells[3].metadata.nbgrader.grade_id = "mean_answer"


def spoil_points(notebook):
    notebook.cells[3].metadata.nbgrader.points = 0


def spoil_region(notebook):
    notebook.cells[2].source = notebook.cells[2].source.replace("### END SOLUTION", "")


def spoil_place(notebook):
    notebook.cells[1].source += "\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS"


def spoil_test(notebook):
    notebook.cells[3].source = "assert mean(numbers) =="


def spoil_value(notebook):
    notebook.cells[3].source = "mean(numbers) == 3.0"


def spoil_stub(notebook):
    notebook.cells[2].source = "def mean(values):\n    return 0"


def spoil_all_tests(notebook):
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.nbgrader.grade]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_id, ["cell 4 (mean_answer)", "used twice"]),
        (spoil_points, ["cell 4 (mean_small)", "points are 0"]),
        (spoil_region, ["cell 3 (mean_answer)", "do not come in pairs"]),
        (spoil_place, ["cell 2 (locked_01)", "not a test"]),
        (spoil_test, ["cell 4 (mean_small)", "not Python"]),
        (spoil_value, ["cell 4 (mean_small)", "use assert"]),
        (spoil_stub, ["cell 3 (mean_answer)", "given out empty"]),
        (spoil_all_tests, ["no test cell"]),
    ],
)
def test_each_fault_is_named_with_its_cell(tmp_path, spoil, words):
    notebook = exercise()
    spoil(notebook)
    with pytest.raises(UserError) as caught:
        release.validate(write(tmp_path, notebook))
    for word in words:
        assert word in caught.value.message
    assert f"solutions/{NAME}.py" in caught.value.remedy


def test_all_faults_come_in_one_message(tmp_path):
    notebook = exercise()
    spoil_points(notebook)
    spoil_stub(notebook)
    with pytest.raises(UserError) as caught:
        release.validate(write(tmp_path, notebook))
    assert caught.value.message.count("\n  - ") == 2


def test_a_broken_source_is_refused_by_name(tmp_path):
    path = tmp_path / f"{NAME}.ipynb"
    path.write_text("{")
    with pytest.raises(UserError, match="cut short or damaged"):
        release.validate(path)


def test_a_release_with_a_secret_line_in_it_is_refused(tmp_path):
    source = json.loads(nbformat.writes(exercise()))
    with pytest.raises(UserError, match="would give away"):
        # As if nbgrader had cleared nothing.
        release.refuse_secrets(source, source, tmp_path / "x.ipynb")
