"""All tables of an extraction show one moment, whoever writes to the source meanwhile."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from admw_assets.extraction import ExtractRequest, extract
from admw_assets.extraction.listener import Silence
from admw_assets.extraction.request import SourceAddress
from admw_assets.extraction.source import SnapshotKind
from tests.extraction.extracted import execute, manifest_of, rows_of, run
from tests.mariadb_server import MariaDbServer

TABLES = ("a", "b", "c")


class _WhenCounted(Silence):
    """Does something once, after the snapshot was taken and before a row was read."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._acts = [act]

    def counted(self, table: str, rows: int) -> None:
        if self._acts:
            self._acts.pop()()


def _fill(url: str) -> None:
    for table in TABLES:
        execute(
            url,
            f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)",
            f"INSERT INTO {table} VALUES (1), (2), (3)",
        )


def _change(url: str) -> None:
    for table in TABLES:
        execute(
            url, f"DELETE FROM {table} WHERE id = 2", f"INSERT INTO {table} VALUES (4), (5), (6)"
        )


@pytest.mark.parametrize("workers", [1, 3])
def test_writes_after_the_beginning_are_not_seen(
    source_url: str, tmp_path: Path, workers: int
) -> None:
    if source_url.startswith("sqlite"):
        execute(source_url, "PRAGMA journal_mode = WAL")  # else writers would have to wait
    _fill(source_url)
    out = tmp_path / "out"
    extract(
        ExtractRequest(SourceAddress(source_url), out, workers=workers),
        _WhenCounted(lambda: _change(source_url)),
    )
    for table in TABLES:
        assert sorted(row["id"] or "" for row in rows_of(out, table)) == ["1", "2", "3"]
    (snapshot,) = manifest_of(out)["snapshots"]
    assert {manifest_of(out)["tables"][table]["snapshot"] for table in TABLES} == {
        snapshot["taken_at"]
    }
    kind = make_url(source_url).get_backend_name()
    shared = {"mysql": SnapshotKind.LOCKED_START, "postgresql": SnapshotKind.EXPORTED}
    is_shared = workers > 1 and kind in shared
    assert snapshot["kind"] == (shared[kind] if is_shared else SnapshotKind.ONE_TRANSACTION)
    assert snapshot["workers"] == (workers if is_shared else 1)


def test_the_source_can_be_written_while_workers_read(mysql_url: str, tmp_path: Path) -> None:
    _fill(mysql_url)
    noticed = _WhenCounted(lambda: execute(mysql_url, "INSERT INTO a VALUES (9)"))
    extract(ExtractRequest(SourceAddress(mysql_url), tmp_path, workers=2), noticed)
    execute(mysql_url, "INSERT INTO a VALUES (10)")


def test_user_who_may_not_lock_gets_one_worker_and_is_told(
    mariadb: MariaDbServer, mysql_url: str, tmp_path: Path
) -> None:
    _fill(mysql_url)
    url = make_url(mysql_url)
    name, password = f"reader_{secrets.token_hex(4)}", secrets.token_hex(8)
    mariadb.execute(f"CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{password}'")
    mariadb.execute(f"GRANT SELECT ON {url.database}.* TO {name}@'127.0.0.1'")
    reader = url.set(username=name, password=password).render_as_string(hide_password=False)
    try:
        run(reader, tmp_path, workers=2)
    finally:
        mariadb.execute(f"DROP USER {name}@'127.0.0.1'")
    (snapshot,) = manifest_of(tmp_path)["snapshots"]
    assert (snapshot["kind"], snapshot["workers"]) == ("one transaction", 1)
    assert snapshot["note"].startswith(
        "One worker instead of 2: FLUSH TABLES WITH READ LOCK was not permitted"
    )
    assert [row["id"] for row in rows_of(tmp_path, "b")] == ["1", "2", "3"]


def test_workers_write_what_one_writes(source_url: str, tmp_path: Path) -> None:
    for table in TABLES:
        values = ", ".join(f"({n}, 't{n}')" for n in range(2500))
        execute(
            source_url,
            f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, t VARCHAR(9))",
            f"INSERT INTO {table} VALUES {values}",
        )
    run(source_url, tmp_path / "one")
    run(source_url, tmp_path / "three", workers=3)
    for table in TABLES:
        assert rows_of(tmp_path / "one", table) == rows_of(tmp_path / "three", table)


def test_rows_hidden_by_a_policy_are_an_error(postgres_url: str, tmp_path: Path) -> None:
    role = f"reader_{secrets.token_hex(4)}"
    execute(
        postgres_url,
        "CREATE TABLE a (id int)",
        "INSERT INTO a VALUES (1), (2)",
        "ALTER TABLE a ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY visible ON a USING (id = 1)",
        f"CREATE ROLE {role} LOGIN PASSWORD 'secret'",
        f"GRANT SELECT ON a TO {role}",
    )
    reader = make_url(postgres_url).set(username=role, password="secret")
    try:
        with pytest.raises(Exception, match="row-level security"):
            run(reader.render_as_string(hide_password=False), tmp_path)
    finally:
        execute(postgres_url, "DROP TABLE a", f"DROP ROLE {role}")
