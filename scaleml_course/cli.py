"""The `scaleml` command: parses, calls one function, prints."""

from __future__ import annotations

import errno
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaleml_course.course.console import err, out, show_error, show_trouble, table
from scaleml_course.course.errors import UserError

if TYPE_CHECKING:
    from scaleml_course.course.catalogue import Course
    from scaleml_course.course.stages import StageResult

app = typer.Typer(
    name="scaleml",
    help="Run, check, release and grade the course on scaling machine learning in Python.",
    epilog="Exit status: 0 all is well, 1 some work failed, 2 the request was wrong, 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


INTERRUPTED = (130, 143)  # Ctrl-C; SIGTERM, as `timeout` and CI send it


class Tier(StrEnum):
    """Sizes of a run: seconds in CI or a browser, the book's own run, or a cluster."""

    quick = "quick"
    laptop = "laptop"
    cluster = "cluster"


Numbers = Annotated[list[str] | None, typer.Argument(help="Lessons by number or slug; all when none is named.")]
TierOption = Annotated[Tier, typer.Option(help="How large: quick, laptop, or cluster (with --scheduler).")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a Dask scheduler, tcp://host:8786.")]
Folder = Annotated[Path | None, typer.Option("--course", help="nbgrader course folder; grader/ if not given.")]
TrustStudents = Annotated[
    bool, typer.Option("--trust-students", help="Grade unconfined where nothing can confine the code.")
]
Force = Annotated[bool, typer.Option("--force", help="Do the work even when nothing has changed.")]


@app.command(epilog="Example: scaleml doctor")
def doctor(scheduler: Scheduler = None) -> None:
    """What this machine has, what will be skipped, and why."""
    from scaleml_course.course.doctor import examine, skipped

    course = _course()
    shown = table("", "what", "found", "remedy")
    for finding in examine(course, scheduler):
        shown.add_row(
            "[green]✓[/]" if finding.good else "[yellow]![/]", finding.name, finding.found, finding.remedy
        )
    out.print(shown)
    reasons = skipped(course, scheduler)
    for slug, reason in reasons.items():
        out.print(f"{slug} will be skipped: {reason}.")
    if not reasons:
        out.print(f"All {len(course.lessons)} lessons can run here.")


@app.command(epilog="Example: scaleml run 03 12 --tier laptop")
def run(
    numbers: Numbers = None, tier: TierOption = Tier.quick, scheduler: Scheduler = None, force: Force = False
) -> None:
    """Run lessons with papermill; what has not changed is not run again."""
    from scaleml_course.course import stages

    course = _course()
    _finish(stages.run(course, course.select(numbers or []), tier, scheduler=scheduler, force=force))


@app.command(epilog="Example: scaleml check 04")
def check(
    numbers: Numbers = None,
    sources: Annotated[bool, typer.Option("--sources", help="Read only; run no lesson.")] = False,
    force: Force = False,
) -> None:
    """Check sources against the spine, builds against sources, outputs against the reference (nbval)."""
    from scaleml_course.course import stages

    course = _course()
    _finish(stages.check(course, [] if sources else course.select(numbers or []), force=force))


@app.command(epilog="Example: scaleml sync 03")
def sync(
    numbers: Numbers = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Run the lessons anew for fresh outputs.")] = False,
) -> None:
    """Rebuild the notebooks from their sources."""
    from scaleml_course.course import stages

    course = _course()
    _finish(stages.sync(course, course.select(numbers or []), refresh=refresh))


@app.command(epilog="Example: scaleml release")
def release() -> None:
    """Make the students' notebooks (grader/release) with nbgrader."""
    from scaleml_course.course import stages

    _finish(stages.release(_course()))


@app.command(epilog="Example: scaleml grade --only ada --only bob/03_why_python_is_slow --report run.json")
def grade(
    folder: Folder = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="STUDENT or STUDENT/ASSIGNMENT, as often as you like; all when left out."),
    ] = None,
    assignment: Annotated[list[str] | None, typer.Option(help="Assignments; all when left out.")] = None,
    workers: Annotated[int | None, typer.Option(help="Submissions at a time; one a core.", min=1)] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Grade on this Dask cluster; its workers declare: --resources grader=1.")
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Grade failed ones again.")] = False,
    trust_students: TrustStudents = False,
    report: Annotated[Path | None, typer.Option(help="Write all that is known of every row as JSON.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Grade the sample class instead.")] = False,
) -> None:
    """Grade submissions, confined; what is graded already is not graded again."""
    from scaleml_course.grading import stages

    course = _course()
    if sample:
        _finish(stages.grade_sample_class(course))
        return
    result, _ = stages.grade(
        course,
        folder or course.root / "grader",
        assignments=assignment,
        only=only or (),
        n_workers=workers,
        scheduler=scheduler,
        retry_failed=retry_failed,
        trust_students=trust_students,
        report=report,
    )
    _finish(result)


