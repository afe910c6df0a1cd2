"""What the instructor sees while a class is graded: how many, how fast, how long still."""

from __future__ import annotations

import time
from types import TracebackType

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from scaleml_course.course.console import out
from scaleml_course.grading.batch import Plan
from scaleml_course.grading.outcome import Outcome

#: Where there is no terminal: a line after so many seconds.
LINE_S = 15.0


class GradingProgress:
    """A bar on a terminal, a line now and then elsewhere; a line for each row that is this side's trouble.

    Parameters
    ----------
    ours : tuple of str
        Statuses that are not the student's doing.
    """

    def __init__(self, ours: tuple[str, ...]) -> None:
        self._ours = ours
        self._bar = Progress(
            TextColumn("grading"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}"),
            TimeElapsedColumn(),
            console=out,
            transient=True,
            disable=not out.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, pace="")
        self.plan: Plan | None = None
        self._done = 0
        self._started = self._said = time.monotonic()

    def __enter__(self) -> GradingProgress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, plan: Plan) -> None:
        """Say what will be done, and how the code is confined."""
        self.plan = plan
        self._started = self._said = time.monotonic()
        self._bar.update(self._task, total=plan.to_grade, pace="")
        self._line(isolation_line(plan))
        if plan.to_grade:
            where = f"on {plan.scheduler}" if plan.scheduler else f"in {plan.n_workers} processes on this machine"
            self._line(f"{plan.to_grade} submissions to grade, {where}; {plan.found} rows found done")

    def outcome(self, done: int, total: int, outcome: Outcome) -> None:
        """One more row."""
        if outcome.status in self._ours:
            self._line(f"[red]✗[/] {escape(f'{outcome.student}, {outcome.assignment}: {outcome.reason}')}")
        plan = self.plan
        if plan is None or done <= plan.found + plan.without:
            return
        self._done = done - plan.found - plan.without
        pace = self.pace()
        self._bar.update(self._task, completed=self._done, pace=pace)
        if not out.is_terminal and time.monotonic() - self._said >= LINE_S:
            self._said = time.monotonic()
            self._line(f"{self._done} of {plan.to_grade} submissions, {pace}")

    def pace(self) -> str:
        """Rate and time left, from what was graded so far."""
        seconds = time.monotonic() - self._started
        if self.plan is None or not self._done or not seconds:
            return ""
        rate = self._done / seconds
        return f"{60 * rate:.0f} a minute, {duration((self.plan.to_grade - self._done) / rate)} left"

    def _line(self, text: str) -> None:
        self._bar.console.print(text)


def isolation_line(plan: Plan) -> str:
    """How student code is confined, and why not better."""
    level, why = plan.isolation.level, plan.isolation.why
    said = f"isolation: {level}" + (f" ({why})" if why else "")
    return escape(said if level != "trusted" else f"{said}: student code is not confined")


def duration(seconds: float) -> str:
    """A time for a person: 40 s, 12 min, 3 h 5 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
