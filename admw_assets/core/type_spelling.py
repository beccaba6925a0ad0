"""How schema.sql spells a column's type: taken off the definition, made MySQL's first spelling.

Imports core only. Rules: MySQL 8 manual, "Using Data Types from Other Database Engines" and
"Numeric Data Type Syntax".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from admw_assets.core.errors import SchemaError
from admw_assets.core.sql_statements import (
    Statement,
    Token,
    Tokens,
    closing,
    split_at_commas,
    string_value,
)

# How MySQL writes the types that have several names.
SYNONYMS = {
    "BOOL": "BOOLEAN",
    "CHAR VARYING": "VARCHAR",
    "CHARACTER": "CHAR",
    "CHARACTER VARYING": "VARCHAR",
    "DEC": "DECIMAL",
    "DOUBLE PRECISION": "DOUBLE",
    "FIXED": "DECIMAL",
    "FLOAT4": "FLOAT",
    "FLOAT8": "DOUBLE",
    "INT1": "TINYINT",
    "INT2": "SMALLINT",
    "INT3": "MEDIUMINT",
    "INT4": "INT",
    "INT8": "BIGINT",
    "INTEGER": "INT",
    "LONG": "MEDIUMTEXT",
    "LONG CHAR VARYING": "MEDIUMTEXT",
    "LONG CHARACTER VARYING": "MEDIUMTEXT",
    "LONG VARBINARY": "MEDIUMBLOB",
    "LONG VARCHAR": "MEDIUMTEXT",
    "LONG VARCHARACTER": "MEDIUMTEXT",
    "MIDDLEINT": "MEDIUMINT",
    "NUMERIC": "DECIMAL",
    "REAL": "DOUBLE",
    "VARCHARACTER": "VARCHAR",
}
# National types are CHAR and VARCHAR in the character set utf8mb3.
NATIONAL = {
    "NATIONAL CHAR": "CHAR",
    "NATIONAL CHAR VARYING": "VARCHAR",
    "NATIONAL CHARACTER": "CHAR",
    "NATIONAL CHARACTER VARYING": "VARCHAR",
    "NATIONAL VARCHAR": "VARCHAR",
    "NATIONAL VARCHARACTER": "VARCHAR",
    "NCHAR": "CHAR",
    "NCHAR VARCHAR": "VARCHAR",
    "NCHAR VARYING": "VARCHAR",
    "NVARCHAR": "VARCHAR",
}
# How many sizes may stand in the parentheses after a type's name; of DOUBLE, none or both.
SIZES = {
    **dict.fromkeys(("DECIMAL", "FLOAT", "DOUBLE"), 2),
    **dict.fromkeys(("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "BIT"), 1),
    **dict.fromkeys(("CHAR", "VARCHAR", "BINARY", "VARBINARY", "TEXT", "BLOB"), 1),
    **dict.fromkeys(("DATETIME", "TIMESTAMP", "TIME"), 1),
    **dict.fromkeys(("BOOLEAN", "DATE", "JSON", "SERIAL", "YEAR"), 0),
    **dict.fromkeys(("TINYTEXT", "MEDIUMTEXT", "LONGTEXT"), 0),
    **dict.fromkeys(("TINYBLOB", "MEDIUMBLOB", "LONGBLOB"), 0),
}
LISTS = frozenset({"ENUM", "SET"})
SPATIAL = frozenset(
    {"GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING"}
    | {"MULTIPOLYGON", "GEOMETRYCOLLECTION", "GEOMCOLLECTION"}
)
KNOWN = frozenset({*SIZES, *LISTS})
_SERIAL = "NOT NULL AUTO_INCREMENT UNIQUE"


@dataclass(frozen=True, slots=True)
class TypeSpelling:
    """A type as schema.sql writes it, its name made MySQL's first one; `rest` follows it."""

    name: str
    sizes: tuple[int, ...] = ()
    members: tuple[str, ...] = ()
    unsigned: bool = False
    zerofill: bool = False
    national: bool = False
    rest: Tokens = ()

    @property
    def sql(self) -> str:
        """The type for CREATE TABLE, without UNSIGNED and ZEROFILL."""
        inside = ", ".join([*map(str, self.sizes), *map(quoted_text, self.members)])
        return f"{self.name}({inside})" if inside else self.name


