"""The real OpenFlights files through both stages, against an independent reading of them.

All numbers come from tests/openflights_oracle.py, which reads the files by itself; `python -m
tests.openflights_oracle` prints them.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pyspark.sql import SparkSession

from admw_assets.cli.dry_run_command import find
from admw_assets.core.migration_folder import load_migration
from admw_assets.runtime.settings import Settings
from tests.command_line import FINISHED_WITH_REJECTS, Project, describe
from tests.conftest import OPENFLIGHTS
from tests.databases import KINDS, fresh_database
from tests.final_tables import read_rows
from tests.openflights_oracle import Oracle
from tests.openflights_oracle import openflights as read_openflights
from tests.openflights_target import FILES, TARGETS, Target

pytestmark = [pytest.mark.spark, pytest.mark.slow]

MIGRATION = Path(__file__).parent / "migrations/openflights"
COUNTS = ("records", "expected", "loaded", "rejected", "dropped")


@dataclass(frozen=True, slots=True)
class Migrated:
    """The files after one run of both stages: where, what the run said, what it had to say."""

    kind: str
    project: Project
    landing: Path
    outcomes: list[dict[str, Any]]
    oracle: Oracle


@pytest.fixture(scope="module", params=KINDS)
def migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Migrated]:
    if not OPENFLIGHTS.is_dir():
        pytest.skip("the OpenFlights files are not there (../shared/data/openflights)")
    folder = tmp_path_factory.mktemp(f"openflights_{request.param}")
    with fresh_database(request.param, request, folder) as url:
        project = Project(MIGRATION, url, folder / "home")
        landing = put_files(folder / "landing")
        initialized = project.admw("db", "init")
        assert initialized.returncode == 0, describe(initialized)
        outcomes = project.json("run", "--landing", str(landing), exit_code=FINISHED_WITH_REJECTS)
        oracle = read_openflights(OPENFLIGHTS, request.param)
        yield Migrated(request.param, project, landing, outcomes, oracle)


def put_files(landing: Path) -> Path:
    landing.mkdir(exist_ok=True)
    for file in FILES:
        shutil.copy(OPENFLIGHTS / file, landing / file)
        (landing / file).chmod(0o644)
    return landing


def numbers(outcomes: list[dict[str, Any]]) -> dict[tuple[str, ...], tuple[int, ...]]:
    return {
        (o["file"], o["table"], o["stage"]): tuple(o[count] for count in COUNTS) for o in outcomes
    }


def expected_numbers(oracle: Oracle) -> dict[tuple[str, ...], tuple[int, ...]]:
    return {
        (e.file, e.table, e.stage): (e.records, e.expected, e.loaded, e.rejected, e.dropped)
        for e in oracle.stages.values()
    }


def test_both_kinds_of_database_must_give_the_same_numbers(openflights: Path) -> None:
    """No two country names differ in case or trailing spaces alone: no key of these files is one
    to MariaDB's collation and two to SQLite, which compares bytes."""
    sqlite, mysql = (read_openflights(openflights, kind) for kind in ("sqlite", "mysql"))
    assert sqlite.stages == mysql.stages
    assert sqlite.tables == mysql.tables


def test_run_counts_every_file_table_and_stage_as_an_independent_reading(
    migrated: Migrated,
) -> None:
    assert {o["status"] for o in migrated.outcomes} == {"COMPLETED"}
    assert numbers(migrated.outcomes) == expected_numbers(migrated.oracle)


def test_every_expected_row_is_loaded_rejected_or_dropped(migrated: Migrated) -> None:
    for outcome in migrated.outcomes:
        parts = outcome["loaded"] + outcome["rejected"] + outcome["dropped"]
        assert outcome["expected"] == parts, outcome
        assert outcome["mismatched"] == 0, outcome


def test_status_repeats_what_the_run_said(migrated: Migrated) -> None:
    assert numbers(migrated.project.json("status")) == numbers(migrated.outcomes)


