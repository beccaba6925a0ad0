"""The forms of archives: how each is written and read back; imports isal and zstandard.

No archive holds a clock, a user or a machine's name. ISA-L deflates five times as fast as zlib, and
tighter; zlib reads it back, so that what one library wrote is tested by another.
"""

import gzip
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from io import BufferedReader
from typing import IO, BinaryIO

import zstandard
from isal import igzip, isal_zlib

from admw_assets.core.configuration import Compression

_COPY_BYTES = 1 << 20
_DEFLATE_LEVEL = 3  # of ISA-L, its last
_ZSTD_LEVEL = 3
_ZSTD_THREADS = 2  # with any number but 0 the output is the same

Content = IO[bytes] | gzip.GzipFile | zstandard.ZstdDecompressionReader


@dataclass(frozen=True, slots=True)
class Codec:
    """One form of archive.

    `write(content, archive, name, size)` packs `size` bytes of content under the name of the
    source; `read(archive)` opens the content again. `suffix` is put behind the source's name.
    """

    name: str
    suffix: str
    write: Callable[[BinaryIO, BinaryIO, str, int], None]
    read: Callable[[BufferedReader], AbstractContextManager[Content]]


def _write_zip(content: BinaryIO, archive: BinaryIO, name: str, size: int) -> None:
    needs_zip64 = size * 1.05 > zipfile.ZIP64_LIMIT  # deflate can make content a little longer
    with (
        zipfile.ZipFile(archive, "w", compression=zipfile.ZIP_DEFLATED) as packed,
        # Opened by its name, the entry is dated 1980-01-01, whenever that happens.
        packed.open(name, "w", force_zip64=needs_zip64) as output,
    ):
        # zipfile takes no other compressor; without this attribute it would use its own.
        output._compressor = isal_zlib.compressobj(  # type: ignore[attr-defined]
            _DEFLATE_LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS
        )
        shutil.copyfileobj(content, output, _COPY_BYTES)


@contextmanager
def _read_zip(archive: BufferedReader) -> Iterator[Content]:
    with zipfile.ZipFile(archive) as packed:
        (entry,) = packed.infolist()
        with packed.open(entry) as content:
            yield content


def _write_gz(content: BinaryIO, archive: BinaryIO, name: str, size: int) -> None:
    with igzip.IGzipFile(
        filename="", mode="wb", compresslevel=_DEFLATE_LEVEL, fileobj=archive, mtime=0
    ) as output:
        shutil.copyfileobj(content, output, _COPY_BYTES)


def _read_gz(archive: BufferedReader) -> AbstractContextManager[Content]:
    return gzip.GzipFile(fileobj=archive, mode="rb")


def _write_zstd(content: BinaryIO, archive: BinaryIO, name: str, size: int) -> None:
    compressor = zstandard.ZstdCompressor(
        level=_ZSTD_LEVEL, threads=_ZSTD_THREADS, write_checksum=True
    )
    compressor.copy_stream(content, archive, size=size)


def _read_zstd(archive: BufferedReader) -> AbstractContextManager[Content]:
    return zstandard.ZstdDecompressor().stream_reader(archive, closefd=False)


def _write_copy(content: BinaryIO, archive: BinaryIO, name: str, size: int) -> None:
    shutil.copyfileobj(content, archive, _COPY_BYTES)


def _read_copy(archive: BufferedReader) -> AbstractContextManager[Content]:
    return nullcontext(archive)


CODECS: Mapping[Compression, Codec] = {
    Compression.ZIP: Codec("zip", ".zip", _write_zip, _read_zip),
    Compression.ZSTD: Codec("zstd", ".zst", _write_zstd, _read_zstd),
    Compression.GZ: Codec("gz", ".gz", _write_gz, _read_gz),
}
COPY = Codec("none", "", _write_copy, _read_copy)
"""For sources that are compressed already: packing them again would gain nothing."""

COMPRESSED_SUFFIXES = (".zip", ".gz")
