"""Runs golden cases: every one through the transform and the load, in one Spark session.

The database is an SQLite file that lives as long as the run; the migration's own is not touched.
"""

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from admw_assets.core.case_difference import CaseDifference, compare_case
from admw_assets.core.errors import AdmwError, ConfigurationError
from admw_assets.core.golden_case import (
    CaseContent,
    GoldenCase,
    find_cases,
    read_expected,
    write_expected,
)
from admw_assets.core.migration import Migration
from admw_assets.core.ports import Ports
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import Settings
from admw_assets.steps.case_run import run_case

log = logging.getLogger(__name__)

_RUN_ID = "golden_case"
_FIRST_STAMP = datetime(2000, 1, 1)


class CaseStatus(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    DIFFERS = "differs"
    FAILED = "failed"  # the pipeline stopped
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class CaseRun:
    """One case that was run: what differs, or why the pipeline stopped; seconds of wall clock."""

    case: GoldenCase
    status: CaseStatus
    differences: tuple[CaseDifference, ...] = ()
    message: str = ""
    changed: tuple[Path, ...] = ()  # expected files that were written
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """True where nothing is left to look into."""
        return self.status in (CaseStatus.PASSED, CaseStatus.UPDATED)


@dataclass(frozen=True, slots=True)
class CaseBench:
    """A place to run cases in: ports on a throw-away home and database, and data file names."""

    ports: Ports
    landing: Path
    _numbers: Iterator[int]

    def content(self, source: Path, entity: str, table: str) -> CaseContent:
        """What the pipeline makes of a file whose records are those of an `entity` file."""
        stamp = _FIRST_STAMP + timedelta(seconds=next(self._numbers))
        target = self.landing / f"{entity}~{stamp:%Y%m%d.%H%M%S}.csv"
        shutil.copyfile(source, target)
        try:
            return run_case(str(target), table, self.ports, _RUN_ID)
        finally:
            target.unlink()
            shutil.rmtree(self.ports.work / target.name, ignore_errors=True)

    def run(self, case: GoldenCase, update: bool = False) -> CaseRun:
        """Run one case and compare, or write what came into its expected files."""
        migration = self.ports.migration
        table, settings = migration.table(case.table), migration.settings(case.table)
        expected = None if update else read_expected(case, table, settings)
        started = time.monotonic()
        try:
            got = self.content(case.input, migration.entity_feeding(case.table), case.table)
        except AdmwError as err:
            return CaseRun(case, CaseStatus.FAILED, message=str(err), seconds=_since(started))
        if expected is None:
            changed = tuple(write_expected(case, got, table))
            status = CaseStatus.UPDATED if changed else CaseStatus.PASSED
            return CaseRun(case, status, changed=changed, seconds=_since(started))
        differences = compare_case(expected, got, table)
        status = CaseStatus.DIFFERS if differences else CaseStatus.PASSED
        return CaseRun(case, status, differences, seconds=_since(started))

    def with_ports(self, ports: Ports) -> "CaseBench":
        """The same place with other ports, for example those of a transform that is tried."""
        return replace(self, ports=ports)


def run_cases(
    settings: Settings,
    wanted: Sequence[str] = (),
    update: bool = False,
    listener: Callable[[CaseRun], None] = lambda run: None,
) -> list[CaseRun]:
    """Run the cases of a migration (all, or TABLE and TABLE/CASE); `listener` hears of each.

    Raises ConfigurationError where there are none, and where one is not as a case must be.
    """
    with case_bench(settings) as bench:
        migration = bench.ports.migration
        cases = find_cases(migration, wanted)
        _require_some(cases, migration)
        if not update:
            for case in cases:  # what is wrong with a file is said before Spark starts
                read_expected(case, migration.table(case.table), migration.settings(case.table))
        runs: list[CaseRun] = []
        for case in cases:
            runs.append(bench.run(case, update))
            listener(runs[-1])
        return runs


@contextmanager
def case_bench(settings: Settings) -> Iterator[CaseBench]:
    """A bench for the migration of the settings; Spark starts with the first case."""
    with TemporaryDirectory(prefix="admw-cases-") as folder:
        home = Path(folder)
        throw_away = replace(
            settings,
            home=home,
            database_url=f"sqlite:///{home / 'cases.sqlite'}",
            database_password=None,
        )
        with open_ports(throw_away) as ports:
            ports.tables.initialize(ports.migration)
            throw_away.landing.mkdir()
            yield CaseBench(ports, throw_away.landing, count())


def _require_some(cases: Sequence[GoldenCase], migration: Migration) -> None:
    if not cases:
        raise ConfigurationError(
            f"Migration {migration.name!r} has no golden cases.",
            next_step="Make one of a real file's records: admw case new FILE --records 1-5",
        )


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
