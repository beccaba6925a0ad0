"""Opens data files and finds their records: the port FileReader on a local disk.

For each file `work/<file name>/opened-file/` keeps `scan.json`, `index` (where records start)
and, unless the delivered file is plain UTF-8, `text`; `content` stands beside it where the text
had to be transcoded from delivered bytes that are compressed.
"""

import fcntl
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from admw_assets.core.configuration import FileFormat
from admw_assets.core.errors import DataFileError
from admw_assets.core.ports import OpenedFile, RawRecord
from admw_assets.engines.files.grammar import Grammar
from admw_assets.engines.files.layout import find_layout
from admw_assets.engines.files.limits import Limits
from admw_assets.engines.files.raw_records import raw_records
from admw_assets.engines.files.record_writer import write_records
from admw_assets.engines.files.saved_scan import (
    SCAN_FILE,
    SavedScan,
    format_fingerprint,
    load_scan,
)
from admw_assets.engines.files.scanner import scan
from admw_assets.engines.files.source import (
    Identity,
    Source,
    local_path,
    open_source,
    sha256_of,
)
from admw_assets.engines.files.text_encoding import (
    EncodingKind,
    TextEncoding,
    byte_order_mark,
    transcode,
)
from admw_assets.engines.files.unpack import require_plain, unpack

log = logging.getLogger(__name__)

_FOLDER = "opened-file"  # beside the folders of staged parts, which are called like tables
_HEAD_BYTES = 4


@dataclass(frozen=True, slots=True)
class _Content:
    """Unpacked bytes, and the text made of them; sizes in bytes."""

    path: Path
    size: int
    sha256: str
    text: Path


