"""Rows of a data file and of a final table in one form: canonical texts, sorted."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from admw_assets.core.canonical import canonical_text
from admw_assets.core.configuration import FileFormat
from admw_assets.core.schema import Table, TypeKind
from tests.samples.reading import read_records

Rows = list[tuple[str | None, ...]]


def file_rows(path: Path, form: FileFormat, table: Table, left_out: Collection[int]) -> Rows:
    """The records of a file without those numbers; its columns are called as the table's."""
    header, *records = read_records(path, form)
    places = [header.fields.index(column.name) for column in table.loaded_columns]
    return _sorted(
        [
            [
                canonical_text(column.type, record.fields[place])
                for column, place in zip(table.loaded_columns, places, strict=True)
            ]
            for number, record in enumerate(records, start=1)
            if number not in left_out
        ]
    )


def table_rows(url: str, table: Table) -> Rows:
    """The rows of a final table, the generated columns left out."""
    engine = sa.create_engine(url)
    is_mysql = engine.dialect.name == "mysql"
    columns: list[sa.ColumnElement[Any]] = []
    for column in table.loaded_columns:
        expression: sa.ColumnElement[Any] = sa.column(column.name)
        if is_mysql and column.type.kind is TypeKind.FLOAT:  # printed with six digits
            expression = expression.op("+")(sa.literal_column("0e0"))
        columns.append(expression)
    with engine.connect() as connection:
        if is_mysql:
            connection.exec_driver_sql("SET time_zone = '+00:00'")
        found = connection.execute(sa.select(*columns).select_from(sa.table(table.name))).all()
    engine.dispose()
    kinds = [column.type for column in table.loaded_columns]
    return _sorted([list(map(canonical_text, kinds, row)) for row in found])


def _sorted(rows: Sequence[Sequence[str | None]]) -> Rows:
    return sorted(map(tuple, rows), key=lambda row: [text or "" for text in row])
