"""Which files an extraction makes: names, sizes, hashes, compression, conditions."""

import re
from pathlib import Path

import pytest

from admw_assets.core.configuration import FileFormat
from admw_assets.core.errors import AdmwError, ConfigurationError, ExtractionError
from admw_assets.engines.files.reader import LocalFileReader
from admw_assets.extraction import FileCompression, FileLimit, HashConvention
from admw_assets.extraction.request import parse_conditions, parse_hash_columns, parse_size
from tests.extraction.extracted import execute, files_of, manifest_of, rows_of, run

ROWS = 1234


@pytest.fixture
def shop_url(source_url: str) -> str:
    """A source of any kind with two tables, one of them empty."""
    values = ", ".join(f"({n}, 'name, {n}', NULL)" for n in range(ROWS))
    execute(
        source_url,
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(50), note VARCHAR(9))",
        f"INSERT INTO item VALUES {values}",
        "CREATE TABLE vacant (id INTEGER)",
    )
    return source_url


@pytest.fixture
def small_url(sqlite_source_url: str) -> str:
    """A source with two tables of three rows, where any kind will do."""
    for table in ("item", "sale"):
        execute(
            sqlite_source_url,
            f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name VARCHAR(50), note VARCHAR(9))",
            f"INSERT INTO {table} VALUES (1, 'a', ''), (2, 'b', NULL), (3, '10:30', ':x')",
        )
    return sqlite_source_url


def test_every_table_becomes_a_file_that_the_pipeline_can_open(
    shop_url: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(shop_url, out)
    assert [row["id"] for row in rows_of(out, "item")] == [str(n) for n in range(ROWS)]
    assert rows_of(out, "vacant") == []
    (item,), (vacant,) = files_of(out, "item"), files_of(out, "vacant")
    assert re.fullmatch(r"ITEM~\d{8}\.\d{6}\.csv", item.name)
    reader = LocalFileReader(tmp_path / "work")
    opened = reader.open(str(item), FileFormat())
    assert (opened.records, opened.malformed) == (ROWS, {})
    assert opened.columns == ("id", "name", "note", "admw_source_hash")
    assert reader.open(str(vacant), FileFormat()).records == 0


@pytest.mark.parametrize("compression", list(FileCompression))
def test_files_are_split_by_rows_and_named_a_second_apart(
    shop_url: str, tmp_path: Path, compression: FileCompression
) -> None:
    out = tmp_path / "out"
    run(shop_url, out, limit=FileLimit(rows=500, bytes=None), compression=compression)
    files = files_of(out, "item")
    entries = manifest_of(out)["tables"]["item"]["files"]
    assert [entry["rows"] for entry in entries] == [500, 500, 234]
    assert len({path.name.partition(".csv")[0] for path in files}) == 3
    assert [row["id"] for row in rows_of(out, "item")] == [str(n) for n in range(ROWS)]
    reader = LocalFileReader(tmp_path / "work")
    assert [reader.open(str(file), FileFormat()).records for file in files] == [500, 500, 234]


def test_no_file_has_more_text_than_allowed(small_url: str, tmp_path: Path) -> None:
    execute(
        small_url,
        "CREATE TABLE big (id INTEGER, body TEXT)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
        "INSERT INTO big SELECT i, CASE i WHEN 150 THEN hex(zeroblob(9000)) ELSE hex(i * 99) END "
        "FROM n",
    )
    run(small_url, tmp_path / "out", tables=("big",), limit=FileLimit(bytes=4096))
    sizes = [path.stat().st_size for path in files_of(tmp_path / "out", "big")]
    too_large = [size for size in sizes if size > 4096]
    assert len(too_large) == 1 and too_large[0] > 18_000  # the one record that is larger itself
    assert len(sizes) < 12
    assert [row["id"] for row in rows_of(tmp_path / "out", "big")] == [
        str(n) for n in range(1, 301)
    ]


def test_rows_carry_the_older_hash_over_chosen_columns(small_url: str, tmp_path: Path) -> None:
    run(small_url, tmp_path / "all", hash=HashConvention.FILE_HASH)
    assert len(rows_of(tmp_path / "all", "item")) == 3  # verified there
    run(
        small_url,
        tmp_path / "some",
        tables=("item",),
        hash=HashConvention.FILE_HASH,
        hash_columns={"ITEM": ("NAME", "id")},
    )
    (file,) = files_of(tmp_path / "some", "item")
    first = file.read_text().splitlines()[1]
    # printf a1 | sha256sum
    assert first == ('1,a,"",F55FF16F66F43360266B95DB6F8FEC01D76031054306AE4A4B380598F6CFD114')
    entry = manifest_of(tmp_path / "some")["tables"]["item"]
    assert (entry["hash"], entry["hash_columns"]) == ("admw_file_hash", ["NAME", "id"])


def test_rows_without_a_hash_have_no_hash_column(small_url: str, tmp_path: Path) -> None:
    run(small_url, tmp_path / "out", hash=HashConvention.NONE)
    assert files_of(tmp_path / "out", "item")[0].read_text() == (
        'id,name,note\n1,a,""\n2,b,\n3,10:30,:x\n'
    )


def test_null_alone_on_a_line_is_refused(sqlite_source_url: str, tmp_path: Path) -> None:
    execute(sqlite_source_url, "CREATE TABLE one (a INT)", "INSERT INTO one VALUES (1), (NULL)")
    with pytest.raises(ExtractionError, match="empty line"):
        run(sqlite_source_url, tmp_path / "out", hash=HashConvention.NONE)
    run(sqlite_source_url, tmp_path / "out")
    assert rows_of(tmp_path / "out", "one") == [{"a": "1"}, {"a": None}]


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("id >= 2", "23"),
        ("name LIKE '%0%' -- those", "3"),
        ("name = '10:30' AND note = ':x'", "3"),
        ("id = 1 OR id = 2", "12"),
        ("1 = 0", ""),
    ],
)
def test_conditions_are_run_as_they_are(
    source_url: str, tmp_path: Path, condition: str, ids: str
) -> None:
    execute(
        source_url,
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(50), note VARCHAR(9))",
        "INSERT INTO item VALUES (1, 'a', ''), (2, 'b', NULL), (3, '10:30', ':x')",
    )
    run(source_url, tmp_path / "out", where={"item": condition})
    assert [row["id"] for row in rows_of(tmp_path / "out", "item")] == list(ids)
    assert manifest_of(tmp_path / "out")["tables"]["item"]["where"] == condition


