"""A process killed in the middle of a load leaves nothing; started again, every row is once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from admw_assets.core.ports import LoadOutcome, Reject
from tests.engines.database.blocked_load import CITIES, CITY_ROWS, HOUSE_ROWS, HOUSES, SQL
from tests.engines.database.staging import Target, open_target

ROOT = Path(__file__).parents[3]
TABLES = ("PRE_CITY", "PRE_HOUSE", "CITY", "HOUSE", "admw_ledger", "admw_rejects")
NOTHING = dict.fromkeys(TABLES, 0)


@contextmanager
def load_stopped_at(moment: str, url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of its load, killed at the end of the block."""
    command = [sys.executable, "-m", "tests.engines.database.blocked_load"]
    process = subprocess.Popen(
        [*command, url, str(folder), moment], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def counts(target: Target) -> dict[str, int]:
    rows = {table: target.query(f"SELECT COUNT(*) FROM {table}") for table in TABLES}
    return {table: int(str(found[0][0])) for table, found in rows.items()}


@pytest.mark.parametrize("moment", ["rejects", "duplicates"])
def test_a_killed_preliminary_load_leaves_nothing(
    database_url: str, tmp_path: Path, moment: str
) -> None:
    target = open_target(database_url, tmp_path, SQL)
    with load_stopped_at(moment, database_url, tmp_path):
        assert counts(target) == NOTHING
    assert counts(target) == NOTHING
    check_loads_once(target)


def test_a_load_killed_in_the_middle_of_a_part_leaves_nothing(
    database_url: str, tmp_path: Path
) -> None:
    target = open_target(database_url, tmp_path, SQL)
    staged = target.job(CITIES, "CITY", CITY_ROWS).staged
    lines = Path(staged.folder, staged.parts[0]).read_bytes()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with load_stopped_at("bulk", database_url, tmp_path) as process, pipe.open("wb") as end:
        end.write(lines[: len(lines) // 2])
        end.flush()
        time.sleep(0.2)
        process.kill()  # before the pipe is closed, which would be the end of a shorter part
        process.wait()
    assert counts(target) == NOTHING
    check_loads_once(target)


def test_a_killed_final_load_leaves_the_preliminary_rows_as_they_were(
    database_url: str, tmp_path: Path
) -> None:
    target = open_target(database_url, tmp_path, SQL)
    target.preliminary(CITIES, "CITY", CITY_ROWS)
    target.final(CITIES, "CITY")
    target.preliminary(HOUSES, "HOUSE", HOUSE_ROWS)
    before = counts(target)
    with load_stopped_at("final", database_url, tmp_path):
        assert counts(target) == before
    assert counts(target) == before
    statuses = target.query("SELECT DISTINCT admw_status FROM PRE_HOUSE")
    assert statuses == [("loaded",)]
    for _ in range(2):
        assert target.final(HOUSES, "HOUSE") == LoadOutcome(loaded=50, rejected=50)
    assert counts(target)["HOUSE"] == 50


def test_a_second_process_waits_for_the_first_and_finds_its_rows(
    database_url: str, tmp_path: Path
) -> None:
    """The first is stopped after its ledger entry and then killed: the second takes over."""
    target = open_target(database_url, tmp_path, SQL)
    outcomes: list[LoadOutcome] = []
    second = Thread(target=lambda: outcomes.append(target.preliminary(CITIES, "CITY", CITY_ROWS)))
    with load_stopped_at("rejects", database_url, tmp_path):
        second.start()
        second.join(0.5)
        assert outcomes == []
    second.join(60)
    assert outcomes == [LoadOutcome(loaded=900, rejected=100)]
    check_loads_once(target)


def test_two_loads_of_one_file_at_once_bring_it_once(database_url: str, tmp_path: Path) -> None:
    target = open_target(database_url, tmp_path, SQL)
    entered, go_on = Event(), Event()

    def slow_rejects() -> Iterator[Reject]:
        entered.set()
        assert go_on.wait(60)
        yield from ()

    with ThreadPoolExecutor(2) as pool:
        job = replace(target.job(CITIES, "CITY", CITY_ROWS), rejects=slow_rejects())
        first = pool.submit(target.store.load_preliminary, job)
        assert entered.wait(60)
        second = pool.submit(target.preliminary, CITIES, "CITY", CITY_ROWS)
        time.sleep(0.3)
        assert not second.done()
        go_on.set()
        assert first.result(60) == second.result(60) == LoadOutcome(loaded=900, rejected=100)
    check_loads_once(target)


def check_loads_once(target: Target) -> None:
    for _ in range(2):
        outcome = target.preliminary(CITIES, "CITY", CITY_ROWS)
        assert outcome == LoadOutcome(loaded=900, rejected=100)
    assert counts(target) == NOTHING | {"PRE_CITY": 900, "admw_ledger": 1, "admw_rejects": 100}
