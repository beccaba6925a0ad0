"""`admw extract`: data files out of a source database."""

import json
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from admw_assets.cli.extract_progress import extract_progress
from admw_assets.core.errors import ConfigurationError
from admw_assets.extraction import (
    Extraction,
    ExtractRequest,
    FileCompression,
    FileLimit,
    HashConvention,
    extract,
)
from admw_assets.extraction.request import (
    DEFAULT_FILE_BYTES,
    SourceAddress,
    parse_conditions,
    parse_hash_columns,
    parse_size,
)
from admw_assets.extraction.source_url import PASSWORD_VARIABLE

_Member = TypeVar("_Member", bound=StrEnum)


def run_extract(
    source: str,
    out: Path,
    tables: Sequence[str],
    where: Sequence[str],
    workers: int,
    hash_convention: str,
    hash_columns: Sequence[str],
    rows_per_file: int | None,
    max_file_size: str | None,
    compress: str,
    restart: bool,
    as_json: bool,
) -> None:
    """Extract and say what is there."""
    request = ExtractRequest(
        source=SourceAddress(source, os.environ.get(PASSWORD_VARIABLE) or None),
        folder=out.absolute(),
        tables=tuple(tables),
        where=parse_conditions(where),
        workers=workers,
        hash=_member(HashConvention, hash_convention, "--hash"),
        hash_columns=parse_hash_columns(hash_columns),
        limit=_limit(rows_per_file, max_file_size),
        compression=_member(FileCompression, compress, "--compress"),
        restart=restart,
    )
    with extract_progress(quiet=as_json) as listener:
        extraction = extract(request, listener)
    if as_json:
        typer.echo(json.dumps(_document(extraction), indent=2, ensure_ascii=False))
    else:
        _print(extraction, out)


def _limit(rows: int | None, size: str | None) -> FileLimit:
    if rows is not None and size is not None:
        raise ConfigurationError(
            "--rows-per-file and --max-file-size were both given.", next_step="Give one of the two."
        )
    if rows is not None:
        return FileLimit(rows=rows, bytes=None)
    return FileLimit(bytes=parse_size(size) if size is not None else DEFAULT_FILE_BYTES)


def _member(kind: type[_Member], text: str, option: str) -> _Member:
    try:
        return kind(text)
    except ValueError as err:
        raise ConfigurationError(
            f"{option} {text!r} is not known.",
            next_step=f"Known: {', '.join(member.value for member in kind)}.",
        ) from err


def _document(extraction: Extraction) -> dict[str, object]:
    outcomes = [
        {
            "table": outcome.table,
            "extracted": outcome.extracted,
            "rows": outcome.entry.rows,
            "files": [file.name for file in outcome.entry.files],
            "message": outcome.message,
        }
        for outcome in extraction.outcomes
    ]
    return {"outcomes": outcomes, "manifest": extraction.manifest.document()}


def _print(extraction: Extraction, out: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    chosen = {outcome.table: outcome.entry for outcome in extraction.outcomes}
    rows = sum(entry.rows for entry in chosen.values())
    console.print(
        f"{len(chosen)} tables, {rows:,} rows in {escape(str(out))}; "
        f"what they hold is in {escape(str(out / 'extract.json'))}"
    )
    for line in _remarks(extraction):
        console.print(f"[yellow]![/] {escape(line)}")
    if all(not outcome.extracted for outcome in extraction.outcomes):
        console.print("All of this was complete before; --restart extracts it again.")
    console.print(f"Next: admw run --landing {escape(str(out))}")


def _remarks(extraction: Extraction) -> list[str]:
    """What a person has to know or to do, one sentence each."""
    chosen = {outcome.table: outcome.entry for outcome in extraction.outcomes}
    remarks = [
        f"{table}.{column} is left out: {reason}"
        for table, entry in chosen.items()
        for column, reason in entry.left_out.items()
    ]
    remarks += [f"{table}: {note}" for table, entry in chosen.items() for note in entry.notes]
    broken = [table for table, entry in chosen.items() if entry.quoted_newlines]
    if broken:
        remarks.append(
            f"Texts with line ends in {', '.join(broken)}: their format in migration.yaml needs "
            "`quoted_newlines: true`, as `admw new` writes it"
        )
    for table, entry in chosen.items():
        if entry.hash_columns:
            remarks.append(
                f"{table}: set `source_hash_columns: [{', '.join(entry.hash_columns)}]` for its "
                "file in migration.yaml"
            )
    remarks += [snapshot.note for snapshot in extraction.manifest.snapshots if snapshot.note]
    if any(snapshot.kind == "none" for snapshot in extraction.manifest.snapshots):
        remarks.append("This kind of source gives no snapshot: nobody may write to it meanwhile")
    if len(extraction.manifest.snapshots) > 1:
        moments = ", ".join(s.taken_at[:19] for s in extraction.manifest.snapshots)
        remarks.append(
            f"The tables show {len(extraction.manifest.snapshots)} moments of the source "
            f"({moments} UTC): where it changed in between, rows may not fit to each other. "
            "--restart extracts all from one"
        )
    return list(dict.fromkeys(remarks))