def test_wrong_condition_is_refused_before_anything_is_written(
    source_url: str, tmp_path: Path
) -> None:
    execute(source_url, "CREATE TABLE a (id INTEGER)", "CREATE TABLE b (id INTEGER)")
    with pytest.raises(ConfigurationError, match="'b' cannot be read with the condition 'idd = 1'"):
        run(source_url, tmp_path / "out", where={"b": "idd = 1"})
    assert not list((tmp_path / "out").glob("*~*"))


def test_conditions_cannot_write(source_url: str, tmp_path: Path) -> None:
    execute(source_url, "CREATE TABLE a (id INTEGER)", "INSERT INTO a VALUES (1)")
    with pytest.raises(AdmwError):
        run(source_url, tmp_path / "out", where={"a": "1 = 1); DELETE FROM a; SELECT (1"})
    run(source_url, tmp_path / "again", tables=("a",))
    assert rows_of(tmp_path / "again", "a") == [{"id": "1"}]


def test_only_named_tables_are_extracted_whatever_their_case(
    small_url: str, tmp_path: Path
) -> None:
    run(small_url, tmp_path / "out", tables=("SALE",))
    assert list(manifest_of(tmp_path / "out")["tables"]) == ["sale"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"tables": ("itme",)}, "no table 'itme'. Did you mean 'item'?"),
        ({"tables": ("xyz",)}, "no table 'xyz'. Known: 'item', 'sale'."),
        ({"where": {"sales": "1 = 1"}}, "--where names 'sales', which is not extracted. Did you "),
        (
            {"hash": HashConvention.FILE_HASH, "hash_columns": {"item": ("idd",)}},
            "--hash-columns names 'idd'. Known: id, name, note.",
        ),
    ],
)
def test_unknown_names_are_refused_with_those_that_are_meant(
    small_url: str, tmp_path: Path, asked: dict, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        run(small_url, tmp_path / "out", **asked)


def test_tables_that_would_share_a_file_name_are_refused(postgres_url: str, tmp_path: Path) -> None:
    execute(postgres_url, 'CREATE TABLE "A" (x int)', "CREATE TABLE a (x int)")
    with pytest.raises(ConfigurationError, match="'A' and 'a' would have the same name"):
        run(postgres_url, tmp_path / "out")
    run(postgres_url, tmp_path / "out", tables=("a",))


def test_own_column_called_like_the_hash_is_refused(small_url: str, tmp_path: Path) -> None:
    execute(small_url, "CREATE TABLE h (Admw_Source_Hash TEXT)")
    with pytest.raises(ConfigurationError, match="of its own"):
        run(small_url, tmp_path / "out")
    run(small_url, tmp_path / "out", tables=("h",), hash=HashConvention.NONE)


def test_line_ends_in_texts_are_told(small_url: str, tmp_path: Path) -> None:
    execute(small_url, "INSERT INTO sale VALUES (4, 'two\nlines', NULL)")
    run(small_url, tmp_path / "out")
    told = {
        name: table["quoted_newlines"]
        for name, table in manifest_of(tmp_path / "out")["tables"].items()
    }
    assert told == {"item": False, "sale": True}


@pytest.mark.parametrize(
    ("text", "size"),
    [("500MB", 500_000_000), ("1.5 gb", 1_500_000_000), ("64MiB", 64 << 20), ("9000", 9000)],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-1MB", "0", "1PB", "5 apples"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is no file size"):
        parse_size(text)


def test_options_by_table_are_read() -> None:
    assert parse_conditions(["SALE: at > '10:00'"]) == {"SALE": "at > '10:00'"}
    assert parse_hash_columns(["SALE=a, b"]) == {"SALE": ("a", "b")}
    for wrong in ("SALE", "SALE:", ": x"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            parse_conditions([wrong])
