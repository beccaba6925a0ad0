"""Small building blocks of Spark expressions that the other modules share; imports Spark only."""

from collections.abc import Callable, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F


def named(name: str) -> Column:
    """The column of exactly that name, whatever characters it is made of."""
    return F.col("`" + name.replace("`", "``") + "`")


def let(value: Column, body: Callable[[Column], Column]) -> Column:
    """Evaluate `value` once and hand it to `body` as often as it needs it.

    Spark interprets what stands in `body`: it stays out of generated code, which is right for
    what few rows need and keeps methods under the JVM's limits.
    """
    return F.transform(F.array(value), body).getItem(0)


def repeated(text: str, times: Column) -> Column:
    """A text so many times in a row."""
    return F.call_function("repeat", F.lit(text), times)


def joined(texts: Sequence[Column]) -> Column:
    """The concatenation of texts of which none is NULL."""
    return F.concat(*texts) if texts else F.lit("")


def encoded(texts: Sequence[Column]) -> Column:
    """`core.canonical.encode_row` of texts, NULL as `~`."""
    pieces: list[Column] = []
    for text in texts:
        pieces.append(F.coalesce(F.length(text).cast("string"), F.lit("~")))
        pieces.append(F.when(text.isNull(), "").otherwise(":"))
        pieces.append(F.coalesce(text, F.lit("")))
    return joined(pieces)


def sha256_hex(text: Column) -> Column:
    """Upper-case hex SHA-256 of a text in UTF-8."""
    # By way of the bytes: twice as fast as F.upper, which asks for each character's upper case.
    return F.hex(F.unhex(F.sha2(text, 256)))
