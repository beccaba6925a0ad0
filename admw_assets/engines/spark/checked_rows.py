"""Checks every column of a row and writes it: as a staged line, or as a reject; core and Spark.

Two passes. The first has only the quick tests: it writes the rows that they decide (nearly all, as
a rule) and puts aside the others as they are. The second examines those, where there are any. So
the plan that every file needs stays small, which is most of the time that a small file takes.

The work is laid out in projections that Spark keeps apart, because their results are used more
than once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from admw_assets.core.configuration import ExtraColumns
from admw_assets.core.migration import TableSettings
from admw_assets.core.schema import Column as TableColumn
from admw_assets.core.schema import Table
from admw_assets.engines.spark.column_rule import ColumnRule, fault
from admw_assets.engines.spark.expressions import encoded, let, sha256_hex
from admw_assets.engines.spark.reject_line import reject_line
from admw_assets.engines.spark.type_rules import rule_for

RECORD, ROW, SOURCE, REASON, EXTRA = "record", "row", "source", "reason", "extra"
KIND, VALUE, HASH, SIZE = "kind", "value", "hash", "size"
ROWS, REJECTS, DROPPED, OPEN = "rows", "rejects", "dropped", "open"

_LONGEST_SHOWN = 40  # characters of a value in a message
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "\\0"))
_NULL = "\\N"


@dataclass(frozen=True, slots=True)
class _Checked:
    """A column of the table with the names of its columns in the projections."""

    column: TableColumn
    rule: ColumnRule
    is_required: bool
    is_shown: bool
    is_null_when_empty: bool
    position: int

    @property
    def value(self) -> Column:
        return F.col(f"v{self.position}")

    @property
    def quick(self) -> Column:
        return F.col(f"q{self.position}")

    @property
    def finding(self) -> Column:
        return F.col(f"e{self.position}")

    @property
    def text(self) -> Column:
        return F.col(f"t{self.position}")


@dataclass(frozen=True, slots=True)
class RowChecks:
    """The checks of one table's rows.

    Both passes give VALUE (a line), KIND (which files it belongs to), HASH (the row hash), SIZE,
    RECORD and ROW for every row and keep the order. With `keeps_extra` rows have EXTRA, which ends
    their line. With `keys` a line has these columns alone and no hashes; SIZE is then the length
    of all values in bytes, EXTRA's as well, else 0.
    """

    columns: tuple[_Checked, ...]
    keeps_extra: bool = False
    keys: tuple[_Checked, ...] | None = None

    def quick(self, rows: DataFrame) -> DataFrame:
        """The first pass: ROWS, DROPPED, and OPEN with the row as JSON for the second.

        `rows` has RECORD, ROW, SOURCE (hash), REASON (to drop it) and v0, v1, ... with the texts
        of the loaded columns.
        """
        values = [c.value for c in self.columns]
        nulled = [_nulled(c).alias(f"v{c.position}") for c in self.columns]
        texts = [c.rule.quick(c.value).alias(f"t{c.position}") for c in self.columns]
        kept = (*self._kept, REASON)
        checked = rows.select(*kept, *nulled).select(*kept, *values, *texts)
        is_open = reduce(or_, [_is_open(c) for c in self.columns])
        kind = F.when(F.col(REASON).isNotNull(), DROPPED).when(is_open, OPEN).otherwise(ROWS)
        as_json = F.to_json(F.struct(*self._kept, *values))
        other = F.when(F.col(KIND) == DROPPED, F.to_json(F.struct(RECORD, ROW, REASON))).when(
            F.col(KIND) == OPEN, as_json
        )
        return self._lines(checked.select(*kept, *values, *self._texts, kind.alias(KIND)), other)

    def examine(self, rows: DataFrame) -> DataFrame:
        """The second pass: ROWS and REJECTS; `rows` are what the first put aside."""
        values, quick = [c.value for c in self.columns], [c.quick for c in self.columns]
        tested = [c.rule.quick(c.value).alias(f"q{c.position}") for c in self.columns]
        findings = [_finding(c).alias(f"e{c.position}") for c in self.columns]
        rule = F.coalesce(*[c.finding["rule"] for c in self.columns], F.lit(None))
        texts = [
            F.coalesce(c.quick, c.finding["text"]).alias(f"t{c.position}") for c in self.columns
        ]
        reject = F.when(rule.isNotNull(), _reject(rule, self.columns))
        kind = F.when(F.col("reject").isNotNull(), REJECTS).otherwise(ROWS)
        kept = self._kept
        checked = (
            rows.select(*kept, *values, *tested)
            .select(*kept, *values, *quick, *findings)
            .select(*kept, *texts, reject.alias("reject"))
            .select(*kept, *self._texts, "reject", kind.alias(KIND))
        )
        return self._lines(checked, F.col("reject"))

    @property
    def open_schema(self) -> str:
        """The schema of rows that the first pass has put aside."""
        values = "".join(f", v{c.position} STRING" for c in self.columns)
        own = "".join(f", {name} STRING" for name in self._kept[2:])
        return f"{RECORD} BIGINT, {ROW} BIGINT{own}{values}"

    @property
    def has_hashes(self) -> bool:
        """Whether rows are hashed."""
        return self.keys is None

    @property
    def _kept(self) -> tuple[str, ...]:
        source = (SOURCE,) if self.has_hashes else ()
        return (RECORD, ROW, *source, *((EXTRA,) if self.keeps_extra else ()))

    @property
    def _texts(self) -> list[Column]:
        return [c.text for c in self.columns]

    def _lines(self, checked: DataFrame, other: Column) -> DataFrame:
        """The lines of checked texts; `other`: the line where it is no staged row."""
        if self.keys is None:
            code = encoded([c.rule.hashed(c.text) for c in self.columns])
            row_hash, size = sha256_hex(F.col("code")), F.lit(0)
            extra = F.col(EXTRA) if self.keeps_extra else None
            line = _line(F.col(SOURCE), self._texts, extra)
        else:
            texts = [c.text for c in self.keys]
            code, row_hash = F.concat_ws("", *texts), F.lit("")
            values = [*self._texts, *([F.col(EXTRA)] if self.keeps_extra else [])]
            size = reduce(add, [F.coalesce(F.octet_length(v), F.lit(0)) for v in values])
            line = _line(F.lit(None).cast("string"), texts, None)
        return (
            checked.select("*", code.alias("code"), size.alias(SIZE))
            .select("*", row_hash.alias(HASH))
            .select(
                F.when(F.col(KIND) == ROWS, line).otherwise(other).alias(VALUE),
                *(KIND, HASH, SIZE, RECORD, ROW),
            )
        )


def row_checks(
    table: Table,
    settings: TableSettings,
    null_marker: str,
    keys: Collection[str] | None = None,
) -> RowChecks:
    """The checks of a table's loaded columns; `keys` are names of those that are staged alone."""
    columns = tuple(_checked_columns(table, settings, null_marker))
    staged = None if keys is None else tuple(c for c in columns if c.column.name in keys)
    return RowChecks(columns, settings.extra_columns is ExtraColumns.KEEP, staged)


