"""No personal value reaches Dagster's event log, from which its page shows everything."""

from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa

from admw_assets.core.migration_folder import load_migration
from admw_assets.core.step import Stage, StepKind, StepRequest
from admw_assets.defs.assets import build_assets
from admw_assets.defs.handle_store import HandleStore
from admw_assets.defs.resource import AdmwResource
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import Settings
from admw_assets.steps.runner import run_step
from tests import people

pytestmark = pytest.mark.spark

TABLE = "PERSON"
SOUND, ALTERED = "PERSON~20240101.000000.csv", "PERSON~20240101.000001.csv"
HEADLESS, CROWDED = "PERSON~20240101.000002.csv", "PERSON~20240101.000003.csv"
OUTCOMES = {SOUND: True, ALTERED: False, HEADLESS: False, CROWDED: False}


def test_events_hold_marks_instead_of_personal_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMW_SPARK_MASTER", "local[2]")
    monkeypatch.setenv("ADMW_SPARK_MEMORY", "1g")
    home = tmp_path / "home"
    url = f"sqlite:///{home / 'admw.sqlite'}"
    settings = Settings(people.MIGRATION, url, home, spark_master="local[2]", spark_memory="1g")
    people.write_people(settings.landing / SOUND, range(1, 6), faults=True)
    people.write_people(settings.landing / ALTERED, range(10, 20))
    people.write_people(settings.landing / HEADLESS, (91, 92))
    people.write_people(settings.landing / CROWDED, [300] * 32)  # 30 rejects are allowed
    headless = settings.landing / HEADLESS
    headless.write_bytes(headless.read_bytes().partition(b"\n")[2])
    _load(settings, ALTERED)
    _alter(url)
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path / "dagster")) as instance:
        told: dict[str, str] = {}
        for file, succeeds in OUTCOMES.items():
            run = _materialize(instance, settings, file)
            assert run.success is succeeds, file
            told[file] = "\n".join(entry.to_json() for entry in instance.all_logs(run.run_id))
    assert {file: found for file, text in told.items() if (found := people.leaks(text))} == {}
    assert "pii:" in told[SOUND] and people.PUBLIC in told[SOUND]  # the sample
    assert "pii:" in told[ALTERED]  # the rows that differ
    for shown in ("differences", "diagnosis", "data:image/png", "equation"):
        assert shown in told[ALTERED], shown
    assert "rejected records" in told[SOUND] and "rejected records" in told[CROWDED]


def _load(settings: Settings, file: str) -> None:
    with open_ports(settings) as ports:
        ports.tables.initialize(ports.migration)
        for step in (StepKind.TRANSFORM, StepKind.LOAD):
            location = str(settings.landing / file)
            run_step(StepRequest(location, TABLE, Stage.PRELIMINARY, step, "earlier"), ports)


def _alter(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        changed = "UPDATE PRE_PERSON SET pre_note = 'another canary', pre_city = pre_email"
        assert connection.execute(sa.text(changed)).rowcount == 10
    engine.dispose()


def _materialize(
    instance: dg.DagsterInstance, settings: Settings, file: str
) -> dg.ExecuteInProcessResult:
    assets = build_assets(load_migration(settings.migration))
    resource = AdmwResource(
        migration=str(settings.migration),
        database_url=settings.database_url,
        home=str(settings.home),
    )
    (key,) = [
        key
        for asset in assets
        for key in asset.keys
        if key.path[0] == Stage.PRELIMINARY.value and key.path[1].lower() == TABLE.lower()
    ]
    partitions = next(a for a in assets if key in a.keys).partitions_def
    assert isinstance(partitions, dg.DynamicPartitionsDefinition) and partitions.name
    instance.add_dynamic_partitions(partitions.name, [file])
    return dg.materialize(
        assets,
        selection=[key],
        partition_key=file,
        instance=instance,
        resources={"admw": resource, "io_manager": HandleStore()},
        raise_on_error=False,
    )
