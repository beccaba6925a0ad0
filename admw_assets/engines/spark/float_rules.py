"""FLOAT and DOUBLE: checked as numbers, staged as delivered, hashed by their bits.

The canonical text is `core.canonical`'s: the bits of the binary64, or decimals where the migration
says how many. Imports core and Spark.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

from admw_assets.core.canonical import FIRST_WHOLE_FLOAT
from admw_assets.core.configuration import ExcessDigits
from admw_assets.core.schema import ColumnType, TypeKind
from admw_assets.engines.spark.column_rule import ColumnRule, fault, fault_where, valid
from admw_assets.engines.spark.decimal_text import fixed, number_of, significant
from admw_assets.engines.spark.expressions import let
from admw_assets.engines.spark.number_rules import decimal_rule

_NUMBER = r"\A[+-]?(?=\.?\d)\d*\.?\d*(?:[eE][+-]?\d{1,4})?\z"
_ZERO = r"\A[+-]?[0.]+(?:[eE].*)?\z"
_LARGEST = {TypeKind.FLOAT: 3.4028234663852886e38, TypeKind.DOUBLE: 1.7976931348623157e308}
_EXPONENT_BIAS = 1023  # of IEEE 754 binary64
_SIGN_BIT = 2048  # above the 11 bits of the exponent
_ALWAYS_SHORTEST = (15, 16)  # significant digits that are tried before the 17 that always do


def float_rule(column_type: ColumnType, excess: ExcessDigits, decimals: int | None) -> ColumnRule:
    """FLOAT, DOUBLE: a decimal number that the column can hold, no infinity and no NaN.

    FLOAT(M,D) and DOUBLE(M,D) are bounded like a DECIMAL as well.
    """
    largest = _LARGEST[column_type.kind]

    def quick(text: Column) -> Column:
        value = _stored(text, column_type.kind)
        is_inside = (F.abs(value) <= largest) & ((value != 0) | text.rlike(_ZERO))
        if column_type.unsigned:
            is_inside &= value >= 0
        return F.when(text.rlike(_NUMBER) & is_inside, text)

    def examine(text: Column) -> Column:
        value = _stored(text, column_type.kind)
        judged = (
            fault_where(~text.rlike(_NUMBER), "number", "is not a number")
            .when(F.abs(value) > largest, fault("range", f"is beyond {largest}"))
            .when((value == 0) & ~text.rlike(_ZERO), fault("range", "is too small to be kept"))
        )
        if column_type.unsigned:
            judged = judged.when(value < 0, fault("range", "is negative"))
        return judged.otherwise(valid(text))

    def hashed(text: Column) -> Column:
        value = _stored(text, column_type.kind)
        return bits_of(value) if decimals is None else _with_decimals(value, decimals)

    if column_type.scale is None:
        return ColumnRule(quick, examine, hashed)
    bounded = decimal_rule(column_type, excess, rule="number")
    return ColumnRule(bounded.quick, bounded.examine, hashed)


def bits_of(value: Column) -> Column:
    """The 16 upper-case hex digits of a binary64, sign first; negative zero as zero.

    Written by way of Java's `%a` (`-0x1.8p3`), which is exact.
    """

    def assembled(written: Column) -> Column:
        exponent = F.regexp_extract(written, r"p(-?\d+)\z", 1).cast("int")
        biased = F.when(written.rlike("0x0"), 0).otherwise(exponent + _EXPONENT_BIAS)
        sign = F.when(written.startswith("-"), _SIGN_BIT).otherwise(0)
        mantissa = F.upper(F.regexp_extract(written, r"\.([0-9a-f]+)p", 1))
        return F.concat(F.lpad(F.hex(biased + sign), 3, "0"), F.rpad(mantissa, 13, "0"))

    bits = let(F.format_string("%a", value), assembled)
    return F.when(value == 0, "0" * 16).when(value.isNotNull(), bits)


def _stored(text: Column, kind: TypeKind) -> Column:
    """The binary64 that the column keeps of a text."""
    value = text.cast("double")
    return value.cast("float").cast("double") if kind is TypeKind.FLOAT else value


def _with_decimals(value: Column, decimals: int) -> Column:
    """The shortest decimal text of a binary64, rounded to so many decimals."""

    def written(number: Column) -> Column:
        printed = number_of(number.cast("string"))
        rounded = let(_shortest(printed, number), lambda shortest: fixed(shortest, decimals))
        return F.when(F.abs(number) < FIRST_WHOLE_FLOAT, rounded).otherwise(bits_of(number))

    return F.when(value.isNotNull(), let(value, written))


def _shortest(printed: Column, value: Column) -> Column:
    """Java 17 may print a digit too many (JDK-4511638): take the shortest that reads back."""

    def chosen(number: Column) -> Column:
        shorter = [significant(number, digits) for digits in _ALWAYS_SHORTEST]
        tried = [F.when(text.cast("double") == value, number_of(text)) for text in shorter]
        return F.coalesce(*tried, number)

    return let(printed, chosen)
