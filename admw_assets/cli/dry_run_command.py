"""`admw dry-run`: what a run would do with files, without the database."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from admw_assets.cli.dry_run_screen import show
from admw_assets.cli.exit_codes import ExitCode
from admw_assets.cli.outcome_table import result_console
from admw_assets.cli.run_command import landed_files, new_run_id
from admw_assets.core.collation import BYTES
from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.dry_run import DryRun, Prediction
from admw_assets.core.errors import ConfigurationError, DataFileError
from admw_assets.core.migration import Migration
from admw_assets.core.migration_folder import load_migration
from admw_assets.core.setting_advice import proposal, setting_findings
from admw_assets.core.step import Stage
from admw_assets.runtime.dry_run import default_collation, open_stand_ins
from admw_assets.runtime.settings import Settings
from admw_assets.steps.campaign import Task, plan_tasks
from admw_assets.steps.dry_run import dry_run, scan


def predict(
    settings: Settings,
    files: list[Path],
    landing: Path | None,
    collation: str | None,
    as_json: bool,
) -> ExitCode:
    """Print what both stages of the files would come to."""
    if files and landing:
        raise ConfigurationError(
            "Files and --landing were both given.", next_step="Give one of the two."
        )
    migration = load_migration(settings.migration)
    locations = _existing(files) if files else landed_files(landing or settings.landing)
    found = find(settings, migration, locations, collation, quiet=as_json)
    proposals = {
        location.rpartition("/")[2]: proposal(
            migration, location.rpartition("/")[2], found.settings
        )
        for location in locations
    }
    if as_json:
        typer.echo(json.dumps(_as_object(found, proposals), indent=2, ensure_ascii=False))
    else:
        show(result_console(), migration.name, found, proposals)
    if found.fails:
        return ExitCode.STAGE_FAILED
    return ExitCode.REJECTS if found.rejects else ExitCode.GOOD


def find(
    settings: Settings,
    migration: Migration,
    locations: list[str],
    collation: str | None,
    quiet: bool,
) -> DryRun:
    """Everything that a dry run of these files comes to; only `quiet` keeps it from standard
    error."""
    from admw_assets.engines.files.sample import read_sample

    started = time.monotonic()
    compared_as = collation or default_collation(settings)
    tasks = plan_tasks(migration, locations, tuple(Stage))
    if not tasks:
        return DryRun((), (), (), compared_as)
    with (
        _status(quiet) as say,
        open_stand_ins(settings, migration, locations, compared_as) as (ports, spark_is_ready),
    ):
        say("looking at the files")
        findings = [
            finding
            for location in locations
            for finding in setting_findings(migration, read_sample(location))
        ]
        scan(locations, ports)
        say("waiting for Spark")
        spark_is_ready()
        predictions, rejects = dry_run(tasks, ports, new_run_id(), lambda task: say(_words(task)))
    return DryRun(
        tuple(predictions),
        tuple(rejects),
        tuple(findings),
        "bytes" if compared_as == BYTES else compared_as,
        round(time.monotonic() - started, 1),
    )


def _words(task: Task) -> str:
    return f"{task.stage}/{task.table} {task.file}"


@contextmanager
def _status(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A line on standard error that says what is being done; nothing if quiet."""
    console = Console(stderr=True, quiet=quiet)
    with console.status("starting") as status:
        yield lambda words: status.update(escape(words))


def _existing(files: list[Path]) -> list[str]:
    for path in files:
        parse_data_file_name(path.name)
        if not path.is_file():
            raise DataFileError(
                f"There is no file {path}.", next_step="Check the path.", file=path.name
            )
    return [str(path.absolute()) for path in files]


def _as_object(found: DryRun, proposals: Mapping[str, str]) -> dict[str, object]:
    return {
        "fails": found.fails,
        "compared_as": found.compared_as,
        "seconds": found.seconds,
        "settings": [asdict(finding) for finding in found.settings],
        "proposals": {file: text for file, text in proposals.items() if text},
        "predictions": [_prediction(prediction) for prediction in found.predictions],
        "rejects": [asdict(reject) for reject in found.rejects],
    }


def _prediction(prediction: Prediction) -> dict[str, object]:
    by_rule = [
        {"stage": stage.value, "rule": rule, "column": column, "count": count}
        for (stage, rule, column), count in prediction.rejects.items()
    ]
    return {
        "file": prediction.file,
        "table": prediction.table,
        "status": prediction.status.value,
        "stage": prediction.stage.value,
        **asdict(prediction.counts),
        "message": prediction.message,
        "rejects": by_rule,
        "dropped_by_reason": dict(prediction.dropped),
        "unchecked": list(prediction.unchecked),
        "estimate": asdict(prediction.estimate) if prediction.estimate else None,
    }
