"""JSON: one whole JSON text (RFC 8259), kept as it is; imports core and Spark."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from admw_assets.engines.spark.column_rule import ColumnRule, fault, valid
from admw_assets.engines.spark.expressions import let

_LONGEST_QUICK = 1000  # bytes; Java's repeated groups use the stack
_SPACE = r"[ \t\r\n]*+"
_STRING = r'"[^"\\\x00-\x1f]*+"'
_NUMBER = r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?"
_SCALAR = f"(?:{_STRING}|{_NUMBER}|true|false|null)"


def json_rule() -> ColumnRule:
    """Quick: values, and arrays and objects of them, two deep, without escapes and exponents."""
    inner = f"(?:{_SCALAR}|{_array(_SCALAR)}|{_object(_SCALAR)})"
    simple = rf"\A{_SPACE}(?:{_SCALAR}|{_array(inner)}|{_object(inner)}){_SPACE}\z"

    def quick(text: Column) -> Column:
        return F.when((F.octet_length(text) <= _LONGEST_QUICK) & text.rlike(simple), text)

    def examine(text: Column) -> Column:
        parsed = F.get_json_object(text, "$")
        # Spark's parser stops behind the first value: what it read must be all there is.
        is_whole = let(
            F.struct(_skeleton(text).alias("given"), _skeleton(parsed).alias("read")),
            lambda both: (both["given"] == both["read"]) & ~both["given"].contains("'"),
        )
        return F.when(F.coalesce(is_whole, F.lit(False)), valid(text)).otherwise(
            fault("json", "is not JSON")
        )

    return ColumnRule(quick, examine)


def _array(value: str) -> str:
    return rf"\[{_SPACE}{_listed(value)}\]"


def _object(value: str) -> str:
    return rf"\{{{_SPACE}{_listed(f'{_STRING}{_SPACE}:{_SPACE}{value}')}\}}"


def _listed(item: str) -> str:
    return f"(?:{item}{_SPACE}(?:,{_SPACE}{item}{_SPACE})*+)?"


def _skeleton(json: Column) -> Column:
    """A JSON text with 0 for every value and no white space."""
    without_strings = F.regexp_replace(json, r'(?s)"(?:[^"\\]|\\.)*+"', "0")
    with_zeros = F.regexp_replace(without_strings, r"[^\s\[\]{},:']+", "0")
    return F.regexp_replace(with_zeros, r"\s+", "")
