"""Records, their numbers, NULL and the empty string; the scanner's count is the other witness."""

import csv
import io
from pathlib import Path
from random import Random

import pytest

from admw_assets.core.configuration import FileFormat
from admw_assets.engines.spark import session
from tests.engines.spark.jobs import Bench, Outcome

TWO = "CREATE TABLE t (a VARCHAR(200), b VARCHAR(200))"
ONE = "CREATE TABLE t (a VARCHAR(200))"


def _numbered(outcome: Outcome) -> list[tuple[int, str | None]]:
    return [(row.record, row.values[0]) for row in outcome.rows]


@pytest.fixture
def small_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Splits of 64 bytes: even small files get many partitions."""
    settings = dict(session._JOB_SETTINGS) | {"spark.sql.files.maxPartitionBytes": "64"}
    settings["spark.sql.files.minPartitionNum"] = "1000"
    monkeypatch.setattr(session, "_JOB_SETTINGS", settings)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.usefixtures("small_splits")
def test_records_are_numbered_in_file_order_over_many_partitions(
    bench: Bench, end: str, header: bool
) -> None:
    lines = [f'{i},"text, {i}"' if i % 7 == 0 else f"{i},{'x' * (i % 60)}" for i in range(1, 501)]
    with_blanks = [
        text for i, line in enumerate(lines) for text in ([line, ""] if i % 9 else [line])
    ]
    content = end.join((["", "a,b"] if header else []) + with_blanks)
    file_format = FileFormat(header=header, columns=None if header else ["a", "b"])
    outcome = bench.run(content, TWO, file_format=file_format)
    assert _numbered(outcome) == [(i, str(i)) for i in range(1, 501)]
    assert outcome.result.records_read == outcome.opened.records == 500
    assert len(outcome.result.parts) > 3
    assert list(outcome.result.parts) == sorted(outcome.result.parts)


@pytest.mark.usefixtures("small_splits")
def test_parts_are_in_record_order(bench: Bench) -> None:
    outcome = bench.run("a\n" + "".join(f"{i}\n" for i in range(1, 301)), ONE)
    numbers = [
        int(line.split("\t")[0])
        for part in outcome.result.parts
        for line in Path(part).read_text().splitlines()
    ]
    assert numbers == list(range(1, 301))


@pytest.mark.usefixtures("small_splits")
def test_rejected_and_malformed_records_keep_their_numbers(bench: Bench) -> None:
    lines = [f"{i},x" for i in range(1, 201)]
    lines[9], lines[49], lines[149] = "10", '50,"x"y', "150,x,y"
    outcome = bench.run("a,b\n" + "\n".join(lines) + "\n", TWO)
    assert outcome.rules == {10: "fields", 50: "quote", 150: "fields"}
    assert outcome.rejects[10, 1]["message"] == "expected 2 fields, found 1"
    assert outcome.rejects[150, 1]["message"] == "expected 2 fields, found 3"
    assert [number for number, _ in _numbered(outcome)] == [
        i for i in range(1, 201) if i not in (10, 50, 150)
    ]
    assert (outcome.result.expected, outcome.result.rows, outcome.result.rejected) == (200, 197, 3)


def test_empty_line_is_a_record_of_a_file_with_one_column(bench: Bench) -> None:
    outcome = bench.run("a\nx\n\n   \ny", ONE)
    assert _numbered(outcome) == [(1, "x"), (2, None), (3, "   "), (4, "y")]
    assert outcome.result.records_read == outcome.opened.records


def test_line_of_spaces_is_no_blank_line(bench: Bench) -> None:
    outcome = bench.run("a,b\n1,2\n   \n\n3,4\n", TWO)
    assert outcome.rules == {2: "fields"}
    assert _numbered(outcome) == [(1, "1"), (3, "3")]


@pytest.mark.parametrize("newlines", [False, True])
def test_unquoted_empty_is_null_and_quoted_empty_is_the_empty_text(
    bench: Bench, newlines: bool
) -> None:
    file_format = FileFormat(quoted_newlines=newlines)
    outcome = bench.run('a,b\n,""\n"",\n,\n"",""\nx,\\N\n', TWO, file_format=file_format)
    assert outcome.values == [(None, ""), ("", None), (None, None), ("", ""), ("x", "\\N")]


@pytest.mark.parametrize("newlines", [False, True])
def test_with_a_marker_every_empty_field_is_the_empty_text(bench: Bench, newlines: bool) -> None:
    file_format = FileFormat(quoted_newlines=newlines, null_marker="\\N")
    content = 'a,b\n,""\n\\N,"\\N"\nx,\\n\n"x""",\\N\n'
    outcome = bench.run(content, TWO, file_format=file_format)
    assert outcome.values == [("", ""), (None, None), ("x", "\\n"), ('x"', None)]


