"""Counts, rows, next steps and columns as Dagster metadata."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import dagster as dg

from admw_assets.core.errors import AdmwError
from admw_assets.core.schema import Table
from admw_assets.core.step import Counts, StepResult

Metadata = dict[str, dg.MetadataValue[Any]]


def counts_metadata(counts: Counts) -> Metadata:
    """The numbers of the equation, each that is known."""
    return {
        name: dg.MetadataValue.int(number)
        for name, number in asdict(counts).items()
        if number is not None
    }


def result_metadata(result: StepResult) -> Metadata:
    """Counts, seconds, and where report, staged rows and archive are."""
    metadata = counts_metadata(result.counts)
    metadata["seconds"] = dg.MetadataValue.float(result.seconds)
    if result.counts.loaded is not None:
        metadata["dagster/partition_row_count"] = dg.MetadataValue.int(result.counts.loaded)
    references = {"report": result.report, "staged": result.staged, "archive": result.archive}
    for name, path in references.items():
        if path:
            metadata[name] = dg.MetadataValue.path(path)
    if result.skipped:
        metadata["skipped"] = dg.MetadataValue.text("An earlier run had already done it.")
    if result.message:
        metadata["message"] = dg.MetadataValue.text(result.message)
    return metadata


def verdict_metadata(counts: Counts, report: str | None) -> Metadata:
    """The numbers behind a verdict, and where its report is."""
    metadata = counts_metadata(counts)
    if report:
        metadata["report"] = dg.MetadataValue.path(report)
    return metadata


def sample_metadata(rows: Sequence[Mapping[str, str]]) -> Metadata:
    """The first rows of a file as a table; nothing where there are none."""
    if not rows:
        return {}
    schema = dg.TableSchema([dg.TableColumn(name) for name in rows[0]])
    records = [dg.TableRecord(dict(row)) for row in rows]
    return {"sample": dg.MetadataValue.table(records, schema)}


def next_step_metadata(err: AdmwError) -> Metadata:
    """What to do about an error, where it says so."""
    return {"next step": dg.MetadataValue.text(err.next_step)} if err.next_step else {}


def column_schema(table: Table, prefix: str = "") -> dg.TableSchema:
    """The columns of a table, for the page's Columns tab."""
    return dg.TableSchema(
        [
            dg.TableColumn(
                prefix + column.name,
                column.type.sql.lower(),
                description=column.comment or None,
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for column in table.columns
        ]
    )
