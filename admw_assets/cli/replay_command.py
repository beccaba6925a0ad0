"""`admw rejects export` and `admw rejects replay`: out to be corrected, and in again."""

import json
from dataclasses import asdict
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from admw_assets.cli.exit_codes import ExitCode
from admw_assets.cli.outcome_table import result_console
from admw_assets.cli.run_command import new_run_id
from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.step import Stage
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.log_file import log_to_file
from admw_assets.runtime.settings import Settings
from admw_assets.steps.reject_export import Export, export_rejects
from admw_assets.steps.release import Release, release_rejects
from admw_assets.steps.replay import ReplayOutcome, replay_rejects
from admw_assets.steps.replay_file import open_replay


def export(
    settings: Settings, file: Path, out: Path, table: str | None, stage: str | None, as_json: bool
) -> ExitCode:
    """Write the rejected records of a file and why they were rejected."""
    location = file.absolute() if file.exists() else settings.landing / file.name
    with open_ports(settings) as ports:
        done = export_rejects(str(location), out, ports, table, _stage(stage))
    if as_json:
        typer.echo(json.dumps(asdict(done) if done else None, indent=2, default=str))
    else:
        _print_export(file.name, done)
    return ExitCode.GOOD


def replay(
    settings: Settings, file: Path, reasons: Path | None, landing: Path | None, as_json: bool
) -> ExitCode:
    """Load corrected records as part of the file that they are from."""
    log_to_file(settings.log_file)
    with open_ports(settings) as ports:
        ports.tables.initialize(ports.migration)
        opened = open_replay(file, reasons, ports)
        outcome = replay_rejects(opened, str(landing or settings.landing), ports, new_run_id())
    if as_json:
        typer.echo(json.dumps(asdict(outcome), indent=2))
    else:
        _print_replay(outcome)
    return ExitCode.REJECTS if outcome.rejected else ExitCode.GOOD


def release(settings: Settings, file: Path | None, landing: Path | None, as_json: bool) -> ExitCode:
    """Examine the rejects of the final stage again and move what may be moved now."""
    log_to_file(settings.log_file)
    name = parse_data_file_name(file.name).name if file else None
    with open_ports(settings) as ports:
        ports.tables.initialize(ports.migration)
        released = release_rejects(str(landing or settings.landing), ports, new_run_id(), name)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in released], indent=2))
    else:
        _print_released(released)
    if any(one.message for one in released):
        return ExitCode.STAGE_FAILED
    return ExitCode.REJECTS if any(one.waiting for one in released) else ExitCode.GOOD


def _stage(name: str | None) -> Stage | None:
    if name is None:
        return None
    try:
        return Stage(name)
    except ValueError as err:
        raise ConfigurationError(
            f"There is no stage {name!r}.", next_step=f"Known: {', '.join(Stage)}."
        ) from err


def _print_export(file: str, done: Export | None) -> None:
    console = result_console()
    if done is None:
        console.print("[green]No open rejects.[/] Nothing was written.")
        return
    lines = (
        f"{done.records:,} rejected records of {file}: {done.data}",
        f"Why ({done.rejects:,} rejects):  {done.reasons}",
        "Correct the records; a source hash of a corrected record is emptied. Delete what you do "
        "not want to replay from both files, and keep the order.",
        f"Next: admw rejects replay '{done.data}'",
    )
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def _print_replay(outcome: ReplayOutcome) -> None:
    console = result_console()
    if outcome.skipped:
        console.print("These records were replayed before; nothing was done.")
    console.print(
        Text(
            f"{outcome.file}: of {outcome.records:,} replayed records {outcome.resolved:,} are in, "
            f"{outcome.rejected:,} are rejected."
        ),
        soft_wrap=True,
    )
    if outcome.rejected:
        console.print(Text(f"Why: admw rejects list --file '{outcome.file}'"), soft_wrap=True)
    console.print("Rows that waited for these: admw rejects replay --orphans", soft_wrap=True)


def _print_released(released: list[Release]) -> None:
    console = result_console()
    if not released:
        console.print("[green]The final stage has no rejects.[/]")
        return
    table = Table(title="Rejects of the final stage", title_justify="left", header_style="bold")
    table.add_column("file", overflow="fold")
    table.add_column("table", overflow="fold")
    table.add_column("moved now", justify="right")
    table.add_column("still rejected", justify="right")
    for one in released:
        moved, waiting = f"{one.moved:,}", f"{one.waiting:,}"
        failed = bool(one.message)
        table.add_row(one.file, one.table, "failed" if failed else moved, "" if failed else waiting)
    console.print(table)
    for one in released:
        if one.message:
            console.print(
                Text.assemble(("FAILED", "bold red"), f" {one.table}: {one.message}"),
                soft_wrap=True,
            )
