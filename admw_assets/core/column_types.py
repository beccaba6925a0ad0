"""MySQL's column types and the bounds that each puts on its values.

Imports core only. Rules: MySQL 8 manual, chapter "Data Types".
"""

from dataclasses import replace

from admw_assets.core.errors import SchemaError
from admw_assets.core.schema import ColumnType, TypeKind
from admw_assets.core.type_spelling import TypeSpelling, bounded

INTEGER_BITS = {"TINYINT": 8, "SMALLINT": 16, "MEDIUMINT": 24, "INT": 32, "BIGINT": 64}
TEXT_BYTES = {
    "TINYTEXT": 0xFF,
    "TEXT": 0xFFFF,
    "MEDIUMTEXT": 0xFFFFFF,
    "LONGTEXT": 0xFFFFFFFF,
}
BLOB_BYTES = {name.replace("TEXT", "BLOB"): size for name, size in TEXT_BYTES.items()}
SIMPLE = {
    "BOOLEAN": TypeKind.BOOLEAN,
    "DATE": TypeKind.DATE,
    "JSON": TypeKind.JSON,
    "YEAR": TypeKind.YEAR,
}
SIZED = {  # kind, smallest and largest size, size where none is given
    "BIT": (TypeKind.BIT, 1, 64, 1),
    "CHAR": (TypeKind.CHAR, 0, 255, 1),
    "BINARY": (TypeKind.BINARY, 0, 255, 1),
    "VARCHAR": (TypeKind.VARCHAR, 0, 65535, None),
    "VARBINARY": (TypeKind.VARBINARY, 0, 65535, None),
}
MOMENTS = {
    "DATETIME": TypeKind.DATETIME,
    "TIMESTAMP": TypeKind.TIMESTAMP,
    "TIME": TypeKind.TIME,
}
LISTS = {"ENUM": TypeKind.ENUM, "SET": TypeKind.SET}
_BYTES_PER_CHARACTER = {"latin1": 1, "ascii": 1, "binary": 1, "utf8": 3, "utf8mb3": 3, "ucs2": 2}
_BINARY_KINDS = {  # what the server makes of texts in the character set binary
    TypeKind.CHAR: (TypeKind.BINARY, "BINARY"),
    TypeKind.VARCHAR: (TypeKind.VARBINARY, "VARBINARY"),
    TypeKind.TEXT: (TypeKind.BLOB, "BLOB"),
}


def column_type(
    spelling: TypeSpelling, character_set: str | None, collation: str | None
) -> ColumnType:
    """The type with its bounds; character set and collation are those that hold for the column.

    Raises SchemaError without a place: the caller knows table, column and line.
    """
    name, sql = spelling.name, spelling.sql
    if name in INTEGER_BITS:
        return _integer(spelling)
    if name in SIMPLE:
        return ColumnType(SIMPLE[name], name)
    if name in MOMENTS:
        return ColumnType(MOMENTS[name], sql, fraction=_size(spelling, 0, 6, 0))
    if name == "DECIMAL":
        return _decimal(spelling)
    if name in ("FLOAT", "DOUBLE"):
        return _floating(spelling)
    if name in BLOB_BYTES:
        return _large(TypeKind.BLOB, spelling, BLOB_BYTES, 1)
    if name in ("BIT", "BINARY", "VARBINARY"):
        return _sized(spelling)
    if name in LISTS:
        known = ColumnType(LISTS[name], sql, members=_distinct(spelling))
    elif name in TEXT_BYTES:
        width = _BYTES_PER_CHARACTER.get(character_set or "", 4)
        known = _large(TypeKind.TEXT, spelling, TEXT_BYTES, width)
    else:
        known = _sized(spelling)
    if character_set == "binary" and known.kind in _BINARY_KINDS:
        kind, word = _BINARY_KINDS[known.kind]
        family = "TEXT" if known.kind is TypeKind.TEXT else spelling.name
        return replace(known, kind=kind, sql=known.sql.replace(family, word, 1))
    return replace(known, character_set=character_set, collation=collation)


def _integer(spelling: TypeSpelling) -> ColumnType:
    bits = INTEGER_BITS[spelling.name]
    low, high = (0, 2**bits - 1) if spelling.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return ColumnType(
        TypeKind.INTEGER,
        _signed_sql(spelling),
        minimum=low,
        maximum=high,
        unsigned=spelling.unsigned,
    )


def _decimal(spelling: TypeSpelling) -> ColumnType:
    precision, scale = (*spelling.sizes, *(10, 0)[len(spelling.sizes) :])
    precision = precision or 10  # DECIMAL(0) is DECIMAL(10)
    bounded("DECIMAL", precision, 1, 65)
    bounded("The scale of DECIMAL", scale, 0, min(30, precision))
    return ColumnType(
        TypeKind.DECIMAL,
        _signed_sql(replace(spelling, sizes=(precision, scale))),
        precision=precision,
        scale=scale,
        unsigned=spelling.unsigned,
    )


def _floating(spelling: TypeSpelling) -> ColumnType:
    precision, scale = spelling.sizes or (None, None)
    if precision is not None and scale is not None:
        bounded(spelling.name, precision, 1, 255)
        bounded(f"The scale of {spelling.name}", scale, 0, min(30, precision))
    return ColumnType(
        TypeKind(spelling.name.lower()),
        _signed_sql(spelling),
        precision=precision,
        scale=scale,
        unsigned=spelling.unsigned,
    )


def _sized(spelling: TypeSpelling) -> ColumnType:
    kind, smallest, largest, default = SIZED[spelling.name]
    length = _size(spelling, smallest, largest, default)
    return ColumnType(kind, f"{spelling.name}({length})", length=length)


def _large(
    kind: TypeKind, spelling: TypeSpelling, families: dict[str, int], width: int
) -> ColumnType:
    """TEXT and BLOB; with a size, the server takes the smallest that holds so many characters."""
    name = spelling.name
    if spelling.sizes:
        needed = spelling.sizes[0] * width
        name = next((n for n, size in families.items() if size >= needed), "")
        if not name:
            bounded(spelling.name, needed, 0, 0xFFFFFFFF)
    return ColumnType(kind, name, length=families[name])


def _distinct(spelling: TypeSpelling) -> tuple[str, ...]:
    members = spelling.members
    if len(set(members)) != len(members):
        raise SchemaError(
            f"names a member of {spelling.name} twice", next_step="Remove the second one."
        )
    if spelling.name == "SET" and (len(members) > 64 or any("," in m for m in members)):
        raise SchemaError(
            "is a SET with more than 64 members or with a comma in one of them",
            next_step="MySQL takes neither: use a table of its own.",
        )
    return members


def _size(spelling: TypeSpelling, smallest: int, largest: int, default: int | None) -> int:
    size = spelling.sizes[0] if spelling.sizes else default
    if size is None:
        raise SchemaError(
            f"has the type {spelling.name} without a length",
            next_step=f"Write {spelling.name}(n).",
        )
    return bounded(spelling.name, size, smallest, largest)


def _signed_sql(spelling: TypeSpelling) -> str:
    """With UNSIGNED and ZEROFILL; the latter decides how the server prints a number."""
    zerofill = spelling.zerofill and spelling.name not in ("FLOAT", "DOUBLE")
    return spelling.sql + " UNSIGNED" * spelling.unsigned + " ZEROFILL" * zerofill
