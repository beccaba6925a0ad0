"""Objects in S3: found, fetched, put, removed; imports core and botocore.

Every failure becomes an error of core: StorageUnavailable where trying again may help,
ConfigurationError where a person must act.
"""

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    ResponseStreamingError,
)

from admw_assets.core.errors import ConfigurationError, DataFileError, StorageUnavailable

_SCHEMES = ("s3://", "s3a://")
_CHUNK_BYTES = 1 << 20
_MOST_DELETED_AT_ONCE = 1000  # DeleteObjects, S3 API reference
_AT_ONCE = 8
_MISSING = {"404", "NoSuchKey", "NotFound"}
_AGAIN = {"SlowDown", "Throttling", "ThrottlingException", "RequestTimeout", "RequestTimeTooSkewed"}


@dataclass(frozen=True, slots=True)
class S3Object:
    """An object: its URI, size in bytes, and ETag, which changes with the content.

    `version` is set where the bucket keeps versions and the object was looked up by itself.
    """

    uri: str
    size: int
    etag: str
    version: str = ""

    @property
    def name(self) -> str:
        """The last segment of the key."""
        return self.uri.rpartition("/")[2]


def is_s3(location: str) -> bool:
    """Whether a location is the URI of an object or of a folder of them."""
    return location.startswith(_SCHEMES)


class S3:
    """S3 through one boto3 client, which may be used by several threads."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def find(self, uri: str) -> S3Object | None:
        """The object of that URI, None where there is none."""
        bucket, key = _parts(uri)
        with _explained(uri):
            try:
                found = self._client.head_object(Bucket=bucket, Key=key)
            except ClientError as err:
                if _code(err) in _MISSING:
                    return None
                raise
        return S3Object(uri, found["ContentLength"], found["ETag"], found.get("VersionId") or "")

    def list(self, folder: str, prefix: str = "") -> list[S3Object]:
        """Everything below a folder whose name below it begins with `prefix`, by key."""
        bucket, key = _parts(folder)
        start = f"{key.rstrip('/')}/{prefix}" if key else prefix
        objects: list[S3Object] = []
        with _explained(folder):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=start
            )
            for page in pages:
                objects += [
                    S3Object(f"s3://{bucket}/{found['Key']}", found["Size"], found["ETag"])
                    for found in page.get("Contents", [])
                    if not found["Key"].endswith("/")
                ]
        return objects

    def read(self, source: S3Object) -> Iterator[bytes]:
        """The bytes of an object in pieces; raises DataFileError where it is another by now."""
        bucket, key = _parts(source.uri)
        size = 0
        with _explained(source.uri):
            answer = self._client.get_object(Bucket=bucket, Key=key, IfMatch=source.etag)
            for chunk in answer["Body"].iter_chunks(_CHUNK_BYTES):
                size += len(chunk)
                yield chunk
        if size != source.size:
            raise StorageUnavailable(
                f"{source.uri} broke off after {size:,} of {source.size:,} bytes.",
                next_step="Start again.",
            )

    def sha256(self, source: S3Object) -> str:
        """SHA-256 hex of an object's bytes."""
        digest = hashlib.sha256()
        for chunk in self.read(source):
            digest.update(chunk)
        return digest.hexdigest()

    def fetch(self, source: S3Object, target: Path) -> None:
        """Bring an object onto this machine; the file is there only when it is whole."""
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        try:
            with partial.open("wb") as file:
                for chunk in self.read(source):
                    file.write(chunk)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def fetch_all(self, objects: Iterable[tuple[S3Object, Path]]) -> None:
        """Bring several objects onto this machine, some at a time."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for done in [pool.submit(self.fetch, source, target) for source, target in objects]:
                done.result()

    def put(self, file: Path, uri: str) -> S3Object:
        """Upload a file in place of what is there; S3 checks what arrives by its checksum."""
        bucket, key = _parts(uri)
        with _explained(uri):
            self._client.upload_file(str(file), bucket, key)
        put = self.find(uri)
        if put is None or put.size != file.stat().st_size:
            raise StorageUnavailable(f"{uri} is not there as it was put.", next_step="Start again.")
        return put

    def put_text(self, text: str, uri: str) -> None:
        """Write an object in place of what is there."""
        bucket, key = _parts(uri)
        with _explained(uri):
            self._client.put_object(Bucket=bucket, Key=key, Body=text.encode())

    def remove(self, objects: Iterable[S3Object]) -> None:
        """Remove objects; those that are gone already do no harm."""
        by_bucket: dict[str, list[str]] = {}
        for found in objects:
            bucket, key = _parts(found.uri)
            by_bucket.setdefault(bucket, []).append(key)
        for bucket, keys in by_bucket.items():
            for start in range(0, len(keys), _MOST_DELETED_AT_ONCE):
                chosen = [{"Key": key} for key in keys[start : start + _MOST_DELETED_AT_ONCE]]
                with _explained(f"s3://{bucket}"):
                    answer = self._client.delete_objects(
                        Bucket=bucket, Delete={"Objects": chosen, "Quiet": True}
                    )
                for error in answer.get("Errors", []):
                    raise StorageUnavailable(
                        f"s3://{bucket}/{error['Key']} could not be removed: {error['Code']}.",
                        next_step="Start again; if it repeats, let the role remove objects there.",
                    )


def _parts(uri: str) -> tuple[str, str]:
    """Bucket and key."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    return bucket, key


def _code(err: ClientError) -> str:
    return str(err.response.get("Error", {}).get("Code", ""))


@contextmanager
def _explained(uri: str) -> Iterator[None]:
    """Turn what S3 says into an error of core."""
    try:
        yield
    except ClientError as err:
        raise _error(uri, err) from err
    except (
        EndpointConnectionError,
        HTTPClientError,
        IncompleteReadError,
        ResponseStreamingError,
    ) as err:
        raise StorageUnavailable(
            f"S3 cannot be reached for {uri}: {err}.", next_step="Start again."
        ) from err
    except NoCredentialsError as err:
        raise ConfigurationError(
            "There are no AWS credentials.", next_step="Give a profile or a role."
        ) from err
    except BotoCoreError as err:
        raise ConfigurationError(
            f"S3 cannot be asked for {uri}: {err}.", next_step="Check region and endpoint."
        ) from err


def _error(uri: str, err: ClientError) -> Exception:
    code = _code(err)
    status = err.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _AGAIN or status >= 500:
        return StorageUnavailable(
            f"S3 does not answer for {uri}: {code}.", next_step="Start again."
        )
    if code in ("PreconditionFailed", "412"):
        return DataFileError(
            f"{uri} was replaced while it was being read.",
            next_step="Give the new delivery a name of its own and start again.",
            file=uri.rpartition("/")[2],
        )
    if code in _MISSING:
        return DataFileError(
            f"There is no object {uri}.",
            next_step="Check the name; a file that was finished before lies in the archive.",
        )
    if code in ("AccessDenied", "403", "AllAccessDisabled"):
        return ConfigurationError(
            f"The role may not do this with {uri}: {code}.",
            next_step="Add the action to the role's policy; CloudTrail names it.",
        )
    return ConfigurationError(
        f"S3 refuses {uri}: {code or err}.", next_step="Check bucket names and the role's policy."
    )
