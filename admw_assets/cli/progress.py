"""Progress of a run, step by step, on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from admw_assets.core.step import STAGE_STEPS, Stage, StageOutcome, Status, StepRequest
from admw_assets.steps.campaign import Task

MARKS = {
    Status.COMPLETED: "[green]✓[/]",
    Status.FAILED: "[bold red]✗[/]",
    Status.BLOCKED: "[yellow]…[/]",
    Status.RUNNING: " ",
}


class RunProgress:
    """Listens to a campaign; shows the step under way and a line per finished stage."""

    def __init__(self, progress: Progress, tasks: list[Task]) -> None:
        self._progress = progress
        steps = sum(len(STAGE_STEPS[task.stage]) for task in tasks)
        self._bar = progress.add_task("starting", total=steps)
        self._done_of_stage = 0

    def step(self, request: StepRequest, what: str) -> None:
        """Called at the start and the end of every step."""
        if what == "started":
            name = f"{request.stage}/{request.table} {request.step}"
            self._progress.update(self._bar, description=name)
        else:
            self._done_of_stage += 1
            self._progress.advance(self._bar)

    def outcome(self, outcome: StageOutcome) -> None:
        """Called when a stage has ended, however."""
        missing = len(STAGE_STEPS[Stage(outcome.stage)]) - self._done_of_stage
        self._progress.advance(self._bar, max(missing, 0))
        self._done_of_stage = 0
        line = Text.from_markup(MARKS[outcome.status])
        line.append(f" {outcome.stage.value}/{outcome.table} {outcome.file}")
        if outcome.status is not Status.COMPLETED:
            line.append(f"\n  {outcome.message}")
        elif outcome.skipped:
            line.append(" (done before)", "dim")
        self._progress.console.print(line, soft_wrap=True)


@contextmanager
def run_progress(tasks: list[Task], quiet: bool) -> Iterator[RunProgress]:
    """A live bar on a terminal; plain lines where standard error is none; nothing if quiet."""
    console = Console(stderr=True, quiet=quiet)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("steps"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        yield RunProgress(progress, tasks)
