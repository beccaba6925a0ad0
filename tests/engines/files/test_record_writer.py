"""Chosen records as a file of their own: header, bytes, line ends and encoding as they came."""

from collections.abc import Callable
from pathlib import Path

import pytest

from admw_assets.core.configuration import FileFormat
from admw_assets.core.errors import DataFileError
from admw_assets.engines.files.limits import Limits
from admw_assets.engines.files.reader import LocalFileReader

NAME = "BRAND~20240131.101112.csv"
Write = Callable[[bytes, FileFormat, list[int]], bytes]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """The bytes of a file with these records of a delivered one; it is opened once more."""
    reader = LocalFileReader(tmp_path / "work", Limits(chunk_bytes=16))

    def write(content: bytes, file_format: FileFormat, numbers: list[int]) -> bytes:
        source, target = tmp_path / NAME, tmp_path / f"{NAME}.rejects.csv"
        source.write_bytes(content)
        opened = reader.open(str(source), file_format)
        records = [raw.data for raw in reader.records_of(opened, numbers)]
        reader.write_records(opened, file_format, records, target)
        again = reader.open(str(target), file_format)
        assert again.columns == opened.columns
        assert [raw.data for raw in reader.records_of(again, range(1, len(numbers) + 1))] == records
        return target.read_bytes()

    return write


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_end_as_the_header_does(written: Write, end: bytes) -> None:
    lines = [b"id,name", b"1,a", b'2,"b ""x"""', b"3,c"]
    assert written(end.join(lines), FileFormat(), [2, 3]) == end.join([lines[0], *lines[2:], b""])


def test_quoted_line_ends_stay(written: Write) -> None:
    file_format = FileFormat(quoted_newlines=True)
    content = b'id,"na\nme"\r\n1,"a\nb\r\nc"\r\n2,b\r\n'
    assert written(content, file_format, [1]) == b'id,"na\nme"\r\n1,"a\nb\r\nc"\r\n'


def test_malformed_records_stay_as_they_are(written: Write) -> None:
    content = b'id,name\n1,a\n2,"b" c\n3,\xff\xfe\n'
    assert written(content, FileFormat(), [2, 3]) == b'id,name\n2,"b" c\n3,\xff\xfe\n'


def test_formulas_stay_as_they_came(written: Write) -> None:
    """Reports neutralise them; a record that is to be loaded must be the record that came."""
    content = b'id,name\n1,=1+1\n2,"@SUM(A1)"\n-3,+4\n'
    assert written(content, FileFormat(), [1, 2, 3]) == content


def test_open_quote_swallows_no_record_behind_it(written: Write) -> None:
    file_format = FileFormat(quoted_newlines=True)
    content = b'id,name\n1,a\n2,"b\n3,c\n'
    assert written(content, file_format, [1, 2]) == content


def test_byte_order_mark_and_bytes_of_single_byte_encodings_stay(written: Write) -> None:
    marked = b"\xef\xbb\xbfid,name\n1,a\n2,b\n"
    assert written(marked, FileFormat(), [2]) == b"\xef\xbb\xbfid,name\n2,b\n"
    content = "id;name\n1;Größe\n2;€\n".encode("cp1252")
    file_format = FileFormat(delimiter=";", encoding="cp1252")
    assert written(content, file_format, [1]) == "id;name\n1;Größe\n".encode("cp1252")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "shift_jis"])
def test_other_encodings_are_written_back(written: Write, encoding: str) -> None:
    header, first, second = "id,name\r\n", "1,円\r\n", "2,もち\r\n"
    content = (header + first + second).encode(encoding)
    found = written(content, FileFormat(encoding=encoding), [2])
    assert found == (header + second).encode(encoding)


def test_file_without_a_header_gets_none(written: Write) -> None:
    file_format = FileFormat(header=False, columns=["id", "name"])
    assert written(b"1,a\n2,b\n3,c\n", file_format, [1, 3]) == b"1,a\n3,c\n"


def test_changed_file_is_refused(tmp_path: Path) -> None:
    reader = LocalFileReader(tmp_path / "work")
    source, target = tmp_path / NAME, tmp_path / "out.csv"
    source.write_bytes(b"id\n1\n")
    opened = reader.open(str(source), FileFormat())
    source.write_bytes(b"id\n1\n2\n")
    with pytest.raises(DataFileError, match="has changed"):
        reader.write_records(opened, FileFormat(), [b"1"], target)
    assert not target.exists()
