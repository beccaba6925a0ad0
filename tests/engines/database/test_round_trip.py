"""Every type comes back exactly, on both databases and in both tables."""

import re

import pytest

from admw_assets.core.canonical import canonical_text
from admw_assets.core.step import Stage
from tests.engines.database.conftest import TargetOf
from tests.engines.database.staging import Target

FILE = "EVERY~20240101.000000.csv"
SQL = """CREATE TABLE EVERY (
    id BIGINT UNSIGNED NOT NULL,
    tiny TINYINT, big BIGINT, huge BIGINT UNSIGNED, yes BOOL, few_bits BIT(5), all_bits BIT(64),
    price DECIMAL(10, 2), long_number DECIMAL(65, 30), single FLOAT, `double` DOUBLE,
    fixed CHAR(10), varying VARCHAR(100), plain TEXT, latin VARCHAR(20) CHARACTER SET latin1,
    four BINARY(4), some VARBINARY(8), bytes BLOB,
    day DATE, at DATETIME, exactly DATETIME(6), stamp TIMESTAMP(3) NULL, lasts TIME,
    fine TIME(2), made YEAR,
    size ENUM('small', '50% off', 'it''s'), flags SET('a', 'b', 'c'), document JSON,
    PRIMARY KEY (id)
) DEFAULT CHARACTER SET utf8mb4"""
COLUMNS = 28

NULLS = ["1", *[None] * (COLUMNS - 1)]
SMALLEST = [
    "0", "-128", "-9223372036854775808", "0", "0", "0", "0",
    "-99999999.99", "-" + "9" * 35 + "." + "9" * 30, "-3.40282346e38", "-1.7976931348623157e308",
    "", "", "", "", "00000000", "", "",
    "1000-01-01", "1000-01-01 00:00:00", "1000-01-01 00:00:00.000000",
    "1970-01-01 00:00:01.000", "-838:59:59", "-00:00:00.01", "1901",
    "small", "", "{}",
]  # fmt: skip
LARGEST = [
    "18446744073709551615", "127", "9223372036854775807", "18446744073709551615", "1", "31",
    "18446744073709551615", "99999999.99", "9" * 35 + "." + "9" * 30, "3.40282346e38",
    "1.7976931348623157e308",
    "0123456789", "x" * 100, "y" * 20_000, "é" * 20, "FFFFFFFF", "FFFFFFFFFFFFFFFF", "00" * 9000,
    "9999-12-31", "9999-12-31 23:59:59", "9999-12-31 23:59:59.999999",
    "2038-01-19 03:14:07.999", "838:59:59", "838:59:58.99", "2155",
    "it's", "a,b,c", '[1, "x", {"a": null}]',
]  # fmt: skip
PECULIAR = [
    "2", "0", "1", "1", "1", "1", "9223372036854775808", "0.10", "0." + "0" * 29 + "1", "0.1",
    "0.1",
    "\\N", "tab\there\nline\\ \r\n'\"%s ?\0 ", " 😀 \u2028 \ufeff ", "¿ß", "000A0D09", "00",
    "5C4E0A00092722",
    "2024-02-29", "2024-02-29 12:34:56", "2024-02-29 12:34:56.100000", "2024-03-31 02:30:00.500",
    "00:00:00", "12:00:00.50", "2024",
    "50% off", "b", '{"a": "\\\\ \\" 😀"}',
]  # fmt: skip
ROWS = [NULLS, SMALLEST, LARGEST, PECULIAR]


def read(target: Target, table: str, prefix: str = "") -> list[list[str | None]]:
    """All rows of a table as canonical texts of what the driver gives, in record or key order."""
    model = target.table("EVERY")
    quote = target.database.engine.dialect.identifier_preparer.quote_identifier
    # MySQL prints a FLOAT with six digits; as a double it shows all that it keeps.
    widened = {"single": " + 0e0"}
    columns = ", ".join(quote(prefix + c.name) + widened.get(c.name, "") for c in model.columns)
    rows = target.query(f"SELECT {columns} FROM {quote(table)}")
    texts = [
        [canonical_text(c.type, value) for c, value in zip(model.columns, row, strict=True)]
        for row in rows
    ]
    return sorted(texts, key=lambda row: int(row[0] or 0))


def expected(target: Target) -> list[list[str | None]]:
    model = target.table("EVERY")
    texts = [
        [canonical_text(c.type, value) for c, value in zip(model.columns, row, strict=True)]
        for row in ROWS
    ]
    return sorted(texts, key=lambda row: int(row[0] or 0))


