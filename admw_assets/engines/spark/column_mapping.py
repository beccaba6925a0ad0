"""Where the columns of a table come from, without and with a transform; imports core and Spark."""

from collections.abc import Sequence
from difflib import get_close_matches

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from admw_assets.core.configuration import MissingColumns
from admw_assets.core.drift import Drift, can_fill, default_text, find_drift, sources_of
from admw_assets.core.errors import ConfigurationError, TransformError
from admw_assets.core.migration import DROP_COLUMN, RECORD_COLUMN, ROW_COLUMN, SOURCE_HASH_COLUMNS
from admw_assets.core.ports import TransformJob
from admw_assets.core.schema import Table
from admw_assets.engines.spark.expressions import named
from admw_assets.engines.spark.typed_output import has_text


def allowed_drift(job: TransformJob) -> Drift:
    """How the file's columns differ from the configuration, where the table's policies allow it.

    Raises ConfigurationError that names every column without a source and every file column that
    goes nowhere.
    """
    drift = find_drift(job.file.columns, job.file_format, job.table, job.settings)
    refused = drift.refused(job.table, job.settings)
    if refused != Drift():
        raise _unmapped(job, refused, drift)
    return drift


def mapped_columns(records: DataFrame, job: TransformJob, drift: Drift) -> DataFrame:
    """Rename file columns to the table's: same names in any case, or as migration.yaml maps them.

    Columns that are missing get their default, or NULL.
    """
    delivered = {name.casefold(): name for name in job.file.columns}
    missing = {column.name: default_text(column) for column in drift.missing}
    columns = [
        F.lit(missing[target]).cast("string").alias(target)
        if target in missing
        else named(delivered[source.casefold()]).alias(target)
        for target, source in sources_of(job.table, job.settings).items()
    ]
    return records.select(named(RECORD_COLUMN), *columns)


def extra_as_json(names: Sequence[str]) -> Column:
    """These columns as one JSON object of texts, in file order; NULL where there are none."""
    if not names:
        return F.lit(None).cast("string")
    values = F.struct(*[named(name).alias(name) for name in names])
    return F.to_json(values, {"ignoreNullFields": "false"})


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


def _unmapped(job: TransformJob, refused: Drift, drift: Drift) -> ConfigurationError:
    sources = sources_of(job.table, job.settings)
    missing, extra = refused.missing, list(refused.extra)
    candidates = list(drift.extra)
    sentences = []
    if job.settings.pii and len(missing) == len(job.table.loaded_columns):
        # Then the names are those of another file, or the values of a record.
        extra = [f"column {number}" for number in range(1, len(job.file.columns) + 1)]
        candidates = extra
        sentences.append("The first line may be a record instead of a header.")
    if missing:
        lacking = [c.name + _meant(sources[c.name], candidates) for c in missing]
        sentences.append(f"No column of {job.file.name} brings {_listed(lacking)}.")
    if refused.unlisted:
        lacking = [name + _meant(name, candidates) for name in refused.unlisted]
        sentences.append(f"{job.file.name} lacks {_listed(lacking)}, which its format lists.")
    if extra:
        sentences.append(f"{_listed(extra)} of {job.file.name} would go nowhere.")
    return ConfigurationError(
        f"Table {job.table.name!r}: {' '.join(sentences)}",
        next_step=_way_out(job, refused)
        + _advice_on_ids(job.table, [column.name for column in missing]),
        table=job.table.name,
        missing=[*(column.name for column in missing), *refused.unlisted],
        unused=extra,
    )


def _way_out(job: TransformJob, refused: Drift) -> str:
    if job.settings.transform:
        ways = ["correct `columns` of the file's format"]
    else:
        ways = [
            "map them under `columns` (target: file column)",
            "list under `ignore` what stays behind",
            "name a transform",
        ]
    if refused.extra:
        ways.append("let `extra_columns` say `ignore` or `keep`")
    fills = job.settings.missing_columns is MissingColumns.FILL
    if refused.missing and not fills and all(can_fill(c) for c in refused.missing):
        ways.append("let `missing_columns` say `fill`")
    return f"In migration.yaml {', '.join(ways[:-1])}{', or ' if ways[1:] else ''}{ways[-1]}."


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
