"""`admw check --against`: a live database held against schema.sql."""

import json
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from admw_assets.cli.main import main
from admw_assets.core.ddl import parse_schema
from admw_assets.engines.database.connection import connect
from admw_assets.engines.database.live_schema import compare_live_schema

SCHEMA = """
CREATE TABLE maker (id INT UNSIGNED NOT NULL, name VARCHAR(20) COLLATE utf8mb4_bin, UNIQUE (name),
  active BOOL, facts JSON, size FLOAT UNSIGNED, PRIMARY KEY (id)) ENGINE=InnoDB;
CREATE TABLE part (
    id INT NOT NULL, maker_id INT UNSIGNED, price DECIMAL(9,2), kind ENUM('a','b') NOT NULL,
    twice DECIMAL(10,2) AS (price * 2), PRIMARY KEY (id), FOREIGN KEY (maker_id)
    REFERENCES maker (id)) DEFAULT CHARSET=utf8;
"""
CHANGES = [
    ("ALTER TABLE part DROP COLUMN price, DROP COLUMN twice",
     ["part: column price is missing", "part: column twice is missing"]),
    ("ALTER TABLE part ADD COLUMN colour TEXT", ["part: column colour is not in schema.sql"]),
    ("ALTER TABLE part MODIFY price DECIMAL(9,3)",
     ["part.price: type is decimal(9,3), schema.sql says DECIMAL(9, 2)"]),
    ("ALTER TABLE part MODIFY kind ENUM('a','b','c') NOT NULL",
     ["part.kind: type is enum('a','b','c'), schema.sql says ENUM('a', 'b')"]),
    ("ALTER TABLE part MODIFY kind ENUM('a','b')",
     ["part.kind: nullability is NULL, schema.sql says NOT NULL"]),
    ("ALTER TABLE maker MODIFY name VARCHAR(20) COLLATE utf8mb4_general_ci",
     ["maker.name: collation is utf8mb4_general_ci, schema.sql says utf8mb4_bin"]),
    ("ALTER TABLE maker MODIFY name VARCHAR(10) COLLATE utf8mb4_general_ci",
     ["maker.name: type is varchar(10), schema.sql says VARCHAR(20)",
      "maker.name: collation is utf8mb4_general_ci, schema.sql says utf8mb4_bin"]),
    ("ALTER TABLE part DROP PRIMARY KEY", ["part: primary key (id) is missing"]),
    ("ALTER TABLE part ADD UNIQUE (price)", ["part: unique key (price) is not in schema.sql"]),
    ("ALTER TABLE maker DROP INDEX name", ["maker: unique key (name) is missing"]),
    ("ALTER TABLE part DROP FOREIGN KEY part_ibfk_1",
     ["part: foreign key (maker_id) -> maker (id) is missing"]),
    ("ALTER TABLE part DROP COLUMN twice, ADD COLUMN twice DECIMAL(10,2)",
     ["part.twice: column is filled by whoever writes the row, schema.sql says computed by the"
      " database"]),
    ("DROP TABLE part", ["part: table part is missing"]),
]  # fmt: skip


def create(url: str, *changes: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in parse_schema(SCHEMA).tables.values():
            connection.exec_driver_sql(table.ddl)
        for change in changes:
            connection.exec_driver_sql(change)
    engine.dispose()


def differences(url: str) -> list[str]:
    database = connect(url)
    try:
        return [str(d) for d in compare_live_schema(database, parse_schema(SCHEMA))]
    finally:
        database.close()


def test_tables_as_in_schema_sql_do_not_differ(mysql_url: str) -> None:
    create(mysql_url)
    assert differences(mysql_url) == []


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_every_change_is_named(mysql_url: str, change: str, expected: list[str]) -> None:
    create(mysql_url, change)
    assert differences(mysql_url) == expected


def test_engine_without_transactions_is_named(mysql_url: str) -> None:
    create(
        mysql_url, "ALTER TABLE part DROP FOREIGN KEY part_ibfk_1", "ALTER TABLE part ENGINE=MyISAM"
    )
    assert "part: engine is MyISAM, schema.sql says InnoDB" in differences(mysql_url)


def test_command_names_differences_and_ends_with_1(
    tmp_path: Path,
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "schema.sql").write_text(SCHEMA)
    (tmp_path / "migration.yaml").write_text("name: parts\n")

    def admw(*arguments: str) -> tuple[int, str]:
        options = ["--migration", str(tmp_path), "--home", str(tmp_path / "home")]
        monkeypatch.setattr(sys, "argv", ["admw", *arguments, *options])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return int(str(ended.value.code or 0)), capsys.readouterr().out

    assert admw("check", "--against", sqlite_url)[0] == 2  # there is no such file
    assert admw("db", "init", "--database-url", sqlite_url)[0] == 0
    assert admw("check", "--against", sqlite_url) == (0, "All 2 tables are as schema.sql says.\n")
    engine = sa.create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE part RENAME COLUMN price TO cost")
    engine.dispose()
    code, out = admw("check", "--against", sqlite_url, "--json")
    assert code == 1
    found = [difference["message"] for difference in json.loads(out)["differences"]]
    assert found == ["part: column price is missing", "part: column cost is not in schema.sql"]
