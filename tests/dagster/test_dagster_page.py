"""The page over the definitions: `dg dev` runs, and files are materialized over GraphQL."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import dagster as dg
import psutil
import pytest

from tests.dagster.dagster_page import DagsterPage, dagster_page
from tests.dagster.places import COUNTRIES, Places, damage, write_cities, write_countries

pytestmark = [pytest.mark.dagster_ui, pytest.mark.spark, pytest.mark.slow]

BOTH = ("preliminary/country", "final/country")
PRELIMINARY_CHECKS = ("conservation", "source_hash", "row_hash", "reject_limit")
FINAL_CHECKS = ("conservation", "row_hash", "orphans", "reject_limit")
SOUND, DAMAGED, ALTERED, KILLED, PARENTS = (
    "COUNTRY~20240101.000000.csv",
    "COUNTRY~20240102.000000.csv.gz",
    "COUNTRY~20240103.000000.csv",
    "COUNTRY~20240104.000000.csv",
    "COUNTRY~20240105.000000.csv",
)
CHILDREN = "CITY~20240101.000000.csv"


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """A home with a file for each test in its landing folder."""
    with dg.DagsterInstance.ephemeral() as instance:
        made = Places(tmp_path_factory.mktemp("page") / "home", instance)
        write_countries(made.land(SOUND))
        write_countries(made.land(DAMAGED), [("DE", "Deutschland")])
        damage(made.land(DAMAGED))
        write_countries(made.land(ALTERED), [("FR", "France"), ("IT", "Italia")])
        write_countries(made.land(KILLED), [("PT", "Portugal")])
        write_countries(made.land(PARENTS), [("ES", "España")])
        write_cities(made.land(CHILDREN), [("7", "Madrid", "ES", "Almeida")])
        yield made


@pytest.fixture(scope="module")
def page(places: Places, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagsterPage]:
    """The running page; it knows the files."""
    with dagster_page(tmp_path_factory.mktemp("dagster"), places.variables) as running:
        running.require(running.launch_job("register_files"), "SUCCESS")
        yield running


def _statuses(
    page: DagsterPage, asset: str, names: tuple[str, ...], file: str
) -> dict[str, str | None]:
    found = page.checks(asset, names, file)
    return {name: check and check["status"] for name, check in found.items()}


def test_sound_file_goes_through_both_stages_in_one_run(page: DagsterPage, places: Places) -> None:
    assert SOUND in page.partitions("final/country")
    run = page.materialize(BOTH, SOUND)
    page.require(run, "SUCCESS")
    for asset, names in zip(BOTH, (PRELIMINARY_CHECKS, FINAL_CHECKS), strict=True):
        assert _statuses(page, asset, names, SOUND) == dict.fromkeys(names, "SUCCEEDED")
        (materialization,) = page.materializations(asset, SOUND)
        assert materialization["runId"] == run
        entries = {entry["label"]: entry for entry in materialization["metadataEntries"]}
        assert entries["records"]["intValue"] == len(COUNTRIES)
        assert entries["loaded"]["intValue"] == len(COUNTRIES)
        assert len(entries["sample"]["table"]["records"]) == len(COUNTRIES)
        assert (Path(entries["report"]["path"]) / "report.json").exists()
    assert set(COUNTRIES) <= places.rows("country", ["code", "name"])


def test_damaged_file_is_red_and_never_final(page: DagsterPage, places: Places) -> None:
    page.require(page.materialize(BOTH, DAMAGED), "FAILURE")
    red = page.checks(BOTH[0], ["conservation"], DAMAGED)["conservation"]
    assert red["status"] == "FAILED"
    assert not red["evaluation"]["success"]
    assert DAMAGED in red["evaluation"]["description"]
    assert set(_statuses(page, BOTH[1], FINAL_CHECKS, DAMAGED).values()) == {"EXECUTION_FAILED"}
    for asset in BOTH:
        assert page.materializations(asset, DAMAGED) == []
    assert ("DE", "Deutschland") not in places.rows("country", ["code", "name"])


def test_failed_run_is_resumed_at_the_failed_step(page: DagsterPage, places: Places) -> None:
    places.load_preliminary("country", ALTERED)
    places.execute("UPDATE PRE_country SET pre_name = 'Italien' WHERE pre_code = 'IT'")
    run = page.materialize(BOTH, ALTERED)
    page.require(run, "FAILURE")
    assert _statuses(page, BOTH[0], ("row_hash",), ALTERED) == {"row_hash": "FAILED"}

    places.execute("UPDATE PRE_country SET pre_name = 'Italia' WHERE pre_code = 'IT'")
    resumed = page.resume(run)
    page.require(resumed, "SUCCESS")
    assert [step.rpartition(".")[2] for step in page.steps(resumed)] == [
        "reconcile_preliminary",
        "load_final__country",
        "reconcile_final",
        "archive",
    ]
    assert _statuses(page, BOTH[0], ("row_hash",), ALTERED) == {"row_hash": "SUCCEEDED"}
    assert len(page.materializations(BOTH[1], ALTERED)) == 1


def test_killed_run_takes_its_spark_along(page: DagsterPage) -> None:
    run = page.materialize(BOTH, KILLED)
    java = _wait_for_java(page)
    worker = java.parent()
    assert worker is not None
    assert worker.pid != page.process
    worker.terminate()
    gone, _ = psutil.wait_procs([worker, java], timeout=30)
    assert len(gone) == 2
    page.require(run, "FAILURE")
    # As if it had been killed while loading. The loads of the next test would wait for ever for
    # what a dead run holds, did dagster.local.yaml not have it freed.
    with dg.DagsterInstance.from_config(str(page.home)) as instance:
        instance.event_log_storage.claim_concurrency_slot("database", run, "load_preliminary")


def _wait_for_java(page: DagsterPage) -> psutil.Process:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        for process in psutil.Process(page.process).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if process.name() == "java":
                    return process
        time.sleep(0.1)
    raise AssertionError("no Spark was started")


def test_all_files_of_several_tables_are_brought_parents_first(
    page: DagsterPage, places: Places
) -> None:
    """What "Materialize all" does on the page: a backfill in the order of the lineage."""
    backfill = page.materialize_files(
        {
            "preliminary/city": CHILDREN,
            "final/city": CHILDREN,
            "preliminary/country": PARENTS,
            "final/country": PARENTS,
        }
    )
    assert page.wait_for_backfill(backfill) == "COMPLETED_SUCCESS"
    assert places.rows("city", ["id", "country_code"]) == {("7", "ES")}
