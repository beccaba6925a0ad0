"""Primary, unique and foreign keys of a parsed table; imports core only.

Names that a script leaves out are given as MySQL gives them: a unique key is called after its
first column, a foreign key `<table>_ibfk_<n>`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlglot import exp

from admw_assets.core.errors import SchemaError
from admw_assets.core.parsed_column import ParsedColumn
from admw_assets.core.schema import Column, ForeignKey, Schema, Table, UniqueKey

LONGEST_NAME = 64  # characters; MySQL manual, "Identifier Length Limits"


def nodes(node: exp.Expr, name: str = "expressions") -> list[exp.Expr]:
    """The sub-trees that a node keeps in a list."""
    found: object = node.args.get(name)
    return [n for n in found if isinstance(n, exp.Expr)] if isinstance(found, list) else []  # pyright: ignore[reportUnknownVariableType]


def is_foreign(node: exp.Expr) -> bool:
    """True for a foreign key, with or without a name."""
    return isinstance(unwrapped(node), exp.ForeignKey)


def unwrapped(node: exp.Expr) -> exp.Expr:
    """What stands after CONSTRAINT and its name."""
    return node.expressions[0] if isinstance(node, exp.Constraint) else node


def named_foreign_keys(table: str, found: Iterable[exp.Expr]) -> list[exp.Constraint]:
    """All foreign keys of a table as constraints with names."""
    keys = list(found)
    taken = {key.name.casefold() for key in keys if isinstance(key, exp.Constraint)}
    numbers = iter(range(1, len(keys) + len(taken) + 1))
    return [_named(table, key, taken, numbers) for key in keys]


def with_keys(table: Table, columns: Sequence[ParsedColumn], found: Sequence[exp.Expr]) -> Table:
    """The table with its primary key and unique keys.

    Raises SchemaError without a place: the caller knows file and line.
    """
    inline = [parsed.column.name for parsed in columns if parsed.primary]
    listed = [key for key in map(unwrapped, found) if isinstance(key, exp.PrimaryKey)]
    primary = [tuple(inline)] * bool(inline) + [_own_columns(table, key) for key in listed]
    if len(primary) > 1 or len(inline) > 1:
        raise SchemaError("it has two primary keys", next_step="Keep one.", table=table.name)
    names = primary[0] if primary else ()
    listed_columns = tuple(
        replace(column, nullable=column.nullable and column.name not in names)
        for column in table.columns
    )
    unique = tuple(_unique_keys(table, columns, found))
    return replace(table, columns=listed_columns, primary_key=names, unique_keys=unique)


def key_notes(table: Table, found: Sequence[exp.Expr]) -> Iterator[str]:
    """What ADMW sees otherwise than the server: keys over parts of columns or over expressions."""
    for node in found:
        key = unwrapped(node)
        if not isinstance(key, exp.PrimaryKey | exp.UniqueColumnConstraint):
            continue
        text = node.sql(dialect="mysql")
        if any(_part_name(part) is None for part in _parts(key)):
            yield f"{text} is over an expression: only the server checks it"
        elif any(part.find(exp.ColumnPrefix) for part in _parts(key)):
            yield f"{text} compares only the beginning of a column: ADMW compares all of it"


def resolve(schema: Schema, table: Table, constraint: exp.Constraint) -> ForeignKey:
    """The foreign key that a constraint stands for; its tree gets the schema's spelling.

    Raises SchemaError without a place: the caller knows file and line.
    """
    key = unwrapped(constraint)
    columns = _own_columns(table, key)
    reference = key.args["reference"]
    target = reference.find(exp.Table) if isinstance(reference, exp.Expr) else None
    listed = reference.find(exp.Schema) if isinstance(reference, exp.Expr) else None
    if target is None or listed is None:
        raise SchemaError(
            f"foreign key {constraint.name!r} names no columns of the table it refers to",
            next_step="Write REFERENCES parent (column).",
        )
    parent = _parent(schema, constraint.name, target.name)
    parent_columns = _own_columns(parent, listed)
    if len(columns) != len(parent_columns):
        raise SchemaError(
            f"foreign key {constraint.name!r} has {len(columns)} columns here and "
            f"{len(parent_columns)} in {parent.name!r}",
            next_step="List as many on both sides.",
        )
    target.replace(exp.Table(this=exp.to_identifier(parent.name, quoted=True)))
    key.set("this", None)  # the name of an index, which the constraint's own name stands for
    return ForeignKey(constraint.name, columns, parent.name, parent_columns)


def _named(table: str, key: exp.Expr, taken: set[str], numbers: Iterator[int]) -> exp.Constraint:
    if isinstance(key, exp.Constraint):
        return key
    for number in numbers:
        suffix = f"_ibfk_{number}"
        name = table[: LONGEST_NAME - len(suffix)] + suffix
        if name.casefold() not in taken:
            break
    else:
        raise AssertionError("there are more numbers than names")
    return exp.Constraint(this=exp.to_identifier(name, quoted=True), expressions=[key.copy()])


def _unique_keys(
    table: Table, columns: Sequence[ParsedColumn], found: Sequence[exp.Expr]
) -> Iterator[UniqueKey]:
    taken: set[str] = set()

    def named(wanted: str, first: str) -> str:
        base, name, number = wanted or first, wanted or first, 2
        while name.casefold() in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name.casefold())
        return name

    for parsed in columns:
        if parsed.unique:
            yield UniqueKey(named("", parsed.column.name), (parsed.column.name,))
    for node in found:
        key = unwrapped(node)
        if isinstance(key, exp.UniqueColumnConstraint) and all(map(_part_name, _parts(key))):
            names = _own_columns(table, key)
            wanted = node.name if isinstance(node, exp.Constraint) else _index_name(key)
            yield UniqueKey(named(wanted, names[0]), names)


def _own_columns(table: Table, key: exp.Expr) -> tuple[str, ...]:
    """The columns that a key lists, in the table's spelling."""
    by_name: dict[str, Column] = {c.name.casefold(): c for c in table.columns}
    names = [_part_name(part) or part.sql(dialect="mysql") for part in _parts(key)]
    missing = [name for name in names if name.casefold() not in by_name]
    if missing or not names:
        raise SchemaError(
            f"a key names column {missing[0]!r}, which table {table.name!r} does not have"
            if missing
            else "a key names no column",
            next_step="Name columns among " + ", ".join(repr(c.name) for c in table.columns) + ".",
        )
    return tuple(by_name[name.casefold()].name for name in names)


def _parts(key: exp.Expr) -> list[exp.Expr]:
    if isinstance(key, exp.UniqueColumnConstraint) and isinstance(key.this, exp.Schema):
        return nodes(key.this)
    return nodes(key)


def _part_name(part: exp.Expr) -> str | None:
    if isinstance(part, exp.Ordered | exp.ColumnPrefix):
        return _part_name(part.this)
    return part.name if isinstance(part, exp.Identifier | exp.Column) else None


def _index_name(key: exp.UniqueColumnConstraint) -> str:
    named = key.this.args.get("this") if isinstance(key.this, exp.Schema) else None
    return named.name if isinstance(named, exp.Expr) else ""


def _parent(schema: Schema, key: str, name: str) -> Table:
    for table in schema.tables.values():
        if table.name.casefold() == name.casefold():
            return table
    known = ", ".join(repr(table) for table in schema.tables)
    raise SchemaError(
        f"foreign key {key!r} refers to table {name!r}, which is not in the file. Known: {known}",
        next_step=f"Add the CREATE TABLE statement of {name!r}, or remove the foreign key.",
        parent=name,
    )