def test_rejects_are_those_of_an_independent_reading(migrated: Migrated) -> None:
    listed = migrated.project.json("rejects", "list")
    found = Counter(
        (r["file"], r["table"], r["stage"], r["record"], r["rule"], r["column"]) for r in listed
    )
    assert found == Counter(
        (stage.file, stage.table, stage.stage, fault.record, fault.rule, fault.column)
        for stage in migrated.oracle.stages.values()
        for fault in stage.faults
    )


def test_dry_run_predicts_the_rejects_of_the_run(
    openflights: Path, spark: SparkSession, tmp_path: Path
) -> None:
    """The rejects of both kinds of database are those of the independent reading."""
    locations = [str(openflights / file) for file in FILES]
    settings = Settings(MIGRATION, "mysql://nobody@127.0.0.1/none", tmp_path)
    predicted = find(settings, load_migration(MIGRATION), locations, None, quiet=True)
    assert predicted.settings == ()
    assert Counter(
        (r.file, r.table, r.stage, r.record, r.rule, r.column) for r in predicted.rejects
    ) == Counter(
        (stage.file, stage.table, stage.stage, fault.record, fault.rule, fault.column)
        for stage in read_openflights(openflights, "mysql").stages.values()
        for fault in stage.faults
    )


def test_every_reject_has_the_original_text_of_its_record(migrated: Migrated) -> None:
    for reject in migrated.project.json("rejects", "list"):
        original = migrated.oracle.records[reject["file"]][reject["record"] - 1]
        assert reject["text"] == original.decode("utf-8"), reject


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_final_table_holds_exactly_the_rows_of_an_independent_reading(
    migrated: Migrated, target: Target
) -> None:
    columns = [field.name for field in target.fields]
    rows = read_rows(
        migrated.project.database_url, target.name, [*columns, "admw_origin_file_name"]
    )
    assert Counter(row[-1] for row in rows) == {target.file: len(rows)}
    found = Counter(row[:-1] for row in rows)
    wanted = Counter(migrated.oracle.tables[target.name])
    assert not (wanted - found), f"missing: {list(wanted - found)[:3]}"
    assert not (found - wanted), f"not expected: {list(found - wanted)[:3]}"


def test_source_files_leave_landing_for_the_archive(migrated: Migrated) -> None:
    assert list(migrated.landing.iterdir()) == []
    archived = {Path(o["archive"]).name for o in migrated.outcomes if o["archive"]}
    assert {name.split("~")[0] for name in archived} == {file.split("~")[0] for file in FILES}


def test_database_compares_country_names_as_the_oracle_assumes(migrated: Migrated) -> None:
    """MariaDB without case, accents and trailing spaces, SQLite byte by byte."""
    country = sa.table("COUNTRY", sa.column("name"))
    engine = sa.create_engine(migrated.project.database_url)
    with engine.connect() as connection:
        found = [
            connection.execute(sa.select(country.c.name).where(country.c.name == name)).scalar()
            for name in ("Aruba", "ARUBA", "Arúba", "Aruba ")
        ]
    engine.dispose()
    others = "Aruba" if migrated.kind == "mysql" else None
    assert found == ["Aruba", others, others, others]


def test_finished_files_given_again_change_nothing_and_the_run_says_so(
    migrated: Migrated,
) -> None:
    put_files(migrated.landing)
    before = _table_sizes(migrated)
    again = migrated.project.json(
        "run", "--landing", str(migrated.landing), exit_code=FINISHED_WITH_REJECTS
    )
    assert {o["message"] for o in again} == {"Already completed; nothing was done."}
    assert numbers(again) == numbers(migrated.outcomes)
    assert _table_sizes(migrated) == before


def _table_sizes(migrated: Migrated) -> dict[str, int]:
    engine = sa.create_engine(migrated.project.database_url)
    try:
        with engine.connect() as connection:
            return {
                name: connection.execute(
                    sa.select(sa.func.count()).select_from(sa.table(name))
                ).scalar_one()
                for name in sa.inspect(connection).get_table_names()
                if not name.lower().startswith("admw")
            }
    finally:
        engine.dispose()