@app.command(epilog="Example: scaleml feedback")
def feedback(folder: Folder = None, trust_students: TrustStudents = False) -> None:
    """Write a feedback page for every submission, grading first what is not graded."""
    from scaleml_course.grading import stages

    course = _course()
    folder = folder or course.root / "grader"
    _, outcomes = stages.grade(course, folder, trust_students=trust_students)
    _finish(stages.feedback(folder, outcomes))


@app.command(epilog="Example: scaleml export --to marks.csv")
def export(
    folder: Folder = None,
    to: Annotated[Path | None, typer.Option(help="The CSV file; marks.csv in the folder if not given.")] = None,
    trust_students: TrustStudents = False,
) -> None:
    """Write the marks as CSV, grading first what is not graded."""
    from scaleml_course.grading import stages

    course = _course()
    folder = folder or course.root / "grader"
    _, outcomes = stages.grade(course, folder, trust_students=trust_students)
    _finish(stages.export(folder, outcomes, to))


@app.command(epilog="Example: scaleml book --tier laptop")
def book(tier: TierOption = Tier.laptop, force: Force = False) -> None:
    """Build the book from the lessons as they ran."""
    from scaleml_course.course import stages

    _finish(stages.book(_course(), tier, force=force))


@app.command(epilog="Example: scaleml serve --port 8001")
def serve(
    port: Annotated[int, typer.Option(help="Port on this machine's loopback.", min=0, max=65535)] = 8000,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
) -> None:
    """Show the built book in a browser."""
    from scaleml_course.course.book import book_folder
    from scaleml_course.course.serve import serve as serve_folder

    serve_folder(book_folder(_course()), port, open_browser=open_browser)


@app.command("new-lesson", epilog='Example: scaleml new-lesson 05 "numba kernels" --title "Kernels with numba"')
def new_lesson(
    number: Annotated[str, typer.Argument(help="Two digits; SYLLABUS has them.")],
    name: Annotated[str, typer.Argument(help="The slug's words.")],
    title: Annotated[str | None, typer.Option(help="As the reader sees it.")] = None,
) -> None:
    """Start a lesson with its exercise and answers; every place to write is marked WRITE:."""
    from scaleml_course.course.scaffold import new_lesson as scaffold

    course = _course()
    written = scaffold(course, number, name, title or name.replace("_", " ").capitalize())
    for path in written:
        out.print(f"wrote {path.relative_to(course.root)}")
    out.print(f"Next: write the places marked WRITE:, then run: scaleml sync {number}; scaleml check {number}")


@app.command(epilog="Example: scaleml course --tier quick")
def course(tier: TierOption = Tier.laptop, scheduler: Scheduler = None) -> None:
    """Everything: run, check, release, grade the sample class, build the book; then say where it all lies."""
    from scaleml_course.course.pipeline import whole_course

    raise typer.Exit(0 if whole_course(_course(), tier, scheduler=scheduler) else 1)


def main() -> None:
    """Entry point: a user's mistake ends in a message and a status, never in a traceback."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        app()
    except UserError as error:
        show_error(error)
        sys.exit(error.exit_status)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        name = error.filename or "this disk"
        show_error(
            UserError(f"The disk is full: {name} could not be written.", remedy="Free some space, run again.")
        )
        sys.exit(1)
    except SystemExit as ended:  # Typer turns Ctrl-C into 130 without a word
        if ended.code in INTERRUPTED:
            err.print("Interrupted; what was running has been ended.")
        raise


def _course() -> Course:
    from scaleml_course.course.catalogue import load_course

    return load_course(Path.cwd())


def _finish(result: StageResult) -> None:
    """Say how a stage went and where its result lies; leave with its status."""
    where = f" → {result.where}" if result.where else ""
    if result.good:
        out.print(f"{result.summary}{where}")
    else:
        show_trouble(f"{result.summary}; see above.")
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
