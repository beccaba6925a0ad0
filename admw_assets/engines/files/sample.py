"""The first part of a data file, to guess its format from; imports core and charset-normalizer."""

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from charset_normalizer import from_bytes

from admw_assets.core.errors import DataFileError
from admw_assets.core.file_sample import FileSample
from admw_assets.engines.files.text_encoding import told_by_mark

HEAD_BYTES = 1 << 20
_CHUNK = 1 << 20
_MOST_LINES = 1000  # with characters beyond ASCII
_WIDE_HEAD = 4096
_LIKELY = ("cp1252", "cp1250", "cp1251", "cp437", "cp850", "mac_roman")
"""What charset-normalizer may answer for a single-byte text; the first is taken in doubt."""


def read_sample(location: str) -> FileSample:
    """The head of a file's content as text, and the encoding that its bytes tell of.

    The whole content is looked through for characters beyond ASCII. Raises DataFileError where
    the file cannot be read or unpacked.
    """
    path = Path(location)
    try:
        with _content(path) as content:
            head = content.read(HEAD_BYTES)
            is_whole = len(head) < HEAD_BYTES
            lines = _foreign_lines(head, content)
    except (OSError, EOFError, zipfile.BadZipFile, IndexError) as err:
        raise DataFileError(
            f"{path.name} cannot be read or unpacked: {err}.",
            next_step="Check that the file is there and whole.",
            file=path.name,
        ) from err
    encoding, is_certain = _encoding(head, lines)
    if not is_whole:
        head = head[: head.rfind(b"\n") + 1] or head
    return FileSample(
        name=path.name,
        head=head,
        text=head.decode(encoding, errors="replace").removeprefix("\ufeff"),
        encoding=encoding,
        is_certain=is_certain,
        foreign_lines=tuple(lines),
        is_whole=is_whole,
    )


@contextmanager
def _content(path: Path) -> Iterator[IO[bytes]]:
    suffix = path.suffix.lower()
    if suffix == ".gz":
        with gzip.open(path) as content:
            yield cast(IO[bytes], content)
    elif suffix == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(archive.infolist()[0]) as content:
            yield content
    else:
        with path.open("rb") as content:
            yield content


def _foreign_lines(head: bytes, content: IO[bytes]) -> list[bytes]:
    """Some lines with bytes beyond ASCII, cut at the edges of chunks."""
    found: list[bytes] = []
    chunk = head
    while chunk and len(found) < _MOST_LINES:
        if not chunk.isascii():
            whole = chunk.splitlines()
            whole = whole[1:-1] if len(whole) > 2 and chunk is not head else whole
            found += [line for line in whole if not line.isascii()]
        chunk = content.read(_CHUNK)
    return found[:_MOST_LINES]


def _encoding(head: bytes, lines: list[bytes]) -> tuple[str, bool]:
    """Python's name of the encoding, and whether the bytes leave no doubt."""
    told = told_by_mark(head)
    if told is not None:
        return told, True
    zeros = head[:_WIDE_HEAD].count(0)
    if zeros > len(head[:_WIDE_HEAD]) // 4:
        return ("utf-16-le" if head[1:2] == b"\0" else "utf-16-be"), True
    if not lines:
        return "utf-8", True
    valid = sum(_is_utf8(line) for line in lines)
    if valid * 2 >= len(lines):
        return "utf-8", True
    foreign = b"\n".join(lines)
    best = from_bytes(foreign, cp_isolation=list(_LIKELY)).best()
    if best is None:
        return _LIKELY[0], False
    same = (name for name in _LIKELY if foreign.decode(name, "ignore") == str(best))
    return next(same, best.encoding), False


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
