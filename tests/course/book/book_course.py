"""A small course for the tests of the book: lessons with every kind of output, run on paper, not by a kernel."""

from __future__ import annotations

import base64
import shutil
import struct
import textwrap
import zlib
from dataclasses import asdict
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from scaleml_course.course.catalogue import Course, Lesson
from scaleml_course.course.content_key import Stamps, notebook_key
from scaleml_course.course.execute import result_notebook
from scaleml_course.course.notebook import lesson_notebook, write_notebook
from scaleml_course.course.outcome import LessonResult, read_claims
from scaleml_course.measure.claims import Claim
from scaleml_course.measure.hardware import hardware

REPOSITORY = Path(__file__).resolve().parents[3]
ALT = "The loop takes a hundred times as long as the array."
SECOND_ALT = "Both take the same memory, whatever the size."
SENTENCE = "The loop took **{value:.0f} times** as long."

LESSON = """
# ---
# title: Quokka {number}
# minutes: 5
# seconds: {{quick: 1, laptop: 2}}
# timeout_s: 60
# memory_mb: 500
# disk_mb: 0
# needs: []
# objectives:
#   - Explain why loops are slow.
#   - Measure a `list`.
# ---

# %% [markdown]
# # {number} · Quokka {number}
# A word that the search must find: quokkabyte{number}. Amdahl's law is $S = 1 / (s + (1 - s) / n)$.

# %% tags=["parameters"]
tier = "quick"

# %% tags=["strict"]
print("hello")

# %% [markdown]
# ## A figure

# %%
draw_two_figures()

# %%
claim("{number}.loop", "...")

# %%
wide_table

# %% [markdown] tags=["quiz"]
# ## Quiz
# **1. What is a quokka?**
# - [x] a marsupial :: It is.
# - [ ] a `list` :: Lists have no pouch.
# - [ ] a stride :: Nor have these.

# %% [markdown]
# ## Exercise
# Now work: [Exercise {number}](../grader/release/{number}_quokka/{number}_quokka.ipynb).
"""

EXERCISE = """
# ---
# title: Feed the quokka
# minutes: 10
# timeout_s: 60
# memory_mb: 500
# needs: []
# ---

# %% [markdown]
# # Exercise {number} · Feed the quokka
"""

INTRO = """
# A small book

```{include} lesson_cards.md
```
"""


def small_course(root: Path, numbers: tuple[str, ...] = ("03", "12")) -> Course:
    """A course at `root` with the repository's own book configuration, and one lesson and exercise a number."""
    for folder in ("requirements", "notebooks", "solutions"):
        (root / folder).mkdir(parents=True)
    for name in ("course.in", "course.txt"):
        shutil.copyfile(REPOSITORY / "requirements" / name, root / "requirements" / name)
    shutil.copytree(REPOSITORY / "book", root / "book")
    (root / "book" / "intro.md").write_text(INTRO)
    for number in numbers:
        slug = f"{number}_quokka"
        (root / "notebooks" / f"{slug}.py").write_text(LESSON.format(number=number).lstrip())
        (root / "solutions" / f"{slug}.py").write_text(EXERCISE.format(number=number).lstrip())
        _release(root, slug)
    return Course(root)


def run_on_paper(course: Course, lesson: Lesson, tier: str) -> None:
    """Leave what `run_lesson` leaves after a good run, without running anything."""
    path = result_notebook(course, lesson, tier)
    executed = executed_notebook(lesson)
    injected = new_code_cell(f'# Parameters\ntier = "{tier}"\n', metadata={"tags": ["injected-parameters"]})
    executed.cells.insert(2, injected)
    write_notebook(executed, path)
    result = LessonResult(
        lesson.slug,
        tier,
        "ok",
        seconds=12.3,
        peak_memory_bytes=345_000_000,
        n_cells=5,
        claims=read_claims(path),
        hardware=hardware().as_dict(),
    )
    Stamps(path.parent).write(lesson.slug, notebook_key(course.root, lesson.path, tier, ""), asdict(result))


def executed_notebook(lesson: Lesson) -> nbformat.NotebookNode:
    """The lesson's notebook with the outputs that its cells would have."""
    notebook = lesson_notebook(lesson)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = {
        'print("hello")': [new_output("stream", name="stdout", text="hello\n")],
        "draw_two_figures()": [_picture(ALT), _picture(SECOND_ALT)],
        f'claim("{lesson.number}.loop", "...")': [_claim(lesson.number)],
        "wide_table": [new_output("execute_result", {"text/html": _wide_table(), "text/plain": "..."})],
    }
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
        cell.metadata["papermill"] = {"duration": 0.1, "status": "completed"}
        cell.outputs = outputs.get(cell.source, [])
    return notebook


def _claim(number: str) -> nbformat.NotebookNode:
    made = Claim(
        name=f"{number}.loop",
        sentence=SENTENCE.format(value=40),
        value=40.0,
        low=38.0,
        high=42.0,
        at_least=5,
        unit="times",
        hardware=hardware().as_dict(),
        date="2026-11-01T10:00:00+00:00",
    )
    return new_output("display_data", made._mime_bundle())


def _picture(alt: str, width: int = 900, height: int = 300) -> nbformat.NotebookNode:
    """A PNG as `measure.figure` leaves it; its content depends on the alt text."""
    shade = bytes([len(alt) % 200, 80, 80])
    rows = b"".join(b"\0" + shade * width for _ in range(height))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows))]
    png = b"\x89PNG\r\n\x1a\n"
    for kind, content in [*chunks, (b"IEND", b"")]:
        check = struct.pack(">I", zlib.crc32(kind + content))
        png += struct.pack(">I", len(content)) + kind + content + check
    data = {"image/png": base64.b64encode(png).decode(), "text/plain": "<Image>"}
    return new_output("display_data", data, metadata={"image/png": {"alt": alt}})


def _wide_table() -> str:
    cells = "".join(f"<td>column number {i}</td>" for i in range(30))
    return f'<table border="1" class="dataframe"><tbody><tr>{cells}</tr></tbody></table>'


def _release(root: Path, slug: str) -> None:
    answer = new_code_cell("# YOUR CODE HERE\nraise NotImplementedError()", id="answer")
    notebook = new_notebook(
        cells=[new_markdown_cell(f"# Exercise {slug[:2]} · Feed the quokka", id="title"), answer],
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )
    write_notebook(notebook, root / "grader" / "release" / slug / f"{slug}.ipynb")


def add_cell(lesson: Lesson, text: str, kind: str = "markdown") -> None:
    """Append a cell to a lesson's source."""
    marker = "# %% [markdown]" if kind == "markdown" else "# %%"
    body = textwrap.indent(text, "# ") if kind == "markdown" else text
    lesson.path.write_text(f"{lesson.path.read_text()}\n{marker}\n{body}\n")
