"""A golden case for every table: two valid records, and one that must be rejected.

The files of a case are described in the README of the shipped example. Imports core only.
"""

from collections.abc import Mapping

from admw_assets.core.case_text import write_cells
from admw_assets.core.golden_case import REJECT_COLUMNS, is_folder_name, readable
from admw_assets.core.migration import Migration, TableSettings
from admw_assets.core.schema import Column, Table
from admw_assets.scaffold.sample_values import sample_text

CASE = "first_look"


def golden_cases(migration: Migration) -> Mapping[str, str]:
    """Texts by their path in the migration; tables whose name cannot be a folder's have none."""
    files: dict[str, str] = {}
    for table in migration.schema.tables.values():
        if is_folder_name(table.name):
            folder = f"cases/{table.name}/{CASE}"
            texts = _case(table, migration.settings(table.name))
            files |= {f"{folder}/{name}": text for name, text in texts.items()}
    return files


def _case(table: Table, settings: TableSettings) -> dict[str, str]:
    columns = table.loaded_columns
    header = [column.name for column in columns]
    full = [sample_text(column, 1) for column in columns]
    sparse = [None if _may_lack(table, column) else sample_text(column, 2) for column in columns]
    records: list[list[str | None]] = [[*full], sparse]
    expected = [
        [readable(column, value, settings) for column, value in zip(columns, row, strict=True)]
        for row in records
    ]
    rejects: list[list[str | None]] = []
    required = next((column for column in columns if not column.nullable), None)
    if required is not None:
        records.append([None if c is required else sample_text(c, 3) for c in columns])
        rejects.append(["3", "1", "not_null", required.name])
    return {
        "input.csv": write_cells([header, *records]),
        "expected.csv": write_cells([header, *expected]),
        "expected_rejects.csv": write_cells([REJECT_COLUMNS, *rejects]),
    }


def _may_lack(table: Table, column: Column) -> bool:
    return column.nullable and column.name not in table.primary_key
