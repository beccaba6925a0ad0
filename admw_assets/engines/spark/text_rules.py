"""Texts, members and bytes as canonical texts; imports core and Spark."""

import re
from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from admw_assets.core.configuration import BooleanTexts
from admw_assets.core.schema import ColumnType, TypeKind
from admw_assets.engines.spark.character_sets import byte_length, can_hold
from admw_assets.engines.spark.column_rule import (
    ColumnRule,
    fault,
    fault_where,
    valid,
)
from admw_assets.engines.spark.expressions import let

_HEX = r"\A(?:0[xX])?[0-9A-Fa-f]*\z"


def character_rule(column_type: ColumnType) -> ColumnRule:
    """CHAR, VARCHAR: bounded in characters; CHAR without its trailing spaces."""
    limit = column_type.length if column_type.length is not None else 1

    def kept(text: Column) -> Column:
        return F.rtrim(text) if column_type.kind is TypeKind.CHAR else text

    def quick(text: Column) -> Column:
        is_short = (F.octet_length(kept(text)) <= limit) | (F.length(kept(text)) <= limit)
        return F.when(_and(is_short, can_hold(column_type.character_set, text)), kept(text))

    def examine(text: Column) -> Column:
        return _first_character_fault(text, column_type).otherwise(
            fault("length", f"has more than {limit} characters")
        )

    return ColumnRule(quick, examine)


def text_rule(column_type: ColumnType) -> ColumnRule:
    """TINYTEXT to LONGTEXT: bounded in bytes of the column's character set."""
    limit = column_type.length if column_type.length is not None else 2**32 - 1
    character_set = column_type.character_set

    def quick(text: Column) -> Column:
        is_short = byte_length(character_set, text) <= limit
        return F.when(_and(is_short, can_hold(character_set, text)), text)

    def examine(text: Column) -> Column:
        return _first_character_fault(text, column_type).otherwise(
            fault("length", f"has more than {limit} bytes")
        )

    return ColumnRule(quick, examine)


def binary_rule(column_type: ColumnType) -> ColumnRule:
    """BINARY, VARBINARY, BLOB: hex digits, with or without 0x; BINARY(n) filled with zeros."""
    is_fixed = column_type.kind is TypeKind.BINARY
    limit = column_type.length if column_type.length is not None else 2**32 - 1

    def filled(digits: Column) -> Column:
        return F.rpad(digits, 2 * limit, "0") if is_fixed else digits

    def quick(text: Column) -> Column:
        is_short = (F.length(text) <= 2 * limit) & (F.length(text) % 2 == 0)
        is_hex, is_upper = text.rlike(r"\A[0-9A-Fa-f]*\z"), text.rlike(r"\A[0-9A-F]*\z")
        digits = F.when(is_upper, text).otherwise(F.upper(text))
        return F.when(is_short & is_hex, filled(digits))

    def examine(text: Column) -> Column:
        digits = F.upper(F.regexp_replace(text, r"\A0[xX]", ""))
        return let(digits, lambda found: judge(text, found))

    def judge(text: Column, digits: Column) -> Column:
        is_hex = text.rlike(_HEX) & (F.length(digits) % 2 == 0)
        return (
            fault_where(~is_hex, "binary", "is not an even number of hex digits")
            .when(F.length(digits) > 2 * limit, fault("length", f"has more than {limit} bytes"))
            .otherwise(valid(filled(digits)))
        )

    return ColumnRule(quick, examine)


def enum_rule(column_type: ColumnType) -> ColumnRule:
    """ENUM: exactly one of the members."""
    return ColumnRule(
        lambda text: F.when(text.isin(list(column_type.members)), text),
        lambda _: fault("enum", "is none of the members"),
    )


def set_rule(column_type: ColumnType) -> ColumnRule:
    """SET: members with commas between them; written in the order of the definition."""
    members = F.array(*[F.lit(member) for member in column_type.members])

    def examine(text: Column) -> Column:
        given = F.split(text, ",", -1)
        return fault_where(
            F.size(F.array_except(given, members)) > 0, "set", "holds what is no member"
        ).otherwise(valid(F.array_join(F.array_intersect(members, given), ",")))

    in_order = "".join(rf"(?:{re.escape(member)}(?:,|\z))?" for member in column_type.members)
    return ColumnRule(lambda text: F.when(text.rlike(rf"\A{in_order}(?<!,)\z"), text), examine)


def boolean_rule(booleans: BooleanTexts, integers: ColumnRule | None = None) -> ColumnRule:
    """BOOLEAN, and one-digit columns that are used as such: `integers` is tried first there."""

    def decide(text: Column) -> Column:
        lowered = F.lower(text)
        return F.when(lowered.isin(_lowered(booleans.true)), "1").when(
            lowered.isin(_lowered(booleans.false)), "0"
        )

    if integers is None:
        return ColumnRule(decide, lambda _: fault("boolean", "is neither true nor false"))
    return ColumnRule(lambda text: F.coalesce(integers.quick(text), decide(text)), integers.examine)


def _first_character_fault(text: Column, column_type: ColumnType) -> Column:
    is_held = can_hold(column_type.character_set, text)
    condition = F.lit(False) if is_held is None else ~is_held
    reason = f"holds characters that {column_type.character_set} does not have"
    return fault_where(condition, "character", reason)


def _and(first: Column, second: Column | None) -> Column:
    return first if second is None else first & second


def _lowered(texts: Sequence[str]) -> list[str]:
    return [text.lower() for text in texts]
