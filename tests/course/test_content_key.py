"""Content keys: change with everything a result depends on, and with nothing else."""

import pytest

from scaleml_course.course.content_key import Stamps, file_key, imported_modules, notebook_key, tree_key


@pytest.fixture
def package(tiny):
    """A package of its own: the lesson imports `near`, which imports `far`; nobody imports `apart`."""
    modules = {
        "__init__": "",
        "measure/__init__": "from scaleml_course.measure.near import measure\n",
        "measure/near": "def measure():\n    from scaleml_course.data import far\n    return far\n",
        "measure/child": "",
        "data/__init__": "",
        "data/far": "from . import beside\nfrom ..parallel import pools\n",
        "data/beside": "COMMAND = ['python', '-m', 'scaleml_course.measure.child']\n",
        "data/apart": "",
        "parallel/__init__": "",
        "parallel/pools": "import numpy\n",
    }
    for name, text in modules.items():
        path = tiny.root / "scaleml_course" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    tiny.lesson("03_a", "from scaleml_course.measure import measure")
    return tiny


def key(tiny):
    return notebook_key(tiny.root, tiny.root / "notebooks" / "03_a.py", "quick")


@pytest.mark.parametrize(
    ("module", "counts"),
    [
        ("__init__", True),
        ("measure/__init__", True),
        ("measure/near", True),
        ("data/far", True),
        ("data/beside", True),  # by a relative import
        ("parallel/pools", True),  # by one from the folder above
        ("measure/child", True),  # started by name
        ("data/apart", False),
    ],
)
def test_only_modules_that_the_lesson_reaches_count(package, module, counts):
    before = key(package)
    (package.root / "scaleml_course" / f"{module}.py").write_text("changed = True\n" * 2)
    assert (key(package) != before) is counts


def test_the_source_the_lock_and_the_tier_count(package):
    before = key(package)
    source = package.root / "notebooks" / "03_a.py"
    assert notebook_key(package.root, source, "laptop") != before
    (package.root / "requirements" / "course.txt").write_text("numpy==3\n")
    with_lock = key(package)
    assert with_lock != before
    source.write_text(source.read_text() + "\n# more\n")
    assert key(package) != with_lock


def test_a_lesson_with_a_magic_depends_on_every_module(package):
    # Guards a defect: Python cannot read it, and then it depended on no module at all.
    package.lesson("03_a", "%timeit 1 + 1\nfrom scaleml_course.data import apart")
    before = key(package)
    (package.root / "scaleml_course" / "data" / "apart.py").write_text("changed = True\n")
    assert key(package) != before


def test_the_real_measure_reaches_the_process_apart_and_the_figures(repository):
    source = repository / "scaleml_course" / "measure" / "__init__.py"
    names = {path.name for path in imported_modules(repository, source)}
    assert {"memory.py", "apart.py", "figures.py", "timing.py"} <= names


def test_how_notebooks_are_built_counts_in_the_real_course(repository, monkeypatch):
    # Guards a defect: a quiz rendered anew was not in the kept notebooks, and the book showed the old one.
    from scaleml_course.course import content_key

    seen = []
    monkeypatch.setattr(content_key, "file_key", lambda paths, *more: seen.extend(paths))
    notebook_key(repository, next(iter((repository / "notebooks").glob("*.py"))))
    assert {"notebook.py", "quiz.py", "outcome.py"} <= {path.name for path in seen}


def test_a_files_place_does_not_count_but_its_name_and_content_do(tmp_path):
    one, other = tmp_path / "one" / "a.py", tmp_path / "other" / "a.py"
    for path in (one, other):
        path.parent.mkdir()
        path.write_text("x")
    assert file_key([one]) == file_key([other]) != file_key([one], "more")
    other.write_text("y")
    assert file_key([one]) != file_key([other])
    assert file_key([one], "ab", "c") != file_key([one], "a", "bc")


def test_a_trees_names_count_and_caches_do_not(tmp_path):
    (tmp_path / "a.md").write_text("x")
    before = tree_key(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    assert tree_key(tmp_path) == before
    (tmp_path / "a.md").rename(tmp_path / "b.md")
    assert tree_key(tmp_path) != before


def test_stamps_remember_one_key_and_survive_rubbish(tmp_path):
    stamps = Stamps(tmp_path / "new")
    assert stamps.read("03_a", "key") is None
    stamps.write("03_a", "key", {"status": "ok"})
    assert stamps.read("03_a", "key") == {"status": "ok"}
    assert stamps.read("03_a", "another") is None
    for rubbish in ("", "{", "[]", '{"key": "key"}'):
        (tmp_path / "new" / "03_a.json").write_text(rubbish)
        assert stamps.read("03_a", "key") is None
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["03_a.json"]
