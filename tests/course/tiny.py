"""Courses of a few lines, for the tests: lessons and exercises written from strings."""

import textwrap
from dataclasses import dataclass
from pathlib import Path

from scaleml_course.course.catalogue import Course, Exercise, Lesson, load_course
from scaleml_course.course.notebook import lesson_notebook

FRONT_MATTER = {
    "title": "A lesson",
    "minutes": 5,
    "seconds": "{quick: 5, laptop: 9}",
    "timeout_s": 100,
    "memory_mb": 400,
    "objectives": "[Explain one thing, Measure another, Choose between them]",
}
QUIZ = """
# ## Quiz
# **1. First?**
# - [ ] a :: because a
# - [x] b :: because b
# - [ ] c :: because c
# **2. Second?**
# - [x] a :: because a
# - [ ] b :: because b
# - [ ] c :: because c
# **3. Third?**
# - [ ] a :: because a
# - [ ] b :: because b
# - [x] c :: because c
"""


def source_text(cells: list[str | tuple[str, str]], front_matter: dict[str, object]) -> str:
    """A py:percent source; a cell is code, or a pair of what stands behind `# %%` and the text."""
    parts = ["# ---", *(f"# {name}: {value}" for name, value in front_matter.items()), "# ---", ""]
    for cell in cells:
        options, text = cell if isinstance(cell, tuple) else ("", cell)
        parts += [f"# %% {options}".rstrip(), textwrap.dedent(text).strip(), ""]
    return "\n".join(parts)


@dataclass
class TinyCourse:
    """A repository with the little that makes it a course."""

    root: Path

    def __post_init__(self) -> None:
        for name in ("notebooks", "solutions", "requirements", "scaleml_course"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        (self.root / "requirements" / "course.in").touch()
        (self.root / "requirements" / "course.txt").touch()

    @property
    def course(self) -> Course:
        """Read anew each time, since the files change."""
        return load_course(self.root)

    def lesson(self, slug: str, *cells: str | tuple[str, str], **front_matter: object) -> Path:
        """Write a lesson: a title, the parameters, then `cells`."""
        given: list[str | tuple[str, str]] = [
            ("[markdown]", f"# # {slug[:2]} · A lesson"),
            ('tags=["parameters"]', 'tier = "quick"'),
            *cells,
        ]
        path = self.root / "notebooks" / f"{slug}.py"
        path.write_text(source_text(given, FRONT_MATTER | front_matter), encoding="utf-8")
        return path

    def exercise(self, slug: str, *cells: str | tuple[str, str], **front_matter: object) -> Path:
        """Write an exercise: one answer and one test if no cells are given."""
        given = list(cells) or [
            ("[markdown]", "# # Exercise"),
            ('solution="double"', "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"),
            (
                'test="double_small" points=1',
                "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(5) == 10\n### END HIDDEN TESTS",
            ),
        ]
        path = self.root / "solutions" / f"{slug}.py"
        head = {name: FRONT_MATTER[name] for name in ("title", "minutes", "timeout_s", "memory_mb")}
        path.write_text(source_text(given, head | front_matter), encoding="utf-8")
        return path

    def find(self, slug: str) -> Lesson:
        """The lesson of that slug or number."""
        return self.course.select([slug])[0]

    def find_exercise(self, slug: str) -> Exercise:
        """The exercise of that slug."""
        return next(one for one in self.course.exercises if one.slug == slug)

    def line_of(self, slug: str, text: str) -> int:
        """Where the cell that holds `text` begins in the lesson's source."""
        lines = (self.root / "notebooks" / f"{slug}.py").read_text(encoding="utf-8").splitlines()
        here = next(number for number, line in enumerate(lines) if text in line)
        return max(number for number in range(here + 1) if lines[number].startswith("# %%")) + 1

    def cell_of(self, slug: str, text: str) -> int:
        """Number of the cell that holds `text`, counted from 1."""
        cells = lesson_notebook(self.find(slug)).cells
        return next(number for number, cell in enumerate(cells, start=1) if text in cell.source)
