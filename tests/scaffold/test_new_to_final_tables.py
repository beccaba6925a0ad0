"""From a dump to final tables without touching a generated file: new, extract, init, run."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from admw_assets.core.ddl import parse_schema
from tests.command_line import ALL_GOOD, Project, admw, describe
from tests.mariadb_server import MariaDbServer

pytestmark = [pytest.mark.spark, pytest.mark.mysql, pytest.mark.slow]

SCHEMA = Path(__file__).parent / "observatory.sql"
NAMES = ["Zoë Ångström", "李明", 'O\'Neil, "Bo"', "Иван  ", "😀 Ada", "-none-", "=1+1"]
TEXTS = [None, "", "clear\nthen fog", 'he said "stars", twice', "NULL", "\\N", "  spaced ", "~"]


def _fill(url: str) -> None:
    """Rows with everything that is awkward in a flat file; a mentor may have a larger id."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
        connection.exec_driver_sql("SET foreign_key_checks = 0")
        for number in range(60):
            connection.exec_driver_sql(
                "INSERT INTO observer (id, name, mentor, born, e_mail, joined, active)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (
                    number,
                    f"{number} {NAMES[number % len(NAMES)]}",
                    None if number % 5 == 0 else (number * 7) % 60,
                    None if number % 3 == 0 else f"19{number + 10}-02-28",
                    None if number % 4 == 0 else f"obs{number}é@example.com",
                    f"2024-03-{number % 28 + 1:02} 01:02:03.{number:03}",
                    number % 2,
                ),
            )
            connection.exec_driver_sql(
                "INSERT INTO `Night Log` (observer, night, `entry no`, weather, text, seeing)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (
                    number,
                    f"2024-01-{number % 31 + 1:02}",
                    number % 3,
                    (None, "", "clear,wind", "cloud")[number % 4],
                    TEXTS[number % len(TEXTS)],
                    None if number % 6 == 0 else f"{number - 30}.{number:03}",
                ),
            )
            connection.exec_driver_sql(
                "INSERT INTO `order` (`key`, observer, night, `entry no`, `group`, price,"
                " cancelled, options, raw, made, begins, ratio)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    2**64 - 1 - number,
                    number,
                    f"2024-01-{number % 31 + 1:02}",
                    number % 3 if number % 2 else None,
                    ("main", "b ", "Ü")[number % 3],
                    f"{number * 1234567}.{number:04}",
                    number % 2,
                    None if number % 3 else json.dumps({"n": number, "t": 'a "b"\n'}),
                    None if number % 7 == 0 else bytes([0, number, 255]),
                    1901 + number,
                    None if number % 5 == 0 else f"{number - 30}:10:11.5",
                    None if number % 8 == 0 else number / 7,
                ),
            )
    engine.dispose()


def _create(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET foreign_key_checks = 0")
        for statement in SCHEMA.read_text().replace("ENGINE=MyISAM", "ENGINE=InnoDB").split(";\n"):
            if "TABLE" in statement:
                connection.exec_driver_sql(statement)
    engine.dispose()


def _rows(url: str, table: str, columns: Sequence[str]) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url)
    target = sa.table(table, *(sa.column(name) for name in columns))
    query = sa.select(*target.columns).order_by(*list(target.columns)[:3])
    with engine.connect() as connection:
        connection.exec_driver_sql("SET time_zone = '+00:00'")
        found = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    return found


def test_final_tables_equal_the_source(tmp_path: Path, mariadb: MariaDbServer) -> None:
    with mariadb.fresh_database() as source, mariadb.fresh_database() as target:
        _create(source)
        _fill(source)
        folder, landing = tmp_path / "observatory", tmp_path / "landing"
        made = admw("new", str(folder), "--ddl", str(SCHEMA))
        assert made.returncode == ALL_GOOD, describe(made)
        extracted = admw("extract", "--source", source, "--out", str(landing))
        assert extracted.returncode == ALL_GOOD, describe(extracted)
        project = Project(folder, target, tmp_path / "home")
        for arguments in (["check"], ["db", "init"], ["run", "--landing", str(landing)]):
            done = project.admw(*arguments)
            assert done.returncode == ALL_GOOD, describe(done)
        for table in parse_schema(SCHEMA.read_text()).tables.values():
            columns = [column.name for column in table.columns]
            source_rows = _rows(source, table.name, columns)
            assert len(source_rows) == 60
            assert _rows(target, table.name, columns) == source_rows
