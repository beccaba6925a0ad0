"""Trying a transform on some records of a file, with the pipeline's own steps."""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (pandas ships no types, and what pyright infers of it is wrong as often as right)

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from pandas.io.formats.style import Styler
from pyspark.sql import DataFrame

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.golden_case import CaseContent
from admw_assets.core.masking import Masking
from admw_assets.core.migration import RECORD_COLUMN, Migration
from admw_assets.core.ports import TransformJob
from admw_assets.core.record_numbers import parse_record_numbers
from admw_assets.core.step import Stage, StepKind, StepRequest
from admw_assets.engines.spark.transform_function import Transform
from admw_assets.engines.spark.transformer import SparkTransformer, current_rows
from admw_assets.runtime.golden_cases import CaseBench
from admw_assets.steps.transform import transform_job
from admw_assets.workbench.frames import (
    NULL,
    dropped_frame,
    highlight,
    rejects_frame,
    rows_frame,
    shown,
)

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """Some records of a file as the pipeline reads them, and what it makes of them.

    `columns` has a line for each column of the table: its type, how many values are NULL or
    different, examples, rejects. `records` are the texts of the file, by record number.
    """

    table: str
    columns: pd.DataFrame
    records: pd.DataFrame
    rows: pd.DataFrame
    rejects: pd.DataFrame
    dropped: pd.DataFrame
    asked: int

    @property
    def counts(self) -> pd.DataFrame:
        """Records, those that a transform could read, rows loaded, rejected and dropped."""
        numbers = {
            "records": self.asked,
            "readable": len(self.records),
            "rows": len(self.rows),
            "rejected": len(self.rejects),
            "dropped": len(self.dropped),
        }
        return pd.DataFrame([numbers], index=[self.table])

    def compared_with(self, before: "Trial") -> pd.DataFrame:
        """What is another than in `before`: a line for each value, and for each row that comes or
        goes, is rejected or dropped."""
        was, now = _fates(before), _fates(self)
        lines: list[tuple[object, ...]] = [
            (record, row, "", was.get((record, row), "no row"), now.get((record, row), "no row"))
            for record, row in sorted(was.keys() | now.keys())
            if was.get((record, row)) != now.get((record, row))
        ]
        common = before.rows.index.intersection(self.rows.index)
        old, new = before.rows.loc[common], self.rows.loc[common]
        for column in [name for name in new.columns if name in old.columns]:
            for place in common[(old[column] != new[column]).to_numpy()]:
                lines.append((*place, column, old.loc[place, column], new.loc[place, column]))
        frame = pd.DataFrame(lines, columns=["record", "row", "column", "before", "now"])
        return frame.sort_values(["record", "row"], kind="stable", ignore_index=True)

    def beside(self, before: "Trial", most: int = 10) -> Styler:
        """The first rows with a changed value, cells that `before` had otherwise marked."""
        changes = self.compared_with(before)
        values = changes[changes["column"] != ""]
        cells = {((r, n), c): True for r, n, c in values[["record", "row", "column"]].to_numpy()}
        changed = list(dict.fromkeys(place for place, _ in cells))[:most]
        kept = {cell: True for cell in cells if cell[0] in changed}
        return highlight(self.rows.loc[changed], kept)


def try_transform(
    bench: CaseBench,
    masking: Masking,
    table: str,
    file: Path,
    draft: Transform | None,
    records: str,
) -> Trial:
    """Put records of a file through the pipeline; raises what the steps raise."""
    migration = bench.ports.migration
    name, entity = migration.table(table).name, parse_data_file_name(file.name).entity
    sample = bench.landing / "tried"
    numbers = write_records(bench, file, parse_record_numbers(records), sample)
    content = bench_with(bench, name, draft).content(sample, entity, name)
    read = _read_records(bench, name, entity, sample, numbers, masking)
    columns = [column.name for column in migration.table(name).loaded_columns]
    rows = rows_frame(content, numbers, columns, masking)
    return Trial(
        name,
        _column_frame(migration, name, content, rows),
        read,
        rows,
        rejects_frame(content, numbers),
        dropped_frame(content, numbers),
        len(numbers),
    )


