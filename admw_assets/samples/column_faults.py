"""Every way in which a record of any table can be wrong, and the rule that finds it; imports core.

The values are those that the type's own rules name: see engines/spark/type_rules.py.
"""

from collections.abc import Iterator

from admw_assets.core.configuration import ExcessDigits, FileFormat
from admw_assets.core.migration import TableSettings
from admw_assets.core.schema import ColumnType, Table, TypeKind
from admw_assets.samples.faults import Damage, Fault, bad_value, malformed

_LONGEST = 10_000  # characters of a value that is planted
_NARROW = frozenset({"ascii", "latin1", "latin2", "cp1250", "cp1251", "utf8", "utf8mb3"})
_BEYOND = "😀"  # in none of these
_TEXTS = (TypeKind.CHAR, TypeKind.VARCHAR, TypeKind.TEXT)


def record_faults(table: Table, columns: tuple[str, ...], file_format: FileFormat) -> list[Fault]:
    """Records that are no CSV of this format, or not in its encoding."""
    texts = [c.name for c in table.loaded_columns if c.type.kind in _TEXTS]
    damaged = next((name for name in columns if name in texts), columns[-1])
    damages = [Damage.TOO_MANY_FIELDS]
    if len(columns) > 1:
        damages.append(Damage.TOO_FEW_FIELDS)
    if file_format.quote is not None:
        damages.append(Damage.TEXT_AFTER_QUOTE)
        if not file_format.quoted_newlines:  # else it would take in the records behind it
            damages.append(Damage.UNCLOSED_QUOTE)
    if file_format.encoding == "utf-8":
        damages.append(Damage.INVALID_BYTES)
    return list(malformed(damaged, *damages))


def value_faults(table: Table, settings: TableSettings, file_format: FileFormat) -> Iterator[Fault]:
    """For every column a record for each rule of its type, and one without a needed value."""
    for column in table.loaded_columns:
        source = settings.columns.get(column.name, column.name)
        for rule, text in _bad_texts(column.type, settings):
            if _can_be_written(text, file_format):
                yield bad_value(rule, table.name, column.name, text, source)
        if not column.nullable or column.name in table.primary_key:
            yield bad_value("not_null", table.name, column.name, None, source)


def _bad_texts(kind: ColumnType, settings: TableSettings) -> Iterator[tuple[str, str]]:
    exact = settings.excess_digits is ExcessDigits.REJECT
    length = kind.length or 0
    match kind.kind:
        case TypeKind.INTEGER:
            yield "integer", "12x"
            yield "range", str((kind.maximum or 0) + 1)
        case TypeKind.BOOLEAN:
            yield "boolean", "maybe"
        case TypeKind.BIT:
            yield "bit", "12x"
            yield "range", str(2 ** (kind.length or 1))
        case TypeKind.DECIMAL:
            scale, precision = kind.scale or 0, kind.precision or 10
            yield "decimal", "12x"
            yield "precision", "1" + "0" * (precision - scale)
            if exact:
                yield "scale", "0." + "0" * scale + "1"
        case TypeKind.FLOAT | TypeKind.DOUBLE:
            yield "number", "12x"
        case TypeKind.CHAR | TypeKind.VARCHAR | TypeKind.TEXT:
            if length < _LONGEST:
                yield "length", "x" * (length + 1)
            if (kind.character_set or "") in _NARROW and length:
                yield "character", _BEYOND
        case TypeKind.BINARY | TypeKind.VARBINARY | TypeKind.BLOB:
            yield "binary", "0xyz"
            if length < _LONGEST:
                yield "length", "00" * (length + 1)
        case TypeKind.DATE:
            yield "date", "2023-02-29"
            yield "range", "0999-12-31"
        case TypeKind.DATETIME | TypeKind.TIMESTAMP:
            yield "datetime", "2023-02-29 10:00:00"
            yield "range", "0999-12-31 00:00:00"
            if exact:
                yield "scale", f"2024-02-29 10:00:00.{'0' * kind.fraction}1"
        case TypeKind.TIME:
            yield "time", "25:61:00"
            yield "range", "839:00:00"
            if exact:
                yield "scale", f"10:00:00.{'0' * kind.fraction}1"
        case TypeKind.YEAR:
            yield "year", "MCMXC"
            yield "range", "1900"
        case TypeKind.ENUM | TypeKind.SET:
            yield kind.kind.value, "no such member"
        case TypeKind.JSON:
            yield "json", '{"a": '


def _can_be_written(text: str, file_format: FileFormat) -> bool:
    if file_format.quote is None and file_format.delimiter in text:
        return False
    try:
        text.encode(file_format.encoding)
    except UnicodeEncodeError:
        return False
    return not (file_format.escape and file_format.quote and file_format.quote in text)
