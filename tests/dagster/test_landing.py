"""The job that makes partitions of landed files."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from admw_assets.core.migration_folder import load_migration
from admw_assets.defs.landing import build_register_job
from admw_assets.defs.resource import AdmwResource
from admw_assets.runtime.settings import SHIPPED_MIGRATION
from tests.dagster.places import table_of


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def _register(instance: dg.DagsterInstance, home: Path) -> dg.ExecuteInProcessResult:
    job = build_register_job(load_migration(SHIPPED_MIGRATION))
    return job.execute_in_process(
        instance=instance,
        resources={"admw": AdmwResource(home=str(home))},
        raise_on_error=False,
    )


def _land(home: Path, *names: str) -> None:
    landing = home / "landing"
    landing.mkdir(exist_ok=True)
    for name in names:
        (landing / name).write_text("")


def test_file_becomes_a_partition_of_every_table_that_it_feeds(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    _land(tmp_path, "PRODUCT~20240101.000000.csv", "brand~20240101.000000.csv.gz")
    assert _register(instance, tmp_path).success
    for table in ("product", "product_secondary_category"):
        assert instance.get_dynamic_partitions(f"{table}_files") == ["PRODUCT~20240101.000000.csv"]
    assert instance.get_dynamic_partitions("brand_files") == ["brand~20240101.000000.csv.gz"]
    assert instance.get_dynamic_partitions("customer_files") == []


def test_registered_again_adds_only_what_is_new(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    first, second = "STAFF~20240101.000000.csv", "STAFF~20240102.000000.csv"
    _land(tmp_path, first)
    assert _register(instance, tmp_path).success
    (tmp_path / "landing" / first).unlink()  # archived meanwhile
    _land(tmp_path, second)
    assert _register(instance, tmp_path).success
    assert set(instance.get_dynamic_partitions("staff_files")) == {first, second}


def test_other_files_are_passed_over_and_said(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    _land(tmp_path, ".STAFF~20240101.000000.csv", "notes.txt", "STAFF~today.csv")
    _land(tmp_path, "WATER~20240101.000000.csv")
    (tmp_path / "landing" / "STAFF~20240103.000000.csv").mkdir()
    run = _register(instance, tmp_path)
    assert run.success
    assert instance.get_dynamic_partitions("staff_files") == []
    (output,) = [event for event in run.all_events if event.is_successful_output]
    found = table_of(output.step_output_data.metadata, "files")
    remarks = {row["file"]: row["remark"] for row in found}
    assert set(remarks) == {"notes.txt", "STAFF~today.csv", "WATER~20240101.000000.csv"}
    assert all(remarks.values())


def test_landing_without_files_fails_and_says_how_to_get_some(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = _register(instance, tmp_path)
    assert not run.success
    (failed,) = [event for event in run.all_events if event.is_step_failure]
    failure = failed.step_failure_data.user_failure_data
    assert failure is not None
    assert str(tmp_path / "landing") in str(failure.description)
    assert "admw sample" in str(failure.metadata["next step"].value)
