"""The DDL of a migration on MySQL as text to look at; imports core, SQLAlchemy and sqlglot.

`admw db init` carries out the same statements; only collations that schema.sql leaves to the
server stand in them by then.
"""

from sqlalchemy.dialects.mysql import dialect as mysql_dialect
from sqlalchemy.schema import CreateTable
from sqlglot import parse_one

from admw_assets.core.migration import Migration
from admw_assets.core.schema import Column, Table, TypeKind
from admw_assets.engines.database.mysql_creation import JSON_TEXT, final_statement
from admw_assets.engines.database.table_definitions import preliminary_table


def final_ddl(migration: Migration) -> str:
    """The final tables in load order, then the foreign keys that came in ALTER TABLE."""
    tables = [migration.table(name) for wave in migration.waves for name in wave]
    statements = [final_statement(table).sql(dialect="mysql", pretty=True) for table in tables]
    alterations = [
        parse_one(statement, dialect="mysql").sql(dialect="mysql", pretty=True)
        for _, statement in migration.schema.alterations
    ]
    return _script([*statements, *alterations])


def preliminary_ddl(migration: Migration) -> str:
    """The preliminary tables in load order."""
    tables = [migration.table(name) for wave in migration.waves for name in wave]
    return _script([_preliminary(migration, table) for table in tables])


def _preliminary(migration: Migration, table: Table) -> str:
    types = {column.name: _type(column) for column in table.loaded_columns}
    made = preliminary_table(table, migration.settings(table.name), types)
    compiled = CreateTable(made, if_not_exists=True).compile(
        dialect=mysql_dialect(paramstyle="named")
    )
    lines = [line.rstrip().replace("\t", "  ") for line in str(compiled).strip().splitlines()]
    return "\n".join(line for line in lines if line).replace("\n)ENGINE", "\n) ENGINE")


def _type(column: Column) -> str:
    kind = column.type
    if kind.kind is TypeKind.JSON:
        return JSON_TEXT
    sql = f"{kind.sql} CHARACTER SET {kind.character_set}" if kind.character_set else kind.sql
    return f"{sql} COLLATE {kind.collation} NULL" if kind.collation else f"{sql} NULL"


def _script(statements: list[str]) -> str:
    return "".join(f"{statement};\n\n" for statement in statements)[:-1]
