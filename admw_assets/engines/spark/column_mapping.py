"""Where the columns of a table come from, without and with a transform; imports core and Spark."""

from collections.abc import Sequence
from difflib import get_close_matches

from pyspark.sql import DataFrame

from admw_assets.core.errors import ConfigurationError, TransformError
from admw_assets.core.migration import DROP_COLUMN, RECORD_COLUMN, ROW_COLUMN, SOURCE_HASH_COLUMNS
from admw_assets.core.ports import TransformJob
from admw_assets.core.schema import Column, Table
from admw_assets.engines.spark.expressions import named
from admw_assets.engines.spark.typed_output import has_text


def mapped_columns(records: DataFrame, job: TransformJob) -> DataFrame:
    """Rename file columns to the table's: same names in any case, or as migration.yaml maps them.

    Raises ConfigurationError that names every column without a source and every file column that
    goes nowhere.
    """
    table = job.table
    delivered = {
        name.casefold(): name
        for name in job.file.columns
        if name.casefold() not in SOURCE_HASH_COLUMNS
    }
    mapping = {table.column(target).name: source for target, source in job.settings.columns.items()}
    sources = {c.name: mapping.get(c.name, c.name).casefold() for c in table.loaded_columns}
    missing = [c for c in table.loaded_columns if sources[c.name] not in delivered]
    ignored = {name.casefold() for name in job.settings.ignore}
    used = ignored | set(sources.values())
    unused = [name for key, name in delivered.items() if key not in used]
    if missing or unused:
        raise _unmapped(job, missing, unused, mapping)
    columns = [named(delivered[source]).alias(target) for target, source in sources.items()]
    return records.select(named(RECORD_COLUMN), *columns)


def require_table_columns(rows: DataFrame, job: TransformJob) -> None:
    """Raise TransformError unless a transform gave each of the table's columns, and no other."""
    given = [name.casefold() for name in rows.columns]
    wanted = {column.name.casefold(): column for column in job.table.loaded_columns}
    own = {RECORD_COLUMN, ROW_COLUMN, DROP_COLUMN, *SOURCE_HASH_COLUMNS}
    missing = [column.name for key, column in wanted.items() if key not in given]
    if RECORD_COLUMN not in given:
        missing.append(RECORD_COLUMN)
    unexpected = [name for name in rows.columns if name.casefold() not in own | wanted.keys()]
    doubled = sorted({name for name in given if given.count(name) > 1})
    untextual = [
        f"{field.name} as {field.dataType.simpleString()}"
        for field in rows.schema.fields
        if field.name.casefold() in wanted and not has_text(field.dataType)
    ]
    if not (missing or unexpected or doubled or untextual):
        return
    complaints = [
        f"{word} {_listed(names)}"
        for word, names in (
            ("lacks", [name + _meant(name, unexpected) for name in missing]),
            ("has the unexpected", unexpected),
            ("has twice", doubled),
            ("has, where only text can be loaded,", untextual),
        )
        if names
    ]
    raise TransformError(
        f"What the transform {job.settings.transform!r} of table {job.table.name!r} returns "
        f"{' and '.join(complaints)}.",
        next_step="End it with a `select` of exactly the table's columns and "
        f"{RECORD_COLUMN}." + _advice_on_ids(job.table, missing),
        table=job.table.name,
        function=job.settings.transform,
        missing=missing,
        unexpected=unexpected,
    )


def _unmapped(
    job: TransformJob, missing: Sequence[Column], unused: Sequence[str], mapping: dict[str, str]
) -> ConfigurationError:
    sentences = []
    if job.settings.pii and len(missing) == len(job.table.loaded_columns):
        # Then the names are those of another file, or the values of a record.
        unused = [f"column {number}" for number in range(1, len(job.file.columns) + 1)]
        sentences.append("The first line may be a record instead of a header.")
    if missing:
        lacking = [c.name + _meant(mapping.get(c.name, c.name), unused) for c in missing]
        sentences.append(f"No column of {job.file.name} brings {_listed(lacking)}.")
    if unused:
        sentences.append(f"{_listed(unused)} of {job.file.name} would go nowhere.")
    return ConfigurationError(
        f"Table {job.table.name!r}: {' '.join(sentences)}",
        next_step="In migration.yaml map them under `columns` (target: file column), list under "
        "`ignore` what stays behind, or name a transform."
        + _advice_on_ids(job.table, [column.name for column in missing]),
        table=job.table.name,
        missing=[column.name for column in missing],
        unused=list(unused),
    )


def _advice_on_ids(table: Table, missing: Sequence[str]) -> str:
    ids = [name for name in missing if name != RECORD_COLUMN and table.column(name).auto_increment]
    if not ids:
        return ""
    return (
        f" {_listed(ids)} is AUTO_INCREMENT: ids must be known before the rows are loaded, so let "
        f"a transform make them, for example of {RECORD_COLUMN}."
    )


def _meant(name: str, candidates: Sequence[str]) -> str:
    by_key = {candidate.casefold(): candidate for candidate in candidates}
    close = get_close_matches(name.casefold(), by_key, n=1)
    return f" (did you mean {by_key[close[0]]}?)" if close else ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