def quoted_text(text: str) -> str:
    """A text as a MySQL string literal."""
    return exp.Literal.string(text).sql(dialect="mysql")


def read_type(tokens: Sequence[Token]) -> TypeSpelling:
    """Take the type off the front of a column definition (its name already taken off).

    Raises SchemaError without a place: the caller knows table, column and line.
    """
    name, used = _type_name(tokens)
    inside: list[Tokens] = []
    if used < len(tokens) and tokens[used].word == "(":
        end = closing(tokens, used)
        inside = split_at_commas(tokens[used + 1 : end])
        used = end + 1
    if name == "SERIAL":
        plain = Statement(_SERIAL, tokens[0].line).tokens()
        return TypeSpelling("BIGINT", unsigned=True, rest=(*plain, *tokens[used:]))
    attributes: set[str] = set()
    while used < len(tokens) and tokens[used].word in ("UNSIGNED", "SIGNED", "ZEROFILL"):
        attributes.add(tokens[used].word)
        used += 1
    spelling = TypeSpelling(
        SYNONYMS.get(name, NATIONAL.get(name, name)),
        unsigned=bool(attributes & {"UNSIGNED", "ZEROFILL"}),
        zerofill="ZEROFILL" in attributes,
        national=name in NATIONAL,
        rest=tuple(tokens[used:]),
    )
    if spelling.name in LISTS:
        return replace(spelling, members=_members(spelling.name, inside))
    return _with_sizes(spelling, inside)


def _type_name(tokens: Sequence[Token]) -> tuple[str, int]:
    """The longest type name that these tokens begin with, and how many of them it takes."""
    words = [token.word for token in tokens[:3]]
    for used in range(len(words), 0, -1):
        name = " ".join(words[:used])
        if name in KNOWN or name in SYNONYMS or name in NATIONAL:
            return name, used
    name = tokens[0].text if tokens else ""
    if name.upper() in SPATIAL:
        raise SchemaError(
            f"has the spatial type {name.upper()}, which no flat file can bring",
            next_step="Leave the column out of schema.sql (nullable, or with a default, in the "
            "database), or make it TEXT here and convert it after the migration.",
        )
    raise SchemaError(
        f"has the type {name!r}, which is none of MySQL's" if name else "has no type",
        next_step=f"Use one of {', '.join(sorted(KNOWN))}.",
    )


def _members(name: str, inside: Sequence[Tokens]) -> tuple[str, ...]:
    if not inside or any(len(part) != 1 or part[0].kind != "string" for part in inside):
        raise SchemaError(
            f"must list the members of {name} as quoted texts",
            next_step=f"Write {name}('first', 'second').",
        )
    # The server removes trailing spaces from members when it creates the table.
    return tuple(string_value(part[0].text).rstrip(" ") for part in inside)


def _with_sizes(spelling: TypeSpelling, inside: Sequence[Tokens]) -> TypeSpelling:
    texts = ["".join(token.text for token in part) for part in inside]
    if any(not text.isascii() or not text.isdigit() for text in texts):
        raise SchemaError(
            f"has the size ({', '.join(texts)}), which is no number",
            next_step=f"Give {spelling.name} a size in digits, or none.",
        )
    sizes = tuple(map(int, texts))
    name = spelling.name
    if name == "FLOAT" and len(sizes) == 1:  # FLOAT(p) only chooses between FLOAT and DOUBLE
        name = "FLOAT" if bounded(name, sizes[0], 0, 53) <= 24 else "DOUBLE"
        sizes = ()
    elif name == "YEAR" and sizes == (4,):
        sizes = ()
    if len(sizes) > SIZES[spelling.name] or (spelling.name == "DOUBLE" and len(sizes) == 1):
        raise SchemaError(
            f"has the type {spelling.name}({', '.join(texts)}), which MySQL does not know",
            next_step=f"Write {spelling.name} with the sizes that the MySQL manual names.",
        )
    return replace(spelling, name=name, sizes=sizes)


def bounded(what: str, size: int, smallest: int, largest: int) -> int:
    """The size itself; raises SchemaError where it is out of its bounds."""
    if not smallest <= size <= largest:
        raise SchemaError(
            f"has a size out of range: {what} takes {smallest} to {largest}, not {size}",
            next_step="Give it a size within these bounds.",
        )
    return size
