"""A replay that is cut off anywhere, started again: every corrected record is there once."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from admw_assets.core.ports import Ports
from admw_assets.core.step import Stage
from admw_assets.steps.verification import verify
from tests.command_line import FINISHED_WITH_REJECTS, Project, describe, kill
from tests.databases import KINDS, fresh_database
from tests.final_tables import read_rows
from tests.orders import (
    CUSTOMERS,
    MIGRATION,
    ORDERS,
    Shop,
    customer_line,
    open_shop,
    write_customers,
    write_orders,
    write_replay,
)

pytestmark = [pytest.mark.spark, pytest.mark.slow]

HEADER = "id,customer_id,amount"
COMMITS = (
    ("tables", "load_replay"),
    ("tables", "release_final"),
    ("tables", "finish_replay"),
    ("tracker", "record"),
    ("reports", "write"),
    ("archiver", "archive"),
    ("chain", "append"),
)
"""Everything by which a replay leaves something behind."""


class Crash(BaseException):
    """As if the process had been killed: nothing catches it."""


@dataclass
class CrashAfter:
    """Lets so many commits happen, then crashes; `names` are those that happened."""

    commits: int
    names: list[str] = field(default_factory=list)

    def ports(self, ports: Ports) -> Ports:
        """The same ports, watched."""
        watched = {port: self._watched(getattr(ports, port), port) for port, _ in COMMITS}
        return replace(ports, **watched)

    def _watched(self, port: object, name: str) -> Any:
        return _Watched(port, {method: self for p, method in COMMITS if p == name})

    def committed(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self.commits:
            raise Crash(name)


class _Watched:
    def __init__(self, port: object, methods: dict[str, CrashAfter]) -> None:
        self._port, self._methods = port, methods

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        watcher = self._methods.get(name)
        return value if watcher is None else _then(value, watcher, name)


def _then(method: Callable[..., Any], watcher: CrashAfter, name: str) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        result = method(*arguments, **options)
        watcher.committed(name)
        return result

    return call


@pytest.fixture(params=KINDS)
def shop(request: pytest.FixtureRequest, tmp_path: Path, spark: SparkSession) -> Iterator[Shop]:
    """Thirty orders of one customer, all with an amount that is none."""
    with (
        fresh_database(request.param, request, tmp_path) as url,
        open_shop(url, tmp_path / "home") as opened,
    ):
        write_customers(opened.landing, [("1", "Ann", "")])
        write_orders(opened.landing, [(str(n), "1", "much") for n in range(1, 31)])
        opened.run("first")
        yield opened


def test_replay_cut_off_after_any_commit_goes_on_and_loads_once(shop: Shop) -> None:
    happened: list[str] = []
    for record in range(1, 31):
        line = {record: f"{record},1,{record}.50"}
        data = write_replay(shop.settings.home / f"fix{record}", ORDERS, HEADER, line)
        watcher = CrashAfter(record)
        watched = replace(shop, ports=watcher.ports(shop.ports))
        ended = False
        try:
            watched.replay(data, f"crash-{record}")
            ended = True
        except Crash:
            assert not shop.replay(data, f"again-{record}").rejected
        happened = watcher.names
        _assert_loaded(shop, record)
        if ended:
            break
    assert {name for _, name in COMMITS} == set(happened), happened
    assert len(happened) > 10


def _assert_loaded(shop: Shop, records: int) -> None:
    amounts = read_rows(shop.settings.database_url, "orders", ["id", "amount"])
    assert sorted(amounts) == sorted((str(n), f"{n}.50") for n in range(1, records + 1))
    expected = (30, records, 30 - records, 0)
    assert shop.counts(ORDERS, "orders") == {stage: expected for stage in Stage}
    found = verify(shop.ports.chain, shop.ports.evidence, shop.ports.tracker)
    assert found.problems == ()
    assert all(entry.finished for entry in shop.ports.tables.replays(ORDERS))


MOMENTS = (0.45, 0.6, 0.75, 0.9)
"""When the process is killed: fractions of the time that a replay takes when left alone."""


@pytest.mark.parametrize("kind", KINDS)
def test_replay_killed_and_started_again_loads_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    records = len(MOMENTS) + 1
    with fresh_database(kind, request, tmp_path) as url:
        project = Project(MIGRATION, url, tmp_path / "home")
        landing = project.home / "landing"
        write_customers(landing, [(str(n), "x" * 21, "") for n in range(1, records + 1)])
        project.json("run", exit_code=FINISHED_WITH_REJECTS)

        def fixed(record: int) -> str:
            line = {record: customer_line((str(record), f"Customer {record}", "a;b"), False)}
            header = "id,name,tags,admw_source_hash"
            return str(write_replay(tmp_path / f"fix{record}", CUSTOMERS, header, line))

        started = time.monotonic()
        _replay(project, fixed(1))
        seconds = time.monotonic() - started
        for record, moment in enumerate(MOMENTS, start=2):
            victim = project.start("rejects", "replay", fixed(record))
            time.sleep(seconds * moment)
            kill(victim)
            _replay(project, fixed(record))
        rows = read_rows(url, "customer", ["id", "name"])
        assert sorted(rows) == [(str(n), f"Customer {n}") for n in range(1, records + 1)]
        assert len(read_rows(url, "customer_tag", ["tag"])) == 2 * records
        states = project.json("status")
        assert {(s["status"], s["rejected"], s["mismatched"]) for s in states} == {
            ("COMPLETED", 0, 0)
        }
        done = project.admw("verify")
        assert done.returncode == 0, describe(done)


def _replay(project: Project, data: str) -> None:
    done = project.admw("rejects", "replay", data)
    assert done.returncode == 0, describe(done)
