"""A golden case for every table: two valid records, and one that must be rejected.

The files of a case are described in the README of the shipped example. Imports core only.
"""

from collections.abc import Iterable, Mapping

from admw_assets.core.canonical import canonical_text
from admw_assets.core.migration import Migration
from admw_assets.core.schema import Column, Table
from admw_assets.scaffold.sample_values import sample_text

CASE = "first_look"
_REJECTS = ("record", "row", "rule", "column")
Cells = Iterable[str | None]


def golden_cases(migration: Migration) -> Mapping[str, str]:
    """Texts by their path in the migration; tables whose name cannot be a folder's have none."""
    files: dict[str, str] = {}
    for table in migration.schema.tables.values():
        if _is_folder_name(table.name):
            folder = f"cases/{table.name}/{CASE}"
            files |= {f"{folder}/{name}": text for name, text in _case(table).items()}
    return files


def _is_folder_name(name: str) -> bool:
    return name.strip(". ") == name and not any(c in name for c in "/\\:\0") and name.isprintable()


def _case(table: Table) -> dict[str, str]:
    columns = table.loaded_columns
    header = [column.name for column in columns]
    full = [sample_text(column, 1) for column in columns]
    sparse = [None if _may_lack(table, column) else sample_text(column, 2) for column in columns]
    records: list[list[str | None]] = [[*full], sparse]
    expected = [
        [canonical_text(column.type, value) for column, value in zip(columns, row, strict=True)]
        for row in records
    ]
    rejects: list[list[str | None]] = []
    required = next((column for column in columns if not column.nullable), None)
    if required is not None:
        records.append([None if c is required else sample_text(c, 3) for c in columns])
        rejects.append(["3", "1", "not_null", required.name])
    return {
        "input.csv": _csv([header, *records]),
        "expected.csv": _csv([header, *expected]),
        "expected_rejects.csv": _csv([_REJECTS, *rejects]),
    }


def _may_lack(table: Table, column: Column) -> bool:
    return column.nullable and column.name not in table.primary_key


def _csv(rows: Iterable[Cells]) -> str:
    """RFC 4180 with LF; NULL is an unquoted empty field, the empty string a quoted one."""
    return "".join(",".join(map(_field, row)) + "\n" for row in rows)


def _field(value: str | None) -> str:
    if value is None:
        return ""
    if value and not any(c in value for c in ',"\r\n') and value.strip() == value:
        return value
    return '"' + value.replace('"', '""') + '"'
