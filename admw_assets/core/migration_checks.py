"""Whether schema.sql, migration.yaml and transforms.py fit each other; imports core only."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from admw_assets.core.configuration import BooleanTexts, FileRules, RowsPerRecord, TableRules
from admw_assets.core.configuration_problem import Path, Problem, dotted, line_of, unknown
from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import DataFileError
from admw_assets.core.migration import (
    CONFIGURATION_FILE,
    SCHEMA_FILE,
    TRANSFORMS_FILE,
    Migration,
)
from admw_assets.core.preliminary_names import LONGEST_PREFIX, prefixed
from admw_assets.core.schema import Schema, Table, TypeKind

_RESERVED = "admw_"


def check(migration: Migration, lines: Mapping[Path, int]) -> list[Problem]:
    """Every problem of a migration whose parts are readable, in the order of migration.yaml."""
    config = migration.configuration
    found = [
        *_file_problems(migration),
        *_table_problems(migration),
        *_boolean_problems(("booleans",), config.booleans),
        *_feeding_problems(migration),
    ]
    problems = [
        Problem(CONFIGURATION_FILE, message, fix, dotted(path), line_of(path, lines))
        for path, message, fix in found
    ]
    return [*problems, *_prefix_problems(migration), *_transform_problems(migration, lines)]


Finding = tuple[Path, str, str]  # where in migration.yaml, what, the fix


def _find(schema: Schema, name: str) -> Table | None:
    return next((t for t in schema.tables.values() if t.name.casefold() == name.casefold()), None)


def _among(name: str, known: Iterable[str]) -> bool:
    return name.casefold() in {candidate.casefold() for candidate in known}


# ---------------------------------------------------------------- files


def _file_problems(migration: Migration) -> Iterator[Finding]:
    for name, rules in migration.configuration.files.items():
        path = ("files", name)
        if not _is_entity(name):
            yield path, "cannot be the beginning of a file's name.", "Use no ~ / \\ and no newline."
        seen: set[str] = set()
        for index, table in enumerate(rules.feeds):
            here = (*path, "feeds", str(index))
            if _find(migration.schema, table) is None:
                yield (
                    here,
                    unknown("table", table, migration.schema.tables),
                    f"Fix the name, or add the table to {SCHEMA_FILE}.",
                )
            if table.casefold() in seen:
                yield here, f"names table {table!r} twice.", "Remove one."
            seen.add(table.casefold())
        yield from _column_list_problems(migration, path, rules)


def _column_list_problems(migration: Migration, path: Path, rules: FileRules) -> Iterator[Finding]:
    """File columns that are named must be among those that the format lists, where it does."""
    listed = (rules.format or migration.configuration.format).columns
    if listed is None:
        return
    for index, column in enumerate(rules.source_hash_columns or ()):
        if not _among(column, listed):
            here = (*path, "source_hash_columns", str(index))
            yield here, unknown("file column", column, listed), "Fix the name."
    for table, table_rules in migration.configuration.tables.items():
        if not _among(table, rules.feeds):
            continue
        for target, column in table_rules.columns.items():
            if not _among(column, listed):
                here = ("tables", table, "columns", target)
                yield here, unknown("file column", column, listed), f"See the columns of {path[1]}."
        for index, column in enumerate(table_rules.ignore):
            if not _among(column, listed):
                here = ("tables", table, "ignore", str(index))
                yield here, unknown("file column", column, listed), f"See the columns of {path[1]}."


def _feeding_problems(migration: Migration) -> Iterator[Finding]:
    for table in migration.schema.tables:
        fed = any(_among(table, rules.feeds) for rules in migration.files.values())
        if not fed or not all(map(_is_entity, _entities_of(migration, table))):
            yield (
                ("files",),
                f"no file brings rows for table {table!r}.",
                f"Add {table!r} to the `feeds` of a file.",
            )


def _entities_of(migration: Migration, table: str) -> list[str]:
    return [name for name, rules in migration.files.items() if _among(table, rules.feeds)]


def _is_entity(name: str) -> bool:
    try:
        return parse_data_file_name(f"{name}~20240131.000000.csv").entity == name
    except DataFileError:
        return False


# ---------------------------------------------------------------- tables


def _table_problems(migration: Migration) -> Iterator[Finding]:
    for name, rules in migration.configuration.tables.items():
        path = ("tables", name)
        table = _find(migration.schema, name)
        if table is None:
            yield (
                path,
                unknown("table", name, migration.schema.tables),
                f"Fix the name, or add the table to {SCHEMA_FILE}.",
            )
            continue
        yield from _column_problems(path, table, rules)
        if rules.rows_per_record is RowsPerRecord.MANY and rules.transform is None:
            yield (
                (*path, "rows_per_record"),
                "is `many`, but only a transform makes several rows of a record.",
                "Name one under `transform`, or remove this.",
            )
        if rules.booleans is not None:
            yield from _boolean_problems((*path, "booleans"), rules.booleans)


def _column_problems(path: Path, table: Table, rules: TableRules) -> Iterator[Finding]:
    named = [((*path, "columns", column), column) for column in rules.columns]
    named += [((*path, "pii", str(i)), column) for i, column in enumerate(rules.pii)]
    named += [((*path, "float_decimals", column), column) for column in rules.float_decimals]
    columns = {column.name.casefold(): column for column in table.columns}
    for here, name in named:
        column = columns.get(name.casefold())
        if column is None:
            known = [c.name for c in table.columns]
            yield (
                here,
                f"{unknown('column', name, known)} (table {table.name!r})",
                f"Fix the name, or add the column to {SCHEMA_FILE}.",
            )
        elif "columns" in here[2:3] and column.generated:
            yield here, f"column {name!r} is computed by the database.", "Remove it here."
        elif "float_decimals" in here[2:3] and column.type.kind not in (
            TypeKind.FLOAT,
            TypeKind.DOUBLE,
        ):
            yield (
                here,
                f"column {name!r} is {column.type.sql}, which keeps its digits.",
                "Only FLOAT and DOUBLE columns are compared after rounding: remove it here.",
            )
    for index, column in enumerate(rules.ignore):
        if _among(column, rules.columns.values()):
            here = (*path, "ignore", str(index))
            yield here, f"file column {column!r} is also used under `columns`.", "Remove one."


def _boolean_problems(path: Path, texts: BooleanTexts) -> Iterator[Finding]:
    both = {t.casefold() for t in texts.true} & {t.casefold() for t in texts.false}
    if both:
        shown = ", ".join(map(repr, sorted(both)))
        yield path, f"{shown} would mean both true and false.", "Remove it from one of the lists."


# ---------------------------------------------------------------- names of preliminary tables


def _prefix_problems(migration: Migration) -> Iterator[Problem]:
    prefixes = migration.configuration.prefixes
    for key, prefix in (("table", prefixes.table), ("column", prefixes.column)):
        if prefix.casefold().startswith(_RESERVED):
            yield _prefix_problem(key, f"{prefix!r} begins as ADMW's own names do.")
        if len(prefix) > LONGEST_PREFIX:
            many = f"{prefix!r} has {len(prefix)} characters"
            yield _prefix_problem(key, f"{many}, ADMW takes {LONGEST_PREFIX}.")
    known = {table.casefold(): table for table in migration.schema.tables}
    for table in migration.schema.tables.values():
        name = prefixed(prefixes.table, table.name)
        if name.casefold() in known:
            other = known[name.casefold()]
            what = f"the preliminary table of {table.name!r} would be called {name!r}"
            yield _prefix_problem("table", f"{what}, as table {other!r} is.")


def _prefix_problem(key: str, message: str) -> Problem:
    return Problem(CONFIGURATION_FILE, message, "Choose another prefix.", f"prefixes.{key}")


# ---------------------------------------------------------------- transforms.py


def _transform_problems(migration: Migration, lines: Mapping[Path, int]) -> Iterator[Problem]:
    named = {
        table: rules.transform
        for table, rules in migration.configuration.tables.items()
        if rules.transform is not None
    }
    path = migration.transforms
    if path is None:
        defined: frozenset[str] | None = frozenset()
    else:
        try:
            defined = _defined_names(ast.parse(path.read_bytes(), filename=TRANSFORMS_FILE))
        except (SyntaxError, ValueError) as err:
            line = err.lineno if isinstance(err, SyntaxError) else None
            why = err.msg if isinstance(err, SyntaxError) else str(err)
            yield Problem(TRANSFORMS_FILE, f"is no Python: {why}.", "Correct it.", line=line)
            return
    for table, function in named.items():
        if function in defined:
            continue
        key = ("tables", table, "transform")
        message = (
            f"names {function!r}, but there is no {TRANSFORMS_FILE}."
            if path is None
            else unknown(f"function of {TRANSFORMS_FILE}", function, defined)
        )
        fix = f"Define it in {TRANSFORMS_FILE}, or fix the name."
        yield Problem(CONFIGURATION_FILE, message, fix, dotted(key), line_of(key, lines))


def _defined_names(module: ast.Module) -> frozenset[str]:
    """The names that importing the module would define, as far as its top level tells."""
    names: set[str] = set()
    for node in module.body:
        match node:
            case ast.FunctionDef():
                names.add(node.name)
            case ast.ImportFrom():
                names |= {alias.asname or alias.name for alias in node.names}
            case ast.Assign():
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            case _:
                pass
    return frozenset(names)
