"""Files for tests/migrations/places, and runs of its assets in this process."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as sa

from admw_assets.core.migration_folder import load_migration
from admw_assets.core.step import Stage, StepKind, StepRequest
from admw_assets.defs.assets import build_assets
from admw_assets.defs.handle_store import HandleStore
from admw_assets.defs.names import partitions_name
from admw_assets.defs.resource import AdmwResource
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import Settings
from admw_assets.steps.runner import run_step
from tests.final_tables import Row, read_rows

MIGRATION = Path(__file__).parents[1] / "migrations/places"
COUNTRIES = [("AT", "Österreich"), ("CH", "Schweiz"), ("LI", "Liechtenstein")]
CITIES = [("1", "Wien", "AT", "Ludwig"), ("2", "Bern", "CH", "Marti"), ("3", "Graz", "AT", "")]


def write_countries(file: Path, rows: list[tuple[str, str]] = COUNTRIES) -> None:
    """Write a COUNTRY file, compressed where its name says so."""
    _write(file, "code,name", rows)


def write_cities(file: Path, rows: list[tuple[str, str, str, str]] = CITIES) -> None:
    """Write a CITY file."""
    _write(file, "id,name,country_code,mayor", rows)


def _write(file: Path, header: str, rows: Sequence[tuple[str, ...]]) -> None:
    text = "\n".join([header, *(",".join(row) for row in rows), ""]).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)


def damage(file: Path) -> None:
    """Cut the end off a compressed file, so that nobody can unpack it."""
    file.write_bytes(file.read_bytes()[:-12])


@dataclass(frozen=True, slots=True)
class Places:
    """A home with its own SQLite database and its own Dagster instance."""

    home: Path
    instance: dg.DagsterInstance

    @property
    def settings(self) -> Settings:
        """The settings of this home, with a small Spark."""
        url = f"sqlite:///{self.home / 'admw.sqlite'}"
        return Settings(MIGRATION, url, self.home, spark_master="local[2]", spark_memory="1g")

    @property
    def variables(self) -> dict[str, str]:
        """The same settings as environment variables."""
        return {
            "ADMW_MIGRATION": str(MIGRATION),
            "ADMW_HOME": str(self.home),
            "ADMW_DATABASE_URL": self.settings.database_url,
            "ADMW_SPARK_MASTER": self.settings.spark_master,
            "ADMW_SPARK_MEMORY": self.settings.spark_memory,
        }

    def land(self, name: str) -> Path:
        """Where a file of that name belongs."""
        return self.settings.landing / name

    def materialize(self, table: str, file: str, *stages: Stage) -> dg.ExecuteInProcessResult:
        """Materialize both stages of a file, or those given, in one run; failures come back."""
        self.instance.add_dynamic_partitions(partitions_name(table), [file])
        resource = AdmwResource(
            migration=str(MIGRATION), database_url=self.settings.database_url, home=str(self.home)
        )
        wanted = [dg.AssetKey([stage.value, table]) for stage in stages or Stage]
        return dg.materialize(
            build_assets(load_migration(MIGRATION)),
            selection=wanted,
            partition_key=file,
            instance=self.instance,
            resources={"admw": resource, "io_manager": HandleStore()},
            raise_on_error=False,
        )

    def load_preliminary(self, table: str, file: str) -> None:
        """Run transform and load of a file without Dagster, as an attempt that ended there."""
        with open_ports(self.settings) as ports:
            ports.tables.initialize(ports.migration)
            for step in (StepKind.TRANSFORM, StepKind.LOAD):
                location = str(self.land(file))
                run_step(StepRequest(location, table, Stage.PRELIMINARY, step, "earlier"), ports)

    def execute(self, statement: str) -> None:
        """Change exactly one row of the database behind ADMW's back."""
        engine = sa.create_engine(self.settings.database_url)
        with engine.begin() as connection:
            assert connection.execute(sa.text(statement)).rowcount == 1
        engine.dispose()

    def rows(self, table: str, columns: list[str]) -> set[Row]:
        """The rows of a table as texts."""
        return set(read_rows(self.settings.database_url, table, columns))


def table_of(metadata: Mapping[str, dg.MetadataValue[Any]], name: str) -> list[dict[str, Any]]:
    """The rows of a table in metadata."""
    value = metadata[name]
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]
