"""The repository holds together: pins, imports, names, and every built file in step with its source."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest
import yaml

from scaleml_course.course.catalogue import load_course
from scaleml_course.course.spine import check_course
from scaleml_course.course.sync import drift

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "scaleml_course"
RUNS_THE_COURSE = ("course", "grading")
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))
TAUGHT = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] not in (*RUNS_THE_COURSE, "cli.py")]
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
REQUIREMENTS = sorted(path for path in (ROOT / "requirements").iterdir() if path.is_file())
LOCKS = [path.with_suffix(".txt") for path in REQUIREMENTS if path.suffix == ".in"]


def name(path):
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def lock():
    """requirements/lock.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("lock", ROOT / "requirements" / "lock.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def canonical(package):
    return re.sub(r"[-_.]+", "-", package).lower()


def test_the_environment_for_conda_has_the_pins_of_the_lock(lock):
    text = (ROOT / "environment.yml").read_text()
    assert text == lock.environment((ROOT / "requirements" / "course.txt").read_text()), "run: make lock"
    pip = yaml.safe_load(text)["dependencies"][-1]["pip"]
    assert len(pip) > 100 and all("==" in pin for pin in pip)


def test_every_name_asked_for_is_locked_and_every_pin_is_kept(lock):
    pinned = {}
    for pin in lock.pins((ROOT / "requirements" / "course.txt").read_text()):
        package, _, version = pin.partition("==")
        pinned[canonical(package.partition("[")[0])] = version.split()[0]
    asked = 0
    for line in (ROOT / "requirements" / "course.in").read_text().splitlines():
        if wanted := line.partition("#")[0].strip():
            package, _, version = wanted.partition("==")
            package = canonical(package.partition("[")[0])
            assert package in pinned, f"{package} is in course.in and not in the lock; run: make lock"
            assert not version or pinned[package] == version, f"{package}: run make lock"
            asked += 1
    assert asked > 30


@pytest.mark.parametrize("path", LOCKS, ids=name)
def test_every_locked_package_has_a_hash(path):
    blocks = re.split(r"^(?=[a-z0-9])", path.read_text(), flags=re.MULTILINE | re.IGNORECASE)
    packages = [block for block in blocks if "==" in block]
    assert packages
    assert [block.splitlines()[0] for block in packages if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("path", [*REQUIREMENTS, ROOT / "environment.yml"], ids=name)
def test_no_package_index_is_named(path):
    found = re.findall(r"https?://\S+|--(?:extra-)?index-url\S*|--find-links\S*", path.read_text())
    assert found == [], "where packages come from is the business of whoever installs them"


def imports(path):
    """Dotted names of everything that a module imports, relative imports resolved."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", TAUGHT, ids=name)
def test_what_is_taught_never_imports_what_runs_the_course(path):
    wrong = [
        one for one in imports(path) for part in RUNS_THE_COURSE if f"{one}.".startswith(f"scaleml_course.{part}.")
    ]
    assert wrong == []


def test_there_is_something_taught_to_look_at():
    folders = {path.relative_to(PACKAGE).parts[0] for path in TAUGHT}
    assert {"measure", "data", "parallel", "kernels", "distributed"} <= folders


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_in_its_first_line_why_it_exists_and_is_short(path):
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert docstring, "no docstring"
    first = docstring.splitlines()[0]
    assert first.endswith((".", "…", ":")) or "`" in first, f"the first line is no sentence: {first}"
    assert len(text.splitlines()) <= 300


def test_no_module_has_an_empty_name():
    everywhere = [*MODULES, *(ROOT / "tests").rglob("*.py")]
    assert [name(path) for path in everywhere if EMPTY_NAMES & {path.stem, path.parent.name}] == []


def test_every_folder_of_tests_is_a_package():
    # Two test modules of one name, in two folders that are no packages, cannot be collected together.
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [name(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_commands_of_the_readme_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = set(re.findall(r"\bmake ([a-z-]+)", readme))
    assert {"course", "test"} <= used <= targets


def test_ci_calls_make_and_nothing_else_of_its_own():
    used = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / ".ci" / "run").read_text()))
    assert "course" in used and used & {"test", "test-all"}
    assert used <= {"course", "test", "test-all"}


def test_every_notebook_and_exercise_is_in_step_with_its_source():
    assert [one.message for one in drift(load_course(ROOT))] == []


def test_every_lesson_and_exercise_has_the_whole_spine():
    assert check_course(load_course(ROOT)) == []


def test_no_built_file_holds_a_path_of_this_machine():
    built = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("grader/*/*/*.ipynb")]
    assert built
    own = (str(ROOT), str(Path.home()) + "/")
    assert [name(path) for path in built if any(one in path.read_text(encoding="utf-8") for one in own)] == []
