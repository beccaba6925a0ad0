"""The bulk path into MySQL: LOAD DATA LOCAL INFILE, or INSERT; imports core and SQLAlchemy.

With LOCAL the server turns errors into warnings (MySQL 8 manual, 15.2.9: LOCAL has the effect of
IGNORE), so that any remark of the server counts as a failure here.
"""

from pathlib import Path

from sqlalchemy import Connection

from admw_assets.core.errors import LoadError
from admw_assets.core.masking import without_values
from admw_assets.core.schema import Column, TypeKind
from admw_assets.engines.database.dialect import BulkLoad
from admw_assets.engines.database.staged_rows import Reader, Value, batches, read_rows

_WARNINGS_SHOWN = 5
# Rows of one INSERT; PyMySQL starts a new statement at a megabyte anyway.
_BATCH = 500


def may_read_local_files(connection: Connection) -> bool:
    """True where client and server both allow LOAD DATA LOCAL."""
    if str(connection.engine.url.query.get("local_infile")) in ("0", "false", "False", "off"):
        return False
    return bool(connection.exec_driver_sql("SELECT @@GLOBAL.local_infile").scalar())


def load_data(connection: Connection, load: BulkLoad, part: str) -> int:
    """Load one part by LOAD DATA LOCAL INFILE; returns the rows that went in."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    into: list[str] = []
    computed: list[str] = []
    for number, (name, column) in enumerate(load.fields):
        expression = _EXPRESSIONS.get(column.type.kind) if column else None
        into.append(f"@field{number}" if expression else quote(name))
        if expression:
            computed.append(f"{quote(name)} = {expression.format(f'@field{number}')}")
    computed.extend(f"{quote(name)} = %s" for name in load.constants)
    statement = (
        f"LOAD DATA LOCAL INFILE %s INTO TABLE {quote(load.target.name)} CHARACTER SET utf8mb4"
        r" FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n'"
        f" ({', '.join(into)}) SET {', '.join(computed)}"
    )
    result = connection.exec_driver_sql(statement, (part, *load.constants.values()))
    _refuse_warnings(connection, part)
    return result.rowcount


def insert(connection: Connection, load: BulkLoad, part: str) -> int:
    """Load one part by INSERT statements of many rows; returns the rows that went in."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    names = [*(name for name, _ in load.fields), *load.constants]
    statement = (
        f"INSERT INTO {quote(load.target.name)} ({', '.join(map(quote, names))})"
        f" VALUES ({', '.join(['%s'] * len(names))})"
    )
    constants = tuple(load.constants.values())
    readers = [_reader(column) for _, column in load.fields]
    loaded = 0
    for batch in batches(read_rows(part, readers), _BATCH):
        rows = [row + constants for row in batch]
        loaded += connection.exec_driver_sql(statement, rows).rowcount
        _refuse_warnings(connection, part)
    return loaded


def warnings(connection: Connection) -> list[str]:
    """The first of the last statement's warnings and notes, as `1265: Data truncated ...`.

    Without the values that the server quotes: they may be personal.
    """
    shown = connection.exec_driver_sql(f"SHOW WARNINGS LIMIT {_WARNINGS_SHOWN}")
    return [f"{code}: {without_values(message)}" for _level, code, message in shown]


def _refuse_warnings(connection: Connection, part: str) -> None:
    found = warnings(connection)
    if found:
        raise LoadError(
            f"The server warned while {Path(part).name} was loaded: {'; '.join(found)}.",
            next_step="Nothing was kept. The transform let a value pass that the table cannot"
            " keep: mend its rule and start the stage again.",
            part=Path(part).name,
            warnings=found,
        )


_EXPRESSIONS = {
    TypeKind.BINARY: "UNHEX({})",
    TypeKind.VARBINARY: "UNHEX({})",
    TypeKind.BLOB: "UNHEX({})",
    TypeKind.BIT: "CAST({} AS UNSIGNED)",
}


def _reader(column: Column | None) -> Reader:
    if column and column.type.kind.is_binary:
        return bytes.fromhex
    if column and column.type.kind is TypeKind.BIT:
        return int
    return _as_it_is


def _as_it_is(text: str) -> Value:
    return text
