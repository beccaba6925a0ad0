"""Data files are opened as the format says, or refused with a reason."""

import codecs
import gzip
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from admw_assets.core.configuration import FileFormat
from admw_assets.core.errors import ConfigurationError, DataFileError
from admw_assets.core.ports import OpenedFile
from admw_assets.engines.files import reader as reader_module
from admw_assets.engines.files.limits import Limits
from admw_assets.engines.files.reader import LocalFileReader

NAME = "BRAND~20240131.101112"
PLAIN = b'id,name\n1,Z\xc3\xbcrich\n\n2,"a ""b"""\n'
NO_HEADER = FileFormat(header=False, columns=["id", "name"])


@pytest.fixture
def reader(tmp_path: Path) -> LocalFileReader:
    return LocalFileReader(tmp_path / "work", Limits(chunk_bytes=16))


@pytest.fixture
def deliver(tmp_path: Path) -> Callable[..., str]:
    def write(content: bytes, suffix: str = ".csv") -> str:
        path = tmp_path / "landing" / (NAME + suffix)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return str(path)

    return write


def zipped(tmp_path: Path, **entries: bytes) -> bytes:
    path = tmp_path / "made.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path.read_bytes()


def raw(reader: LocalFileReader, opened: OpenedFile) -> list[bytes]:
    return [r.data for r in reader.records_of(opened, range(1, opened.records + 1))]


def test_plain_utf8_is_read_where_it_lies(reader: LocalFileReader, deliver: Callable) -> None:
    location = deliver(PLAIN)
    opened = reader.open(location, FileFormat())

    assert opened.text == Path(location)
    assert (opened.records, opened.columns, opened.skip_lines) == (2, ("id", "name"), 1)
    assert opened.sha256 == opened.content_sha256 == reader.sha256(location)
    assert raw(reader, opened) == [b"1,Z\xc3\xbcrich", b'2,"a ""b"""']
    assert [r.offset for r in reader.records_of(opened, [2])] == [PLAIN.index(b"2,")]


@pytest.mark.parametrize("suffix", [".gz", ".csv.gz", ".zip"])
def test_archives_are_unpacked(
    reader: LocalFileReader, deliver: Callable, tmp_path: Path, suffix: str
) -> None:
    half = len(PLAIN) // 2
    packed = (
        zipped(tmp_path, **{"folder/": b"", "folder/x.csv": PLAIN, "__MACOSX/._x.csv": b"junk"})
        if suffix == ".zip"
        else gzip.compress(PLAIN[:half]) + gzip.compress(PLAIN[half:])
    )
    plain = reader.open(deliver(PLAIN), FileFormat())
    opened = reader.open(deliver(packed, suffix), FileFormat())

    assert opened.text.read_bytes() == PLAIN
    assert opened.content_sha256 == plain.sha256
    assert opened.sha256 != plain.sha256
    assert opened.size == len(packed)
    assert raw(reader, opened) == raw(reader, plain)


