"""Records are found exactly, whatever the bytes, the grammar and the size of the windows."""

import csv
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from admw_assets.core.errors import DataFileError
from admw_assets.engines.files.batch import RecordFinder
from admw_assets.engines.files.grammar import Grammar
from admw_assets.engines.files.limits import Limits
from admw_assets.engines.files.line_records import LineRecords
from admw_assets.engines.files.quoted_records import QuotedRecords
from admw_assets.engines.files.raw_records import raw_records
from admw_assets.engines.files.scanner import Scan, scan
from admw_assets.engines.files.text_encoding import TextEncoding
from tests.engines.files.byte_machine import records_in

GRAMMARS = [
    Grammar(b",", b'"', None),
    Grammar(b",", b'"', b"\\"),
    Grammar(b"|", b"'", None),
    Grammar(b",", None, None),
    Grammar(b"^", b"]", b"-"),
]
RECORD_ENDS = [b"", b"\n", b"\r\n", b"\r"]
LATIN = TextEncoding.named("latin-1")
UTF_8 = TextEncoding.named("utf-8")

soup = st.lists(
    st.sampled_from([b'"', b"'", b",", b"|", b"\\", b"\r", b"\n", b"\r\n", b"a", b"^", b"]", b"-"])
).map(b"".join)
chunk_sizes = st.sampled_from([1, 2, 3, 7, 64, 1 << 20])


def finder_for(grammar: Grammar, record_end: bytes, *, blank_is_record: bool) -> RecordFinder:
    if record_end:
        return QuotedRecords(grammar, record_end)
    return LineRecords(grammar, blank_is_record=blank_is_record)


def scanned(
    content: bytes,
    finder: RecordFinder,
    chunk_bytes: int,
    encoding: TextEncoding = LATIN,
    **limits: int,
) -> tuple[Scan, list[int]]:
    """What the scanner says of a content, and the offsets in its index."""
    index = io.BytesIO()
    bounds = Limits(chunk_bytes=chunk_bytes, **limits)
    found = scan("T", io.BytesIO(content), 0, finder, encoding, index, bounds)
    return found, np.frombuffer(index.getvalue(), dtype="<i8").tolist()


@settings(max_examples=800, deadline=None)
@given(
    soup,
    st.sampled_from(GRAMMARS),
    st.sampled_from(RECORD_ENDS),
    st.booleans(),
    chunk_sizes,
)
@example(b'"a""\r\n","b"\r\n', GRAMMARS[0], b"\r\n", False, 5)
@example(b'5" pipe,"x"\n"a"b,"c\nd"\n', GRAMMARS[0], b"\n", False, 1 << 20)
def test_any_bytes_are_cut_as_the_byte_machine_cuts_them(
    content: bytes, grammar: Grammar, record_end: bytes, blank_is_record: bool, chunk_bytes: int
) -> None:
    finder = finder_for(grammar, record_end, blank_is_record=blank_is_record)
    found, index = scanned(content, finder, chunk_bytes)
    expected = records_in(content, grammar, record_end, blank_is_record=blank_is_record)

    assert index == [record.start for record in expected] + [len(content)]
    assert found.records == len(expected)
    assert set(found.malformed) == {n for n, r in enumerate(expected, 1) if r.malformed}


@settings(max_examples=300, deadline=None)
@given(soup, st.sampled_from(GRAMMARS), st.sampled_from(RECORD_ENDS), st.booleans())
def test_every_record_comes_back_by_its_number(
    content: bytes, grammar: Grammar, record_end: bytes, blank_is_record: bool
) -> None:
    expected = records_in(content, grammar, record_end, blank_is_record=blank_is_record)
    finder = finder_for(grammar, record_end, blank_is_record=blank_is_record)
    _, index = scanned(content, finder, 64)
    records = _raw(content, index, grammar, record_end)

    assert [data for _, data in records] == [record.data for record in expected]
    assert [offset for offset, _ in records] == [record.start for record in expected]


def _raw(
    content: bytes, index: list[int], grammar: Grammar, record_end: bytes
) -> list[tuple[int, bytes]]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(np.array(index, dtype="<i8").tobytes())
        file.flush()
        found = raw_records(
            io.BytesIO(content), Path(file.name), grammar, range(1, len(index)), record_end
        )
        return [(record.offset, record.data) for record in found]


fields = st.text(st.sampled_from("ab\"'|,;\\é\U0001f600 "), max_size=6)
fields_with_newlines = st.text(st.sampled_from("ab\"'|,;\\é\U0001f600 \r\n"), max_size=6)