def check(target: Target) -> None:
    table, settings = target.table("EVERY"), target.settings("EVERY")
    job = target.job(FILE, "EVERY", ROWS, parts=2)
    assert target.store.load_preliminary(job).loaded == len(ROWS)
    assert read(target, "PRE_EVERY", "pre_") == expected(target)
    (sums,) = target.store.preliminary_buckets(FILE, table, settings).sums.values()
    assert (sums.rows, sums.checksum, sums.altered) == (4, job.staged.checksum, 0)
    assert target.final(FILE, "EVERY").loaded == len(ROWS)
    assert read(target, "EVERY") == expected(target)
    comparison = target.store.compare_final(FILE, table, settings, 10)
    assert (comparison.preliminary_rows, comparison.final_rows) == (4, 4)
    assert comparison.counts == {}


def test_every_type_comes_back_exactly(target_of: TargetOf) -> None:
    check(target_of(SQL))


def test_every_type_comes_back_exactly_where_the_client_refuses_local_files(
    mysql_target_of: TargetOf,
) -> None:
    check(mysql_target_of(SQL, options="?local_infile=0"))


def test_every_type_comes_back_exactly_where_the_server_refuses_local_files(
    mysql_target_of: TargetOf,
) -> None:
    target = mysql_target_of(SQL)
    target.execute("SET GLOBAL local_infile = 0")
    try:
        check(target)
    finally:
        target.execute("SET GLOBAL local_infile = 1")


def test_null_and_the_empty_string_stay_apart(target_of: TargetOf) -> None:
    target = target_of("CREATE TABLE t (id INT NOT NULL, a VARCHAR(5), b TEXT, PRIMARY KEY (id))")
    target.preliminary(FILE, "t", [["1", "", None], ["2", None, ""]])
    target.final(FILE, "t")
    assert target.query("SELECT id, a, b FROM t ORDER BY id") == [(1, "", None), (2, None, "")]


def test_zero_goes_into_an_auto_increment_column(target_of: TargetOf) -> None:
    target = target_of(
        "CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT, a VARCHAR(5), PRIMARY KEY (id))"
    )
    target.preliminary(FILE, "t", [["0", "x"], ["7", "y"]])
    target.final(FILE, "t")
    assert target.query("SELECT id, a FROM t ORDER BY id") == [(0, "x"), (7, "y")]


def test_a_generated_column_is_left_to_the_server(mysql_target_of: TargetOf) -> None:
    target = mysql_target_of(
        "CREATE TABLE t (id INT NOT NULL, twice INT GENERATED ALWAYS AS (id * 2) STORED,"
        " PRIMARY KEY (id))"
    )
    target.preliminary(FILE, "t", [["1"], ["2"]])
    target.final(FILE, "t")
    assert target.query("SELECT id, twice FROM t ORDER BY id") == [(1, 2), (2, 4)]


def test_float_columns_may_be_compared_after_rounding(target_of: TargetOf) -> None:
    target = target_of(
        "CREATE TABLE t (id INT NOT NULL, x DOUBLE, PRIMARY KEY (id))",
        tables={"t": {"float_decimals": {"x": 2}}},
    )
    target.preliminary(FILE, "t", [["1", "1.234"]])
    target.final(FILE, "t")
    target.execute("UPDATE t SET x = 1.2341")
    compare = target.store.compare_final
    assert compare(FILE, target.table("t"), target.settings("t"), 5).mismatched == 0
    target.execute("UPDATE t SET x = 1.25")
    assert compare(FILE, target.table("t"), target.settings("t"), 5).mismatched == 1


@pytest.mark.parametrize("stage", list(Stage))
def test_a_sample_shows_canonical_texts_and_masks_pii(target_of: TargetOf, stage: Stage) -> None:
    target = target_of(
        "CREATE TABLE t (id INT NOT NULL, name VARCHAR(9), price DECIMAL(9, 2), PRIMARY KEY (id))",
        tables={"t": {"pii": ["name"]}},
    )
    rows = [["1", "Ann", "1.50"], ["2", "Ann", None], ["3", None, "0.00"], ["4", "Bo", "1.00"]]
    target.preliminary(FILE, "t", rows)
    target.final(FILE, "t")
    sample = target.store.sample(FILE, target.table("t"), target.settings("t"), stage, 3)
    mark = sample[0]["name"]
    assert re.fullmatch("pii:[0-9a-f]{6}", mark)
    assert sample == [
        {"id": "1", "name": mark, "price": "1.50"},
        {"id": "2", "name": mark, "price": "NULL"},
        {"id": "3", "name": "NULL", "price": "0.00"},
    ]
