"""Resolves the .in files into hash-locked .txt files, and writes environment.yml from the same pins."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE.parent / "environment.yml"
HEAD = """\
# For those who prefer conda; `make setup` needs none. `make lock` writes this from requirements/course.txt.
name: scaleml
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - make
  - pip:
"""


def pins(lock: str) -> list[str]:
    """The `name==version` of every package in a lock, markers kept, hashes left out."""
    lines = (line.rstrip(" \\") for line in lock.splitlines())
    return [line for line in lines if "==" in line and not line.startswith((" ", "#"))]


def environment(lock: str) -> str:
    """environment.yml for the pins of a lock."""
    # Quoted where an environment marker follows, so that YAML reads one string.
    entries = [f'"{pin}"' if ";" in pin else pin for pin in pins(lock)]
    return HEAD + "".join(f"    - {entry}\n" for entry in entries)


def main() -> None:
    """Lock everything anew."""
    for source in sorted(HERE.glob("*.in")):
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-emit-index-url", "--no-header", "--upgrade"]
        subprocess.run([*command, str(source), "-o", str(source.with_suffix(".txt"))], check=True, cwd=HERE.parent)
    lock = (HERE / "course.txt").read_text(encoding="utf-8")
    ENVIRONMENT.write_text(environment(lock), encoding="utf-8")


if __name__ == "__main__":
    main()
