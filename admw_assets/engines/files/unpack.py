"""Takes the one file out of a zip or gz archive, within limits; imports core only.

Names inside an archive are checked and shown, but never used as paths.
"""

import gzip
import hashlib
import os
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from admw_assets.core.errors import DataFileError
from admw_assets.engines.files.limits import Limits
from admw_assets.engines.files.source import Source

_COPY_BYTES = 1 << 20
_MOST_ENTRIES = 10_000
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # flag bits 0, 6 and 13 (APPNOTE.TXT 4.4.4)
_ARCHIVE_SIGNATURES = {b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x1f\x8b": "gz"}
_UNPACK_BY_HAND = "Unpack it yourself, check what is inside, and deliver the plain file."


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of an archive: size in bytes and SHA-256 hex."""

    size: int
    sha256: str


def unpack(source: Source, target: Path, limits: Limits) -> Unpacked:
    """Write the content of a .zip or .gz to `target`, which appears only when it is whole.

    Raises DataFileError where the archive is damaged, encrypted, suspicious or holds anything
    but one file.
    """
    temporary = target.with_name(target.name + ".tmp")
    take_out = _unzip if source.path.suffix.lower() == ".zip" else _gunzip
    try:
        with temporary.open("wb") as output:
            unpacked = take_out(source, output, limits)
        temporary.rename(target)
    finally:
        temporary.unlink(missing_ok=True)
    return unpacked


def require_plain(name: str, head: bytes) -> None:
    """Raise DataFileError where text begins like an archive."""
    for signature, kind in _ARCHIVE_SIGNATURES.items():
        if head.startswith(signature):
            raise DataFileError(
                f"{name} holds a {kind} archive where text should be.",
                next_step=f"If it is a plain {kind} archive, end its name in .{kind}; archives "
                "in archives are not unpacked.",
                file=name,
            )


def _gunzip(source: Source, output: BinaryIO, limits: Limits) -> Unpacked:
    if source.file.read(2) != b"\x1f\x8b":
        raise _damaged(source, "it does not begin like a gz file")
    source.file.seek(0)
    try:
        with gzip.GzipFile(fileobj=source.file, mode="rb") as members:
            return _copy(source, members, output, limits)
    except (gzip.BadGzipFile, EOFError, zlib.error) as err:
        raise _damaged(source, str(err)) from err


def _unzip(source: Source, output: BinaryIO, limits: Limits) -> Unpacked:
    try:
        with zipfile.ZipFile(source.file) as archive:
            entry = _only_entry(source, archive)
            _require_sane(source, entry, limits)
            with archive.open(entry) as content:
                unpacked = _copy(source, content, output, limits)
    # zipfile lets errors of zlib through, and raises NotImplementedError for what it cannot do.
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as err:
        raise _damaged(source, str(err)) from err
    except (ValueError, OverflowError) as err:  # offsets and dates that cannot be
        raise _damaged(source, f"its directory makes no sense: {err}") from err
    if unpacked.size != entry.file_size:
        raise _damaged(source, f"{entry.file_size:,} bytes announced, {unpacked.size:,} found")
    return unpacked


def _only_entry(source: Source, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    entries = archive.infolist()
    files = [e for e in entries if not e.is_dir() and not e.filename.startswith("__MACOSX/")]
    if len(files) == 1 and len(entries) <= _MOST_ENTRIES:
        return files[0]
    names = ", ".join(repr(entry.filename[:80]) for entry in files[:5])
    found = f"{len(files)} files ({names}{', ...' if len(files) > 5 else ''})" if files else "none"
    raise DataFileError(
        f"{source.path.name} must hold exactly one file; it holds {found}.",
        next_step="Deliver one archive for each data file, with nothing else in it.",
        file=source.path.name,
    )


def _require_sane(source: Source, entry: zipfile.ZipInfo, limits: Limits) -> None:
    name = entry.filename
    parts = re.split(r"[/\\]", entry.orig_filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    reason = ""
    if entry.flag_bits & _ENCRYPTED:
        reason = "is encrypted"
    elif ".." in parts or parts[0] == "" or ":" in parts[0] or "\0" in entry.orig_filename:
        reason = "has a name that leads out of the archive"
    elif kind not in (0, stat.S_IFREG):
        reason = "is a link or a device, not a file"
    elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        reason = "is packed by another method than deflate"
    if reason:
        raise DataFileError(
            f"{source.path.name}: the entry {name[:80]!r} {reason}.",
            next_step=_UNPACK_BY_HAND,
            file=source.path.name,
            entry=name,
        )
    _require_size(source, entry.file_size, limits)


def _copy(
    source: Source,
    content: IO[bytes] | gzip.GzipFile,
    output: BinaryIO,
    limits: Limits,
) -> Unpacked:
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(_COPY_BYTES):
        size += len(chunk)
        _require_size(source, size, limits)
        digest.update(chunk)
        output.write(chunk)
    output.flush()
    os.fsync(output.fileno())
    return Unpacked(size, digest.hexdigest())


def _require_size(source: Source, size: int, limits: Limits) -> None:
    packed = source.identity.size
    allowed = min(max(limits.free_bytes, packed * limits.max_ratio), limits.max_bytes)
    if size > allowed:
        raise DataFileError(
            f"{source.path.name} ({packed:,} bytes) unpacks to more than {allowed:,} bytes: "
            "it looks like an archive bomb.",
            next_step=_UNPACK_BY_HAND,
            file=source.path.name,
            packed=packed,
            allowed=allowed,
        )


def _damaged(source: Source, reason: str) -> DataFileError:
    return DataFileError(
        f"{source.path.name} cannot be unpacked: {reason}.",
        next_step="Deliver it again; it is cut off, damaged or packed in an unusual way.",
        file=source.path.name,
    )
