"""S3 as the steps use it: staged parts between machines, archives that are read back."""

import hashlib
from pathlib import Path

import pytest

from admw_assets.core.configuration import Compression
from admw_assets.core.errors import ArchiveError, ConfigurationError, DataFileError
from admw_assets.engines.storage.s3 import S3
from admw_assets.engines.storage.s3_archive import S3Archiver
from admw_assets.engines.storage.s3_landing import Landing
from admw_assets.engines.storage.s3_staging import S3Staging
from tests.aws.account import client

NAME = "BRAND~20240131.101112.csv"
CONTENT = b"id,name\n" + b"".join(b"%d,name of %d\n" % (n, n) for n in range(2000))
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Store:
    """Buckets, and the adapters of one machine on them."""

    def __init__(self, prefix: str, folder: Path) -> None:
        self.landing_bucket, self.archive_bucket, self.staging_bucket = (
            f"{prefix}-{kind}" for kind in ("landing", "archive", "staging")
        )
        self.s3 = client("s3")
        self.machine(folder)

    def machine(self, folder: Path) -> None:
        """Another machine from now on."""
        s3 = S3(self.s3)
        self.work = folder / "work"
        self.landing = Landing(s3, self.work)
        self.archiver = S3Archiver(s3, self.archive_bucket, self.work, self.landing)
        self.staging = S3Staging(s3, self.staging_bucket, self.work, self.landing)

    @property
    def location(self) -> str:
        return f"s3://{self.landing_bucket}/{NAME}"

    def deliver(self, content: bytes = CONTENT) -> None:
        self.s3.put_object(Bucket=self.landing_bucket, Key=NAME, Body=content)

    def names(self, bucket: str) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return [entry["Key"] for entry in found]


@pytest.fixture
def store(aws: str, tmp_path: Path) -> Store:
    prefix = f"s{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    made = Store(prefix, tmp_path / "one")
    for bucket in (made.landing_bucket, made.archive_bucket, made.staging_bucket):
        made.s3.create_bucket(
            Bucket=bucket,
            CreateBucketConfiguration={"LocationConstraint": made.s3.meta.region_name},
        )
    made.deliver()
    return made


def test_archive_is_in_s3_before_the_source_leaves(store: Store, tmp_path: Path) -> None:
    archived = store.archiver.archive(store.location, Compression.ZIP, {"file_sha256": SHA256})

    assert store.names(store.landing_bucket) == []
    assert store.names(store.archive_bucket) == [f"{NAME}.zip", f"{NAME}.zip.manifest.json"]
    assert archived.location == f"s3://{store.archive_bucket}/{NAME}.zip"
    assert (archived.source_sha256, archived.source_size) == (SHA256, len(CONTENT))
    store.machine(tmp_path / "two")
    assert store.archiver.archive(store.location, Compression.ZIP, {}) == archived
    assert store.archiver.restore(archived.location, tmp_path / "back").read_bytes() == CONTENT


def test_archive_goes_on_where_it_was_cut_off_after_the_upload(
    store: Store, tmp_path: Path
) -> None:
    archived = store.archiver.archive(store.location, Compression.ZIP, {})
    store.s3.delete_object(Bucket=store.archive_bucket, Key=f"{NAME}.zip.manifest.json")
    store.deliver()
    store.machine(tmp_path / "two")

    assert store.archiver.archive(store.location, Compression.ZIP, {}) == archived
    assert store.names(store.landing_bucket) == []


def test_source_stays_where_the_archive_in_s3_holds_something_else(
    store: Store, tmp_path: Path
) -> None:
    store.s3.put_object(Bucket=store.archive_bucket, Key=f"{NAME}.zip", Body=b"not a zip")

    with pytest.raises(ArchiveError, match="is there already and does not hold"):
        store.archiver.archive(store.location, Compression.ZIP, {})

    assert store.names(store.landing_bucket) == [NAME]


def test_source_stays_where_s3_gives_back_other_bytes_than_were_put(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = S3.put

    def put_damaged(self: S3, file: Path, uri: str) -> object:
        found = put(self, file, uri)
        if uri.endswith(".zip"):
            store.s3.put_object(Bucket=store.archive_bucket, Key=f"{NAME}.zip", Body=b"damage")
        return found

    monkeypatch.setattr(S3, "put", put_damaged)
    with pytest.raises(ArchiveError, match="read back, it is not what was written"):
        store.archiver.archive(store.location, Compression.ZIP, {})

    assert store.names(store.landing_bucket) == [NAME]


def test_source_that_is_not_the_loaded_file_is_not_archived(store: Store) -> None:
    with pytest.raises(ArchiveError, match="is not the file that was loaded"):
        store.archiver.archive(store.location, Compression.GZ, {"file_sha256": "0" * 64})

    assert store.names(store.landing_bucket) == [NAME]


def test_archive_comes_back_into_landing(store: Store, tmp_path: Path) -> None:
    archived = store.archiver.archive(store.location, Compression.ZSTD, {})
    store.machine(tmp_path / "two")

    store.archiver.restore(archived.location, f"s3://{store.landing_bucket}")

    assert store.landing.sha256(store.location) == SHA256


def test_staged_files_travel_to_another_machine_and_are_freed(store: Store, tmp_path: Path) -> None:
    folder = store.work / NAME / "brand"
    store.staging.clear(folder)
    (folder / "quick").mkdir()
    (folder / "quick/part-0").write_text("rows")
    (folder / "manifest.json").write_text("{}")
    reference = store.staging.share(folder)

    store.machine(tmp_path / "two")
    assert store.staging.holds(reference, ["manifest.json", "quick/part-0"])
    assert not store.staging.holds(reference, ["quick/part-1"])
    fetched = store.staging.fetch(reference)
    assert (fetched / "quick/part-0").read_text() == "rows"
    assert fetched.is_relative_to(tmp_path / "two")
    store.staging.free(reference)
    assert store.names(store.staging_bucket) == [f"{NAME}/brand/manifest.json"]


def test_spark_reads_the_delivered_object_and_a_change_of_it_is_noticed(store: Store) -> None:
    folder = store.work / NAME / "brand"
    store.staging.clear(folder)
    path = store.landing.fetch(store.location)
    assert path.read_bytes() == CONTENT
    assert store.staging.to_read(path) == store.location
    assert store.staging.to_write(folder) == f"s3://{store.staging_bucket}/{NAME}/brand"

    store.deliver(CONTENT + b"1,more\n")

    with pytest.raises(DataFileError, match="changed while it was being read"):
        store.staging.share(folder)


def test_missing_object_and_bucket_are_named(store: Store) -> None:
    with pytest.raises(DataFileError, match="There is no file s3://"):
        store.landing.fetch(store.location + ".gz")
    with pytest.raises((ConfigurationError, DataFileError), match="s3://no-such-bucket"):
        S3(store.s3).list("s3://no-such-bucket")
