"""`admw check` and `admw db init`."""

import json
from dataclasses import asdict, replace

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from admw_assets.cli.exit_codes import ExitCode
from admw_assets.core.configuration import ExtraColumns, MissingColumns
from admw_assets.core.migration import Migration
from admw_assets.core.migration_folder import load_migration
from admw_assets.core.schema_difference import Aspect, SchemaDifference
from admw_assets.runtime.local import compare_schema, open_tables
from admw_assets.runtime.settings import Settings


def check(settings: Settings, against: str | None, as_json: bool) -> ExitCode:
    """Load the migration and show what it comes to; its errors are raised.

    With `against` the database at that URL is compared with schema.sql instead.
    """
    migration = load_migration(settings.migration)
    if against is not None:
        return _compare(settings, migration, against, as_json)
    if as_json:
        typer.echo(json.dumps(_as_object(migration), indent=2))
        return ExitCode.GOOD
    console = Console()
    table = Table(title=f"Migration {migration.name}", title_justify="left", header_style="bold")
    for name in ("wave", "table", "columns", "key", "refers to", "fed by"):
        table.add_column(name, overflow="fold")
    for number, wave in enumerate(migration.waves, 1):
        for name in wave:
            model = migration.table(name)
            table.add_row(
                str(number),
                name,
                str(len(model.columns)),
                ", ".join(model.primary_key) or "none",
                ", ".join(sorted({key.parent for key in model.foreign_keys})),
                f"{migration.entity_feeding(name)}~…",
            )
    console.print(table)
    for name, policies in _column_policies(migration).items():
        said = ", ".join(f"{policy} {value}" for policy, value in policies.items())
        console.print(f"{escape(name)}: {said}", highlight=False)
    for note in migration.schema.notes:
        console.print(f"[dim]note:[/] {note}", highlight=False)
    console.print("[green]The migration is valid.[/] Next: admw db init")
    return ExitCode.GOOD


def _compare(settings: Settings, migration: Migration, url: str, as_json: bool) -> ExitCode:
    """Show where the database is not as schema.sql says."""
    differences = compare_schema(replace(settings, database_url=url), migration)
    if as_json:
        found = [asdict(d) | {"message": str(d)} for d in differences]
        typer.echo(json.dumps({"name": migration.name, "differences": found}, indent=2))
    else:
        console = Console(highlight=False, soft_wrap=True)
        for difference in differences:
            console.print(f"[red]≠[/] {escape(str(difference))}")
        tables = len(migration.schema.tables)
        if differences:
            console.print(
                f"{len(differences)} differences in {tables} tables. {_advice(differences)}"
            )
        else:
            console.print(f"[green]All {tables} tables are as schema.sql says.[/]")
    return ExitCode.STAGE_FAILED if differences else ExitCode.GOOD


def _advice(differences: list[SchemaDifference]) -> str:
    if all(difference.aspect is Aspect.TABLE for difference in differences):
        return "Next: admw db init creates what is missing."
    return "Next: alter the tables, or change schema.sql (admw new PATH renews its folder)."


def initialize(settings: Settings, as_json: bool) -> None:
    """Create the missing tables and say what was made."""
    migration = load_migration(settings.migration)
    with open_tables(settings) as tables:
        made = tables.initialize(migration)
    if as_json:
        typer.echo(json.dumps({"made": made}, indent=2))
        return
    console = Console(highlight=False)
    for sentence in made:
        console.print(f"[green]+[/] {sentence}", soft_wrap=True)
    console.print(
        "Ready. Next: admw run" if made else "Everything is there already; nothing was made."
    )


def _column_policies(migration: Migration) -> dict[str, dict[str, str]]:
    """What tables do with columns that are not as configured, where they do not refuse them."""
    found: dict[str, dict[str, str]] = {}
    for name in migration.schema.tables:
        settings = migration.settings(name)
        if settings.extra_columns is not ExtraColumns.REFUSE:
            found.setdefault(name, {})["extra_columns"] = settings.extra_columns.value
        if settings.missing_columns is not MissingColumns.REFUSE:
            found.setdefault(name, {})["missing_columns"] = settings.missing_columns.value
    return found


def _as_object(migration: Migration) -> dict[str, object]:
    return {
        "name": migration.name,
        "waves": [list(wave) for wave in migration.waves],
        "files": {name: rules.feeds for name, rules in sorted(migration.files.items())},
        "column_policies": _column_policies(migration),
        "notes": list(migration.schema.notes),
        "fingerprint": migration.fingerprint,
    }