def test_empty_text_in_a_number_is_null_or_a_fault_by_the_marker(bench: Bench) -> None:
    ddl = "CREATE TABLE t (a INT, b DATE)"
    assert bench.run('a,b\n"",""\n', ddl).values == [(None, None)]
    outcome = bench.run('a,b\n,\\N\n"",\\N\n', ddl, file_format=FileFormat(null_marker="\\N"))
    assert outcome.rules == {1: "integer", 2: "integer"}


@pytest.mark.parametrize("newlines", [False, True])
@pytest.mark.parametrize("header", [False, True])
def test_byte_order_mark_belongs_to_no_field(bench: Bench, newlines: bool, header: bool) -> None:
    columns = None if header else ["a", "b"]
    file_format = FileFormat(header=header, columns=columns, quoted_newlines=newlines)
    text = ("a,b\n" if header else "") + '"x",y\n\ufeffz,w\n'
    outcome = bench.run("\ufeff" + text, TWO, file_format=file_format)
    assert outcome.values == [("x", "y"), ("\ufeffz", "w")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_quoted_line_ends_stay_as_they_are(bench: Bench, end: str) -> None:
    quoted = "1\r2" if end == "\r" else "1\n2\r\n3\r4"  # CR ends records where there is no LF
    content = end.join(['a,"b"', f'"{quoted}",x', "", "y,z", 'q,"w', '"', "too,many,fields", ""])
    outcome = bench.run(content, TWO, file_format=FileFormat(quoted_newlines=True))
    assert outcome.values == [(quoted, "x"), ("y", "z"), ("q", f"w{end}")]
    assert outcome.rules == {4: "fields"}
    assert outcome.result.records_read == outcome.opened.records == 4


def test_other_delimiters_quotes_and_escapes(bench: Bench) -> None:
    piped = FileFormat(delimiter="|", quote="'", escape="\\")
    content = "a|b\n'x|y'|'it\\'s'\n\"q\"|'back\\\\slash'\n"
    outcome = bench.run(content, TWO, file_format=piped)
    assert outcome.values == [("x|y", "it's"), ('"q"', "back\\slash")]
    tabbed = FileFormat(delimiter="\t", quote=None)
    outcome = bench.run('a\tb\n"x\t"y"\n""\t\n', TWO, file_format=tabbed)
    assert outcome.values == [('"x', '"y"'), ('""', None)]


def test_file_names_with_signs_of_patterns_are_taken_literally(bench: Bench) -> None:
    name = "_T[1]{a} %20é~20240131.235959.csv"
    outcome = bench.run("a\nx\n", ONE, file_name=name)
    assert outcome.values == [("x",)]


def test_file_without_records_gives_no_rows(bench: Bench) -> None:
    outcome = bench.run("a,b\n", TWO)
    result = outcome.result
    assert (result.rows, result.records_read, result.expected, result.rejected) == (0, 0, 0, 0)
    assert result.checksum == "0:0:0"
    assert not outcome.rows and not outcome.rejects


@pytest.mark.parametrize("newlines", [False, True])
@pytest.mark.parametrize("escape", [None, "\\"])
def test_any_text_round_trips(bench: Bench, newlines: bool, escape: str | None) -> None:
    random = Random(f"{newlines} {escape}")
    signs = list(",\"\\'\t\0 \u00a0\u2028\ufeff😀éNa1") + (["\n", "\r"] if newlines else [])
    rows = [
        tuple(
            None
            if random.random() < 0.1
            else "".join(random.choices(signs, k=random.randint(0, 7)))
            for _ in range(2)
        )
        for _ in range(3000)
    ]
    lines = [
        ",".join(_written(value, escape, random.random() < 0.5) for value in row) for row in rows
    ]
    file_format = FileFormat(quoted_newlines=newlines, escape=escape)
    outcome = bench.run("a,b\n" + "\n".join(lines) + "\n", TWO, file_format=file_format)
    assert not outcome.rejects
    wrong = [(row, got) for row, got in zip(rows, outcome.values, strict=True) if row != got]
    assert wrong == []


def _written(value: str | None, escape: str | None, always_quoted: bool) -> str:
    if value is None:
        return ""
    if value and not set(value) & set(',"\r\n') and not always_quoted:
        return value
    if escape is not None:
        value = value.replace(escape, escape * 2)
    return '"' + value.replace('"', (escape or '"') + '"') + '"'


def test_python_and_spark_agree_on_text_with_quotes_inside(bench: Bench) -> None:
    lines = ['ab"c,d', 'a"b"c,"d"', '  "x",y', "x,  y  ", '"a""b","""c"""', '"x,y",""""']
    outcome = bench.run("a,b\n" + "\n".join(lines) + "\n", TWO)
    expected = [tuple(row) for row in csv.reader(io.StringIO("\n".join(lines)))]
    assert not outcome.rejects
    assert outcome.values == expected
