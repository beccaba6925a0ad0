"""`admw new`: a migration folder from DDL."""

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from admw_assets.core.migration_folder import load_migration
from admw_assets.runtime.new_migration import MadeMigration, NewMigration, new_migration
from admw_assets.scaffold.folder_changes import Action, FileChange

_MARKS = {
    Action.CREATE: ("green", "+"),
    Action.UPDATE: ("yellow", "~"),
    Action.REMOVE: ("red", "-"),
    Action.BESIDE: ("magenta", "!"),
}
_REMARKS = {
    Action.BESIDE: "you edited it: merge by hand, then delete this",
    Action.REMOVE: "not part of the migration any more",
}
_LINE_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_PICTURES = (".svg", ".ipynb")
_LONGEST_DIFF = 200  # lines per file


def new(
    folder: Path,
    ddl: Path | None,
    name: str | None,
    transforms: list[str],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make the folder, or bring it up to date, and say what was done."""
    made = new_migration(NewMigration(folder, ddl, name, tuple(transforms), dry_run))
    if as_json:
        typer.echo(json.dumps(_document(made, folder, dry_run), indent=2, ensure_ascii=False))
    else:
        _print(made, folder, dry_run)
    if not dry_run:
        load_migration(folder)  # what people edited may not fit the new DDL


def _document(made: MadeMigration, folder: Path, dry_run: bool) -> dict[str, object]:
    return {
        "folder": str(folder),
        "name": made.migration.name,
        "dry_run": dry_run,
        "waves": [list(wave) for wave in made.migration.waves],
        "notes": list(made.migration.schema.notes),
        "changes": {change.target: change.action.value for change in made.changes},
    }


def _print(made: MadeMigration, folder: Path, dry_run: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    changed = [change for change in made.changes if change.action in _MARKS]
    for change in changed:
        style, mark = _MARKS[change.action]
        remark = _REMARKS.get(change.action, "")
        console.print(f"[{style}]{mark}[/] {escape(change.target)}  [dim]{remark}[/]")
    for change in changed:
        if change.before is not None and not change.path.endswith(_PICTURES):
            _print_diff(console, change)
    for note in made.migration.schema.notes:
        console.print(f"[dim]note:[/] {escape(note)}")
    tables, waves = len(made.migration.schema.tables), len(made.migration.waves)
    if not changed:
        console.print("Everything is as it was; nothing was written.")
    elif dry_run:
        console.print("A dry run: nothing was written.")
    else:
        console.print(f"Migration {made.migration.name}: {tables} tables in {waves} load waves.")
        console.print(f"Next: admw check --migration {escape(str(folder))}")


def _print_diff(console: Console, change: FileChange) -> None:
    lines = list(change.diff())
    for line in lines[:_LONGEST_DIFF]:
        console.print(Text(line, style=_LINE_STYLES.get(line[:1], "")))
    if len(lines) > _LONGEST_DIFF:
        console.print(f"[dim]... {len(lines) - _LONGEST_DIFF} more lines[/]")
