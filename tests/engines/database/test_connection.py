"""URLs, sessions, and what becomes of a database's errors."""

import socket
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from admw_assets.core.errors import (
    AdmwError,
    ConfigurationError,
    DatabaseUnavailable,
    LoadError,
)
from admw_assets.core.step import Stage
from admw_assets.engines.database.connection import connect
from admw_assets.engines.database.tracker import DatabaseTracker

SECRET = "s3cr3t-p4ss"


def everything_said(err: BaseException) -> str:
    """The messages of an error and of all its causes."""
    said = []
    cause: BaseException | None = err
    while cause is not None:
        said.append(f"{cause} {cause!r} {getattr(cause, 'context', '')}")
        cause = cause.__cause__ or cause.__context__
    return " ".join(said)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}@host/db",
        f"no url {SECRET}",
        f"mysql://me:{SECRET}@host",
        f"mysql://me:{SECRET}@host:port/db",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect(url)
    assert caught.value.next_step
    assert SECRET not in f"{caught.value}"


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(DatabaseUnavailable) as caught:
        connect(f"mysql+pymysql://me:{SECRET}@127.0.0.1:{port}/db").check()
    assert f"127.0.0.1:{port}" in str(caught.value)
    assert SECRET not in everything_said(caught.value)


def test_a_wrong_password_or_database_is_a_matter_of_configuration(mysql_url: str) -> None:
    url = make_url(mysql_url)
    for wrong in (url.set(password=SECRET), url.set(database="not_there")):
        with pytest.raises(ConfigurationError) as caught:
            connect(wrong.render_as_string(hide_password=False)).check()
        said = everything_said(caught.value)
        assert SECRET not in said
        assert (url.password or "") not in said


def test_a_folder_that_is_not_there_is_a_matter_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="unable to open"):
        connect(f"sqlite:///{tmp_path}/nowhere/admw.sqlite").check()


def test_the_short_spelling_of_mysql_is_understood(mysql_url: str) -> None:
    for name in ("mysql", "mariadb", "mariadb+pymysql"):
        database = connect(mysql_url.replace("mysql+pymysql", name, 1))
        database.check()
        database.close()


def test_a_mysql_session_is_strict_and_in_utc(mysql_url: str) -> None:
    with connect(mysql_url).reading() as connection:
        mode, zone, isolation, names = connection.exec_driver_sql(
            "SELECT @@sql_mode, @@time_zone, @@tx_isolation, @@character_set_client"
        ).one()
    assert {"STRICT_ALL_TABLES", "NO_ZERO_DATE", "NO_AUTO_VALUE_ON_ZERO"} <= set(mode.split(","))
    assert "NO_BACKSLASH_ESCAPES" not in mode
    assert (zone, isolation, names) == ("+00:00", "READ-COMMITTED", "utf8mb4")


def test_an_sqlite_session_checks_foreign_keys_and_logs_ahead(sqlite_url: str) -> None:
    with connect(sqlite_url).reading() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_ddl_and_rows_of_a_failed_block_are_gone_on_sqlite(sqlite_url: str) -> None:
    database = connect(sqlite_url)
    with pytest.raises(RuntimeError), database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INT)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        raise RuntimeError
    with database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_tables_that_are_missing_tell_what_to_run(database_url: str) -> None:
    with pytest.raises(ConfigurationError, match="admw db init"):
        DatabaseTracker(connect(database_url)).state("f", "t", Stage.FINAL)


def test_waiting_for_a_lock_in_vain_is_worth_another_try(database_url: str) -> None:
    database = connect(database_url)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INT PRIMARY KEY)")
    with database.writing() as first:
        first.exec_driver_sql("INSERT INTO t VALUES (1)")
        with pytest.raises(DatabaseUnavailable), database.reading() as second:
            if second.dialect.name == "mysql":
                second.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 1")
            else:
                second.exec_driver_sql("PRAGMA busy_timeout = 10")
            second.exec_driver_sql("INSERT INTO t VALUES (1)")


def test_a_connection_that_breaks_is_worth_another_try(mysql_url: str) -> None:
    database = connect(mysql_url)
    with pytest.raises(DatabaseUnavailable), database.reading() as connection:
        number = connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar()
        with database.reading() as other:
            other.exec_driver_sql(f"KILL {number}")
        connection.exec_driver_sql("SELECT 1")
    database.check()


def test_other_errors_are_terminal_and_do_not_repeat_the_values(database_url: str) -> None:
    database = connect(database_url)
    with pytest.raises(LoadError) as caught, database.reading() as connection:
        connection.execute(sa.text("SELECT nonsense(:value)"), {"value": SECRET})
    assert not caught.value.transient
    assert SECRET not in everything_said(caught.value).replace("nonsense('" + SECRET, "")


def test_every_error_is_one_of_admw(database_url: str) -> None:
    with pytest.raises(AdmwError), connect(database_url).reading() as connection:
        connection.exec_driver_sql("SELEKT")
