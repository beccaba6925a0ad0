"""Encodings: byte order marks, faults within records, and the way to UTF-8; numpy and core.

Where each character is one byte and ASCII keeps its place, the delivered bytes are scanned as they
are and a fault belongs to its record. Any other encoding but UTF-8 is turned into UTF-8 first, and
a fault there is one of the whole file.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import numpy as np

from admw_assets.core.errors import ConfigurationError, DataFileError
from admw_assets.engines.files.batch import Flags, Positions

_CHUNK = 1 << 20  # bytes
_BYTE_ORDER_MARKS = (  # the longer ones first: UTF-32 LE begins like UTF-16 LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class EncodingKind(StrEnum):
    """How an encoding is scanned."""

    UTF_8 = "utf-8"
    SINGLE_BYTE = "single byte"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """An encoding: Python's name of it, how it is scanned, the bytes that mean nothing in it."""

    name: str
    kind: EncodingKind
    undefined: frozenset[int] = frozenset()

    @classmethod
    def named(cls, name: str) -> "TextEncoding":
        """Raises ConfigurationError where Python knows no text encoding of that name."""
        try:
            name = codecs.lookup(name).name
            "a".encode(name)
        except (LookupError, UnicodeError) as err:
            raise ConfigurationError(
                f"{name!r} is not an encoding of text.",
                next_step="Set `encoding` in migration.yaml to utf-8, cp1252, utf-16, ...",
            ) from err
        if name in ("utf-8", "utf-8-sig"):
            return cls("utf-8", EncodingKind.UTF_8)
        undefined = _undefined_bytes(name)
        if undefined is None:
            return cls(name, EncodingKind.OTHER)
        return cls(name, EncodingKind.SINGLE_BYTE, undefined)

    def faults(self, window: bytes, starts: Positions, end: int) -> Iterator[int]:
        """Ordinals of records with bytes that do not belong to the encoding, ascending."""
        if self.kind is EncodingKind.SINGLE_BYTE:
            data = np.frombuffer(window, dtype=np.uint8, count=end)
            if self.undefined:
                yield from _touched(starts, np.flatnonzero(_table(self.undefined)[data]))
        elif not window.isascii() and not _is_utf8(window[:end]):
            data = np.frombuffer(window, dtype=np.uint8, count=end)
            for record in _touched(starts, np.flatnonzero(data >= 0x80)):
                last = starts[record + 1] if record + 1 < starts.size else end
                if not _is_utf8(window[starts[record] : last]):
                    yield record


def byte_order_mark(name: str, head: bytes, encoding: TextEncoding) -> bytes:
    """The byte order mark that a file begins with, or nothing.

    Raises DataFileError where the mark tells of another encoding than the one that is set.
    """
    for mark, told in _BYTE_ORDER_MARKS:
        if not head.startswith(mark):
            continue
        endless = encoding.name.removesuffix("-le").removesuffix("-be")
        big = mark in (codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
        if endless == told and not encoding.name.endswith("-le" if big else "-be"):
            return mark
        if endless == "utf-16" and mark == codecs.BOM_UTF32_LE:
            continue  # a UTF-16 mark before a NUL character
        raise DataFileError(
            f"{name} begins with the byte order mark of {told}, but its encoding is set to "
            f"{encoding.name}.",
            next_step=f"Set `encoding: {told}` for this file in migration.yaml.",
            file=name,
        )
    return b""


def told_by_mark(head: bytes) -> str | None:
    """The encoding that a byte order mark at the beginning tells of."""
    return next((told for mark, told in _BYTE_ORDER_MARKS if head.startswith(mark)), None)


def transcode(name: str, content: BinaryIO, encoding: TextEncoding, target: Path) -> None:
    """Write the content as UTF-8 without a byte order mark; `target` appears when it is whole.

    In single-byte encodings an undefined byte becomes U+FFFD. In others it raises DataFileError
    with its offset.
    """
    temporary = target.with_name(target.name + ".tmp")
    errors = "replace" if encoding.kind is EncodingKind.SINGLE_BYTE else "strict"
    decoder = codecs.getincrementaldecoder(encoding.name)(errors)
    content.seek(0)
    offset, is_first = 0, True
    try:
        with temporary.open("wb") as output:
            while True:
                chunk = content.read(_CHUNK)
                pending = len(decoder.getstate()[0])
                try:
                    text = decoder.decode(chunk, final=not chunk)
                    if is_first and text:
                        text, is_first = text.removeprefix("\ufeff"), False
                    output.write(text.encode("utf-8"))
                except UnicodeDecodeError as err:
                    raise _undecodable(name, encoding, offset - pending + err.start) from err
                except UnicodeEncodeError as err:  # half a surrogate pair
                    raise _undecodable(name, encoding, offset) from err
                offset += len(chunk)
                if not chunk:
                    break
        temporary.rename(target)
    finally:
        temporary.unlink(missing_ok=True)


def _undecodable(name: str, encoding: TextEncoding, offset: int) -> DataFileError:
    return DataFileError(
        f"{name}: the bytes at offset {offset:,} are not valid {encoding.name}.",
        next_step="Check `encoding` of this file in migration.yaml, or have it delivered again.",
        file=name,
        offset=offset,
    )


def _undefined_bytes(name: str) -> frozenset[int] | None:
    """The undefined bytes of a single-byte encoding in which ASCII keeps its place, else None."""
    undefined = frozenset(b for b in range(256) if _decoded(bytes([b]), name) is None)
    alone = {b: _decoded(bytes([b]), name) for b in range(256) if b not in undefined}
    if any(alone.get(b) != chr(b) for b in range(128)):
        return None
    if any(len(text or "") != 1 for text in alone.values()):
        return None
    leads = any(_decoded(bytes([b, c]), name) is not None for b in undefined for c in range(256))
    return None if leads else undefined


def _decoded(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeError:
        return None


def _table(undefined: frozenset[int]) -> Flags:
    table = np.zeros(256, dtype=np.bool_)
    table[list(undefined)] = True
    return table


def _touched(starts: Positions, positions: Positions) -> list[int]:
    """The records in which these positions lie, ascending, each once."""
    owners = np.unique(np.searchsorted(starts, positions, side="right") - 1)
    return [int(record) for record in owners if record >= 0]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
