"""Creating tables: idempotent, as the schema says, with names of every kind."""

from pathlib import Path

import pytest

from admw_assets.core.configuration import MigrationConfiguration
from admw_assets.core.ddl import parse_schema
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.migration import Migration
from admw_assets.core.ports import LoadOutcome
from admw_assets.engines.database.connection import connect
from admw_assets.engines.database.store import DatabaseTableStore
from tests.engines.database.conftest import TargetOf

SQL = """
CREATE TABLE CHILD (id INT NOT NULL, parent INT, PRIMARY KEY (id));
CREATE TABLE PARENT (id INT NOT NULL, name VARCHAR(20), PRIMARY KEY (id));
ALTER TABLE CHILD ADD CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES PARENT (id);
"""


def migration(sql: str, **configuration: object) -> Migration:
    settings = MigrationConfiguration.model_validate({"name": "test"} | configuration)
    return Migration(Path(), settings, parse_schema(sql))


def initialize(url: str, wanted: Migration) -> list[str]:
    database = connect(url)
    try:
        return DatabaseTableStore(database, wanted.schema).initialize(wanted)
    finally:
        database.close()


def test_everything_is_made_once(database_url: str) -> None:
    made = initialize(database_url, migration(SQL))
    names = ["admw_ledger", "admw_rejects", "admw_tracker", "admw_events"]
    names += ["CHILD", "PARENT", "PRE_CHILD", "PRE_PARENT"]
    assert all(f"Created table {name}." in made for name in names)
    assert initialize(database_url, migration(SQL)) == []


def test_a_new_table_is_added_to_what_is_there(database_url: str) -> None:
    initialize(database_url, migration(SQL))
    more = SQL + "CREATE TABLE MORE (id INT NOT NULL, PRIMARY KEY (id));"
    assert initialize(database_url, migration(more)) == [
        "Created table MORE.",
        "Created table PRE_MORE.",
    ]


def test_foreign_keys_of_alterations_are_in_force(target_of: TargetOf) -> None:
    target = target_of(SQL)
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        target.execute("INSERT INTO CHILD (id, parent) VALUES (1, 2)")


def test_a_final_table_that_was_there_gets_the_origin_column(database_url: str) -> None:
    database = connect(database_url)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE T (id INT NOT NULL, a VARCHAR(9))")
        connection.exec_driver_sql("INSERT INTO T VALUES (1, 'x')")
    wanted = migration("CREATE TABLE T (id INT NOT NULL, a VARCHAR(9))")
    assert "Added the origin file name to table T." in initialize(database_url, wanted)
    assert initialize(database_url, wanted) == []
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT id, a, admw_origin_file_name FROM T")
        assert [tuple(row) for row in rows] == [(1, "x", None)]
    database.close()


def test_a_final_table_without_a_column_is_refused(database_url: str) -> None:
    initialize(database_url, migration("CREATE TABLE T (id INT NOT NULL)"))
    with pytest.raises(ConfigurationError, match="'T' is there without 'b'"):
        initialize(database_url, migration("CREATE TABLE T (id INT NOT NULL, b INT)"))


def test_an_empty_preliminary_table_follows_the_schema(database_url: str) -> None:
    initialize(database_url, migration("CREATE TABLE T (id INT NOT NULL)"))
    database = connect(database_url)
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE T ADD COLUMN b INT")
    database.close()
    made = initialize(database_url, migration("CREATE TABLE T (id INT NOT NULL, b INT)"))
    assert made == ["Created table PRE_T anew: it was empty and lacked columns."]


def test_a_preliminary_table_with_rows_is_never_dropped(target_of: TargetOf) -> None:
    target = target_of("CREATE TABLE T (id INT NOT NULL)")
    target.preliminary("T~1.csv", "T", [["1"]])
    target.execute("ALTER TABLE T ADD COLUMN b INT")
    wider = migration("CREATE TABLE T (id INT NOT NULL, b INT)")
    with pytest.raises(ConfigurationError, match="'PRE_T' has rows, but lacks 'pre_b'"):
        target.store.initialize(wider)


def test_names_of_every_kind_work_in_both_stages(target_of: TargetOf) -> None:
    target = target_of(
        """CREATE TABLE `order` (`key` INT NOT NULL, `a b` VARCHAR(9), `100%` INT, `c:d` INT,
        `row` INT, `ü` VARCHAR(5), PRIMARY KEY (`key`), UNIQUE KEY (`a b`, `100%`))"""
    )
    rows = [["1", "x", "2", "3", "4", "ß"], ["2", "y", "2", "3", "4", None], ["1", *"12345"]]
    assert target.preliminary("order~1.csv", "order", rows).rejected == 1
    assert target.final("order~1.csv", "order").loaded == 2
    table, settings = target.table("order"), target.settings("order")
    assert target.store.compare_final("order~1.csv", table, settings, 5).mismatched == 0


def test_foreign_keys_of_tables_with_a_percent_sign_are_added_later(target_of: TargetOf) -> None:
    target = target_of(
        """CREATE TABLE `100%` (`%` INT PRIMARY KEY, `a%s` VARCHAR(9));
        CREATE TABLE `5%` (`%` INT PRIMARY KEY, `of` INT);
        ALTER TABLE `5%` ADD CONSTRAINT `f%` FOREIGN KEY (`of`) REFERENCES `100%` (`%`);"""
    )
    target.preliminary("A~1.csv", "100%", [["1", "x"]])
    target.preliminary("B~1.csv", "5%", [["1", "1"], ["2", "7"]])
    assert target.final("A~1.csv", "100%").loaded == 1
    assert target.final("B~1.csv", "5%") == LoadOutcome(1, 1)


def test_prefixes_are_those_of_the_migration(target_of: TargetOf) -> None:
    target = target_of(
        "CREATE TABLE T (id INT NOT NULL, PRIMARY KEY (id))",
        prefixes={"table": "stage_", "column": ""},
    )
    target.preliminary("T~1.csv", "T", [["1"]])
    assert target.query("SELECT id FROM stage_T") == [(1,)]
    assert target.final("T~1.csv", "T").loaded == 1


def test_names_that_grow_too_long_are_shortened(target_of: TargetOf) -> None:
    table, column = "t" * 64, "c" * 64
    target = target_of(f"CREATE TABLE {table} ({column} INT NOT NULL, PRIMARY KEY ({column}))")
    target.preliminary("T~1.csv", table, [["1"], ["2"]])
    assert target.final("T~1.csv", table).loaded == 2
    assert target.query(f"SELECT {column} FROM {table} ORDER BY 1") == [(1,), (2,)]
    assert len(target.settings(table).preliminary_name) == 64


def test_preliminary_columns_collate_like_the_final_ones(mysql_target_of: TargetOf) -> None:
    target = mysql_target_of(
        """CREATE TABLE T (a VARCHAR(9), b VARCHAR(9) CHARACTER SET latin1,
        c TEXT COLLATE utf8mb4_bin, d ENUM('x')) COLLATE utf8mb4_unicode_520_ci"""
    )
    query = (
        "SELECT collation_name FROM information_schema.columns WHERE table_schema = DATABASE()"
        " AND table_name = '{}' AND column_name {} ORDER BY column_name"
    )
    final = target.query(query.format("T", "NOT LIKE 'admw%%'"))
    assert target.query(query.format("PRE_T", "LIKE 'pre%%'")) == final
    assert final[0] == ("utf8mb4_unicode_520_ci",)