def test_second_open_does_not_scan_again(
    reader: LocalFileReader, deliver: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = deliver(gzip.compress(PLAIN + b'3,"x\n'), ".csv.gz")
    first = reader.open(location, FileFormat())
    with monkeypatch.context() as patched:
        patched.delattr(reader_module, "scan")
        assert reader.open(location, FileFormat()) == first
    other_format = reader.open(location, FileFormat(null_marker="NULL"))
    assert other_format == first

    first.text.write_bytes(b"tampered")
    assert reader.open(location, FileFormat()).text.read_bytes() == PLAIN + b'3,"x\n'


def test_changed_file_is_scanned_anew_and_its_old_records_are_refused(
    reader: LocalFileReader, deliver: Callable
) -> None:
    location = deliver(PLAIN)
    first = reader.open(location, FileFormat())
    deliver(PLAIN + b"3,c\n")
    with pytest.raises(DataFileError, match="changed"):
        raw(reader, first)

    second = reader.open(location, FileFormat())
    assert second.records == 3
    assert second.sha256 == reader.sha256(location) != first.sha256
    with pytest.raises(DataFileError, match="anew"):
        raw(reader, first)


def test_cp1252_keeps_delivered_bytes_and_hands_on_utf8(
    reader: LocalFileReader, deliver: Callable
) -> None:
    content = "id,name\r\n1,Zürich €\r\n".encode("cp1252") + b"2,x\x81y\r\n"
    opened = reader.open(deliver(content), FileFormat(encoding="cp1252"))

    assert opened.text.read_bytes().decode() == ("id,name\r\n1,Zürich €\r\n2,x\ufffdy\r\n")
    assert opened.malformed == {2: "encoding"}
    assert raw(reader, opened) == [b"1,Z\xfcrich \x80", b"2,x\x81y"]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-16", b""),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-32", b""),
        ("shift_jis", b""),
        ("cp037", b""),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_wide_encodings_become_utf8_first(
    reader: LocalFileReader, deliver: Callable, encoding: str, mark: bytes, packed: bool
) -> None:
    content = mark + 'id,name\n1,"ab"\n2,c'.encode(encoding)
    location = deliver(gzip.compress(content), ".gz") if packed else deliver(content)
    opened = reader.open(location, FileFormat(encoding=encoding))

    assert opened.text.read_bytes() == b'id,name\n1,"ab"\n2,c'
    assert (opened.has_bom, opened.malformed, opened.columns) == (False, {}, ("id", "name"))
    assert raw(reader, opened) == [b'1,"ab"', b"2,c"]


def test_undecodable_wide_text_names_the_offset(reader: LocalFileReader, deliver: Callable) -> None:
    content = "id,name\n".encode("utf-16-le") + b"\x00\xdc" + "x".encode("utf-16-le")
    with pytest.raises(DataFileError, match="offset 16 "):
        reader.open(deliver(content), FileFormat(encoding="utf-16-le"))


@pytest.mark.parametrize("packed", [False, True])
def test_utf8_mark_is_no_part_of_the_first_column(
    reader: LocalFileReader, deliver: Callable, packed: bool
) -> None:
    content = codecs.BOM_UTF8 + PLAIN
    location = deliver(gzip.compress(content), ".gz") if packed else deliver(content)
    opened = reader.open(location, FileFormat())

    assert opened.has_bom
    assert opened.columns == ("id", "name")
    assert opened.text.read_bytes().startswith(codecs.BOM_UTF8)
    headless = reader.open(location, NO_HEADER)
    assert raw(reader, headless)[0] == b"id,name"


@pytest.mark.parametrize(
    ("mark", "declared", "told"),
    [
        (codecs.BOM_UTF16_LE, "utf-8", "utf-16"),
        (codecs.BOM_UTF16_BE, "cp1252", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF32_LE, "utf-8", "utf-32"),
        (codecs.BOM_UTF8, "cp1252", "utf-8"),
    ],
)
def test_mark_of_another_encoding_is_refused_with_the_right_setting(
    reader: LocalFileReader, deliver: Callable, mark: bytes, declared: str, told: str
) -> None:
    with pytest.raises(DataFileError) as raised:
        reader.open(deliver(mark + b"a\x00b\x00"), FileFormat(encoding=declared))
    assert f"encoding: {told}" in raised.value.next_step


@pytest.mark.parametrize(
    ("content", "file_format", "reason"),
    [
        (b"", FileFormat(), "no line"),
        (b"\n\r\n\n", FileFormat(), "no line"),
        (b"id,ID\n", FileFormat(), "same name"),
        (b"id,,x\n", FileFormat(), "column 2"),
        (b'id,"x\n1,2\n', FileFormat(), "quoting"),
        (b"id,\xff\n", FileFormat(), "not valid"),
        (b"a,b\n", FileFormat(columns=["ID", "name"]), "none of the configured"),
        (b"x" * 5000, FileFormat(), "longer"),
        (b"PK\x03\x04.....\n", FileFormat(), "zip archive"),
        (gzip.compress(b"a,b\n", mtime=0), FileFormat(), "gz archive"),
    ],
)
def test_unusable_header_is_refused(
    tmp_path: Path, deliver: Callable, content: bytes, file_format: FileFormat, reason: str
) -> None:
    reader = LocalFileReader(tmp_path, Limits(chunk_bytes=16, max_record_bytes=1000))
    with pytest.raises(DataFileError, match=reason) as raised:
        reader.open(deliver(content), file_format)
    assert raised.value.next_step


