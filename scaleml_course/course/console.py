"""What the user sees while work goes on: bars on a terminal, one plain line a result elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from scaleml_course.course.errors import UserError

WIDTH_OF_A_LOG = 140  # where there is no terminal to ask; a table wrapped at 80 cannot be read

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDTH_OF_A_LOG)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Board:
    """Progress of several pieces of work at once.

    On a terminal each has a bar while it runs. Elsewhere (a log, a pipe) only `line` prints.
    """

    def __init__(self, unit: str = "cell") -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn(unit),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=out,
            transient=True,
            disable=not out.is_terminal,
        )
        self.bars: dict[str, object] = {}

    def __enter__(self) -> Board:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def step(self, name: str, place: int, of: int) -> None:
        """`name` has reached `place` of `of`."""
        if name not in self.bars:
            self.bars[name] = self.progress.add_task(name, total=of)
        self.progress.update(self.bars[name], completed=place, total=of)  # type: ignore[arg-type]

    def done(self, name: str) -> None:
        """Take the bar of `name` away."""
        if (bar := self.bars.pop(name, None)) is not None:
            self.progress.remove_task(bar)  # type: ignore[arg-type]

    def line(self, text: str, *, good: bool = True) -> None:
        """Print one line above the bars."""
        sign = "[green]✓[/]" if good else "[red]✗[/]"
        self.progress.console.print(f"{sign} {escape(text)}")


def show_error(error: UserError) -> None:
    """A user's mistake: what, and what to do; no traceback."""
    err.print(f"[bold red]Error:[/] {escape(error.message)}")
    if error.remedy:
        err.print(f"[bold]Remedy:[/] {escape(error.remedy)}")


def show_trouble(message: str, detail: str = "") -> None:
    """A piece of work that failed, with everything there is to see."""
    err.print(f"[bold red]✗[/] {escape(message)}")
    if detail:
        err.print(escape(detail) if "\x1b" not in detail else _plain(detail))


def table(*columns: str) -> Table:
    """A plain table whose last columns line up as numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        right = column in ("seconds", "cells", "strict", "claims", "MB", "marks", "of", "points")
        made.add_column(column, justify="right" if right else "left", overflow="fold")
    return made


def _plain(text: str) -> object:
    from rich.text import Text

    return Text.from_ansi(text)
