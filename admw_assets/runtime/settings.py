"""Where things are on this machine; imports core only."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from admw_assets.core.errors import ConfigurationError

SHIPPED_MIGRATION = Path(__file__).parents[1] / "migrations" / "supermarket"
VARIABLES = {
    "migration": "ADMW_MIGRATION",
    "database_url": "ADMW_DATABASE_URL",
    "database_password": "ADMW_DATABASE_PASSWORD",
    "home": "ADMW_HOME",
    "spark_master": "ADMW_SPARK_MASTER",
    "spark_memory": "ADMW_SPARK_MEMORY",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What an invocation of ADMW works on.

    `home` holds landing, work, archive, reports and logs. `database_password` is put into a
    `database_url` that has none, so that it need not stand in arguments. `spark_memory` is the
    driver's heap in Spark's notation (`2g`).
    """

    migration: Path
    database_url: str
    home: Path
    database_password: str | None = None
    spark_master: str = "local[*]"
    spark_memory: str = "2g"

    @property
    def landing(self) -> Path:
        """Where new data files arrive."""
        return self.home / "landing"

    @property
    def work(self) -> Path:
        """Unpacked text and staged rows."""
        return self.home / "work"

    @property
    def archive(self) -> Path:
        """Archived source files and their manifests."""
        return self.home / "archive"

    @property
    def reports(self) -> Path:
        """Reports, a folder per file."""
        return self.home / "reports"

    @property
    def log_file(self) -> Path:
        """The log of everything that ran in this home."""
        return self.home / "logs" / "admw.log"


def read_settings(
    environment: Mapping[str, str],
    migration: Path | None = None,
    database_url: str | None = None,
    home: Path | None = None,
) -> Settings:
    """Settings from arguments, else from the environment, else the embedded defaults.

    Without a database URL an SQLite file inside home is used. Raises ConfigurationError where
    the migration's folder is not there.
    """

    def variable(name: str) -> str | None:
        return environment.get(VARIABLES[name]) or None

    folder = migration or Path(variable("migration") or SHIPPED_MIGRATION)
    if not folder.is_dir():
        raise ConfigurationError(
            f"There is no migration folder {folder}.",
            next_step=f"Give --migration or {VARIABLES['migration']} the folder that holds "
            "schema.sql and migration.yaml.",
        )
    base = (home or Path(variable("home") or ".admw")).absolute()
    return Settings(
        migration=folder.absolute(),
        database_url=database_url or variable("database_url") or f"sqlite:///{base}/admw.sqlite",
        home=base,
        database_password=variable("database_password"),
        spark_master=variable("spark_master") or "local[*]",
        spark_memory=variable("spark_memory") or "2g",
    )
