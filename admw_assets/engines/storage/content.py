"""Size and SHA-256 of files, and of what archives hold; imports core and the codecs."""

import gzip
import hashlib
import zipfile
import zlib
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

import zstandard

from admw_assets.engines.storage.codecs import Codec
from admw_assets.engines.storage.manifest import Content

_READ_BYTES = 1 << 20
_DAMAGE = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    zstandard.ZstdError,
    EOFError,
    ValueError,  # more or fewer entries than one
    RuntimeError,  # zipfile: encrypted, or packed by a method that it does not know
)


def file_content(path: Path) -> Content:
    """Name, size and SHA-256 of a file."""
    with path.open("rb") as file:
        return open_content(path.name, file)


def open_content(name: str, file: BufferedReader) -> Content:
    """Name, size and SHA-256 of a file that is open at its beginning."""
    digest = hashlib.file_digest(file, "sha256")
    return Content(name, file.tell(), digest.hexdigest())


def packed_content(codec: Codec, archive: Path, expected: Content) -> Content | None:
    """What an archive holds, under the name of what it should hold; None where it is damaged."""
    with archive.open("rb") as packed:
        return content_of(codec, packed, expected.name, expected.size)


def content_of(
    codec: Codec,
    packed: BufferedReader,
    name: str,
    size: int,
    copy: BinaryIO | None = None,
) -> Content | None:
    """Unpack up to one byte more than `size`, into `copy` if given; None for damage."""
    digest, found = hashlib.sha256(), 0
    try:
        with codec.read(packed) as content:
            while found <= size and (chunk := content.read(_READ_BYTES)):
                found += len(chunk)
                digest.update(chunk)
                if copy is not None:
                    copy.write(chunk)
    except _DAMAGE:
        return None
    return Content(name, found, digest.hexdigest())