def test_empty_file_without_a_header_has_no_records(
    reader: LocalFileReader, deliver: Callable
) -> None:
    opened = reader.open(deliver(b""), NO_HEADER)
    assert (opened.records, opened.columns, opened.skip_lines) == (0, ("id", "name"), 0)
    assert raw(reader, opened) == []


def test_configured_columns_may_come_in_another_order(
    reader: LocalFileReader, deliver: Callable
) -> None:
    opened = reader.open(deliver(b"Name,ID\na,1\n"), FileFormat(columns=["id", "name"]))
    assert opened.columns == ("Name", "ID")


def test_lines_before_the_records_are_counted(reader: LocalFileReader, deliver: Callable) -> None:
    opened = reader.open(deliver(b"\r\n" * 20 + b'\n\r"id",name\r\n1,2\r'), FileFormat())
    assert (opened.skip_lines, opened.records) == (23, 1)


@pytest.mark.parametrize(
    ("content", "records", "first", "record_end"),
    [
        (b'id,"na\nme"\r\n1,"a\n"\r\n\r\n2,b\n', 2, b'1,"a\n"', "\r\n"),
        (b'id,name\n1,a\r\n2,"b\r\n"\n', 2, b"1,a\r", "\n"),
        (b'id,name\r1,"a\rb"\r\r2,c\r', 2, b'1,"a\rb"', "\r"),
        (b'id,name\n1,a\rb\n2,"open\n3,c\n', 2, b"1,a\rb", "\n"),
    ],
)
def test_quoted_line_ends_belong_to_the_field(
    reader: LocalFileReader,
    deliver: Callable,
    content: bytes,
    records: int,
    first: bytes,
    record_end: str,
) -> None:
    opened = reader.open(deliver(content), FileFormat(quoted_newlines=True))
    assert (opened.records, opened.record_end) == (records, record_end)
    assert raw(reader, opened)[0] == first
    assert set(opened.malformed) == ({2} if b"open" in content else set())


def test_empty_line_is_a_record_of_a_single_column(
    reader: LocalFileReader, deliver: Callable
) -> None:
    opened = reader.open(deliver(b"\nname\na\n\nb\n"), FileFormat())
    assert (opened.records, opened.skip_lines) == (3, 2)
    assert raw(reader, opened) == [b"a", b"", b"b"]


def _symlink_entry(tmp_path: Path) -> bytes:
    path = tmp_path / "made.zip"
    entry = zipfile.ZipInfo("x.csv")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return path.read_bytes()


def _encrypted(tmp_path: Path) -> bytes:
    content = bytearray(zipped(tmp_path, a=PLAIN))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _flipped(content: bytes, position: int) -> bytes:
    changed = bytearray(content)
    changed[position] ^= 0xFF
    return bytes(changed)


