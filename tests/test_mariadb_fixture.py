"""The MariaDB that the tests start is a real server, and nothing of it stays behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pymysql
import pytest
from sqlalchemy import create_engine, make_url, text

from tests.conftest import require_mysql_or_skip
from tests.mariadb_server import HOST, MariaDbServer, running_mariadb

pytest_plugins = ["pytester"]

CHILD = """
import time
from tests.mariadb_server import running_mariadb

with running_mariadb(buffer_pool_mib=32) as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_load_data_local_fills_a_table_of_a_fresh_database(mysql_url: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text("1\té\n2\t\\N\n3\t😀\n", encoding="utf-8")
    engine = create_engine(mysql_url, connect_args={"local_infile": True, "charset": "utf8mb4"})
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(10))"))
        load = text("LOAD DATA LOCAL INFILE :file INTO TABLE t CHARACTER SET utf8mb4")
        assert connection.execute(load, {"file": str(file)}).rowcount == 3
        rows = connection.execute(text("SELECT id, name FROM t ORDER BY id")).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [(1, "é"), (2, None), (3, "😀")]


def test_each_database_is_new_and_dropped_at_the_end(mariadb: MariaDbServer) -> None:
    with mariadb.fresh_database() as one, mariadb.fresh_database() as other:
        assert one != other
        engine = create_engine(one)
        with engine.connect() as connection:
            assert connection.execute(text("SHOW TABLES")).all() == []
            names = set(connection.execute(text("SHOW DATABASES")).scalars())
            assert {make_url(one).database, make_url(other).database} <= names
        engine.dispose()
    engine = create_engine(mariadb.url("mysql"))
    with engine.connect() as connection:
        names = set(connection.execute(text("SHOW DATABASES")).scalars())
    engine.dispose()
    assert not {make_url(one).database, make_url(other).database} & names


def test_server_wants_its_password(mariadb: MariaDbServer) -> None:
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        pymysql.connect(host=HOST, port=mariadb.port, user=mariadb.user, password="")


@pytest.mark.mysql
def test_server_and_its_files_are_gone_after_a_block_that_fails() -> None:
    require_mysql_or_skip()
    with (
        pytest.raises(ZeroDivisionError),
        running_mariadb(buffer_pool_mib=32) as server,
    ):
        assert psutil.pid_exists(server.pid)
        raise ZeroDivisionError
    assert not psutil.pid_exists(server.pid)
    assert not server.data_dir.parent.exists()
    with pytest.raises(pymysql.err.OperationalError):
        pymysql.connect(host=HOST, port=server.port, user=server.user, password=server.password)


@pytest.mark.mysql
def test_server_ends_when_its_test_run_is_killed() -> None:
    require_mysql_or_skip()
    root = Path(__file__).parents[1]
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, cwd=root)
    assert child.stdout is not None
    server_pid = int(child.stdout.readline())
    home = next(
        Path(argument.split("=", 1)[1]).parent
        for argument in psutil.Process(server_pid).cmdline()
        if argument.startswith("--datadir=")
    )
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    try:
        assert wait_for(lambda: not psutil.pid_exists(server_pid))
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize(("required", "outcome"), [("", "skipped"), ("1", "errors")])
def test_skipped_mysql_test_is_an_error_only_where_mysql_is_required(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, required: str, outcome: str
) -> None:
    root = Path(__file__).parents[1]
    monkeypatch.setenv("ADMW_REQUIRE_MYSQL", required)
    pytester.makeini("[pytest]\nmarkers =\n    mysql: as in the project\n")
    pytester.makeconftest(
        "from tests import mariadb_server\n"
        "mariadb_server._SEARCH_PATH = ''\n"
        "from tests.conftest import *\n"
    )
    pytester.makepyfile("def test_database(database_url): assert database_url")
    monkeypatch.setenv("PYTHONPATH", str(root))
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, **{outcome: 1})
    if not required:
        pytester.runpytest_subprocess("-rs").stdout.fnmatch_lines(["*install with: sudo apt-get*"])