class LocalFileReader:
    """Reads .csv, .txt, .zip and .gz files of this machine; implements FileReader."""

    def __init__(self, work: Path, limits: Limits | None = None) -> None:
        self._work = work
        self._limits = limits or Limits()

    def open(self, location: str, file_format: FileFormat) -> OpenedFile:
        """Unpack, check and scan a file, or take up the scan of an earlier call.

        Raises DataFileError with the reason, ConfigurationError where the format cannot be.
        """
        path = local_path(location)
        try:
            with open_source(path) as source, _locked(self._folder(path.name)) as folder:
                fingerprint = format_fingerprint(file_format)
                saved = load_scan(folder)
                if saved is None or not _fits(saved, source.identity, fingerprint):
                    saved = self._scan(source, folder, file_format, fingerprint)
                return saved.opened
        except OSError as err:
            raise DataFileError(
                f"{path.name} cannot be read or unpacked: {err.strerror or err}.",
                next_step=f"Check the disk, and free space and permissions in {self._work}.",
                file=path.name,
            ) from err

    def records_of(self, opened: OpenedFile, numbers: Iterable[int]) -> Iterator[RawRecord]:
        """The original bytes of these records (ascending numbers), without their line end.

        Raises DataFileError where the file has changed or gone since it was opened.
        """
        with _content_of(opened) as (saved, content):
            yield from raw_records(
                content, opened.index, saved.grammar, numbers, opened.record_end.encode()
            )

    def write_records(
        self, opened: OpenedFile, file_format: FileFormat, records: Iterable[bytes], target: Path
    ) -> None:
        """Write a data file like `opened`: its header, then these records as `records_of` gives
        them, in its encoding and with its line ends.

        Raises DataFileError where the file has changed or gone since it was opened.
        """
        encoding = TextEncoding.named(file_format.encoding)
        with _content_of(opened) as (saved, content):
            write_records(saved, content, encoding, records, target)

    def sha256(self, location: str) -> str | None:
        """SHA-256 hex of the delivered bytes; None where there is no such file (any more)."""
        path = local_path(location)
        if not path.exists() and not path.is_symlink():
            return None
        with open_source(path) as source:
            saved = load_scan(self._folder(path.name))
            if saved is not None and saved.identity == source.identity:
                return saved.opened.sha256
            digest = sha256_of(source.file)
            source.require_unchanged()
            return digest

    def _folder(self, name: str) -> Path:
        return self._work / name / _FOLDER

    def _scan(
        self, source: Source, folder: Path, file_format: FileFormat, fingerprint: str
    ) -> SavedScan:
        name, encoding = source.path.name, TextEncoding.named(file_format.encoding)
        (folder / SCAN_FILE).unlink(missing_ok=True)
        delivered_sha256 = sha256_of(source.file)
        content, mark = self._unpack(source, delivered_sha256, folder, encoding)
        is_transcoded_first = encoding.kind is EncodingKind.OTHER
        scanned = content.text if is_transcoded_first else content.path
        if is_transcoded_first:
            mark, encoding = b"", TextEncoding.named("utf-8")
        with self._reopened(source, scanned) as file, _new_file(folder / "index") as index:
            layout = find_layout(name, file, len(mark), encoding.name, file_format, self._limits)
            grammar = Grammar.of(file_format)
            found = scan(
                name, file, layout.start, layout.finder(grammar), encoding, index, self._limits
            )
        if is_transcoded_first and content.path != source.path:
            content.path.unlink()
        source.require_unchanged()
        opened = OpenedFile(
            name=name,
            text=content.text,
            sha256=delivered_sha256,
            content_sha256=content.sha256,
            size=source.identity.size,
            records=found.records,
            columns=layout.columns,
            malformed=found.malformed,
            skip_lines=layout.skip_lines,
            has_bom=bool(mark) and content.text == scanned,
            index=folder / "index",
            record_end=layout.record_end.decode("ascii"),
        )
        saved = SavedScan(
            source.identity,
            fingerprint,
            opened,
            scanned,
            scanned.stat().st_size,
            grammar,
        )
        saved.save(folder)
        log.info(
            "%s: %d records, %d malformed, %d blank lines",
            name,
            found.records,
            len(found.malformed),
            found.blank_lines,
        )
        return saved

    def _unpack(
        self, source: Source, delivered_sha256: str, folder: Path, encoding: TextEncoding
    ) -> tuple[_Content, bytes]:
        """The content and its UTF-8 text, and the byte order mark that the content begins with."""
        is_utf8 = encoding.kind is EncodingKind.UTF_8
        path, size, sha256 = source.path, source.identity.size, delivered_sha256
        if path.suffix.lower() in (".zip", ".gz"):
            path = folder / ("text" if is_utf8 else "content")
            unpacked = unpack(source, path, self._limits)
            size, sha256 = unpacked.size, unpacked.sha256
        text = path if is_utf8 else folder / "text"
        with self._reopened(source, path) as file:
            head = file.read(_HEAD_BYTES)
            require_plain(source.path.name, head)
            mark = byte_order_mark(source.path.name, head, encoding)
            if not is_utf8:
                transcode(source.path.name, file, encoding, text)
        return _Content(path, size, sha256, text), mark

    @contextmanager
    def _reopened(self, source: Source, path: Path) -> Iterator[BinaryIO]:
        """An open file at its beginning: the source itself, or one in the work folder."""
        if path == source.path:
            source.file.seek(0)
            yield source.file
        else:
            with path.open("rb") as file:
                yield file


@contextmanager
def _content_of(opened: OpenedFile) -> Iterator[tuple[SavedScan, BinaryIO]]:
    """The scan of an opened file, and the bytes that were scanned."""
    saved = load_scan(opened.index.parent)
    if saved is None or saved.opened != opened:
        raise DataFileError(
            f"{opened.name} has been opened anew since.",
            next_step="Start the stage again.",
            file=opened.name,
        )
    with open_source(saved.content) as content:
        if str(saved.content) == saved.identity.path and content.identity != saved.identity:
            raise DataFileError(
                f"{opened.name} has changed since it was scanned.",
                next_step="Give the new delivery a name of its own and start again.",
                file=opened.name,
            )
        yield saved, content.file


def _fits(saved: SavedScan, identity: Identity, fingerprint: str) -> bool:
    return saved.identity == identity and saved.fingerprint == fingerprint and saved.is_whole()


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """The folder, for this process alone: tables fed by one file may open it at the same time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name when the block has ended well."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
