"""Content keys: what a result depends on, hashed, so that nothing runs twice and nothing stale is kept."""

from __future__ import annotations

import ast
import hashlib
import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PACKAGE = "scaleml_course"
LOCK = "requirements/course.txt"
# What makes the notebook that is run, and the record that is kept of it.
BUILDERS = ("source.py", "notebook.py", "quiz.py", "outcome.py", "check.py")


def file_key(paths: Iterable[Path], *more: str) -> str:
    """A hash over the contents of `paths` (order and place do not matter) and any further strings."""
    digest = hashlib.sha256()
    for path in sorted(set(paths)):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    for text in more:
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()


def tree_key(folder: Path, *more: str) -> str:
    """A hash over every file below `folder`, names included."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(folder)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    for text in more:
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()


def notebook_key(root: Path, source: Path, *more: str) -> str:
    """What a run of `source` depends on: its text, what builds it, the modules it imports, the lock, Python."""
    paths = {source, root / LOCK, *(root / PACKAGE / "course" / name for name in BUILDERS)}
    paths |= imported_modules(root, source)
    return file_key([path for path in paths if path.exists()], platform.python_version(), *more)


def imported_modules(root: Path, source: Path) -> set[Path]:
    """The package's modules that `source` imports, and those which these import in turn.

    Read from the text, without running it, so that a lesson that fails has a key too.
    """
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        for name in _imports(root, waiting.pop()):
            for path in _module_files(root, name):
                if path not in found:
                    found.add(path)
                    waiting.append(path)
    return found


def _imports(root: Path, path: Path) -> set[str]:
    """Dotted names of the package's modules that appear in imports of `path`."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        # A magic, which Python cannot read: it may import anything, so it depends on all of the package.
        modules = (root / PACKAGE).rglob("*.py")
        return {".".join(path.relative_to(root).with_suffix("").parts) for path in modules}
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # One dot is the folder of this module, two the folder above it.
            above = path.relative_to(root).parts[: -node.level] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.add(node.value)  # a module started by name, as `python -m` does
    return {name for name in names if name.split(".")[0] == PACKAGE}


def _module_files(root: Path, dotted: str) -> list[Path]:
    """The files that importing `dotted` runs: the module and the packages above it."""
    parts = dotted.split(".")
    files = [root.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)]
    files.append(root.joinpath(*parts).with_suffix(".py"))
    return [path for path in files if path.is_file()]


class Stamps:
    """Remembers under which key a piece of work was last done well."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str, key: str) -> dict[str, Any] | None:
        """What was kept for `name`, if it was kept under the same `key`."""
        try:
            kept = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return kept.get("value") if isinstance(kept, dict) and kept.get("key") == key else None

    def write(self, name: str, key: str, value: dict[str, Any]) -> None:
        """Keep `value` for `name` under `key`, whole or not at all."""
        path = self.folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"key": key, "value": value}, indent=1), encoding="utf-8")
        fresh.replace(path)
