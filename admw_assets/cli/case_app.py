"""The commands of `admw case`; what they do is in case_command."""

from pathlib import Path
from typing import Annotated

import typer

from admw_assets.cli.options import JsonOption, MigrationOption, settings_from

case = typer.Typer(no_args_is_help=True, help="Golden cases: small inputs with expected rows.")


@case.callback()
def _root() -> None:
    """Keeps `new` a command of its own."""


@case.command(
    "new", epilog="Example: admw case new CUSTOMER~20240101.000000.csv --records 17,23-30"
)
def case_new(
    file: Annotated[Path, typer.Argument(help="A data file.")],
    records: Annotated[str, typer.Option("--records", help="Which of its records, like 17,23-30.")],
    table: Annotated[
        str | None, typer.Option("--table", help="Only for this table. Default: all that it feeds.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The case's name. Default: after the records.")
    ] = None,
    mask: Annotated[
        list[str] | None,
        typer.Option("--mask", metavar="COLUMN", help="Mask this column of the file as well."),
    ] = None,
    migration: MigrationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a golden case of records of a file: personal data masked, expected files filled with
    what the pipeline gives now."""
    from admw_assets.cli import case_command

    settings = settings_from(migration, None, None)
    case_command.new(settings, file, records, table, name, tuple(mask or ()), as_json)
