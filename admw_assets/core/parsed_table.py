"""One table, from its draft through sqlglot to a value; its foreign keys are still unresolved.

Imports core only.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from admw_assets.core.errors import SchemaError
from admw_assets.core.parsed_column import CharacterRules, ParsedColumn, read_column
from admw_assets.core.schema import Table
from admw_assets.core.table_draft import KeyDraft, TableDraft
from admw_assets.core.table_keys import (
    LONGEST_NAME,
    is_foreign,
    key_notes,
    named_foreign_keys,
    nodes,
    with_keys,
)

_RESERVED = "admw_"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: for messages."""

    source: str
    table: str
    line: int

    def error(self, err: SchemaError) -> SchemaError:
        """The error with its place put before it."""
        context = {"file": self.source, "line": self.line, "table": self.table} | err.context
        return SchemaError(
            f"{self.source}, line {self.line}: table {self.table!r}: {err.message}.",
            next_step=err.next_step,
            **context,
        )


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """A table without its foreign keys, its tree, and the foreign keys as named constraints.

    `inside` stand in the tree, `altered` came in ALTER TABLE, each with its line.
    """

    table: Table
    tree: exp.Create
    inside: tuple[tuple[Place, exp.Constraint], ...]
    altered: tuple[tuple[Place, exp.Constraint], ...]
    notes: tuple[str, ...]


def parse_table(draft: TableDraft, source: str) -> ParsedTable:
    """Parse a draft; raises SchemaError with file, line, table and column."""
    whole = Place(source, draft.name, draft.line)
    _check_names(draft, source)
    tree = _tree(draft, source)
    parts = nodes(tree.this)
    inside = [part for part in parts if is_foreign(part)]
    others = [part for part in parts if not is_foreign(part)]
    altered = [_constraint(key, Place(source, draft.name, key.line)) for key in draft.altered]
    foreign = named_foreign_keys(draft.name, [*inside, *altered])
    tree.this.set("expressions", [*others, *foreign[: len(inside)]])
    columns = _columns(draft, tree, source)
    try:
        bare = Table(draft.name, tuple(parsed.column for parsed in columns))
        table = with_keys(bare, columns, others)
    except SchemaError as err:
        raise whole.error(err) from err
    lines = [key.line for key in draft.keys if key.kind == "FOREIGN"]
    places = [Place(source, draft.name, line) for line in lines]
    return ParsedTable(
        table=table,
        tree=tree,
        inside=tuple(zip(places, foreign[: len(inside)], strict=True)),
        altered=tuple(
            (Place(source, draft.name, key.line), constraint)
            for key, constraint in zip(draft.altered, foreign[len(inside) :], strict=True)
        ),
        notes=tuple(_notes(draft, columns, table, others, source)),
    )


def _check_names(draft: TableDraft, source: str) -> None:
    seen: set[str] = set()
    if not draft.columns:
        problem = SchemaError("it has no column", next_step="Write its columns out.")
        raise Place(source, draft.name, draft.line).error(problem)
    for name, line in [(draft.name, draft.line)] + [(c.name, c.line) for c in draft.columns]:
        problem = None
        if not name or len(name) > LONGEST_NAME:
            problem = f"the name {name!r} has {len(name)} characters, and MySQL takes 1 to 64"
        elif name.casefold().startswith(_RESERVED):
            problem = f"the name {name!r} begins with {_RESERVED!r}, as ADMW's own names do"
        if problem:
            error = SchemaError(problem, next_step="Give it another name.")
            raise Place(source, draft.name, line).error(error)
    for column in draft.columns:
        if column.name.casefold() in seen:
            problem = SchemaError(
                f"two columns are called {column.name!r} (case makes no difference)",
                next_step="Rename one of them.",
                column=column.name,
            )
            raise Place(source, draft.name, column.line).error(problem)
        seen.add(column.name.casefold())


def _columns(draft: TableDraft, tree: exp.Create, source: str) -> list[ParsedColumn]:
    rules = _table_rules(draft)
    found: list[ParsedColumn] = []
    definitions = [node for node in nodes(tree.this) if isinstance(node, exp.ColumnDef)]
    for column, node in zip(draft.columns, definitions, strict=True):
        try:
            found.append(read_column(column, node, rules))
        except SchemaError as err:
            problem = SchemaError(
                f"column {column.name!r} {err.message}", next_step=err.next_step, column=column.name
            )
            raise Place(source, draft.name, column.line).error(problem) from err
    return found


def _table_rules(draft: TableDraft) -> CharacterRules:
    named = {name: value.strip("'\"`").lower() for name, value in draft.options.items()}
    return CharacterRules(named.get("CHARACTER SET"), named.get("COLLATE")).completed()


def _notes(
    draft: TableDraft,
    columns: list[ParsedColumn],
    table: Table,
    keys: list[exp.Expr],
    source: str,
) -> Iterator[str]:
    for column, parsed in zip(draft.columns, columns, strict=True):
        where = f"{source}, line {column.line}: column {column.name!r} of table {draft.name!r}"
        if parsed.references:
            yield (
                f"{where}: REFERENCES within a column's definition is ignored, as MySQL 8 does. "
                "For a foreign key write FOREIGN KEY (column) REFERENCES parent (column)."
            )
        if column.type.unsigned and column.type.name in ("FLOAT", "DOUBLE"):
            yield f"{where}: {column.type.name} UNSIGNED is deprecated and became a CHECK."
    for note in key_notes(table, keys):
        yield f"{source}, line {draft.line}: table {draft.name!r}: {note}."


# ---------------------------------------------------------------- text to tree


def _tree(draft: TableDraft, source: str) -> exp.Create:
    """The tree of the table; where sqlglot does not understand it, the error names the part."""
    tree, reason = _parsed(draft.sql)
    if tree is not None:
        return tree
    pieces = [(column.sql, column.sql, column.line) for column in draft.columns]
    pieces += [(key.sql, f"c INT, {key.sql}", key.line) for key in draft.keys if key.sql]
    for shown, piece, line in pieces:
        tree, why = _parsed(f"CREATE TABLE t ({piece})")
        if tree is None:
            raise _not_understood(Place(source, draft.name, line), shown, why)
    raise _not_understood(Place(source, draft.name, draft.line), draft.sql, reason)


def _constraint(key: KeyDraft, place: Place) -> exp.Expr:
    tree, reason = _parsed(f"CREATE TABLE t (c INT, {key.sql})")
    parts = nodes(tree.this) if tree is not None else []
    if len(parts) != 2 or not is_foreign(parts[1]):
        raise _not_understood(place, key.sql, reason)
    return parts[1]


def _parsed(sql: str) -> tuple[exp.Create | None, str]:
    """The tree, or the reason why there is none."""
    try:
        tree = sqlglot.parse_one(sql, dialect="mysql")
    except SqlglotError as err:
        errors: object = getattr(err, "errors", None)
        first: object = errors[0] if isinstance(errors, list) and errors else {}  # pyright: ignore[reportUnknownVariableType]
        found = first.get("description") if isinstance(first, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return None, str(found or err).partition("\n")[0]  # pyright: ignore[reportUnknownArgumentType]
    known = isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema)
    return (tree, "") if known and isinstance(tree, exp.Create) else (None, "unknown syntax")


def _not_understood(place: Place, sql: str, reason: str) -> SchemaError:
    problem = SchemaError(
        f"this is not understood: {sql} ({reason.rstrip('.') or 'unknown syntax'})",
        next_step="Write it as SHOW CREATE TABLE prints it.",
    )
    return place.error(problem)
