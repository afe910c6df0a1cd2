"""Run a submission's cells so that one bad cell costs its own marks and no others.

This is where student code runs in the same kernel as the tests. A split execution takes this class's
place in ``Autograde.autograde_preprocessors`` (grader/nbgrader_config.py) and nothing else changes.
"""

import time
from typing import Any

from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Float

TIMED_OUT = "CellTimeoutError"
NOT_RUN = "CellNotRun"
DIED = "KernelDied"


class ExecuteWithinLimits(Execute):
    """nbgrader's Execute, with a limit for the notebook and partial marks when the kernel is lost.

    nbgrader drops every mark of a notebook whose kernel dies or does not heed an interrupt. Here the
    cells before keep theirs, and each cell after it is marked as not run, which fails its test.
    """

    notebook_timeout = Float(
        600.0, help="Wall seconds for all cells together; what is left of it limits each cell."
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any = None, km: Any = None) -> tuple[Any, Any]:
        """Run every cell."""
        self._lost = ""
        self._deadline = time.monotonic() + self.notebook_timeout
        return super().preprocess(nb, resources, km)

    def _get_timeout(self, cell: Any) -> float:
        remaining = max(0.0, self._deadline - time.monotonic())
        # nbclient reads 0 as "no limit".
        return max(0.1, min(float(self.timeout or remaining), remaining))

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Run one cell, or say on it why it did not run."""
        if cell.cell_type != "code" or not cell.source.strip():
            return cell, resources
        if not self._lost and time.monotonic() >= self._deadline:
            self._lost = f"the notebook's {self.notebook_timeout:.0f} s were used up"
        if self._lost:
            fail(cell, NOT_RUN, self._lost)
            return cell, resources
        try:
            cell, resources = super().preprocess_cell(cell, resources, cell_index)
        except DeadKernelError:
            self._lost = "the kernel had died in an earlier cell"
            fail(cell, DIED, "the kernel died while this cell ran")
        except CellTimeoutError:
            self._lost = "an earlier cell did not stop when interrupted"
            fail(cell, TIMED_OUT, "no end within the time for one cell, not even after an interrupt")
            run_sync(self.km.shutdown_kernel)(now=True)
        return cell, resources


def fail(cell: Any, name: str, message: str) -> None:
    """Put an error under a cell: without one, nbgrader would give its full points."""
    cell.outputs = [
        *cell.get("outputs", []),
        new_output("error", ename=name, evalue=message, traceback=[message]),
    ]


class StderrCostsNothing(NbGraderPreprocessor):
    """Show what a test wrote to standard error as ordinary output.

    nbgrader gives a test cell 0 points when there is anything on its standard error, so an honest
    answer that merely warns would lose its marks. Comes between Execute and SaveAutoGrades.
    """

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Rename the stream; the text stays, for the feedback."""
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                output.name = "stdout"
        return cell, resources
