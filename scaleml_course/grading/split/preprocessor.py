"""Split execution as nbgrader preprocessors, for ``Autograde.autograde_preprocessors``."""

import json
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Int, Unicode

from scaleml_course.grading.isolation.levels import choose
from scaleml_course.grading.isolation.provisioner import beside
from scaleml_course.grading.limits import Limits
from scaleml_course.grading.split.execute import execute, rename_stderr


class SplitExecute(NbGraderPreprocessor):
    """`execute` as an entry of ``Autograde.autograde_preprocessors``."""

    notebook_timeout = Float(300.0, help="Wall seconds for all cells together.").tag(config=True)
    timeout = Float(60.0, help="Wall seconds for one cell.").tag(config=True)
    memory_mb = Float(2048.0, help="What the kernel and everything it starts may hold, in MiB.").tag(config=True)
    disk_mb = Int(1024, help="What it may write, in MiB.").tag(config=True)
    level = Unicode("", help="bubblewrap, landlock or trusted; the strongest there is if empty.").tag(config=True)
    trust_students = Bool(False, help="Run unconfined where nothing can confine.").tag(config=True)

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Run the notebook that nbgrader's sanitizing has prepared."""
        names = resources["nbgrader"]
        coursedir = self.parent.parent.coursedir  # exporter, then converter
        assignment = Path(coursedir.format_path(coursedir.source_directory, ".", names["assignment"]))
        submitted = Path(
            coursedir.format_path(coursedir.submitted_directory, names["student"], names["assignment"])
        )
        source = json.loads((assignment / f"{names['notebook']}.ipynb").read_text(encoding="utf-8"))
        limits = Limits(self.notebook_timeout, self.timeout, self.memory_mb, self.disk_mb)
        level = choose(self.trust_students, self.level or None).level
        execute(nb, source, limits, level, beside(submitted), beside(assignment))
        return nb, resources


class StderrCostsNothing(NbGraderPreprocessor):
    """Show what a test wrote to standard error as ordinary output; comes before SaveAutoGrades.

    nbgrader gives a test cell 0 points when there is anything on its standard error, so an honest
    answer that merely warns would lose its marks.
    """

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Rename the stream; the text stays, for the feedback."""
        rename_stderr(cell)
        return cell, resources
