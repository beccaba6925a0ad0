"""The commands of `admw rejects`; what they do is in rejects_command and replay_command."""

from pathlib import Path
from typing import Annotated

import typer

from admw_assets.cli.options import (
    DatabaseOption,
    HomeOption,
    JsonOption,
    MigrationOption,
    settings_from,
)

rejects = typer.Typer(no_args_is_help=True, help="Records that were not loaded.")

LandingOption = Annotated[
    Path | None,
    typer.Option(
        "--landing", help="Where files lie that are not archived yet. Default: HOME/landing"
    ),
]


@rejects.command("list", epilog="Example: admw rejects list --file BRAND~20240101.000000.csv")
def rejects_list(
    file: Annotated[str | None, typer.Option("--file", help="Only of this file.")] = None,
    table: Annotated[str | None, typer.Option("--table", help="Only of this table.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many; default: all.")
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Also those that a replay has resolved or replaced.")
    ] = False,
    migration: MigrationOption = None,
    database_url: DatabaseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List records that were not loaded, with rule and column; --json prints their original text,
    personal data included."""
    from admw_assets.cli import rejects_command

    settings = settings_from(migration, database_url, home)
    rejects_command.list_rejects(settings, file, table, limit, history, as_json)


@rejects.command(
    "export", epilog="Example: admw rejects export BRAND~20240101.000000.csv --out corrections"
)
def rejects_export(
    file: Annotated[Path, typer.Argument(help="A data file, or its name.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")],
    table: Annotated[str | None, typer.Option("--table", help="Only of this table.")] = None,
    stage: Annotated[
        str | None, typer.Option("--stage", help="Only of this stage.", metavar="STAGE")
    ] = None,
    migration: MigrationOption = None,
    database_url: DatabaseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the rejected records of a file, to be corrected: FILE.rejects.csv, original text in
    the file's own format, and FILE.rejects.reasons.csv, which says why and which record is which.

    Original text means that formulas and personal data stand in it as they came.
    """
    from admw_assets.cli import replay_command

    settings = settings_from(migration, database_url, home)
    raise typer.Exit(replay_command.export(settings, file, out, table, stage, as_json))


@rejects.command(
    "replay",
    epilog="Examples: admw rejects replay corrections/BRAND~20240101.000000.csv.rejects.csv · "
    "admw rejects replay --orphans",
)
def rejects_replay(
    file: Annotated[
        Path | None, typer.Argument(help="Corrected records: FILE.rejects.csv.", show_default=False)
    ] = None,
    reasons: Annotated[
        Path | None,
        typer.Option("--reasons", help="The side file. Default: beside the records."),
    ] = None,
    orphans: Annotated[
        bool,
        typer.Option(
            "--orphans",
            help="No corrections: examine the final stage's rejects again (of one data file, or "
            "of all) and move the rows whose parents have come or whose keys are free now.",
        ),
    ] = False,
    landing: LandingOption = None,
    migration: MigrationOption = None,
    database_url: DatabaseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load corrected records as part of the file that they are from, with their record numbers.

    Empty the source hash of a record that you corrected (column admw_source_hash or
    admw_file_hash). A record that is wrong again stays rejected. Replaying twice loads once.
    """
    from admw_assets.cli import replay_command

    settings = settings_from(migration, database_url, home)
    if orphans and reasons is None:
        raise typer.Exit(replay_command.release(settings, file, landing, as_json))
    if file is None or orphans:
        raise typer.BadParameter("Give a file of corrected records, or --orphans.")
    raise typer.Exit(replay_command.replay(settings, file, reasons, landing, as_json))
