"""JSON: one whole JSON text (RFC 8259), kept as it is; imports core and Spark."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from admw_assets.engines.spark.column_rule import ColumnRule, fault, valid
from admw_assets.engines.spark.expressions import let

_SPACE = r"[ \t\r\n]*+"
_ESCAPE = r'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})'
_STRING = r'"[^"\\\x00-\x1f]*+"'
_NUMBER = r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?"
_SCALAR = f"(?:{_STRING}|{_NUMBER}|true|false|null)"


def json_rule() -> ColumnRule:
    """Quick: values, and arrays and objects of them, two deep, without escapes and exponents."""
    inner = f"(?:{_SCALAR}|{_array(_SCALAR)}|{_object(_SCALAR)})"
    simple = rf"\A{_SPACE}(?:{_SCALAR}|{_array(inner)}|{_object(inner)}){_SPACE}\z"

    def examine(text: Column) -> Column:
        # A text that is one string comes back from Spark's parser without its quotes.
        is_string = text.rlike(rf'\A{_SPACE}"(?:[^"\\\x00-\x1f]|{_ESCAPE})*+"{_SPACE}\z')
        parsed = F.get_json_object(text, "$")
        # Spark's parser stops behind the first value: what it read must be all there is.
        is_whole = let(
            F.struct(_skeleton(text).alias("given"), _skeleton(parsed).alias("read")),
            lambda both: (both["given"] == both["read"]) & ~both["given"].contains("'"),
        )
        is_json = is_string | F.coalesce(is_whole, F.lit(False))
        return F.when(is_json, valid(text)).otherwise(fault("json", "is not JSON"))

    return ColumnRule(lambda text: F.when(text.rlike(simple), text), examine)


def _array(value: str) -> str:
    return rf"\[{_SPACE}{_listed(value)}\]"


def _object(value: str) -> str:
    return rf"\{{{_SPACE}{_listed(f'{_STRING}{_SPACE}:{_SPACE}{value}')}\}}"


def _listed(item: str) -> str:
    # Possessive: Java goes through such a group in a loop, and through others by recursion.
    return f"(?:{item}{_SPACE}(?:,{_SPACE}{item}{_SPACE})*+)?"


def _skeleton(json: Column) -> Column:
    """A JSON text with a quote for every string, 0 for every other value, and no white space.

    Strings with control characters stay: Spark takes them, JSON and MySQL do not.
    """
    without_strings = F.regexp_replace(json, r'"(?:[^"\\\x00-\x1f]|\\.)*+"', '"')
    with_zeros = F.regexp_replace(without_strings, r'[^\s\[\]{},:"\']+', "0")
    return F.regexp_replace(with_zeros, r"\s+", "")
