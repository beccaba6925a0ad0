"""The rule of each column by its type; imports core and Spark."""

from collections.abc import Callable, Mapping

from admw_assets.core.migration import TableSettings
from admw_assets.core.schema import Column, TypeKind
from admw_assets.engines.spark.column_rule import ColumnRule
from admw_assets.engines.spark.float_rules import float_rule
from admw_assets.engines.spark.json_rule import json_rule
from admw_assets.engines.spark.number_rules import decimal_rule, integer_rule, year_rule
from admw_assets.engines.spark.text_rules import (
    binary_rule,
    boolean_rule,
    character_rule,
    enum_rule,
    set_rule,
    text_rule,
)
from admw_assets.engines.spark.time_rules import date_rule, moment_rule, time_rule

_LONG = 2**63
_ONE_DIGIT = "TINYINT(1)"


def rule_for(column: Column, settings: TableSettings) -> ColumnRule:
    """How the texts of a column are checked and written."""
    return _RULES[column.type.kind](column, settings)


def _integer(column: Column, settings: TableSettings) -> ColumnRule:
    kind = column.type
    low = kind.minimum if kind.minimum is not None else -_LONG
    high = kind.maximum if kind.maximum is not None else _LONG - 1
    rule = integer_rule(low, high, settings.excess_digits)
    if kind.sql.upper().startswith(_ONE_DIGIT):
        return boolean_rule(settings.booleans, integers=rule)
    return rule


def _bit(column: Column, settings: TableSettings) -> ColumnRule:
    bits = column.type.length or 1
    rule = integer_rule(0, 2**bits - 1, settings.excess_digits, rule="bit")
    return boolean_rule(settings.booleans, integers=rule) if bits == 1 else rule


def _float(column: Column, settings: TableSettings) -> ColumnRule:
    decimals = {name.casefold(): n for name, n in settings.float_decimals.items()}
    return float_rule(column.type, settings.excess_digits, decimals.get(column.name.casefold()))


_RULES: Mapping[TypeKind, Callable[[Column, TableSettings], ColumnRule]] = {
    TypeKind.INTEGER: _integer,
    TypeKind.BOOLEAN: lambda _, settings: boolean_rule(settings.booleans),
    TypeKind.BIT: _bit,
    TypeKind.DECIMAL: lambda column, settings: decimal_rule(column.type, settings.excess_digits),
    TypeKind.FLOAT: _float,
    TypeKind.DOUBLE: _float,
    TypeKind.CHAR: lambda column, _: character_rule(column.type),
    TypeKind.VARCHAR: lambda column, _: character_rule(column.type),
    TypeKind.TEXT: lambda column, _: text_rule(column.type),
    TypeKind.BINARY: lambda column, _: binary_rule(column.type),
    TypeKind.VARBINARY: lambda column, _: binary_rule(column.type),
    TypeKind.BLOB: lambda column, _: binary_rule(column.type),
    TypeKind.DATE: lambda *_: date_rule(),
    TypeKind.DATETIME: lambda column, settings: moment_rule(column.type, settings.excess_digits),
    TypeKind.TIMESTAMP: lambda column, settings: moment_rule(column.type, settings.excess_digits),
    TypeKind.TIME: lambda column, settings: time_rule(column.type, settings.excess_digits),
    TypeKind.YEAR: lambda *_: year_rule(),
    TypeKind.ENUM: lambda column, _: enum_rule(column.type),
    TypeKind.SET: lambda column, _: set_rule(column.type),
    TypeKind.JSON: lambda *_: json_rule(),
}