def _checked_columns(table: Table, settings: TableSettings, null_marker: str) -> list[_Checked]:
    keys = {name.casefold() for name in table.primary_key}
    hidden = {name.casefold() for name in settings.pii}
    return [
        _Checked(
            column=column,
            rule=rule_for(column, settings),
            is_required=not column.nullable or column.name.casefold() in keys,
            is_shown=not column.pii and column.name.casefold() not in hidden,
            is_null_when_empty=null_marker == "" and not column.type.kind.is_text,
            position=position,
        )
        for position, column in enumerate(table.loaded_columns)
    ]


def _nulled(checked: _Checked) -> Column:
    """The text of a column; no text where it is empty and the type knows no empty text."""
    if checked.is_null_when_empty:
        return F.when(checked.value != "", checked.value)
    return checked.value


def _is_open(checked: _Checked) -> Column:
    """Whether the quick test leaves a column open; a missing value is judged in the second pass."""
    if checked.is_required:
        return checked.text.isNull()
    return checked.text.isNull() & checked.value.isNotNull()


def _finding(checked: _Checked) -> Column:
    """What the quick test left open; NULL where the value is good, or NULL and may be."""
    examined = F.when(
        checked.value.isNotNull() & checked.quick.isNull(),
        let(checked.value, checked.rule.examine),
    )
    if checked.is_required:
        return F.when(checked.value.isNull(), fault("not_null", "NULL is not allowed")).otherwise(
            examined
        )
    return examined


def _reject(rule: Column, columns: Sequence[_Checked]) -> Column:
    """The first fault by column order, with a message that lists all."""
    first = F.coalesce(*[F.when(c.finding["rule"].isNotNull(), c.column.name) for c in columns])
    message = F.concat_ws("; ", *[_message(c) for c in columns])
    return reject_line(F.col(RECORD), F.col(ROW), rule, first, message)


def _message(checked: _Checked) -> Column:
    """NULL where the column has no fault."""
    reason = checked.finding["reason"]
    if checked.is_shown:
        cut = F.when(
            F.length(checked.value) > _LONGEST_SHOWN,
            F.concat(F.substring(checked.value, 1, _LONGEST_SHOWN), F.lit("…")),
        ).otherwise(checked.value)
        subject = F.concat(F.lit("'"), cut, F.lit("' "))
    else:
        subject = F.lit("the value ")
    shown = F.when(checked.value.isNull(), "").otherwise(subject)
    return F.concat(F.lit(f"{checked.column.name}: "), shown, reason)


def _line(source: Column, texts: Sequence[Column], extra: Column | None) -> Column:
    """A staged line (ports.StagedRows); the escaping is interpreted, as few rows need it."""
    needs_escape = _holds_escaped(F.col("code"))
    if extra is not None:
        texts = [*texts, extra]
        needs_escape |= _holds_escaped(F.coalesce(extra, F.lit("")))
    plain = F.concat_ws("\t", *[F.coalesce(text, F.lit(_NULL)) for text in texts])
    escaped = F.array_join(F.transform(F.array(*texts), _escaped), "\t", _NULL)
    values = F.when(needs_escape, escaped).otherwise(plain) if texts else F.lit("")
    return F.concat_ws(
        "\t",
        F.col(RECORD).cast("string"),
        F.col(ROW).cast("string"),
        F.coalesce(source, F.lit(_NULL)),
        F.col(HASH),
        values,
    )


def _holds_escaped(text: Column) -> Column:
    """Whether a text has a character that is written otherwise; a third of a regex's time."""
    return reduce(or_, [F.contains(text, F.lit(character)) for character, _ in _ESCAPES])


def _escaped(text: Column) -> Column:
    for character, written in _ESCAPES:
        text = F.replace(text, F.lit(character), F.lit(written))
    return text