def write_records(
    bench: CaseBench, file: Path, wanted: Sequence[int], target: Path
) -> tuple[int, ...]:
    """Write these records, as far as the file has them, to a file like it; their numbers."""
    file_format = bench.ports.migration.format_of(file.name)
    opened = bench.ports.files.open(str(file), file_format)
    numbers = tuple(number for number in wanted if number <= opened.records)
    if not numbers:
        raise ConfigurationError(
            f"{file.name} has {opened.records:,} records, and none of those that were asked for."
        )
    raw = bench.ports.files.records_of(opened, numbers)
    bench.ports.files.write_records(opened, file_format, (r.data for r in raw), target)
    return numbers


def bench_with(bench: CaseBench, table: str, draft: Transform | None) -> CaseBench:
    """The bench with a draft in the place of a table's transform."""
    if draft is None:
        return bench
    name = bench.ports.migration.table(table).name
    transformer = _spark(bench).with_drafts({name: draft})
    return bench.with_ports(replace(bench.ports, transformer=transformer))


def current(bench: CaseBench, table: str, file: Path) -> Transform:
    """What the pipeline does now with the records of such a file."""
    job = _job(bench, table, file)

    def current_transform(records: DataFrame) -> DataFrame:
        return current_rows(records, job)

    return current_transform


def source_of(migration: Migration, table: str) -> str:
    """The text of a table's function in transforms.py, or what the configuration maps."""
    settings, name = migration.settings(table), migration.table(table).name
    if settings.transform is None:
        mapped = "".join(f"\n#   {own} <- {other}" for own, other in settings.columns.items())
        return f"# Table {name} has no transform: columns go by their names.{mapped}"
    assert migration.transforms is not None, "the migration was checked"
    text = migration.transforms.read_text(encoding="utf-8").splitlines(keepends=True)
    start = next(i for i, line in enumerate(text) if line.startswith(f"def {settings.transform}("))
    return "".join(inspect.getblock(text[start:]))


def _job(bench: CaseBench, table: str, file: Path) -> TransformJob:
    request = StepRequest(
        str(file),
        bench.ports.migration.table(table).name,
        Stage.PRELIMINARY,
        StepKind.TRANSFORM,
        "workbench",
    )
    return transform_job(request, bench.ports)


def _spark(bench: CaseBench) -> SparkTransformer:
    assert isinstance(bench.ports.transformer, SparkTransformer)
    return bench.ports.transformer


def _read_records(
    bench: CaseBench,
    table: str,
    entity: str,
    sample: Path,
    numbers: Sequence[int],
    masking: Masking,
) -> pd.DataFrame:
    """The records as the table's transform gets them; those rejected before are not among them."""
    target = sample.with_name(f"{entity}~20000101.000000.csv")
    sample.replace(target)
    try:
        job = _job(bench, table, target)
        job.folder.mkdir(parents=True, exist_ok=True)
        read = _spark(bench).records(job).collect()
        names = [name for name in job.file.columns if read and name in read[0].asDict()]
    finally:
        target.unlink()
    masked = (masking.rows({name: row[name] for name in names})[0] or {} for row in read)
    cells = [[shown(row[name]) for name in names] for row in masked]
    index = pd.Index([numbers[row[RECORD_COLUMN] - 1] for row in read], name="record")
    return pd.DataFrame(cells, index=index, columns=names, dtype=object).sort_index()


def _column_frame(
    migration: Migration, table: str, content: CaseContent, rows: pd.DataFrame
) -> pd.DataFrame:
    model, settings = migration.table(table), migration.settings(table)
    lines: list[dict[str, object]] = []
    for column in model.loaded_columns:
        texts = rows[column.name]
        filled = texts[texts != NULL]
        lines.append(
            {
                "column": column.name,
                "type": column.type.sql + ("" if column.nullable else " NOT NULL"),
                "personal": "yes" if column.name in settings.pii else "",
                "NULL": len(texts) - len(filled),
                "different": filled.nunique(),
                "rejects": sum(
                    column.name in reject.column.split(", ") for reject in content.rejects
                ),
                "examples": " · ".join(str(text)[:30] for text in filled.unique()[:_EXAMPLES]),
            }
        )
    return pd.DataFrame(lines).set_index("column")


def _fates(trial: Trial) -> dict[tuple[int, int], str]:
    """What became of every row: loaded, rejected (why) or dropped (why)."""
    fates = {(int(record), int(row)): "loaded" for record, row in trial.rows.index}
    for reject in trial.rejects.itertuples(index=False):
        fates[reject.record, reject.row] = f"rejected: {reject.rule} {reject.column}".rstrip()
    for drop in trial.dropped.itertuples(index=False):
        fates[drop.record, drop.row] = f"dropped: {drop.reason}"
    return fates
