"""Integers, decimals, bits and years as canonical texts; imports core and Spark.

Examination works on text: digits are never cast to a binary number, so 65 digits are as exact as
three. Bounds: MySQL manual, "Numeric Data Types" and "The YEAR Type".
"""

from collections.abc import Callable

from pyspark.sql import Column
from pyspark.sql import functions as F

from admw_assets.core.configuration import ExcessDigits
from admw_assets.core.schema import ColumnType
from admw_assets.engines.spark.column_rule import ColumnRule, fault, fault_where, valid
from admw_assets.engines.spark.decimal_text import fixed, number_of
from admw_assets.engines.spark.expressions import let, repeated

_LONGEST_COMPARED = 30  # digits; every bound of an integer type is shorter
_LARGEST_LONG = 2**63 - 1
_YEAR = r"\A(?:0000|19(?:0[1-9]|[1-9]\d)|20\d\d|21(?:[0-4]\d|5[0-5]))\z"


def integer_rule(low: int, high: int, excess: ExcessDigits, rule: str = "integer") -> ColumnRule:
    """INTEGER, BIT: a sign, leading zeros, a fraction of zeros and an exponent are taken off."""

    def quick(text: Column) -> Column:
        number = text.cast("bigint")
        is_inside = number.between(max(low, -_LARGEST_LONG), min(high, _LARGEST_LONG))
        return F.when((number.cast("string") == text) & is_inside, text)

    def examine(text: Column) -> Column:
        return let(number_of(text), judge)

    def judge(number: Column) -> Column:
        judged = fault_where(number.isNull(), rule, "is not an integer")
        if excess is ExcessDigits.REJECT:
            judged = judged.when(number["fraction"] != "", fault(rule, "is not a whole number"))
        return judged.otherwise(let(fixed(number, 0), judge_size))

    def judge_size(digits: Column) -> Column:
        value = F.when(F.length(digits) <= _LONGEST_COMPARED, digits.cast("decimal(38,0)"))
        is_inside = (value >= _bound(low)) & (value <= _bound(high))
        return F.when(F.coalesce(is_inside, F.lit(False)), valid(digits)).otherwise(
            fault("range", f"is outside {low}..{high}")
        )

    return ColumnRule(quick, examine)


def year_rule() -> ColumnRule:
    """YEAR: four digits, 0000 or 1901 to 2155 (two digits would be read as another year)."""

    def examine(text: Column) -> Column:
        return fault_where(
            ~text.rlike(r"\A\d{4}\z"), "year", "is not a year of four digits"
        ).otherwise(fault("range", "is outside 1901..2155"))

    return ColumnRule(lambda text: F.when(text.rlike(_YEAR), text), examine)


def decimal_rule(
    column_type: ColumnType, excess: ExcessDigits, rule: str = "decimal"
) -> ColumnRule:
    """DECIMAL(p,s): exactly s decimals, missing zeros filled up."""
    scale = column_type.scale or 0
    whole = (column_type.precision or 10) - scale

    def examine(text: Column) -> Column:
        return let(number_of(text), judge)

    def judge(number: Column) -> Column:
        judged = fault_where(number.isNull(), rule, "is not a number")
        if excess is ExcessDigits.REJECT:
            is_too_fine = F.length(number["fraction"]) > scale
            judged = judged.when(is_too_fine, fault("scale", f"has more than {scale} decimals"))
        return judged.otherwise(let(fixed(number, scale), judge_size))

    def judge_size(text: Column) -> Column:
        size = F.length(F.regexp_extract(text, r"\A-?0*(\d*)", 1))
        judged = fault_where(
            size > whole, "precision", f"has more than {whole} digits before the point"
        )
        if column_type.unsigned:
            judged = judged.when(text.startswith("-"), fault("range", "is negative"))
        return judged.otherwise(valid(text))

    return ColumnRule(_quick_decimal(whole, scale, column_type.unsigned), examine)


def _quick_decimal(whole: int, scale: int, unsigned: bool) -> Callable[[Column], Column]:
    """Decimals without a superfluous digit or sign, with up to `scale` decimals."""
    sign = "" if unsigned else r"(?!-[0.]*\z)-?"
    digits = rf"(?:0|[1-9]\d{{0,{whole - 1}}})" if whole else "0"
    decimals = rf"(?:\.\d{{1,{scale}}})?" if scale else ""
    pattern = rf"\A{sign}{digits}{decimals}\z"

    def quick(text: Column) -> Column:
        return F.when(text.rlike(pattern), _with_decimals(text, scale) if scale else text)

    return quick


def _with_decimals(text: Column, scale: int) -> Column:
    point = F.instr(text, ".")
    decimals = F.length(text) - point
    return (
        F.when(point == 0, F.concat(text, F.lit("." + "0" * scale)))
        .when(decimals == scale, text)
        .otherwise(F.concat(text, repeated("0", F.lit(scale) - decimals)))
    )


def _bound(number: int) -> Column:
    return F.lit(str(number)).cast("decimal(38,0)")
