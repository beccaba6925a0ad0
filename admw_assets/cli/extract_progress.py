"""Progress of an extraction: a bar over all rows, with rates and the time left."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _Rates(ProgressColumn):
    """Rows and bytes of text a second."""

    def render(self, task: Task) -> Text:
        seconds = task.finished_time or task.elapsed
        if not seconds or not task.completed:
            return Text("")
        size = task.fields["size"] / seconds / 1_000_000
        return Text(f"{task.completed / seconds:,.0f} rows/s  {size:,.1f} MB/s", style="dim")


class ExtractProgress:
    """Listens to an extraction; a bar for all, one for each table under way, a line per table."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._all = progress.add_task("all tables", total=None, size=0)
        self._tables: dict[str, TaskID] = {}
        self._totals: dict[str, int] = {}  # rows by table
        self._sizes: dict[TaskID, int] = {}  # bytes by bar

    def counted(self, table: str, rows: int) -> None:
        """The bar's length grows by these rows."""
        self._totals[table] = rows
        self._progress.update(self._all, total=sum(self._totals.values()))

    def advanced(self, table: str, rows: int, size: int) -> None:
        """Further rows and bytes of a table."""
        if table not in self._tables:
            if not self._tables:  # counting is over: rates begin here
                self._progress.reset(self._all, total=sum(self._totals.values()), size=0)
            self._tables[table] = self._progress.add_task(
                escape(table), total=self._totals.get(table), size=0
            )
        for bar in (self._all, self._tables[table]):
            self._sizes[bar] = self._sizes.get(bar, 0) + size
            self._progress.update(bar, advance=rows, size=self._sizes[bar])

    def finished(self, table: str, message: str) -> None:
        """The table's bar becomes a line."""
        if table in self._tables:
            self._progress.update(self._tables[table], visible=False)
        self._progress.console.print(
            f"[green]✓[/] {escape(table)}: {escape(message)}", highlight=False, soft_wrap=True
        )

    def noted(self, message: str) -> None:
        """A line of its own."""
        self._progress.console.print(
            f"[yellow]![/] {escape(message)}", highlight=False, soft_wrap=True
        )


@contextmanager
def extract_progress(quiet: bool) -> Iterator[ExtractProgress]:
    """Live bars on a terminal; plain lines where standard error is none; nothing if quiet."""
    console = Console(stderr=True, quiet=quiet)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rates(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        yield ExtractProgress(progress)
