"""The entry point: commands, exit codes, errors as people read them."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from admw_assets.cli.case_app import case
from admw_assets.cli.exit_codes import ExitCode
from admw_assets.cli.options import (
    DatabaseOption,
    HomeOption,
    JsonOption,
    MigrationOption,
    settings_from,
)
from admw_assets.cli.rejects_app import rejects
from admw_assets.core.errors import AdmwError, ConfigurationError, DataFileError

app = typer.Typer(
    name="admw",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Move flat files into a database, and prove that nothing was lost, doubled or changed.",
    epilog="Exit codes: 0 all good, 1 a stage failed, 2 wrong usage or configuration, "
    "3 finished with rejects.",
)
db = typer.Typer(no_args_is_help=True, help="The tables in the database.")
app.add_typer(db, name="db")
app.add_typer(rejects, name="rejects")
app.add_typer(case, name="case")


def _version(value: bool) -> None:
    if value:
        from admw_assets import __version__

        typer.echo(f"admw {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Options of the program itself."""


@app.command(epilog="Example: admw new migrations/shop --ddl shop.sql --transform CUSTOMER")
def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make or to bring up to date.")],
    ddl: Annotated[
        Path | None,
        typer.Option(
            "--ddl",
            help="The target's CREATE TABLE statements. Default: the folder's own schema.sql",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The migration's name. Default: the folder's.")
    ] = None,
    transform: Annotated[
        list[str] | None,
        typer.Option("--transform", help="A table to write a transform for; may be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; write nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a migration's folder from DDL, or renew it: what you edited stays as it is."""
    from admw_assets.cli import new_command

    new_command.new(folder, ddl, name, transform or [], dry_run, as_json)


@app.command(
    epilog="Examples: admw check --migration migrations/shop · "
    "admw check --against mysql+pymysql://me@db/shop"
)
def check(
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="URL",
            help="A database whose tables are compared with schema.sql; differences end with "
            "exit code 1.",
        ),
    ] = None,
    migration: MigrationOption = None,
    database_url: DatabaseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a migration's schema.sql, migration.yaml and transforms.py; touch nothing."""
    from admw_assets.cli import check_command

    settings = settings_from(migration, database_url, home)
    raise typer.Exit(check_command.check(settings, against, as_json))


@db.command("init", epilog="Example: admw db init --database-url mysql+pymysql://me@db/shop")
def db_init(
    migration: MigrationOption = None,
    database_url: DatabaseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create what is missing: preliminary and final tables, ledger, rejects, tracker."""
    from admw_assets.cli import check_command

    check_command.initialize(settings_from(migration, database_url, home), as_json)


@app.command("test", epilog="Examples: admw test · admw test customer/local_time --update")
def test(
    cases: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TABLE[/CASE]]...", help="Only these.", show_default=False),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Write what comes now into the expected files.")
    ] = False,
    migration: MigrationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a migration's golden cases; a case that differs ends with exit code 1."""
    from admw_assets.cli import case_command

    settings = settings_from(migration, None, None)
    raise typer.Exit(case_command.test(settings, cases or [], update, as_json))


@app.command(epilog="Example: admw sample --out .admw/landing --rows 10000 --bad 5")
def sample(
    out: Annotated[Path, typer.Option("--out", help="The folder to write the files to.")],
    rows: Annotated[int, typer.Option("--rows", min=1, help="Records of the largest file.")] = 1000,
    bad: Annotated[int, typer.Option("--bad", min=0, help="Faulty records of every kind.")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same bytes.")] = 1,
    table: Annotated[
        str | None, typer.Option("--table", help="Only this table's file, with exactly --rows.")
    ] = None,
    hash_column: Annotated[
        str,
        typer.Option(
            "--hash",
            metavar="CONVENTION",
            help="The source hash in the last column: admw_source_hash, admw_file_hash or none.",
        ),
    ] = "none",
    migration: MigrationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make data files for a migration from its DDL, good ones and bad ones."""
    from admw_assets.cli import sample_command

    folder = settings_from(migration, None, None).migration
    sample_command.sample(folder, out, rows, bad, seed, table, hash_column, as_json)


@app.command(
    epilog="Example: admw extract --source mysql+pymysql://me@db/shop --out .admw/landing "
    "--where \"SALE: sold_at >= '2024-01-01'\""
)
def extract(
    source: Annotated[
        str,
        typer.Option(
            "--source",
            envvar="ADMW_SOURCE_URL",
            help="sqlite:///FILE, mysql+pymysql://USER@HOST/DB, postgresql+psycopg://USER@HOST/DB "
            "or another SQLAlchemy URL (the password is best given as ADMW_SOURCE_PASSWORD).",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder to write the files to.")],
    table: Annotated[
        list[str] | None,
        typer.Option("--table", help="Only this table or view; may be repeated. Default: all."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar='"TABLE: SQL"',
            help="Only rows that meet this condition, which the source runs as it is.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="Processes that read at the same time.")
    ] = 1,
    hash_convention: Annotated[
        str,
        typer.Option(
            "--hash",
            metavar="CONVENTION",
            help="The hash in every row's last column: admw_source_hash, admw_file_hash or none.",
        ),
    ] = "admw_source_hash",
    hash_columns: Annotated[
        list[str] | None,
        typer.Option(
            "--hash-columns",
            metavar="TABLE=A,B",
            help="What admw_file_hash is made of. Default: all columns.",
        ),
    ] = None,
    rows_per_file: Annotated[
        int | None, typer.Option("--rows-per-file", min=1, help="Begin a new file after so many.")
    ] = None,
    max_file_size: Annotated[
        str | None,
        typer.Option(
            "--max-file-size",
            metavar="SIZE",
            help="Begin a new file before it has more text. Default: 500MB",
        ),
    ] = None,
    compress: Annotated[
        str, typer.Option("--compress", metavar="HOW", help="none, gz or zip.")
    ] = "none",
    restart: Annotated[
        bool, typer.Option("--restart", help="Extract again what is complete; replaces its files.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a database's tables to data files, with a hash per row; goes on where it ended."""
    from admw_assets.cli import extract_command

    extract_command.run_extract(
        source,
        out,
        table or [],
        where or [],
        workers,
        hash_convention,
        hash_columns or [],
        rows_per_file,
        max_file_size,
        compress,
        restart,
        as_json,
    )


@app.command(
    epilog="Examples: admw run --landing .admw/landing · "
    "admw run BRAND~20240101.000000.csv --stage preliminary --json"
)
def run(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Data files.", show_default=False)
    ] = None,
    landing: Annotated[
        Path | None,
        typer.Option("--landing", help="All data files of this folder. Default: HOME/landing"),
    ] = None,
    stage: Annotated[
        str, typer.Option("--stage", help="preliminary, final or all.", metavar="STAGE")
    ] = "all",
    restart: Annotated[
        bool, typer.Option("--restart", help="Take the stage back for these files, begin anew.")
    ] = False,
    migration: MigrationOption = None,
    database_url: DatabaseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring files through the stages; a failed stage goes on at the step that failed."""
    from admw_assets.cli import run_command

    settings = settings_from(migration, database_url, home)
    raise typer.Exit(run_command.run(settings, files or [], landing, stage, restart, as_json))


@app.command(
    "dry-run",
    epilog="Examples: admw dry-run CUSTOMER~20240101.000000.csv · "
    "admw dry-run --landing from-vendor --json",
)
def dry_run(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Data files.", show_default=False)
    ] = None,
    landing: Annotated[
        Path | None,
        typer.Option("--landing", help="All data files of this folder. Default: HOME/landing"),
    ] = None,
    collation: Annotated[
        str | None,
        typer.Option(
            "--collation",
            help="How keys are compared where schema.sql names no collation. Default: byte by byte "
            "for SQLite, utf8mb4_0900_ai_ci for MySQL.",
            show_default=False,
        ),
    ] = None,
    migration: MigrationOption = None,
    database_url: DatabaseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a run would do with files: settings, rejects, orphans, time; touch no database."""
    from admw_assets.cli import dry_run_command

    settings = settings_from(migration, database_url, home)
    raise typer.Exit(dry_run_command.predict(settings, files or [], landing, collation, as_json))


@app.command(epilog="Example: admw status --json")
def status(
    files: Annotated[
        list[str] | None, typer.Argument(help="Only these files.", show_default=False)
    ] = None,
    migration: MigrationOption = None,
    database_url: DatabaseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show where every file stands."""
    from admw_assets.cli import status_command

    status_command.status(settings_from(migration, database_url, home), files or [], as_json)


@app.command(epilog="Example: admw report BRAND~20240101.000000.csv")
def report(
    file: Annotated[
        str | None, typer.Argument(help="A data file's name.", show_default=False)
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="The cut-over report of the whole migration.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="With --all: the page. Default: HOME/reports/cutover.html"),
    ] = None,
    migration: MigrationOption = None,
    database_url: DatabaseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the reports of one file (verdicts, equation, rejects, differences), or sum up all."""
    settings = settings_from(migration, database_url, home)
    if every and file is None:
        from admw_assets.cli import cutover_command

        raise typer.Exit(cutover_command.report_all(settings, out, as_json))
    if file is None or every or out:
        raise typer.BadParameter("Give a data file's name, or --all (and --out).")
    from admw_assets.cli import status_command

    status_command.report(settings, file, as_json)


@app.command(epilog="Example: admw verify --json")
def verify(
    migration: MigrationOption = None,
    database_url: DatabaseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the chain of manifests, and every report and archive that they name."""
    from admw_assets.cli import verify_command

    settings = settings_from(migration, database_url, home)
    raise typer.Exit(verify_command.verify_home(settings, as_json))


@app.command(epilog="Example: admw demo")
def demo(home: HomeOption = None) -> None:
    """Make sample files and bring them through both stages into SQLite."""
    from admw_assets.cli import demo_command

    raise typer.Exit(demo_command.demo(home))


def main() -> None:
    """Run the command line; errors of ADMW become a message and an exit code."""
    try:
        app(standalone_mode=True)
    except AdmwError as err:
        _explain(err)
        is_usage = isinstance(err, (ConfigurationError, DataFileError))
        sys.exit(ExitCode.USAGE if is_usage else ExitCode.STAGE_FAILED)


def _explain(err: AdmwError) -> None:
    if "--json" in sys.argv:
        typer.echo(
            json.dumps({"error": type(err).__name__, "message": err.message, "next": err.next_step})
        )
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, soft_wrap=True)
    console.print(Text.assemble(("Error: ", "bold red"), err.message))
    if err.next_step:
        console.print(Text.assemble(("Next: ", "bold"), err.next_step))


if __name__ == "__main__":
    main()