@pytest.mark.parametrize(
    ("suffix", "pack", "reason"),
    [
        (".zip", lambda path: zipped(path, a=b"1", b=b"2"), "exactly one file"),
        (".zip", lambda path: zipped(path, **{"folder/": b""}), "exactly one file"),
        (".zip", lambda path: zipped(path, **{"../a.csv": b"1"}), "leads out"),
        (".zip", lambda path: zipped(path, **{"/etc/a.csv": b"1"}), "leads out"),
        (".zip", lambda path: zipped(path, **{"C:\\a.csv": b"1"}), "leads out"),
        (".zip", lambda path: zipped(path, **{"x\\..\\..\\a.csv": b"1"}), "leads out"),
        (".zip", _symlink_entry, "link"),
        (".zip", _encrypted, "encrypted"),
        (".zip", lambda path: zipped(path, a=PLAIN)[:-30], "cannot be unpacked"),
        (".zip", lambda path: _flipped(zipped(path, a=os.urandom(500)), 100), "cannot be unpacked"),
        (".zip", lambda path: zipped(path, a=b"0" * 300_000), "bomb"),
        (".zip", lambda path: b"", "cannot be unpacked"),
        (".zip", lambda path: zipped(path, a=zipped(path, b=PLAIN)), "zip archive"),
        (".gz", lambda path: gzip.compress(PLAIN)[:-5], "cannot be unpacked"),
        (".gz", lambda path: _flipped(gzip.compress(PLAIN), -6), "cannot be unpacked"),
        (".gz", lambda path: gzip.compress(PLAIN) + b"garbage", "cannot be unpacked"),
        (".gz", lambda path: gzip.compress(b"0" * 300_000), "bomb"),
        (".gz", lambda path: b"", "cannot be unpacked"),
        (".csv.gz", lambda path: PLAIN, "cannot be unpacked"),
    ],
)
def test_unsound_archives_are_refused(
    tmp_path: Path, deliver: Callable, suffix: str, pack: Callable[[Path], bytes], reason: str
) -> None:
    reader = LocalFileReader(tmp_path / "work", Limits(max_ratio=10, free_bytes=100_000))
    with pytest.raises(DataFileError, match=reason) as raised:
        reader.open(deliver(pack(tmp_path), suffix), FileFormat())
    assert raised.value.next_step
    left = [path.name for path in (tmp_path / "work").rglob("*") if path.is_file()]
    assert set(left) <= {"lock", "text"}


def test_only_regular_files_are_opened(reader: LocalFileReader, tmp_path: Path) -> None:
    target = tmp_path / "target.csv"
    target.write_bytes(PLAIN)
    link = tmp_path / f"{NAME}.csv"
    link.symlink_to(target)
    pipe = tmp_path / "PIPE~20240131.101112.csv"
    os.mkfifo(pipe)
    for path, reason in [
        (link, "symbolic link"),
        (pipe, "no regular file"),
        (tmp_path, "a folder"),
        (tmp_path / "absent.csv", "no file"),
    ]:
        with pytest.raises(DataFileError, match=reason):
            reader.open(str(path), FileFormat())
    assert reader.sha256(str(tmp_path / "absent.csv")) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file_is_named(reader: LocalFileReader, deliver: Callable) -> None:
    location = deliver(PLAIN)
    Path(location).chmod(0)
    with pytest.raises(DataFileError, match="cannot be opened"):
        reader.open(location, FileFormat())


def test_file_that_grows_while_it_is_read_is_refused(
    reader: LocalFileReader, deliver: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = deliver(PLAIN)
    scan = reader_module.scan

    def writing_scan(*arguments: object) -> object:
        with Path(location).open("ab") as file:
            file.write(b"3,c\n")
        return scan(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(reader_module, "scan", writing_scan)
    with pytest.raises(DataFileError, match="changed while"):
        reader.open(location, FileFormat())


def test_impossible_formats_are_refused(reader: LocalFileReader, deliver: Callable) -> None:
    location = deliver(PLAIN)
    for file_format in (FileFormat(escape=","), FileFormat(encoding="base64")):
        with pytest.raises(ConfigurationError):
            reader.open(location, file_format)


def test_file_uri_is_a_location(reader: LocalFileReader, deliver: Callable) -> None:
    assert reader.open(Path(deliver(PLAIN)).as_uri(), FileFormat()).records == 2


def test_record_numbers_out_of_range_are_refused(
    reader: LocalFileReader, deliver: Callable
) -> None:
    opened = reader.open(deliver(PLAIN), FileFormat())
    for number in (0, 3):
        with pytest.raises(DataFileError, match="no record"):
            list(reader.records_of(opened, [number]))
