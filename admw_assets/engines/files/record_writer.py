"""Writes chosen records as a data file of their own, in the form of the file they are from.

The header stands as it stands there, the records are the bytes they are there; only a content that
had to be turned into UTF-8 to be scanned is turned back. Imports core only.
"""

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from admw_assets.engines.files.saved_scan import SavedScan
from admw_assets.engines.files.text_encoding import EncodingKind, TextEncoding

_LINE_ENDS = (b"\r\n", b"\n", b"\r")


def write_records(
    saved: SavedScan, content: BinaryIO, encoding: TextEncoding, records: Iterable[bytes], to: Path
) -> None:
    """Write the header of a scanned file and these records, each with a line end.

    `content` holds the bytes that were scanned. The file appears under its name when it is whole.
    """
    head = content.read(_first_record(saved))
    line_end = saved.opened.record_end.encode("ascii") or _line_end(head)
    chunks = _chunks(head, records, line_end)
    if encoding.kind is EncodingKind.OTHER:
        encoder = codecs.getincrementalencoder(encoding.name)()
        chunks = (encoder.encode(chunk.decode("utf-8")) for chunk in chunks)
    partial = to.with_name(to.name + ".partial")
    try:
        with partial.open("wb") as output:
            output.writelines(chunks)
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)


def _chunks(head: bytes, records: Iterable[bytes], line_end: bytes) -> Iterator[bytes]:
    yield head
    if head and not head.endswith(_LINE_ENDS) and head != codecs.BOM_UTF8:
        yield line_end  # the header of a file that ends with it
    for record in records:
        yield record
        if not record.endswith(line_end):  # a quote that is never closed takes the last one in
            yield line_end


def _first_record(saved: SavedScan) -> int:
    """The offset of the first record, or the end of a content without any (bytes)."""
    with saved.opened.index.open("rb") as index:
        return int.from_bytes(index.read(8), "little")


def _line_end(head: bytes) -> bytes:
    return next((end for end in _LINE_ENDS if head.endswith(end)), b"\n")
