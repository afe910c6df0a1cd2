"""What one submission may use."""

from dataclasses import dataclass

#: What one cell may use of the notebook's time, so that one endless loop leaves time for the others.
CELL_SHARE = 0.25


@dataclass(frozen=True)
class Limits:
    """Limits of one submission.

    Attributes
    ----------
    timeout_s : float
        Wall seconds for all cells together; cells that ended before keep their marks.
    cell_timeout_s : float or None
        Wall seconds for one cell, which is then interrupted; None for a quarter of `timeout_s`.
    memory_mb : float or None
        What the kernel and everything it starts may hold together.
    disk_mb : int
        What it may write below its home, and below /tmp.
    processes : int
        How many processes and threads it may have at once.
    output_bytes : int
        What its cells may print and display together; the rest is dropped.
    """

    timeout_s: float = 120.0
    cell_timeout_s: float | None = None
    memory_mb: float | None = None
    disk_mb: int = 1024
    processes: int = 512
    output_bytes: int = 1_000_000

    @property
    def seconds_for_a_cell(self) -> float:
        """The limit of one cell; at least one second, which is nbgrader's smallest."""
        return max(1.0, self.cell_timeout_s or self.timeout_s * CELL_SHARE)
