"""The tables and their foreign keys as a Mermaid entity diagram; imports core only.

Syntax: https://mermaid.js.org/syntax/entityRelationshipDiagram.html
"""

import re
from collections.abc import Iterator

from admw_assets.core.migration import Migration
from admw_assets.core.schema import Table


def entity_diagram(migration: Migration) -> str:
    """An `erDiagram` in load order, with the columns that are part of a key."""
    tables = [migration.table(name) for wave in migration.waves for name in wave]
    lines = ["erDiagram"]
    for table in tables:
        lines += _entity(table)
    for table in tables:
        lines += _relations(table)
    return "\n".join(lines)


def _entity(table: Table) -> Iterator[str]:
    foreign = {name for key in table.foreign_keys for name in key.columns}
    unique = {key.columns[0] for key in table.unique_keys if len(key.columns) == 1}
    shown = [c for c in table.columns if c.name in {*table.primary_key, *foreign, *unique}]
    if not shown:
        yield f"    {_quoted(table.name)}"
        return
    yield f"    {_quoted(table.name)} {{"
    for column in shown:
        marks = [
            mark
            for mark, names in (("PK", table.primary_key), ("FK", foreign), ("UK", unique))
            if column.name in names
        ]
        yield f"        {column.type.kind.value} {_attribute(column.name)} {', '.join(marks)}"
    yield "    }"


def _relations(table: Table) -> Iterator[str]:
    for key in table.foreign_keys:
        optional = any(table.column(name).nullable for name in key.columns)
        keys = [table.primary_key, *(unique.columns for unique in table.unique_keys)]
        child = "o|" if any(set(names) <= set(key.columns) for names in keys if names) else "o{"
        parent = "|o" if optional else "||"
        label = _quoted(", ".join(key.columns))
        yield f"    {_quoted(key.parent)} {parent}--{child} {_quoted(table.name)} : {label}"


def _quoted(text: str) -> str:
    plain = text.replace('"', "'").replace("\n", " ").replace("%", "_").replace("\\", "/")
    return f'"{plain}"'


def _attribute(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return plain if plain[:1].isalpha() or plain[:1] == "_" else f"_{plain}"
