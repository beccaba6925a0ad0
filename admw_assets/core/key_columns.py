"""A schema cut down to what decides which rows are rejected by keys; imports core only."""

from collections.abc import Collection
from dataclasses import replace

from admw_assets.core.schema import ForeignKey, Schema, Table


def key_schema(schema: Schema, tables: Collection[str]) -> Schema:
    """The schema with key columns only, and foreign keys only to these tables.

    `tables` are those that files bring rows for (the schema's spelling): the parents of other
    foreign keys cannot be looked up. Generated columns stay in the keys, where they are skipped.
    """
    kept = {
        table.name: replace(table, foreign_keys=_known(schema, table, tables))
        for table in schema.tables.values()
    }
    wanted = _wanted(kept, schema)
    return Schema(
        {
            name: replace(
                table, columns=tuple(c for c in table.columns if (name, c.name) in wanted)
            )
            for name, table in kept.items()
        }
    )


def unknown_parents(schema: Schema, table: Table, tables: Collection[str]) -> list[ForeignKey]:
    """The foreign keys of a table whose parents no file brings."""
    known = _known(schema, table, tables)
    return [key for key in table.foreign_keys if key not in known]


def _known(schema: Schema, table: Table, tables: Collection[str]) -> tuple[ForeignKey, ...]:
    return tuple(k for k in table.foreign_keys if schema.table(k.parent).name in tables)


def _wanted(tables: dict[str, Table], schema: Schema) -> set[tuple[str, str]]:
    """The (table, column) pairs that stand in a key or are referred to."""
    wanted: set[tuple[str, str]] = set()
    for name, table in tables.items():
        keys = [table.primary_key, *(key.columns for key in table.unique_keys)]
        keys += [key.columns for key in table.foreign_keys]
        wanted |= {(name, table.column(column).name) for key in keys for column in key}
        for key in table.foreign_keys:
            parent = schema.table(key.parent)
            wanted |= {(parent.name, parent.column(c).name) for c in key.parent_columns}
    return wanted
