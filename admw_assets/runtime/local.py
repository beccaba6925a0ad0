"""The ports of one machine: local files, a local Spark, SQLite or MySQL.

Engines are imported by the function that needs them, so that a command that only reads the
tracker does not wait for Spark.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from admw_assets.core.errors import ConfigurationError
from admw_assets.core.manifest import Evidence, ManifestChain
from admw_assets.core.migration import Migration
from admw_assets.core.migration_folder import load_migration
from admw_assets.core.ports import Ports, TableStore, Tracker
from admw_assets.core.schema_difference import SchemaDifference
from admw_assets.engines.database.connection import Database, connect
from admw_assets.engines.database.live_schema import compare_live_schema
from admw_assets.engines.database.manifest_chain import DatabaseManifestChain
from admw_assets.engines.database.store import DatabaseTableStore
from admw_assets.engines.database.tracker import DatabaseTracker
from admw_assets.runtime.settings import Settings


@contextmanager
def open_ports(settings: Settings) -> Iterator[Ports]:
    """All ports; Spark starts with the first transform and ends with the block."""
    from admw_assets.engines.files.reader import LocalFileReader
    from admw_assets.engines.notify.log_notifier import LogNotifier
    from admw_assets.engines.spark.local_spark import LocalSpark
    from admw_assets.engines.spark.session import SparkSettings
    from admw_assets.engines.spark.transformer import SparkTransformer
    from admw_assets.engines.storage.archive import LocalArchiver
    from admw_assets.engines.storage.evidence import EvidenceFolder
    from admw_assets.reporting.report_folder import ReportFolder

    migration = load_migration(settings.migration)
    for folder in (settings.work, settings.archive, settings.reports):
        folder.mkdir(parents=True, exist_ok=True)
    spark = LocalSpark(SparkSettings(settings.spark_master, settings.spark_memory))
    with closing(_connect(settings)) as database, closing(spark):
        yield Ports(
            migration=migration,
            files=LocalFileReader(settings.work),
            transformer=SparkTransformer(spark.session),
            tables=DatabaseTableStore(database, migration.schema),
            tracker=DatabaseTracker(database),
            archiver=LocalArchiver(settings.archive),
            reports=ReportFolder(settings.reports),
            notifier=LogNotifier(),
            chain=DatabaseManifestChain(database),
            evidence=EvidenceFolder(settings.home),
            work=settings.work,
        )


@contextmanager
def open_tables(settings: Settings, migration: Migration | None = None) -> Iterator[TableStore]:
    """The tables alone, without Spark."""
    schema = (migration or load_migration(settings.migration)).schema
    with closing(_connect(settings)) as database:
        yield DatabaseTableStore(database, schema)


@contextmanager
def open_tracker(settings: Settings) -> Iterator[Tracker]:
    """The tracker alone, without Spark."""
    with closing(_connect(settings)) as database:
        yield DatabaseTracker(database)


@contextmanager
def open_evidence(settings: Settings) -> Iterator[tuple[ManifestChain, Evidence, Tracker]]:
    """What a verification looks at, without Spark."""
    from admw_assets.engines.storage.evidence import EvidenceFolder

    with closing(_connect(settings)) as database:
        chain = DatabaseManifestChain(database)
        yield chain, EvidenceFolder(settings.home), DatabaseTracker(database)


def compare_schema(settings: Settings, migration: Migration) -> list[SchemaDifference]:
    """Where the database of the settings is not as schema.sql says."""
    prefix, _, path = settings.database_url.partition("///")
    if prefix.startswith("sqlite") and not Path(path.partition("?")[0]).is_file():
        raise ConfigurationError(
            f"There is no SQLite file {path!r}.", next_step="Give the URL of one that exists."
        )
    with closing(_connect(settings)) as database:
        return compare_live_schema(database, migration.schema)


def _connect(settings: Settings) -> Database:
    """The database of the settings; the password joins the URL only here, in memory."""
    url = settings.database_url
    if url.startswith("sqlite"):
        settings.home.mkdir(parents=True, exist_ok=True)
    if settings.database_password:
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            return connect(url)  # which explains what is wrong with it
        if parsed.password is None:
            filled = parsed.set(password=settings.database_password)
            url = filled.render_as_string(hide_password=False)
    return connect(url)
