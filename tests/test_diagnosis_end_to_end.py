"""Differences planted between load and reconcile: all found, classed and named, in both stages."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from admw_assets.core.ports import Ports
from admw_assets.core.reconciliation import ReconciliationFailed, ReconciliationReport
from admw_assets.core.step import Stage, StepKind, StepRequest
from admw_assets.reporting.json_report import parse_json
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import Settings
from admw_assets.steps.runner import run_step
from tests import stock
from tests.command_line import Project
from tests.databases import KINDS, fresh_database
from tests.planted_differences import plant, problems

pytestmark = [pytest.mark.spark, pytest.mark.slow]

RECORDS = 20_000
FILES = {Stage.PRELIMINARY: "ITEM~20240101.000001.csv", Stage.FINAL: "ITEM~20240101.000002.csv"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """Two files, one loaded up to each stage's reconcile step."""

    ports: Ports
    engine: sa.Engine
    folder: Path

    def reconcile(self, stage: Stage) -> ReconciliationReport:
        """The report of the reconcile step, which must fail."""
        with pytest.raises(ReconciliationFailed) as failed:
            self.run(stage, StepKind.RECONCILE, FILES[stage])
        return _read(failed.value.location)

    def run(self, stage: Stage, step: StepKind, file: str) -> None:
        location = str(self.folder / file)
        run_step(StepRequest(location, "ITEM", stage, step, "planted"), self.ports)


def _read(folder: str) -> ReconciliationReport:
    return parse_json((Path(folder) / "report.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=KINDS)
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp(f"planted_{request.param}")
    with fresh_database(request.param, request, folder) as url:
        project = Project(stock.MIGRATION, url, folder / "home")
        for file in FILES.values():
            stock.write_items(folder / file, 1, RECORDS)
        places = [folder / file for file in FILES.values()]
        project.drive(Stage.PRELIMINARY, StepKind.TRANSFORM, "ITEM", *places).finish()
        engine = sa.create_engine(url)
        with open_ports(Settings(stock.MIGRATION, url, folder / "home")) as ports:
            loaded = Loaded(ports, engine, folder)
            first = (Stage.PRELIMINARY, StepKind.LOAD)
            for stage, step in (first, (Stage.PRELIMINARY, StepKind.RECONCILE)):
                loaded.run(stage, step, FILES[Stage.FINAL])
            loaded.run(Stage.FINAL, StepKind.LOAD, FILES[Stage.FINAL])
            loaded.run(*first, FILES[Stage.PRELIMINARY])
            yield loaded
        engine.dispose()


def test_a_thousand_differences_of_ten_kinds_between_file_and_preliminary_table(
    loaded: Loaded,
) -> None:
    planted = plant(loaded.engine, Stage.PRELIMINARY, FILES[Stage.PRELIMINARY], RECORDS)
    report = loaded.reconcile(Stage.PRELIMINARY)
    assert problems(report, planted) == []
    assert sum(planted.counts.values()) == 1000 == report.counts.mismatched


def test_a_thousand_differences_of_ten_kinds_between_both_tables(loaded: Loaded) -> None:
    planted = plant(loaded.engine, Stage.FINAL, FILES[Stage.FINAL], RECORDS)
    report = loaded.reconcile(Stage.FINAL)
    assert problems(report, planted) == []
    assert sum(planted.counts.values()) == 1000 == report.counts.mismatched


def test_a_report_says_where_it_comes_from_and_shows_rows_that_agree(loaded: Loaded) -> None:
    folder = loaded.ports.tracker.state(FILES[Stage.FINAL], "ITEM", Stage.PRELIMINARY)
    assert folder is not None and folder.report is not None
    report = _read(folder.report)
    file = loaded.folder / FILES[Stage.FINAL]
    assert report.passed
    assert report.file_size == file.stat().st_size
    assert report.migration_fingerprint == loaded.ports.migration.fingerprint
    assert [entry.step for entry in report.timeline] == ["transform", "load", "reconcile"]
    assert [entry.status for entry in report.timeline] == ["COMPLETED", "COMPLETED", "RUNNING"]
    assert all(entry.started_at for entry in report.timeline)
    assert len(report.passes) == 10
    assert all(row.delivered == row.found for row in report.passes)
