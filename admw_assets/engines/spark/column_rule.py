"""What it takes to check a column: a quick test for the many, an examination for the rest."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F


def _as_it_is(text: Column) -> Column:
    return text


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How texts of one column are checked and written canonically; none of them gets a NULL.

    `quick` gives the text as it is to be staged where that is decided cheaply, else NULL.
    `examine` decides the others: a struct of `text` (valid), or `rule` and `reason` (fault); it
    is interpreted, so it may be long. `hashed` turns a staged text into the canonical text where
    they differ.
    """

    quick: Callable[[Column], Column]
    examine: Callable[[Column], Column]
    hashed: Callable[[Column], Column] = _as_it_is


def valid(text: Column) -> Column:
    """The finding that a value is good, and how it is staged."""
    return _finding(text, F.lit(None), F.lit(None))


def fault(rule: str, reason: str) -> Column:
    """The finding that a value breaks a rule; `reason` reads on behind the value."""
    return _finding(F.lit(None), F.lit(rule), F.lit(reason))


def fault_where(condition: Column, rule: str, reason: str) -> Column:
    """The first of a chain of findings: go on with `when` and `otherwise`."""
    return F.when(condition, fault(rule, reason))


def _finding(text: Column, rule: Column, reason: Column) -> Column:
    return F.struct(
        text.cast("string").alias("text"),
        rule.cast("string").alias("rule"),
        reason.cast("string").alias("reason"),
    )
