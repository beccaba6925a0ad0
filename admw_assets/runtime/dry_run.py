"""The ports of a dry run: the real Spark and files, everything else thrown away at the end."""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from admw_assets.core.collation import BYTES, MYSQL_DEFAULT
from admw_assets.core.key_columns import key_schema
from admw_assets.core.migration import Migration
from admw_assets.core.ports import Ports
from admw_assets.engines.database.manifest_chain import DatabaseManifestChain
from admw_assets.engines.database.stand_in import StandInTables, stand_in
from admw_assets.engines.database.tracker import DatabaseTracker
from admw_assets.runtime.settings import Settings


def default_collation(settings: Settings) -> str:
    """How the target compares texts whose collation schema.sql does not name."""
    return BYTES if settings.database_url.startswith("sqlite") else MYSQL_DEFAULT


@contextmanager
def open_stand_ins(
    settings: Settings, migration: Migration, locations: list[str], collation: str
) -> Iterator[tuple[Ports, Callable[[], object]]]:
    """Ports for a dry run of these files, and what waits for Spark, which starts at once.

    What the ports write is gone after the block.
    """
    from admw_assets.engines.files.reader import LocalFileReader
    from admw_assets.engines.spark.local_spark import LocalSpark
    from admw_assets.engines.spark.session import SparkSettings
    from admw_assets.engines.spark.transformer import SparkTransformer
    from admw_assets.engines.storage.archive import LocalArchiver
    from admw_assets.engines.storage.evidence import EvidenceFolder
    from admw_assets.reporting.report_folder import ReportFolder

    fed = {table for location in locations for table in migration.tables_fed_by(location)}
    keys = key_schema(migration.schema, fed)
    spark = LocalSpark(SparkSettings(settings.spark_master, settings.spark_memory))
    with (
        tempfile.TemporaryDirectory(prefix="admw-dry-run-") as folder,
        closing(spark),
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        session = spark.start(pool)
        home = Path(folder)
        database = stand_in(home / "stand-in.sqlite", collation)
        tables = StandInTables(database, keys)
        with closing(database):
            tables.initialize(migration)
            ports = Ports(
                migration=migration,
                files=LocalFileReader(home / "work"),
                transformer=SparkTransformer(session, keys=keys),
                tables=tables,
                tracker=DatabaseTracker(database),
                archiver=LocalArchiver(home / "archive"),
                reports=ReportFolder(home / "reports"),
                notifier=_Silent(),
                chain=DatabaseManifestChain(database),
                evidence=EvidenceFolder(home),
                work=home / "work",
            )
            yield ports, session


class _Silent:
    """A notifier that tells nobody: nothing has happened."""

    def notify(self, subject: str, text: str) -> None:
        """Nothing is sent."""