@st.composite
def written_csv(draw: st.DrawFn, *, newlines: bool) -> tuple[str, dict[str, object]]:
    """Text written by Python's csv module in some dialect."""
    delimiter, quote = draw(st.sampled_from([(",", '"'), (";", "'"), ("|", '"'), ("\t", '"')]))
    escape = draw(st.sampled_from([None, "\\"]))
    dialect: dict[str, object] = {
        "delimiter": delimiter,
        "quotechar": quote,
        "escapechar": escape,
        "doublequote": escape is None,
        # An escape character outside of quotes means nothing to us, but does to csv.
        "quoting": csv.QUOTE_ALL
        if newlines or escape
        else draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
    }
    width = draw(st.integers(2, 4))
    cells = fields_with_newlines if newlines else fields
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=8))
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue(), dialect


@pytest.mark.parametrize("newlines", [False, True])
def test_a_written_csv_has_as_many_records_as_its_reader_finds(newlines: bool) -> None:
    @settings(max_examples=400, deadline=None)
    @given(written_csv(newlines=newlines), chunk_sizes)
    def check(written: tuple[str, dict[str, object]], chunk_bytes: int) -> None:
        text, dialect = written
        content, line_end = text.encode(), str(dialect["lineterminator"]).encode()
        escape = str(dialect["escapechar"]).encode() if dialect["escapechar"] else None
        grammar = Grammar(
            str(dialect["delimiter"]).encode(), str(dialect["quotechar"]).encode(), escape
        )
        record_end = line_end if newlines else b""
        finder = finder_for(grammar, record_end, blank_is_record=False)
        found, index = scanned(content, finder, chunk_bytes, UTF_8)
        read = list(csv.reader(io.StringIO(text, newline=""), **dialect))  # type: ignore[arg-type]

        assert found.records == len(read)
        assert found.malformed == {}
        raw = [data for _, data in _raw(content, index, grammar, record_end)]
        assert b"".join(record + line_end for record in raw) == content

    check()


@pytest.mark.parametrize("chunk_bytes", range(1, 24))
def test_windows_may_end_anywhere(chunk_bytes: int) -> None:
    content = 'id,"né""1"\r\n\r\n2,"a\r\nb €"\r\n3,\U0001f600\r\n'.encode()
    quoted, _ = scanned(content, QuotedRecords(GRAMMARS[0], b"\r\n"), chunk_bytes, UTF_8)
    lines, index = scanned(
        content, LineRecords(GRAMMARS[0], blank_is_record=False), chunk_bytes, UTF_8
    )

    assert quoted == Scan(3, 1, {})
    assert lines == Scan(4, 1, {2: "quote"})  # a quote inside an unquoted field is text
    assert index == [*(content.index(line) for line in (b"id", b"2,", b"b ", b"3,")), len(content)]


def test_faults_are_told_by_record() -> None:
    content = b'1,ok\n2,"open\n3,"a"b\n4,\xff\xfe\n5,5" pipe\n6,"\xc3"x\n'
    found, _ = scanned(content, LineRecords(GRAMMARS[0], blank_is_record=False), 8, UTF_8)

    assert found.malformed == {2: "quote", 3: "quote", 4: "encoding", 6: "quote"}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.binary(max_size=6).filter(lambda b: not set(b) & set(b"\r\n")), max_size=12),
    chunk_sizes,
    st.sampled_from(["utf-8", "cp1252", "ascii"]),
)
def test_encoding_faults_are_those_of_python(
    lines: list[bytes], chunk_bytes: int, encoding: str
) -> None:
    finder = LineRecords(Grammar(b",", None, None), blank_is_record=True)
    found, _ = scanned(b"\n".join(lines), finder, chunk_bytes, TextEncoding.named(encoding))

    def is_bad(line: bytes) -> bool:
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            return True
        return False

    assert found.malformed == {n: "encoding" for n, line in enumerate(lines, 1) if is_bad(line)}


def test_a_record_that_never_ends_is_refused() -> None:
    with pytest.raises(DataFileError, match="longer than") as raised:
        scanned(
            b'1,a\n2,"' + b"x\n" * 400,
            QuotedRecords(GRAMMARS[0], b"\n"),
            16,
            max_record_bytes=200,
        )
    assert raised.value.context["record"] == 2


def test_too_many_malformed_records_are_refused() -> None:
    with pytest.raises(DataFileError, match="more than 3"):
        scanned(b'"a\n' * 5, LineRecords(GRAMMARS[0], blank_is_record=False), 16, max_malformed=3)
