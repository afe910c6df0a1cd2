"""The rules for tests: each finds a cell that is against it, and nothing in one that is not."""

import re
import textwrap
from pathlib import Path

import pytest

from scaleml_course.course.rules import RULES, check_tests
from scaleml_course.course.source import read_source
from tests.course.tiny import source_text

ANSWER = """
    import numpy as np

    class Model:
        ### BEGIN SOLUTION
        def fit(self, rows):
            return self
        ### END SOLUTION

    def double(x, factor=2):
        ### BEGIN SOLUTION
        return np.multiply(x, factor)
        ### END SOLUTION

    ### BEGIN SOLUTION
    answer_to_all = 42
    ### END SOLUTION
"""
GIVEN = """
    from sklearn.linear_model import SGDClassifier

    class Route:
        pass

    SCALE = 3
"""
#: A test that checks something, so that only what is added to it can be against a rule.
CHECK = 'assert double(2) == 4, "double(2) should be 4"'


def found(tmp_path, test, *, answer=ANSWER, options='test="small" points=1', more=()):
    """What the rules say of an exercise with this test."""
    path = tmp_path / "03_a.py"
    test = textwrap.dedent(test).strip()
    cells = [("[markdown]", "# # Exercise"), GIVEN, ('solution="double"', answer), (options, test), *more]
    path.write_text(source_text(cells, {"title": "An exercise"}), encoding="utf-8")
    return list(check_tests(read_source(path), "solutions/03_a.py"))


def rules_of(findings):
    return [re.search(r"\[([a-z-]+)\]$", finding)[1] for finding in findings]


#: For the rule about files, answers that write some.
WRITING = (
    ANSWER
    + """
    def write(rows):
        from pathlib import Path
        with open("out.csv", "w") as file:
            file.write("4")
        np.save(Path("deep/out.npy"), rows)
"""
)


def cases(kind):
    """Test cells from the folder `cases`, where each file has a rule's name and its cells begin with their kind."""
    found = []
    for path in sorted((Path(__file__).parent / "cases").glob("*.txt")):
        _, *parts = re.split(r"^# ==== (against|keeps)\n", path.read_text(encoding="utf-8"), flags=re.M)
        cells = [text.strip() for which, text in zip(parts[::2], parts[1::2], strict=True) if which == kind]
        found += [pytest.param(path.stem, cell, id=f"{path.stem}-{n}") for n, cell in enumerate(cells, start=1)]
    return found


@pytest.mark.parametrize(("rule", "test"), cases("against"))
def test_a_cell_against_the_rule_is_found(tmp_path, rule, test):
    findings = found(tmp_path, test, answer=WRITING if rule == "files" else ANSWER)
    assert rule in rules_of(findings), findings
    remedy = next(one.remedy for one in RULES if one.name == rule)
    assert any(finding.startswith("solutions/03_a.py, line ") and remedy in finding for finding in findings)


@pytest.mark.parametrize(("rule", "test"), cases("keeps"))
def test_a_cell_that_keeps_to_the_rule_is_not_found(tmp_path, rule, test):
    """Nor is it against any other rule: a finding where nothing is wrong teaches authors to look away."""
    assert found(tmp_path, test, answer=WRITING if rule == "files" else ANSWER) == []


@pytest.mark.parametrize("points", ["", "points=0", "points=-1", "points=1.5", 'points="1"', "points=true"])
def test_points_must_be_whole_and_above_zero(tmp_path, points):
    assert rules_of(found(tmp_path, CHECK, options=f'test="small" {points}'.strip())) == ["points"]


@pytest.mark.parametrize("twin", ['test="small" points=1', 'solution="small"', 'test="double" points=1'])
def test_two_cells_of_one_name_are_found(tmp_path, twin):
    findings = found(tmp_path, CHECK, more=[(twin, CHECK)])
    assert "own-name" in rules_of(findings) and "two cells are called" in findings[0]


@pytest.mark.parametrize("name", ["LIMIT", "SCALE", "max"])
def test_a_name_that_a_test_gives_to_an_answer_is_found(tmp_path, name):
    """One that nothing else defines, one that is given, one of Python's own."""
    answer = ANSWER.replace("return np.multiply(x, factor)", f"return np.multiply(x, {name})")
    findings = found(tmp_path, f"{name} = 2\n{CHECK}", answer=answer)
    assert rules_of(findings) == ["answers-first"]
    assert f"answer 'double' reads {name!r}, and does not see what the test makes of it" in findings[0]


def test_a_name_that_only_another_test_defines_is_found_and_a_given_one_is_not(tmp_path):
    other = ('test="other" points=1', f"bigger = SCALE\n{CHECK}")
    later = ('test="later" points=1', 'assert double(bigger) == 6 * SCALE / 3, "double(3) should be 6"')
    findings = found(tmp_path, CHECK, more=[other, later])
    assert rules_of(findings) == ["stands-alone"] and "only test 'other' defines" in findings[0]


def test_hidden_tests_outside_a_test_are_found(tmp_path):
    findings = found(tmp_path, CHECK, more=["### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS"])
    assert set(rules_of(findings)) == {"marks"}


def test_a_finding_names_file_line_cell_cause_remedy_and_rule(tmp_path):
    [finding] = found(tmp_path, f"{CHECK}\n\nimport time\ntime.sleep(1)")
    lines = (tmp_path / "03_a.py").read_text().splitlines()
    number = lines.index("time.sleep(1)") + 1
    assert finding == (
        f"solutions/03_a.py, line {number}, test 'small': it waits for a time that is too short on a slow machine. "
        "Compare with another way on the same machine: measure.compare({...}).ratio(...). [seconds]"
    )


def test_lines_are_right_where_a_cell_begins_with_empty_ones(tmp_path):
    [finding] = found(tmp_path, f"\n\n{CHECK}\nassert double(1) == 2")
    path = tmp_path / "03_a.py"
    path.write_text(path.read_text().replace("points=1\nassert double(2)", "points=1\n\n\nassert double(2)"))
    [finding] = check_tests(read_source(path), "03_a.py")
    number = path.read_text().splitlines().index("assert double(1) == 2") + 1
    assert f"line {number}," in finding


def test_every_rule_has_cells_against_it_and_cells_that_keep_to_it():
    """Guards: a rule that nothing shows to work."""
    apart = {"points", "own-name", "stands-alone"}  # each has a test of its own above
    for kind in ("against", "keeps"):
        assert {case.values[0] for case in cases(kind)} | apart == {rule.name for rule in RULES}


def test_the_rules_names_are_their_own():
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_contributing_lists_every_rule(repository):
    text = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"| `{rule.name}` | {rule.sentence}" in text, (
            f"CONTRIBUTING.md lacks the rule {rule.name}, or its sentence"
        )


def test_the_exercises_of_the_course_keep_to_the_rules(repository):
    for path in sorted((repository / "solutions").glob("*.py")):
        assert list(check_tests(read_source(path), path.name)) == []
