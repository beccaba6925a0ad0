"""`admw rejects`: what was not loaded, and why."""

import json
from itertools import islice
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from admw_assets.cli.outcome_table import result_console
from admw_assets.core.ports import Reject
from admw_assets.runtime.local import open_tables
from admw_assets.runtime.settings import Settings

SHOWN = 200
"""Rejects in the table that people see; --json prints all."""


def list_rejects(
    settings: Settings,
    file: str | None,
    table: str | None,
    limit: int | None,
    history: bool,
    as_json: bool,
) -> None:
    """Print open rejects, or all with what became of them, in the order of records."""
    name = Path(file).name if file else None
    with open_tables(settings) as tables:
        found = tables.rejects(name, table, history=history, limit=limit)
        if as_json:
            typer.echo(json.dumps([_as_object(reject) for reject in found], indent=2))
            return
        _print(list(islice(found, SHOWN + 1)), history)


def _as_object(reject: Reject) -> dict[str, object]:
    return {
        "file": reject.file,
        "table": reject.table,
        "stage": reject.stage.value,
        "record": reject.record,
        "row": reject.row,
        "rule": reject.rule,
        "column": reject.column,
        "message": reject.message,
        "text": _text(reject.text),
        "offset": reject.offset,
        "run": reject.run_id,
        "status": reject.status.value,
        "resolved_by": reject.resolved_by,
        "replayed_text": None if reject.replayed_text is None else _text(reject.replayed_text),
    }


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="backslashreplace")


def _print(found: list[Reject], history: bool) -> None:
    console = result_console()
    if not found:
        console.print("[green]No rejects.[/]")
        return
    table = Table(title="Rejected records", title_justify="left", header_style="bold")
    for name in ("file", "table", "stage", "record", "rule", "column", "what is wrong"):
        table.add_column(name, overflow="fold", justify="right" if name == "record" else "left")
    if history:
        table.add_column("status", no_wrap=True)
    for reject in found[:SHOWN]:
        table.add_row(
            reject.file,
            reject.table,
            reject.stage.value,
            f"{reject.record:,}",
            reject.rule,
            reject.column,
            Text(reject.message),
            *([reject.status.value.replace("_", " ")] if history else []),
        )
    console.print(table)
    if len(found) > SHOWN:
        console.print(f"The first {SHOWN}; all of them: admw rejects list --json")
