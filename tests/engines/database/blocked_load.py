"""Runs one load in a process of its own that stops at a chosen moment, for a test to kill it.

    python -m tests.engines.database.blocked_load URL FOLDER MOMENT

Prints `ready` when the moment has come and then waits for ever. `bulk` is no moment of its own:
there the staged part is a pipe, and the test stops writing into it.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from admw_assets.core.ports import RawRecord, Reject
from admw_assets.core.step import Stage
from tests.engines.database.staging import Target, open_target, originals

CITIES, HOUSES = "CITY~20240101.000000.csv", "HOUSE~20240101.000000.csv"
SQL = """
CREATE TABLE CITY (id INT NOT NULL, name VARCHAR(20), PRIMARY KEY (id));
CREATE TABLE HOUSE (id INT NOT NULL, city INT, PRIMARY KEY (id),
    CONSTRAINT in_city FOREIGN KEY (city) REFERENCES CITY (id));
"""
CITY_ROWS = [[str(n % 900), f"name {n}"] for n in range(1_000)]
HOUSE_ROWS = [[str(n), str(n)] for n in range(850, 950)]


def wait() -> None:
    """Say that the moment has come, and stay in it."""
    print("ready", flush=True)
    time.sleep(600)


def never_ending_rejects() -> Iterator[Reject]:
    """One reject, then nothing any more."""
    yield Reject(CITIES, "CITY", Stage.PRELIMINARY, 5_000, 1, "r", "", "", b"", 0, "run")
    wait()


def never_ending_originals(numbers: Iterable[int]) -> Iterator[RawRecord]:
    """One record, then nothing any more."""
    yield from originals(list(numbers)[:1])
    wait()


def main(url: str, folder: str, moment: str) -> None:
    """Load the preliminary rows (or move them, for `final`) up to the moment."""
    target = open_target(url, Path(folder), SQL)
    if moment == "final":
        load_final(target)
        return
    job = target.job(CITIES, "CITY", CITY_ROWS)
    if moment == "rejects":
        job = replace(job, rejects=never_ending_rejects())
    elif moment == "duplicates":
        job = replace(job, original=never_ending_originals)
    elif moment == "bulk":
        pipe = str(Path(folder) / "pipe")
        print("ready", flush=True)
        job = replace(job, staged=replace(job.staged, folder="/", parts=(pipe,)))
    target.store.load_preliminary(job)


def load_final(target: Target) -> None:
    """Stop after rows were marked and before they are moved."""
    table, settings = target.table("HOUSE"), target.settings("HOUSE")
    target.store.load_final(HOUSES, table, settings, "run", None, never_ending_originals)


if __name__ == "__main__":
    main(*sys.argv[1:])
