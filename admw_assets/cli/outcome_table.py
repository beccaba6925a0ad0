"""Outcomes and states as a table for people and as objects for scripts."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from admw_assets.core.ports import StageState
from admw_assets.core.step import Counts, Stage, StageOutcome, Status

COLOURS = {
    Status.COMPLETED: "green",
    Status.FAILED: "bold red",
    Status.BLOCKED: "yellow",
    Status.RUNNING: "cyan",
}
_WORST_FIRST = (Status.FAILED, Status.BLOCKED, Status.RUNNING, Status.COMPLETED)
_WIDTH_OF_NO_TERMINAL = 130

AnyOutcome = StageOutcome | StageState


def result_console() -> Console:
    """Standard output; where that is no terminal, wide enough for the tables."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH_OF_NO_TERMINAL)


def as_object(outcome: AnyOutcome) -> dict[str, object]:
    """One JSON object per file, table and stage, counts at its top level."""
    document: dict[str, object] = {
        "file": outcome.file,
        "table": outcome.table,
        "stage": outcome.stage.value,
        "status": outcome.status.value,
        **asdict(outcome.counts),
        "seconds": outcome.seconds,
        "message": outcome.message,
        "report": outcome.report,
        "archive": outcome.archive,
    }
    if isinstance(outcome, StageOutcome):
        document["skipped"] = outcome.skipped
        document["checks"] = [asdict(check) for check in outcome.checks]
    else:
        document["step"] = outcome.step
        document["attempt"] = outcome.attempt
        document["file_sha256"] = outcome.file_sha256
        document["started_at"] = outcome.started_at
        document["updated_at"] = outcome.updated_at
    return document


def outcome_table(outcomes: Iterable[AnyOutcome], title: str) -> Table:
    """A line per file and table, its stages together; what needs a person stands out."""
    table = Table(title=title, title_justify="left", header_style="bold", show_edge=False)
    table.add_column("file", no_wrap=True, min_width=24)
    table.add_column("table", no_wrap=True, min_width=10)
    for name in ("records", "loaded", "rejected", "dropped"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("result", no_wrap=True, min_width=9)
    table.add_column("seconds", justify="right", no_wrap=True)
    for stages in _by_file_and_table(outcomes):
        counts = _latest_counts(stages)
        table.add_row(
            Text(stages[0].file),
            Text(stages[0].table),
            _number(counts.records),
            _number(counts.loaded),
            Text(_number(counts.rejected), style="yellow" if counts.rejected else ""),
            _number(counts.dropped),
            _result(stages),
            f"{sum(stage.seconds for stage in stages):.1f}",
        )
    return table


def _by_file_and_table(outcomes: Iterable[AnyOutcome]) -> list[list[AnyOutcome]]:
    """The stages of every (file, table), preliminary first, in the order of first mention."""
    groups: dict[tuple[str, str], list[AnyOutcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.file, outcome.table), []).append(outcome)
    order = list(Stage)
    return [sorted(group, key=lambda o: order.index(o.stage)) for group in groups.values()]


def _latest_counts(stages: Sequence[AnyOutcome]) -> Counts:
    counts = Counts()
    for stage in stages:
        counts = counts.merged(stage.counts)
    return counts


def _result(stages: Sequence[AnyOutcome]) -> Text:
    """The worst status; which stage it is in, unless both have completed."""
    worst = min(stages, key=lambda stage: _WORST_FIRST.index(stage.status))
    words = worst.status.value
    if worst.status is not Status.COMPLETED:
        words += f" {worst.stage.value}"
    elif len(stages) == 1:
        words += f" {stages[0].stage.value}"
    elif all(isinstance(stage, StageOutcome) and stage.skipped for stage in stages):
        words += " before"
    return Text(words, style=COLOURS[worst.status])


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
