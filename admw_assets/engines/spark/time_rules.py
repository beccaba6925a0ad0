"""Dates, moments and times as canonical texts; imports core and Spark.

Forms are told by pattern, days by the proleptic Gregorian calendar. Ranges: MySQL manual, "Date
and Time Data Types"; the server's session is in UTC.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

from admw_assets.core.configuration import ExcessDigits
from admw_assets.core.schema import ColumnType, TypeKind
from admw_assets.engines.spark.column_rule import ColumnRule, fault, fault_where, valid
from admw_assets.engines.spark.decimal_text import fixed
from admw_assets.engines.spark.expressions import let

_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_FIRST_DAY, _LAST_DAY = "1000-01-01", "9999-12-31"
_RANGES = {
    TypeKind.DATETIME: ("1000-01-01 00:00:00", "9999-12-31 23:59:59.999999"),
    TypeKind.TIMESTAMP: ("1970-01-01 00:00:01", "2038-01-19 03:14:07.499999"),
}
_LONGEST_TIME = 838 * 3600 + 59 * 60 + 59  # seconds


def date_rule() -> ColumnRule:
    """DATE: `YYYY-MM-DD`; a time of midnight behind it is taken off."""

    def quick(text: Column) -> Column:
        is_day = text.rlike(rf"\A{_DAY}\z") & text.cast("date").isNotNull()
        return F.when(is_day & (text >= _FIRST_DAY), text)

    def examine(text: Column) -> Column:
        return let(F.regexp_extract(text, rf"\A({_DAY})(?:[ T]00:00:00(?:\.0+)?)?\z", 1), judge)

    def judge(day: Column) -> Column:
        is_day = (day != "") & day.cast("date").isNotNull()
        return (
            fault_where(~is_day, "date", "is not a date (YYYY-MM-DD)")
            .when(day < _FIRST_DAY, fault("range", f"is outside {_FIRST_DAY}..{_LAST_DAY}"))
            .otherwise(valid(day))
        )

    return ColumnRule(quick, examine)


def moment_rule(column_type: ColumnType, excess: ExcessDigits) -> ColumnRule:
    """DATETIME, TIMESTAMP: `YYYY-MM-DD HH:MM:SS[.f]`, or with T; a bare date is midnight."""
    fraction = column_type.fraction
    first, last = _RANGES[column_type.kind]
    accepted = rf"\A{_DAY}[ T]{_CLOCK}{_optional_fraction(fraction)}\z"
    parts = rf"\A({_DAY})(?:[ T]({_CLOCK})(?:\.(\d+))?)?\z"

    def quick(text: Column) -> Column:
        moment = _filled(F.replace(text, F.lit("T"), F.lit(" ")), 19, fraction)
        is_day = F.substring(text, 1, 10).cast("date").isNotNull()
        return F.when(text.rlike(accepted) & is_day & moment.between(first, last), moment)

    def examine(text: Column) -> Column:
        clock = F.regexp_extract(text, parts, 2)
        found = F.struct(
            F.regexp_extract(text, parts, 1).alias("day"),
            F.when(clock == "", "00:00:00").otherwise(clock).alias("clock"),
            F.regexp_replace(F.regexp_extract(text, parts, 3), r"0+\z", "").alias("digits"),
        )
        return let(found, judge)

    def judge(found: Column) -> Column:
        is_day = (found["day"] != "") & found["day"].cast("date").isNotNull()
        judged = fault_where(~is_day, "datetime", "is not a date and time (YYYY-MM-DD HH:MM:SS)")
        if excess is ExcessDigits.REJECT:
            is_too_fine = F.length(found["digits"]) > fraction
            judged = judged.when(is_too_fine, _too_fine(fraction))
        return judged.otherwise(let(_rounded_moment(found, fraction), judge_range))

    def judge_range(moment: Column) -> Column:
        return F.when(moment.between(first, last), valid(moment)).otherwise(
            fault("range", f"is outside {first}..{last}")
        )

    return ColumnRule(quick, examine)


def time_rule(column_type: ColumnType, excess: ExcessDigits) -> ColumnRule:
    """TIME: `[-]HH:MM:SS[.f]` with up to 838 hours."""
    fraction = column_type.fraction
    hours = r"(?:\d\d|[1-7]\d\d|8[0-2]\d|83[0-7])"
    accepted = rf"\A(?!-[0:.]*\z)-?{hours}:[0-5]\d:[0-5]\d{_optional_fraction(fraction)}\z"
    parts = r"\A(-?)(\d{1,3}):([0-5]\d):([0-5]\d)(?:\.(\d+))?\z"

    def quick(text: Column) -> Column:
        length = F.length(F.substring_index(text, ".", 1))
        return F.when(text.rlike(accepted), _filled(text, length, fraction))

    def examine(text: Column) -> Column:
        def number(group: int) -> Column:
            return F.regexp_extract(text, parts, group).cast("int")

        found = F.struct(
            F.regexp_extract(text, parts, 1).alias("sign"),
            (number(2) * 3600 + number(3) * 60 + number(4)).alias("seconds"),
            F.regexp_replace(F.regexp_extract(text, parts, 5), r"0+\z", "").alias("digits"),
        )
        return let(found, judge)

    def judge(found: Column) -> Column:
        judged = fault_where(found["seconds"].isNull(), "time", "is not a time (HH:MM:SS)")
        if excess is ExcessDigits.REJECT:
            is_too_fine = F.length(found["digits"]) > fraction
            judged = judged.when(is_too_fine, _too_fine(fraction))
        return judged.otherwise(
            let(_rounded(found["digits"], fraction), lambda part: judge_range(found, part))
        )

    def judge_range(found: Column, part: Column) -> Column:
        seconds = found["seconds"] + F.substring(part, 1, 1).cast("int")
        is_over = (seconds > _LONGEST_TIME) | (
            (seconds == _LONGEST_TIME) & F.substring(part, 2, 20).rlike("[1-9]")
        )
        clock = F.format_string(
            "%02d:%02d:%02d",
            F.floor(seconds / 3600),
            F.floor(seconds % 3600 / 60),
            (seconds % 60).cast("bigint"),
        )
        written = F.concat(clock, F.substring(part, 2, 20))
        sign = F.when(written.rlike("[1-9]"), found["sign"]).otherwise("")
        return F.when(is_over, fault("range", "is outside -838:59:59..838:59:59")).otherwise(
            valid(F.concat(sign, written))
        )

    return ColumnRule(quick, examine)


def _optional_fraction(fraction: int) -> str:
    return rf"(?:\.\d{{1,{fraction}}})?" if fraction else ""


def _filled(text: Column, whole: int | Column, fraction: int) -> Column:
    """Digits of seconds filled up; `whole` is the length of the text without them."""
    if not fraction:
        return text
    with_point = F.when(F.length(text) == whole, F.concat(text, F.lit("."))).otherwise(text)
    return F.call_function("rpad", with_point, F.lit(whole) + 1 + fraction, F.lit("0"))


def _rounded_moment(found: Column, fraction: int) -> Column:
    """The canonical text of day, clock and digits of seconds."""

    def written(part: Column) -> Column:
        plain = F.concat(found["day"], F.lit(" "), found["clock"])
        next_second = (plain.cast("timestamp_ntz") + F.expr("INTERVAL 1 SECOND")).cast("string")
        carried = F.when(F.startswith(part, F.lit("1")), next_second).otherwise(plain)
        return F.concat(carried, F.substring(part, 2, 20))

    return let(_rounded(found["digits"], fraction), written)


def _rounded(digits: Column, fraction: int) -> Column:
    """Digits of seconds as `0.fff`, or `1.000` where they round up to the next second."""
    number = F.struct(F.lit("").alias("sign"), F.lit("").alias("whole"), digits.alias("fraction"))
    return let(number, lambda n: fixed(n, fraction))


def _too_fine(fraction: int) -> Column:
    return fault("scale", f"has more than {fraction} digits of a second")
