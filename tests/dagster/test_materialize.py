"""Runs of the assets in this process: real Spark, real SQLite, small files."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from admw_assets.core.migration_folder import load_migration
from admw_assets.core.step import Stage
from admw_assets.defs import ops
from admw_assets.defs.assets import build_assets
from admw_assets.defs.handle_store import HandleStore
from admw_assets.defs.handles import TransformedFile
from admw_assets.defs.resource import AdmwResource
from admw_assets.runtime.local import open_tracker
from tests.dagster.places import (
    CITIES,
    COUNTRIES,
    MIGRATION,
    Places,
    damage,
    table_of,
    write_cities,
    write_countries,
)

pytestmark = pytest.mark.spark

COUNTRY_FILE = "COUNTRY~20240101.000000.csv"
CITY_FILE = "CITY~20240101.000000.csv"
PRELIMINARY_CHECKS = {"conservation", "source_hash", "row_hash", "reject_limit"}
FINAL_CHECKS = {"conservation", "row_hash", "orphans", "reject_limit"}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    monkeypatch.setenv("ADMW_SPARK_MASTER", "local[2]")
    monkeypatch.setenv("ADMW_SPARK_MEMORY", "1g")
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path / "dagster")) as instance:
        yield Places(tmp_path / "home", instance)


def _checks(run: dg.ExecuteInProcessResult, asset: str) -> dict[str, bool]:
    """The verdicts of a run on one asset."""
    return {
        evaluation.check_name: evaluation.passed
        for evaluation in run.get_asset_check_evaluations()
        if evaluation.asset_key.to_user_string() == asset
    }


def _materialized(run: dg.ExecuteInProcessResult) -> set[str]:
    return {
        event.asset_key.to_user_string()
        for event in run.get_asset_materialization_events()
        if event.asset_key is not None
    }


def _metadata(run: dg.ExecuteInProcessResult, asset: str) -> Mapping[str, dg.MetadataValue[Any]]:
    for event in run.get_asset_materialization_events():
        if event.asset_key == dg.AssetKey(asset.split("/")):
            return event.materialization.metadata
    raise AssertionError(f"{asset} is not materialized")


def _failure(run: dg.ExecuteInProcessResult) -> tuple[str, dg.Failure]:
    """The op that failed and the failure that it raised."""
    (event,) = [event for event in run.all_events if event.is_step_failure]
    data = event.step_failure_data.user_failure_data
    assert data is not None, event
    return str(event.step_key), dg.Failure(data.description, data.metadata)


def test_both_stages_of_a_file_in_one_run(places: Places) -> None:
    write_countries(places.land(COUNTRY_FILE))
    run = places.materialize("country", COUNTRY_FILE)
    assert run.success
    assert _materialized(run) == {"preliminary/country", "final/country"}
    assert _checks(run, "preliminary/country") == dict.fromkeys(PRELIMINARY_CHECKS, True)
    assert _checks(run, "final/country") == dict.fromkeys(FINAL_CHECKS, True)
    assert places.rows("country", ["code", "name"]) == set(COUNTRIES)
    assert not places.land(COUNTRY_FILE).exists()

    metadata = _metadata(run, "preliminary/country")
    counts = {name: metadata[name].value for name in ("records", "expected", "loaded", "rejected")}
    assert counts == {"records": 3, "expected": 3, "loaded": 3, "rejected": 0}
    assert metadata["dagster/partition_row_count"].value == 3
    assert (Path(str(metadata["report"].value)) / "report.json").exists()
    assert len(table_of(metadata, "sample")) == 3
    assert Path(str(_metadata(run, "final/country")["archive"].value)).exists()

    stored = Path(places.instance.storage_directory()) / run.run_id
    handle = stored / "preliminary__country.transform" / "result.json"
    assert TransformedFile.model_validate_json(handle.read_text()).records == len(COUNTRIES)


def test_reject_within_the_limit_warns_and_blocks_nothing(places: Places) -> None:
    write_countries(places.land(COUNTRY_FILE), [*COUNTRIES, ("X1", "x" * 41)])
    run = places.materialize("country", COUNTRY_FILE)
    assert run.success
    assert _materialized(run) == {"preliminary/country", "final/country"}
    for asset in ("preliminary/country", "final/country"):
        assert {name for name, passed in _checks(run, asset).items() if not passed} == {
            "reject_limit"
        }
    warned = [check for check in run.get_asset_check_evaluations() if not check.passed]
    assert {check.severity for check in warned} == {dg.AssetCheckSeverity.WARN}


def test_child_after_its_parent_with_rejects_and_masked_sample(places: Places) -> None:
    write_countries(places.land(COUNTRY_FILE))
    orphan = ("4", "Paris", "FR", "Hidalgo")
    write_cities(places.land(CITY_FILE), [*CITIES, orphan])
    assert places.materialize("country", COUNTRY_FILE).success
    run = places.materialize("city", CITY_FILE)
    assert run.success
    assert places.rows("city", ["id", "country_code"]) == {(c[0], c[2]) for c in CITIES}
    metadata = _metadata(run, "final/city")
    counts = [metadata[name].value for name in ("expected", "loaded", "rejected")]
    assert counts == [4, 3, 1]
    mayors = {row["mayor"] for row in table_of(metadata, "sample")}
    assert not mayors & {city[3] for city in CITIES if city[3]}

    # An orphan does not block, but it waits for a person: a warning, and not a green tick.
    evaluations = {
        check.check_name: check
        for check in run.get_asset_check_evaluations()
        if check.asset_key.to_user_string() == "final/city"
    }
    warned = {name for name, check in evaluations.items() if not check.passed}
    assert warned == {"orphans", "reject_limit"}
    assert {evaluations[name].severity for name in warned} == {dg.AssetCheckSeverity.WARN}
    (orphaned,) = table_of(evaluations["orphans"].metadata, "rejected records")
    assert (orphaned["record"], orphaned["rule"]) == ("4", "orphan")
    assert "FR" in orphaned["what is wrong"]
    (by_rule,) = table_of(evaluations["reject_limit"].metadata, "rejects by rule")
    assert (by_rule["rule"], by_rule["rejects"]) == ("orphan", "1")
    assert "rejected records" not in evaluations["row_hash"].metadata


def test_finished_file_materialized_again_changes_nothing(places: Places) -> None:
    write_countries(places.land(COUNTRY_FILE))
    assert places.materialize("country", COUNTRY_FILE).success
    with open_tracker(places.settings) as tracker:
        events = len(tracker.events())
    again = places.materialize("country", COUNTRY_FILE)
    assert again.success
    assert _checks(again, "final/country") == dict.fromkeys(FINAL_CHECKS, True)
    assert "skipped" in _metadata(again, "final/country")
    assert places.rows("country", ["code", "name"]) == set(COUNTRIES)
    with open_tracker(places.settings) as tracker:
        assert len(tracker.events()) == events


def test_stages_in_runs_of_their_own(places: Places) -> None:
    write_countries(places.land(COUNTRY_FILE))
    assert _materialized(places.materialize("country", COUNTRY_FILE, Stage.PRELIMINARY)) == {
        "preliminary/country"
    }
    assert _materialized(places.materialize("country", COUNTRY_FILE, Stage.FINAL)) == {
        "final/country"
    }


def test_too_many_rejects_make_the_limit_red_and_stop_the_run(places: Places) -> None:
    too_long = [("X1", "x" * 41), ("X2", "x" * 41)]
    write_countries(places.land(COUNTRY_FILE), [*COUNTRIES, *too_long])
    run = places.materialize("country", COUNTRY_FILE)
    assert not run.success
    assert _checks(run, "preliminary/country") == {"reject_limit": False}
    assert _checks(run, "final/country") == {}
    assert _materialized(run) == set()
    op, failure = _failure(run)
    assert op.endswith("load_preliminary")
    assert "1 are allowed" in str(failure.description)
    assert places.land(COUNTRY_FILE).exists()

    (red,) = run.get_asset_check_evaluations()
    assert red.severity is dg.AssetCheckSeverity.ERROR
    (by_rule,) = table_of(red.metadata, "rejects by rule")
    assert (by_rule["rule"], by_rule["rejects"], by_rule["column"]) == ("length", "2", "name")
    assert [r["record"] for r in table_of(red.metadata, "rejected records")] == ["4", "5"]
    terms = {row["term"]: row["rows"] for row in table_of(red.metadata, "equation")}
    assert (terms["expected"], terms["+ rejected"], terms["+ held back"]) == ("5", "2", "3")
    for named in (red.metadata["report"], failure.metadata["report"]):
        assert (Path(str(named.value)) / "report.html").exists()


def test_row_altered_before_reconciliation_makes_row_hash_red(places: Places) -> None:
    write_countries(places.land(COUNTRY_FILE))
    places.load_preliminary("country", COUNTRY_FILE)
    places.execute("UPDATE PRE_country SET pre_name = 'Austria' WHERE pre_code = 'AT'")
    run = places.materialize("country", COUNTRY_FILE)
    assert not run.success
    others = dict.fromkeys(PRELIMINARY_CHECKS - {"row_hash"}, True)
    assert _checks(run, "preliminary/country") == others | {"row_hash": False}
    assert _materialized(run) == set()
    (red,) = [e for e in run.get_asset_check_evaluations() if not e.passed]
    assert red.partition == COUNTRY_FILE
    assert red.severity is dg.AssetCheckSeverity.ERROR
    (difference,) = table_of(red.metadata, "differences")
    assert (difference["what"], difference["record"]) == ("changed", "1")
    sides = (difference["column"], difference["delivered"], difference["found"])
    assert sides == ("name", "Österreich", "Austria")
    (kind,) = table_of(red.metadata, "differing rows by kind")
    assert kind == {"what": "changed", "rows": "1"}
    (sentence,) = table_of(red.metadata, "diagnosis")
    assert "1 value of name differs" in sentence["what has probably happened"]
    assert str(red.metadata["plot"].value).startswith(
        "![Differing values by column](data:image/png"
    )
    green = [e for e in run.get_asset_check_evaluations() if e.passed]
    assert all("equation" in check.metadata for check in [red, *green])
    assert all("plot" not in check.metadata for check in green)
    op, failure = _failure(run)
    assert op.endswith("reconcile_preliminary")
    assert Path(str(failure.metadata["report"].value)).is_dir()


def test_file_that_cannot_be_read_makes_conservation_red(places: Places) -> None:
    file = places.land("COUNTRY~20240101.000000.csv.gz")
    write_countries(file)
    damage(file)
    run = places.materialize("country", file.name)
    assert not run.success
    assert _checks(run, "preliminary/country") == {"conservation": False}
    assert _checks(run, "final/country") == {}
    assert _materialized(run) == set()
    op, failure = _failure(run)
    assert op.endswith("transform")
    assert failure.metadata["next step"].value


def test_red_file_becomes_green_when_it_is_mended(places: Places) -> None:
    file = places.land("COUNTRY~20240101.000000.csv.gz")
    write_countries(file)
    whole = file.read_bytes()
    damage(file)
    assert not places.materialize("country", file.name).success
    file.write_bytes(whole)
    run = places.materialize("country", file.name)
    assert run.success
    assert _checks(run, "preliminary/country") == dict.fromkeys(PRELIMINARY_CHECKS, True)


def test_final_without_its_preliminary_fails_and_says_what_comes_first(places: Places) -> None:
    write_countries(places.land(COUNTRY_FILE))
    run = places.materialize("country", COUNTRY_FILE, Stage.FINAL)
    assert not run.success
    _, failure = _failure(run)
    assert "preliminary" in str(failure.metadata["next step"].value)


@pytest.mark.parametrize(
    "partition",
    ["CITY~20240101.000000.csv", "../COUNTRY~20240101.000000.csv", "notes.txt", "WATER~1.csv"],
)
def test_partition_that_is_no_file_of_the_table_is_refused(places: Places, partition: str) -> None:
    write_cities(places.land("CITY~20240101.000000.csv"))
    run = places.materialize("country", partition)
    assert not run.success
    assert _checks(run, "preliminary/country") == {"conservation": False}
    assert places.rows("PRE_country", ["pre_code"]) == set()


def test_unexpected_error_surfaces_as_it_is(
    places: Places,
) -> None:
    write_countries(places.land(COUNTRY_FILE))
    broken = places.settings.reports
    broken.parent.mkdir(parents=True, exist_ok=True)
    broken.write_text("a file where the folder of reports must be")
    run = places.materialize("country", COUNTRY_FILE)
    assert not run.success
    (event,) = [event for event in run.all_events if event.is_step_failure]
    error = event.step_failure_data.error
    assert error is not None and error.cause is not None
    assert error.cause.cls_name == "FileExistsError"


def test_database_that_is_away_is_asked_again_and_no_verdict_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops, "RETRY_AFTER", 0.01)
    resource = AdmwResource(
        migration=str(MIGRATION),
        database_url="mysql+pymysql://nobody@127.0.0.1:1/nothing",
        home=str(tmp_path),
    )
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("country_files", [COUNTRY_FILE])
        run = dg.materialize(
            build_assets(load_migration(MIGRATION)),
            selection=[dg.AssetKey(["preliminary", "country"])],
            partition_key=COUNTRY_FILE,
            instance=instance,
            resources={"admw": resource, "io_manager": HandleStore()},
            raise_on_error=False,
        )
    assert len([event for event in run.all_events if event.is_step_restarted]) == ops.RETRIES
    assert run.get_asset_check_evaluations() == []
    (event,) = [event for event in run.all_events if event.is_step_failure]
    assert "DatabaseUnavailable" in str(event.step_failure_data.error)
