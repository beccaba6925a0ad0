"""From an SQLite source to MariaDB: tables in a circle, composite keys, texts of all kinds."""

import sqlite3
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from admw_assets.core.ddl import parse_schema
from admw_assets.core.schema import TypeKind
from tests.command_line import ALL_GOOD, Project, admw, describe
from tests.mariadb_server import MariaDbServer

pytestmark = [pytest.mark.spark, pytest.mark.mysql, pytest.mark.slow]

SCHEMA = Path(__file__).parent / "museum.sql"
SOURCE = """
CREATE TABLE Museum (id INTEGER PRIMARY KEY, Name VARCHAR(60), director INTEGER, opened DATE,
  entry_fee NUMERIC(8,2), founded DATETIME);
CREATE TABLE Person (id INTEGER PRIMARY KEY, museum INTEGER, head INTEGER, full_name VARCHAR(80),
  cv TEXT, photo BLOB);
CREATE TABLE Exhibit (museum INTEGER, number VARCHAR(12), weight DOUBLE, worth TEXT,
  on_show BOOLEAN, PRIMARY KEY (museum, number));
CREATE TABLE Loan (museum INTEGER, number VARCHAR(12), since DATE, until DATE, borrower INTEGER,
  PRIMARY KEY (museum, number, since));
"""
CVS = [None, "", "Zeile 1\nZeile 2\r\n", 'quoted "text", with comma', "博物館 😀", " spaces "]


def _fill(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.executescript(SOURCE)
        for n in range(1, 41):
            connection.execute(
                "INSERT INTO Museum VALUES (?, ?, ?, ?, ?, ?)",
                (n, f"Musée n° {n}", None if n % 4 == 0 else 1000 + (n * 3) % 40,
                 f"18{n + 10}-12-31", None if n % 5 == 0 else n * 1.25,
                 f"19{n + 10}-06-01 10:00:{n:02}"),
            )  # fmt: skip
            connection.execute(
                "INSERT INTO Person VALUES (?, ?, ?, ?, ?, ?)",
                (999 + n, n, None if n % 3 else 999 + 41 - n, f"Ødegård {n}", CVS[n % len(CVS)],
                 None if n % 2 else bytes([n, 0, 255])),
            )  # fmt: skip
            connection.execute(
                "INSERT INTO Exhibit VALUES (?, ?, ?, ?, ?)",
                (n, f"A-{n}", n / 3, f"{n * 10**11}.000001", n % 2),
            )
            until = None if n % 2 else "2025-01-31"
            connection.execute(
                "INSERT INTO Loan VALUES (?, ?, ?, ?, ?)", (n, f"A-{n}", "2024-02-29", until, 1)
            )
    connection.close()


def _plain(value: object, kind: TypeKind) -> object:
    """A value in one form, whichever driver it comes from."""
    match value:
        case None | bytes():
            return value
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case _ if kind is TypeKind.DECIMAL:
            return Decimal(str(value))
        case _:
            return value


def _rows(url: str, table: str) -> list[tuple[object, ...]]:
    model = parse_schema(SCHEMA.read_text()).table(table)
    target = sa.table(table, *(sa.column(column.name) for column in model.columns))
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(*target.columns)).all()
    engine.dispose()
    kinds = [column.type.kind for column in model.columns]
    plain = [tuple(map(_plain, row, kinds)) for row in rows]
    return sorted(plain, key=lambda row: str(row[:3]))


def test_final_tables_equal_the_sqlite_source(tmp_path: Path, mariadb: MariaDbServer) -> None:
    _fill(tmp_path / "source.sqlite")
    source = f"sqlite:///{tmp_path / 'source.sqlite'}"
    with mariadb.fresh_database() as target:
        folder, landing = tmp_path / "museums", tmp_path / "landing"
        made = admw("new", str(folder), "--ddl", str(SCHEMA), "--transform", "person")
        assert made.returncode == ALL_GOOD, describe(made)
        extracted = admw("extract", "--source", source, "--out", str(landing))
        assert extracted.returncode == ALL_GOOD, describe(extracted)
        project = Project(folder, target, tmp_path / "home")
        for arguments in (["check"], ["db", "init"], ["run", "--landing", str(landing)]):
            done = project.admw(*arguments)
            assert done.returncode == ALL_GOOD, describe(done)
        for table in parse_schema(SCHEMA.read_text()).tables:
            assert len(_rows(source, table)) == 40
            assert _rows(target, table) == _rows(source, table)
