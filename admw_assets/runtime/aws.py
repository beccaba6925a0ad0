"""The ports on AWS: files in S3, credentials from Secrets Manager, MySQL over TLS.

Engines and libraries are imported by the function that needs them: a Lambda that only reads the
tracker waits for nothing else, and no Lambda for Spark.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from admw_assets.core.errors import ConfigurationError, TransientError
from admw_assets.core.migration import Migration
from admw_assets.core.ports import Ports, StagedRows, TableStore, Tracker, TransformJob
from admw_assets.runtime.aws_settings import AwsSettings, DatabaseTls

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from admw_assets.engines.database.connection import Database

_MOST_ZIP_BYTES = 64 << 20
_AGAIN = {"ThrottlingException", "InternalServiceError", "InternalServiceErrorException"}
_RETRIES = 8


class NoSpark:
    """Stands where no Spark is: in a Lambda (port Transformer)."""

    def transform(self, job: TransformJob) -> StagedRows:
        """Refuse."""
        raise ConfigurationError(
            "There is no Spark here to transform with.", next_step="Run this step in a Glue job."
        )


def aws_client(service: str) -> Any:
    """A boto3 client that waits and tries again when AWS asks to slow down."""
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"mode": "adaptive" if service == "sns" else "standard", "max_attempts": _RETRIES},
        connect_timeout=10,
        max_pool_connections=16,
    )
    return boto3.client(service, config=config)


@contextmanager
def open_ports(
    settings: AwsSettings, spark: "Callable[[], SparkSession] | None" = None
) -> Iterator[Ports]:
    """All ports, with a work folder that goes with the block.

    `spark` gives the session at the first transform; without it transforms are refused.
    """
    from admw_assets.engines.database.manifest_chain import DatabaseManifestChain
    from admw_assets.engines.database.store import DatabaseTableStore
    from admw_assets.engines.database.tracker import DatabaseTracker
    from admw_assets.engines.files.reader import LocalFileReader
    from admw_assets.engines.notify.log_notifier import LogNotifier
    from admw_assets.engines.storage.s3 import S3
    from admw_assets.engines.storage.s3_archive import S3Archiver
    from admw_assets.engines.storage.s3_evidence import S3Evidence
    from admw_assets.engines.storage.s3_landing import Landing, S3FileReader
    from admw_assets.engines.storage.s3_reports import S3Reports
    from admw_assets.engines.storage.s3_staging import S3Staging
    from admw_assets.reporting.report_folder import ReportFolder

    with (
        open_migration(settings) as migration,
        _scratch() as scratch,
        _database(settings) as database,
    ):
        s3 = S3(aws_client("s3"))
        work, reports = scratch / "work", scratch / "reports"
        work.mkdir()
        landing = Landing(s3, work)
        yield Ports(
            migration=migration,
            files=S3FileReader(LocalFileReader(work), landing),
            transformer=_transformer(spark),
            tables=DatabaseTableStore(database, migration.schema),
            tracker=DatabaseTracker(database),
            archiver=S3Archiver(s3, settings.archive, work, landing),
            reports=S3Reports(ReportFolder(reports), reports, s3, settings.reports),
            notifier=LogNotifier(),
            chain=DatabaseManifestChain(database),
            evidence=S3Evidence(s3, settings.archive),
            work=work,
            staging=S3Staging(s3, settings.staging, work, landing),
        )


@contextmanager
def open_tracker(settings: AwsSettings) -> Iterator[Tracker]:
    """The tracker alone."""
    from admw_assets.engines.database.tracker import DatabaseTracker

    with _database(settings) as database:
        yield DatabaseTracker(database)


@contextmanager
def open_tables(settings: AwsSettings, migration: Migration) -> Iterator[TableStore]:
    """The tables alone."""
    from admw_assets.engines.database.store import DatabaseTableStore

    with _database(settings) as database:
        yield DatabaseTableStore(database, migration.schema)


@contextmanager
def open_migration(settings: AwsSettings) -> Iterator[Migration]:
    """The migration, whose folder goes with the block where it comes out of a zip."""
    from admw_assets.core.migration_folder import load_migration
    from admw_assets.engines.storage.s3 import S3, is_s3

    if not is_s3(settings.migration):
        yield load_migration(Path(settings.migration))
        return
    with _scratch() as scratch:
        packed = _fetched(S3(aws_client("s3")), settings.migration, scratch / "migration.zip")
        yield load_migration(_unpacked(packed, scratch / "migration"))


def _unpacked(packed: Path, target: Path) -> Path:
    """The folder with migration.yaml in it."""
    import zipfile

    with zipfile.ZipFile(packed) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MOST_ZIP_BYTES:
            raise ConfigurationError(
                "The zip of the migration is too large.",
                next_step="Keep data files out of the migration folder; deploy again.",
            )
        archive.extractall(target)  # which keeps names inside the target
    inner = list(target.iterdir())
    is_wrapped = len(inner) == 1 and inner[0].is_dir()
    return inner[0] if is_wrapped else target


def _transformer(spark: "Callable[[], SparkSession] | None") -> Any:
    if spark is None:
        return NoSpark()
    from admw_assets.engines.spark.transformer import SparkTransformer

    return SparkTransformer(spark)


@contextmanager
def _database(settings: AwsSettings) -> "Iterator[Database]":
    from admw_assets.engines.database.connection import connect

    with _scratch() as scratch, closing(connect(_database_url(settings, scratch))) as database:
        yield database


def _database_url(settings: AwsSettings, scratch: Path) -> str:
    """The URL with its password, which is to stay in memory."""
    from sqlalchemy import URL

    from admw_assets.engines.storage.s3 import S3, is_s3

    secret = _secret(settings.database_secret)
    query: dict[str, str] = {}
    if settings.database_tls is DatabaseTls.REQUIRED:
        # Any of these makes PyMySQL refuse a server that offers no TLS.
        query = {"ssl_check_hostname": "false"}
        if authority := settings.database_ca:
            if is_s3(authority):
                path = _fetched(S3(aws_client("s3")), authority, scratch / "ca.pem")
                authority = str(path)
            query = {"ssl_ca": authority, "ssl_check_hostname": "true"}
    url = URL.create(
        "mysql+pymysql",
        username=secret["username"],
        password=secret["password"],
        host=secret["host"],
        port=int(secret.get("port") or 3306),
        database=secret["dbname"],
        query=query,
    )
    return url.render_as_string(hide_password=False)


def _secret(arn: str) -> dict[str, str]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        text = aws_client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    except ClientError as err:
        code = str(err.response.get("Error", {}).get("Code", ""))
        if code in _AGAIN:
            raise TransientError(f"Secrets Manager is busy: {code}.") from err
        raise ConfigurationError(
            f"The database's secret cannot be read: {code}.",
            next_step=f"Check that {arn} exists and that the role may read it.",
        ) from err
    except BotoCoreError as err:
        raise TransientError(
            f"Secrets Manager cannot be reached: {type(err).__name__}.",
            next_step="Check the VPC's endpoint for it, then start again.",
        ) from err
    try:
        secret = json.loads(text)
        missing = {"host", "username", "password", "dbname"} - secret.keys()
    except (ValueError, AttributeError):  # the text is never shown
        secret, missing = {}, {"JSON"}
    if missing:
        raise ConfigurationError(
            f"The database's secret lacks {', '.join(sorted(missing))}.",
            next_step="Write it as JSON with host, port, username, password and dbname.",
        ) from None
    return cast(dict[str, str], secret)


def _fetched(s3: Any, uri: str, target: Path) -> Path:
    found = s3.find(uri)
    if found is None:
        raise ConfigurationError(f"There is no {uri}.", next_step="Deploy again.")
    s3.fetch(found, target)
    return target


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="admw-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()
