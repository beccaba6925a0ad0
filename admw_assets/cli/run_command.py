"""`admw run`: files through the stages."""

import json
import logging
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.text import Text

from admw_assets.cli.exit_codes import ExitCode, exit_code_of
from admw_assets.cli.outcome_table import (
    COLOURS,
    as_object,
    outcome_table,
    result_console,
)
from admw_assets.cli.progress import run_progress
from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import ConfigurationError, DataFileError
from admw_assets.core.ports import Ports
from admw_assets.core.step import Stage, StageOutcome, Status
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.log_file import log_to_file
from admw_assets.runtime.settings import Settings
from admw_assets.steps.campaign import plan_tasks, run_tasks

log = logging.getLogger(__name__)

STAGES = {
    "preliminary": (Stage.PRELIMINARY,),
    "final": (Stage.FINAL,),
    "all": (Stage.PRELIMINARY, Stage.FINAL),
}


def run(
    settings: Settings,
    files: list[Path],
    landing: Path | None,
    stage: str,
    restart: bool,
    as_json: bool,
) -> ExitCode:
    """Run the stages of the files and print what came of it."""
    if stage not in STAGES:
        raise ConfigurationError(
            f"There is no stage {stage!r}.", next_step=f"Known: {', '.join(STAGES)}."
        )
    if files and landing:
        raise ConfigurationError(
            "Files and --landing were both given.", next_step="Give one of the two."
        )
    log_to_file(settings.log_file)
    with open_ports(settings) as ports:
        ports.tables.initialize(ports.migration)
        locations = (
            _known_files(files, ports) if files else landed_files(landing or settings.landing)
        )
        outcomes = run_files(ports, locations, STAGES[stage], restart, quiet=as_json)
    _print(outcomes, as_json)
    return exit_code_of(outcomes)


def run_files(
    ports: Ports,
    locations: Iterable[str],
    stages: tuple[Stage, ...],
    restart: bool,
    quiet: bool,
) -> list[StageOutcome]:
    """Plan and run with progress shown."""
    tasks = plan_tasks(ports.migration, locations, stages)
    with run_progress(tasks, quiet) as progress:
        return run_tasks(tasks, ports, new_run_id(), progress.step, progress.outcome, restart)


def new_run_id() -> str:
    """A name for this attempt that sorts by time and is never given twice."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def _known_files(files: list[Path], ports: Ports) -> list[str]:
    """The given files; one that is gone must be known to the tracker (then it is finished)."""
    known = {state.file for state in ports.tracker.states()}
    for path in files:
        parse_data_file_name(path.name)
        if not path.exists() and path.name not in known:
            raise DataFileError(
                f"There is no file {path}.",
                next_step="Check the path; `admw status` lists the files that are known.",
                file=path.name,
            )
    return [str(path.absolute()) for path in files]


def landed_files(folder: Path) -> list[str]:
    """The data files of a folder, as absolute paths; raises ConfigurationError, DataFileError."""
    if not folder.is_dir():
        raise ConfigurationError(
            f"There is no landing folder {folder}.",
            next_step="Name data files, or give --landing the folder that holds them.",
        )
    found: list[str] = []
    for path in sorted(folder.iterdir()):
        if "~" not in path.name or path.name.startswith(".") or path.is_dir():
            log.info("Passed over %s: not named like a data file", path)
            continue
        parse_data_file_name(path.name)
        found.append(str(path.absolute()))
    if not found:
        log.warning("No data file in %s", folder)
    return found


def _print(outcomes: list[StageOutcome], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([as_object(outcome) for outcome in outcomes], indent=2))
        return
    console = result_console()
    if not outcomes:
        console.print("No data files, nothing to do.")
        return
    console.print(outcome_table(outcomes, "What came of it"))
    if all(outcome.skipped for outcome in outcomes):
        console.print("All of this was completed before; nothing was done.")
    for outcome in outcomes:
        if outcome.status is Status.COMPLETED and outcome.message and not outcome.skipped:
            note = f"{outcome.stage}/{outcome.table} {outcome.file}: {outcome.message}"
            console.print(Text(note, style="dim"), soft_wrap=True)
    reports = {Path(outcome.report).parents[1] for outcome in outcomes if outcome.report}
    for folder in sorted(reports):
        console.print(Text(f"Reports: {folder}"), soft_wrap=True)
    if any(outcome.counts.rejected for outcome in outcomes):
        console.print("Rejected records: admw rejects list")
    for outcome in outcomes:
        if outcome.status is not Status.COMPLETED:
            status = (outcome.status.value, COLOURS[outcome.status])
            rest = f" {outcome.stage}/{outcome.table}: {outcome.message}"
            console.print(Text.assemble(status, rest), soft_wrap=True)
