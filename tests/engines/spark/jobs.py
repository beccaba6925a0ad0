"""Runs files through the Spark engine and reads back what it staged."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from admw_assets.core.configuration import (
    BooleanTexts,
    ExcessDigits,
    FileFormat,
    OnConflict,
    RejectLimit,
    RowsPerRecord,
)
from admw_assets.core.ddl import parse_schema
from admw_assets.core.migration import TableSettings
from admw_assets.core.ports import OpenedFile, StagedRows, TransformJob
from admw_assets.core.schema import Schema, Table
from admw_assets.engines.files.reader import LocalFileReader
from admw_assets.engines.spark.transformer import SparkTransformer
from admw_assets.steps.staged_files import unescape

FILE = "DATA~20240131.235959.csv"


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A staged line, unescaped; NULL is None."""

    record: int
    row: int
    source_hash: str | None
    row_hash: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job left: its result, its rows in record order, its rejects by (record, row)."""

    result: StagedRows
    rows: list[StagedRow]
    rejects: dict[tuple[int, int], dict[str, Any]]
    opened: OpenedFile

    @property
    def values(self) -> list[tuple[str | None, ...]]:
        """The values of the rows, in record order."""
        return [row.values for row in self.rows]

    @property
    def rules(self) -> dict[int, str]:
        """The rule that each rejected record breaks."""
        return {record: reject["rule"] for (record, _), reject in self.rejects.items()}


@dataclass(frozen=True, slots=True)
class Bench:
    """A Spark and a folder to run files in."""

    spark: SparkSession
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    def run(
        self,
        content: str | bytes,
        ddl: str | Table,
        *,
        transforms: str | None = None,
        hash_columns: tuple[str, ...] | None = None,
        file_format: FileFormat | None = None,
        file_name: str = FILE,
        origin_records: tuple[int, ...] = (),
        keys: Schema | None = None,
        **settings: Any,
    ) -> Outcome:
        """Write the file, open it as the engine of files does, transform it, read the result."""
        path = self.folder / "landing" / file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        file_format = file_format or FileFormat()
        table = ddl if isinstance(ddl, Table) else table_of(ddl)
        function_file = None
        if transforms is not None:
            function_file = self.folder / "transforms.py"
            function_file.write_text(TRANSFORM_HEAD + transforms)
            settings.setdefault("transform", "make")
        opened = LocalFileReader(self.folder / "work").open(str(path), file_format)
        job = TransformJob(
            file=opened,
            file_format=file_format,
            table=table,
            settings=table_settings(**settings),
            source_hash_columns=hash_columns,
            transforms=function_file,
            folder=self.folder / "out" / table.name,
            origin_records=origin_records,
        )
        staged = SparkTransformer(lambda: self.spark, keys=keys).transform(job)
        return Outcome(staged, read_rows(staged), read_rejects(staged), opened)


TRANSFORM_HEAD = "from pyspark.sql import functions as F\n\n\n"


def table_of(ddl: str) -> Table:
    """The only table of a script."""
    (table,) = parse_schema(ddl).tables.values()
    return table


def table_settings(**changes: Any) -> TableSettings:
    """The defaults of a migration, with changes."""
    settings: dict[str, Any] = {
        "preliminary_name": "PRE_T",
        "column_prefix": "pre_",
        "transform": None,
        "rows_per_record": RowsPerRecord.ONE,
        "columns": {},
        "ignore": (),
        "rejects": RejectLimit(),
        "excess_digits": ExcessDigits.REJECT,
        "on_orphan": OnConflict.REJECT,
        "on_existing_key": OnConflict.REJECT,
        "booleans": BooleanTexts(),
        "pii": frozenset(),
        "float_decimals": {},
    }
    return TableSettings(**(settings | changes))


def read_rows(staged: StagedRows) -> list[StagedRow]:
    """All staged rows, in record order."""
    rows: list[StagedRow] = []
    for part in staged.parts:
        for line in Path(part).read_bytes().decode().split("\n")[:-1]:
            record, row, source, row_hash, *values = [_field(text) for text in line.split("\t")]
            assert record is not None and row is not None and row_hash is not None
            rows.append(StagedRow(int(record), int(row), source, row_hash, tuple(values)))
    return sorted(rows, key=lambda row: (row.record, row.row))


def read_rejects(staged: StagedRows) -> dict[tuple[int, int], dict[str, Any]]:
    """All rejects by record and row."""
    lines = [line for path in staged.rejects for line in Path(path).read_bytes().splitlines()]
    found = [json.loads(line) for line in lines]
    rejects = {(reject["record"], reject["row"]): reject for reject in found}
    assert len(rejects) == len(found)
    return rejects


def _field(text: str) -> str | None:
    return None if text == "\\N" else unescape(text)
