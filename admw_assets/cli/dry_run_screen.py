"""What a dry run found, as people read it."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from admw_assets.core.dry_run import DryRun, PredictedReject, Prediction
from admw_assets.core.step import Stage, Status

_RECORDS_NAMED = 3
_EXAMPLE = 60  # characters
_MARKS = {Status.COMPLETED: "", Status.FAILED: "bold red", Status.BLOCKED: "yellow"}


def show(console: Console, name: str, found: DryRun, proposals: Mapping[str, str]) -> None:
    """Print settings, predictions, rejects by rule, estimate and verdict."""
    if not found.predictions:
        console.print("No data files, nothing to predict.")
        return
    _settings(console, found, proposals)
    console.print(_outcomes(found.predictions, f"What a run of {name} would come to"))
    for prediction in found.predictions:
        if prediction.status is not Status.COMPLETED:
            words = f"{prediction.status.value} {prediction.stage}/{prediction.table}"
            style = _MARKS[prediction.status]
            console.print(
                Text.assemble((words, style), f" {prediction.file}: {prediction.message}"),
                soft_wrap=True,
            )
    if found.rejects:
        console.print()
        console.print(_rejects(found))
    _notes(console, found)
    _verdict(console, found)


def _settings(console: Console, found: DryRun, proposals: Mapping[str, str]) -> None:
    if not found.settings:
        console.print("[green]✓[/] The settings fit the files.")
        return
    for file in dict.fromkeys(finding.file for finding in found.settings):
        console.print(Text(f"Settings that do not fit {file}", style="bold"), soft_wrap=True)
        for finding in found.settings:
            if finding.file == file:
                said = f" is {finding.configured}, the file has {finding.found}. {finding.message}"
                console.print(
                    Text.assemble(("✗ ", "red"), (finding.setting, "bold"), said), soft_wrap=True
                )
        console.print("  In migration.yaml write:")
        for line in proposals.get(file, "").splitlines():
            console.print(Text(f"    {line}", style="cyan"), soft_wrap=True)
    console.print()


def _outcomes(predictions: Sequence[Prediction], title: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", show_edge=False)
    table.add_column("file", no_wrap=True)
    table.add_column("table", no_wrap=True)
    for name in ("records", "expected", "loaded", "rejected", "dropped"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("would", no_wrap=True)
    for p in predictions:
        counts = p.counts
        table.add_row(
            Text(p.file),
            Text(p.table),
            *(_number(n) for n in (counts.records, counts.expected, counts.loaded)),
            Text(_number(counts.rejected), style="yellow" if counts.rejected else ""),
            _number(counts.dropped),
            _would(p),
        )
    return table


def _would(prediction: Prediction) -> Text:
    match prediction.status:
        case Status.COMPLETED:
            return Text("load", style="green")
        case Status.BLOCKED:
            return Text("wait", style="yellow")
        case _:
            return Text(f"fail in {prediction.stage}", style="bold red")


def _rejects(found: DryRun) -> Table:
    table = Table(
        title="What would be rejected", title_justify="left", header_style="bold", show_edge=False
    )
    for name in ("table", "rule", "column"):
        table.add_column(name, no_wrap=True)
    table.add_column("rejects", justify="right", no_wrap=True)
    table.add_column("records")
    table.add_column("for example", overflow="fold")
    first = _first_of_each_kind(found.rejects)
    for prediction in found.predictions:
        for (stage, rule, column), count in prediction.rejects.items():
            mine = first[prediction.file, prediction.table, stage, rule, column]
            table.add_row(
                Text(prediction.table),
                rule,
                Text(column),
                f"{count:,}",
                _records(mine),
                Text(_shortened(mine[0].message)),
            )
    return table


def _first_of_each_kind(
    rejects: Sequence[PredictedReject],
) -> Mapping[tuple[str, str, Stage, str, str], Sequence[PredictedReject]]:
    """The first rejects by file, table, stage, rule and column, one more than are named."""
    first: dict[tuple[str, str, Stage, str, str], list[PredictedReject]] = {}
    for r in rejects:
        some = first.setdefault((r.file, r.table, r.stage, r.rule, r.column), [])
        if len(some) <= _RECORDS_NAMED:
            some.append(r)
    return first


def _records(rejects: Sequence[PredictedReject]) -> str:
    named = ", ".join(f"{reject.record}" for reject in rejects[:_RECORDS_NAMED])
    return f"{named}, …" if len(rejects) > _RECORDS_NAMED else named


def _shortened(message: str) -> str:
    message = " ".join(message.split())
    return message if len(message) <= _EXAMPLE else f"{message[: _EXAMPLE - 1]}…"


def _notes(console: Console, found: DryRun) -> None:
    console.print()
    for p in found.predictions:
        if p.message and p.status is Status.COMPLETED:
            console.print(Text(f"{p.table}: {p.message}", style="dim"), soft_wrap=True)
        for reason, number in p.dropped.items():
            note = f"{p.table}: {number:,} rows would be dropped, {reason}."
            console.print(Text(note, style="dim"), soft_wrap=True)
        for key in p.unchecked:
            note = f"{p.table}: orphans of {key} are not looked for, no file of it is given."
            console.print(Text(note, style="dim"), soft_wrap=True)
    console.print(Text(f"Texts in keys were compared as {found.compared_as}.", style="dim"))
    estimates = [p.estimate for p in found.predictions if p.estimate]
    if estimates:
        rows = sum(p.counts.expected or 0 for p in found.predictions if p.estimate)
        speed = rows / max(sum(e.measured_seconds for e in estimates), 0.001)
        both = _duration(sum(e.seconds for e in estimates))
        size = _size(sum(e.preliminary_bytes + e.final_bytes for e in estimates))
        note = f"Both stages on MySQL: about {both} on this machine ({speed:,.0f} rows/s were "
        console.print(
            Text(f"{note}transformed), about {size} in the database.", style="dim"),
            soft_wrap=True,
        )


def _verdict(console: Console, found: DryRun) -> None:
    wrong = any(setting.is_wrong for setting in found.settings)
    if found.fails:
        why = "Settings do not fit." if wrong else "A stage would fail."
        console.print(Text(f"✗ {why} Nothing was written.", style="bold red"))
    elif found.rejects:
        text = f"{len(found.rejects):,} rejects, all other rows would be loaded."
        console.print(Text(f"! {text} Nothing was written.", style="yellow"))
    else:
        console.print(Text("✓ Every row would be loaded. Nothing was written.", style="green"))


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{max(rest, 1)} s"


def _size(number: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:,.0f} {unit}"
        number /= 1000
    return f"{number:,.1f} GB"
