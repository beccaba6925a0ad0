"""Columns that a transform made of other types than text, written as text; imports core, Spark."""

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from admw_assets.core.configuration import BooleanTexts
from admw_assets.core.schema import Column as TableColumn
from admw_assets.core.schema import TypeKind
from admw_assets.engines.spark.decimal_text import number_of, plain
from admw_assets.engines.spark.expressions import let

_SIMPLE = (
    T.StringType,
    T.ByteType,
    T.ShortType,
    T.IntegerType,
    T.LongType,
    T.FloatType,
    T.DoubleType,
    T.DateType,
    T.TimestampType,
    T.TimestampNTZType,
    T.NullType,
    T.CharType,
    T.VarcharType,
)
_NUMERIC = frozenset(
    {TypeKind.INTEGER, TypeKind.DECIMAL, TypeKind.BIT, TypeKind.FLOAT, TypeKind.DOUBLE}
)


def text_of(
    value: Column, given: T.DataType, column: TableColumn, booleans: BooleanTexts
) -> Column:
    """`value` of Spark type `given` as the text that the column's rule then checks.

    Numbers without exponent, dates and moments (UTC) in ISO form, bytes as hex where the column
    is binary. `has_text` tells the types that can be written.
    """
    if isinstance(given, _SIMPLE):
        return value.cast("string")
    if isinstance(given, T.DecimalType):
        return let(number_of(value.cast("string")), plain)
    if isinstance(given, T.BooleanType):
        true, false = _boolean_texts(column, booleans)
        return F.when(value, true).when(~value, false)
    if isinstance(given, T.BinaryType):
        return F.hex(value) if column.type.kind.is_binary else value.cast("string")
    raise TypeError(f"{given.simpleString()} has no text")


def has_text(given: T.DataType) -> bool:
    """Whether values of a Spark type can be written as text; those of arrays cannot."""
    return isinstance(given, (*_SIMPLE, T.DecimalType, T.BooleanType, T.BinaryType))


def _boolean_texts(column: TableColumn, booleans: BooleanTexts) -> tuple[str, str]:
    if column.type.kind is TypeKind.BOOLEAN and booleans.true and booleans.false:
        return booleans.true[0], booleans.false[0]
    return ("1", "0") if column.type.kind in _NUMERIC else ("true", "false")
