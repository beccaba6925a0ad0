"""Arithmetic on numbers as texts, exact at any length; imports Spark.

A number is a struct of `sign` (`-` or empty), `whole` (no leading zeros) and `fraction` (no
trailing zeros), so that equal numbers are equal structs.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

from admw_assets.engines.spark.expressions import let, repeated

_NUMBER = r"\A([+-]?)(?=\.?\d)0*(\d*)(?:\.(\d*?)0*)?(?:[eE]([+-]?\d{1,3}))?\z"


def number_of(text: Column) -> Column:
    """The number that a text writes, with or without exponent; NULL where it writes none."""

    def group(position: int) -> Column:
        return F.regexp_extract(text, _NUMBER, position)

    shift = F.coalesce(group(4).cast("int"), F.lit(0))
    digits = let(
        F.struct(group(2).alias("whole"), group(3).alias("fraction"), shift.alias("shift")),
        _shifted,
    )
    return F.when(text.rlike(_NUMBER), let(digits, lambda parts: _signed(group(1), parts)))


def plain(number: Column) -> Column:
    """The text of a number without exponent."""
    fraction = F.when(number["fraction"] == "", "").otherwise(
        F.concat(F.lit("."), number["fraction"])
    )
    return F.concat(number["sign"], _or_zero(number["whole"]), fraction)


def fixed(number: Column, scale: int | Column) -> Column:
    """The text of a number with exactly `scale` decimals, rounded half away from zero."""
    decimals = F.lit(scale)
    missing = F.greatest(decimals - F.length(number["fraction"]), F.lit(0))
    kept = F.concat(
        F.lit("0"),
        number["whole"],
        number["fraction"].substr(F.lit(1), decimals),
        repeated("0", missing),
    )
    is_up = number["fraction"].substr(decimals + 1, F.lit(1)) >= "5"
    digits = F.when(is_up, let(kept, _plus_one)).otherwise(kept)
    return let(digits, lambda all_digits: _with_point(number["sign"], all_digits, decimals))


def significant(number: Column, digits: int) -> Column:
    """The text of a number below 10**digits, rounded to so many significant digits."""
    leading_zeros = F.length(F.regexp_extract(number["fraction"], r"\A0*", 0))
    scale = F.when(number["whole"] == "", leading_zeros + digits).otherwise(
        F.greatest(F.lit(digits) - F.length(number["whole"]), F.lit(0))
    )
    return let(scale, lambda decimals: fixed(number, decimals))


def _shifted(parts: Column) -> Column:
    """Move the point by the exponent."""
    zero = F.lit(0)
    all_digits = F.concat(
        repeated("0", F.greatest(-parts["shift"], zero)),
        parts["whole"],
        parts["fraction"],
        repeated("0", F.greatest(parts["shift"], zero)),
    )
    point = F.length(parts["whole"]) + F.greatest(parts["shift"], zero)
    whole = all_digits.substr(F.lit(1), point)
    fraction = all_digits.substr(point + 1, F.length(all_digits))
    moved = F.struct(
        F.regexp_replace(whole, r"\A0+", "").alias("whole"),
        F.regexp_replace(fraction, r"0+\z", "").alias("fraction"),
    )
    unmoved = F.struct(parts["whole"].alias("whole"), parts["fraction"].alias("fraction"))
    return F.when(parts["shift"] == 0, unmoved).otherwise(moved)


def _signed(sign: Column, parts: Column) -> Column:
    is_negative = (sign == "-") & ((parts["whole"] != "") | (parts["fraction"] != ""))
    return F.struct(
        F.when(is_negative, "-").otherwise("").alias("sign"),
        parts["whole"].alias("whole"),
        parts["fraction"].alias("fraction"),
    )


def _plus_one(digits: Column) -> Column:
    """Digits that begin with 0, counted up by one."""
    pattern = r"\A(\d*)([0-8])(9*)\z"
    return F.concat(
        F.regexp_extract(digits, pattern, 1),
        (F.regexp_extract(digits, pattern, 2).cast("int") + 1).cast("string"),
        repeated("0", F.length(F.regexp_extract(digits, pattern, 3))),
    )


def _with_point(sign: Column, digits: Column, scale: Column) -> Column:
    size = F.length(digits) - scale
    whole = _or_zero(F.regexp_replace(digits.substr(F.lit(1), size), r"\A0+", ""))
    shown_sign = F.when(digits.rlike("[1-9]"), sign).otherwise("")
    fraction = F.when(scale == 0, "").otherwise(
        F.concat(F.lit("."), digits.substr(size + 1, scale))
    )
    return F.concat(shown_sign, whole, fraction)


def _or_zero(digits: Column) -> Column:
    return F.when(digits == "", "0").otherwise(digits)
