"""schema.sql as a value: `parse_schema`; imports core only.

`sql_statements` splits the script, `schema_script` gathers its tables as drafts, `parsed_table`
gives each to sqlglot and reads it; here foreign keys are joined to the tables that they name.
"""

from dataclasses import replace

from sqlglot import exp

from admw_assets.core.errors import SchemaError
from admw_assets.core.parsed_table import ParsedTable, Place, parse_table
from admw_assets.core.schema import ForeignKey, Schema, Table
from admw_assets.core.schema_script import read_script
from admw_assets.core.table_draft import identifier
from admw_assets.core.table_keys import resolve


def parse_schema(sql: str, source: str = "schema.sql") -> Schema:
    """Read the tables of a MySQL script; whatever else it holds becomes a note.

    `source` is what messages call the script. Raises SchemaError, with the line, for a table that
    cannot be understood or that ADMW could not load exactly.
    """
    script = read_script(sql, source)
    parsed = [parse_table(draft, source) for draft in script.drafts.values()]
    if not parsed:
        raise SchemaError(
            f"{source} holds no CREATE TABLE statement.",
            next_step="Write the target's tables there, as SHOW CREATE TABLE prints them.",
            file=source,
        )
    bare = Schema({entry.table.name: entry.table for entry in parsed})
    tables = {entry.table.name: _joined(bare, entry) for entry in parsed}
    _check_names_are_unique(parsed)
    return Schema(
        tables=tables,
        alterations=tuple(pair for entry in parsed for pair in _alterations(entry)),
        notes=(*script.notes, *(note for entry in parsed for note in entry.notes)),
    )


def _joined(schema: Schema, entry: ParsedTable) -> Table:
    """The table with its foreign keys and its DDL."""
    keys: list[ForeignKey] = []
    for place, constraint in (*entry.inside, *entry.altered):
        try:
            keys.append(resolve(schema, entry.table, constraint))
        except SchemaError as err:
            raise place.error(err) from err
    return replace(entry.table, foreign_keys=tuple(keys), ddl=_sql(entry.tree))


def _alterations(entry: ParsedTable) -> list[tuple[str, str]]:
    table = entry.table.name
    return [
        (table, f"ALTER TABLE {identifier(table)} ADD {_sql(constraint)}")
        for _, constraint in entry.altered
    ]


def _check_names_are_unique(parsed: list[ParsedTable]) -> None:
    """MySQL wants the names of foreign keys to be unique within a database."""
    seen: dict[str, Place] = {}
    for entry in parsed:
        for place, constraint in (*entry.inside, *entry.altered):
            before = seen.setdefault(constraint.name.casefold(), place)
            if before is not place:
                problem = SchemaError(
                    f"foreign key {constraint.name!r} has the name of one in line {before.line}",
                    next_step="Rename one of them.",
                )
                raise place.error(problem)


def _sql(tree: exp.Expr) -> str:
    return tree.sql(dialect="mysql", identify=True)
