"""Every rule on both sides of its border: one record per value, one job for all of them."""

import csv
import io

import pytest
from pyspark.sql import SparkSession

from admw_assets.core.canonical import HashSum, canonical_text, row_hash
from admw_assets.core.configuration import BooleanTexts, ExcessDigits
from tests.engines.spark.jobs import Bench, Outcome, table_of

TABLE = table_of(
    """
    CREATE TABLE t (
        id INT PRIMARY KEY,
        c_required VARCHAR(5) NOT NULL,
        c_tiny TINYINT, c_utiny TINYINT UNSIGNED, c_int INT, c_big BIGINT,
        c_ubig BIGINT UNSIGNED, c_one TINYINT(1), c_bool BOOL, c_bit BIT(3), c_bit1 BIT(1),
        c_year YEAR,
        c_dec DECIMAL(5, 2), c_udec DECIMAL(5, 2) UNSIGNED, c_whole DECIMAL(3, 0),
        c_fine DECIMAL(3, 3), c_huge DECIMAL(65, 30),
        c_float FLOAT, c_double DOUBLE, c_ufloat FLOAT UNSIGNED, c_float2 FLOAT(5, 2),
        c_rounded DOUBLE, c_roundedf FLOAT,
        c_char CHAR(3), c_varchar VARCHAR(3), c_tinytext TINYTEXT, c_text TEXT,
        c_latin VARCHAR(5) CHARACTER SET latin1, c_utf3 VARCHAR(5) CHARACTER SET utf8mb3,
        c_ascii CHAR(5) CHARACTER SET ascii,
        c_binary BINARY(3), c_varbinary VARBINARY(3), c_blob BLOB,
        c_enum ENUM('a', 'B', 'it''s', 'x\\\\y'), c_set SET('red', 'green', 'blue'), c_json JSON,
        c_date DATE, c_moment DATETIME, c_moment3 DATETIME(3), c_stamp TIMESTAMP,
        c_stamp6 TIMESTAMP(6), c_time TIME, c_time2 TIME(2)
    )
    """
)
NAMES = [column.name for column in TABLE.columns]
VALID = [
    ("c_tiny", "-128", "-128"),
    ("c_tiny", "127", "127"),
    ("c_tiny", "+5", "5"),
    ("c_tiny", "007", "7"),
    ("c_tiny", "-0", "0"),
    ("c_tiny", "5.0", "5"),
    ("c_tiny", "5.", "5"),
    ("c_tiny", "1.2e1", "12"),
    ("c_tiny", "120e-1", "12"),
    ("c_utiny", "255", "255"),
    ("c_utiny", "0", "0"),
    ("c_int", "-2147483648", "-2147483648"),
    ("c_big", "-9223372036854775808", "-9223372036854775808"),
    ("c_big", "9223372036854775807", "9223372036854775807"),
    ("c_ubig", "18446744073709551615", "18446744073709551615"),
    ("c_ubig", "9223372036854775808", "9223372036854775808"),
    ("c_one", "0", "0"),
    ("c_one", "7", "7"),
    ("c_one", "-128", "-128"),
    ("c_one", "TRUE", "1"),
    ("c_bool", "true", "1"),
    ("c_bool", "False", "0"),
    ("c_bool", "1", "1"),
    ("c_bit", "7", "7"),
    ("c_bit", "0", "0"),
    ("c_bit1", "true", "1"),
    ("c_year", "0000", "0000"),
    ("c_year", "1901", "1901"),
    ("c_year", "2155", "2155"),
    ("c_dec", "999.99", "999.99"),
    ("c_dec", "-999.99", "-999.99"),
    ("c_dec", "1", "1.00"),
    ("c_dec", "1.5", "1.50"),
    ("c_dec", ".5", "0.50"),
    ("c_dec", "-.5", "-0.50"),
    ("c_dec", "5.", "5.00"),
    ("c_dec", "+01.500", "1.50"),
    ("c_dec", "-0.00", "0.00"),
    ("c_dec", "-0", "0.00"),
    ("c_dec", "00999.990000", "999.99"),
    ("c_dec", "15E-1", "1.50"),
    ("c_dec", "1.5E+2", "150.00"),
    ("c_dec", "0E-10", "0.00"),
    ("c_dec", "-1e-2", "-0.01"),
    ("c_udec", "0.01", "0.01"),
    ("c_udec", "-0.0", "0.00"),
    ("c_whole", "-999", "-999"),
    ("c_whole", "12.0", "12"),
    ("c_fine", "0.999", "0.999"),
    ("c_fine", "-.1", "-0.100"),
    ("c_huge", "9" * 35 + "." + "9" * 30, "9" * 35 + "." + "9" * 30),
    ("c_huge", "-" + "0" * 40 + "9" * 35, "-" + "9" * 35 + "." + "0" * 30),
    ("c_float", "1.5", "1.5"),
    ("c_float", "-1e10", "-1e10"),
    ("c_float", "3.4028234e38", "3.4028234e38"),
    ("c_float", "0", "0"),
    ("c_float", "-0.0", "-0.0"),
    ("c_float", "0.1", "0.1"),
    ("c_double", "1.7976931348623157e308", "1.7976931348623157e308"),
    ("c_double", "5e-324", "5e-324"),
    ("c_double", ".5", ".5"),
    ("c_double", "0e5", "0e5"),
    ("c_double", "2.2250738585072014e-308", "2.2250738585072014e-308"),
    ("c_double", "2.2250738585072011e-308", "2.2250738585072011e-308"),
    ("c_ufloat", "0.5", "0.5"),
    ("c_float2", "1.5", "1.50"),
    ("c_rounded", "2.675", "2.675"),
    ("c_rounded", "0.125", "0.125"),
    ("c_rounded", "-0.001", "-0.001"),
    ("c_rounded", "9007199254740993", "9007199254740993"),
    ("c_rounded", "2.0E-3", "2.0E-3"),
    ("c_rounded", "0.30000000000000004", "0.30000000000000004"),
    ("c_roundedf", "0.115", "0.115"),
    ("c_roundedf", "16777217", "16777217"),
    ("c_char", "ab ", "ab"),
    ("c_char", "abc   ", "abc"),
    ("c_char", "äöü", "äöü"),
    ("c_char", " ab", " ab"),
    ("c_char", "   ", ""),
    ("c_varchar", "ab ", "ab "),
    ("c_varchar", "😀😀😀", "😀😀😀"),
    ("c_varchar", "a\tb", "a\tb"),
    ("c_tinytext", "ä" * 127, "ä" * 127),
    ("c_text", "a\\b\tc\0d", "a\\b\tc\0d"),
    ("c_text", "\\N", "\\N"),
    ("c_text", "NULL", "NULL"),
    ("c_text", " \u2028 ", " \u2028 "),
    ("c_latin", "äß€œ", "äß€œ"),
    ("c_utf3", "尺寸", "尺寸"),
    ("c_ascii", "~", "~"),
    ("c_binary", "0aFF", "0AFF00"),
    ("c_binary", "0xABCDEF", "ABCDEF"),
    ("c_varbinary", "0AFF", "0AFF"),
    ("c_blob", "00", "00"),
    ("c_enum", "a", "a"),
    ("c_enum", "it's", "it's"),
    ("c_set", "red", "red"),
    ("c_set", "blue,red", "red,blue"),
    ("c_set", "blue,blue,green", "green,blue"),
    ("c_json", '{"a": [1, 2.50, "x, y"], "b": null}', '{"a": [1, 2.50, "x, y"], "b": null}'),
    ("c_json", " 1 ", " 1 "),
    ("c_json", '"a\\"b"', '"a\\"b"'),
    ("c_json", "true", "true"),
    ("c_json", "[]", "[]"),
    ("c_date", "1000-01-01", "1000-01-01"),
    ("c_date", "9999-12-31", "9999-12-31"),
    ("c_date", "2024-02-29", "2024-02-29"),
    ("c_date", "2000-02-29", "2000-02-29"),
    ("c_date", "1582-10-10", "1582-10-10"),
    ("c_date", "2024-01-31 00:00:00", "2024-01-31"),
    ("c_date", "2024-01-31T00:00:00.000", "2024-01-31"),
    ("c_moment", "2024-02-29 23:59:59", "2024-02-29 23:59:59"),
    ("c_moment", "2024-02-29T23:59:59", "2024-02-29 23:59:59"),
    ("c_moment", "2024-02-29", "2024-02-29 00:00:00"),
    ("c_moment", "2024-02-29 23:59:59.000000", "2024-02-29 23:59:59"),
    ("c_moment", "9999-12-31 23:59:59", "9999-12-31 23:59:59"),
    ("c_moment3", "2024-01-01 00:00:00", "2024-01-01 00:00:00.000"),
    ("c_moment3", "2024-01-01T00:00:00.1", "2024-01-01 00:00:00.100"),
    ("c_moment3", "2024-01-01 00:00:00.123000", "2024-01-01 00:00:00.123"),
    ("c_stamp", "1970-01-01 00:00:01", "1970-01-01 00:00:01"),
    ("c_stamp", "2038-01-19 03:14:07", "2038-01-19 03:14:07"),
    ("c_stamp6", "2024-01-01 00:00:00.123456", "2024-01-01 00:00:00.123456"),
    ("c_time", "00:00:00", "00:00:00"),
    ("c_time", "-00:00:00", "00:00:00"),
    ("c_time", "838:59:59", "838:59:59"),
    ("c_time", "-838:59:59", "-838:59:59"),
    ("c_time", "1:02:03", "01:02:03"),
    ("c_time", "001:02:03.00", "01:02:03"),
    ("c_time2", "12:00:00.5", "12:00:00.50"),
]
FAULTY = [
    ("c_tiny", "128", "range"),
    ("c_tiny", "-129", "range"),
    ("c_tiny", "1" * 80, "range"),
    ("c_tiny", "5.5", "integer"),
    ("c_tiny", "abc", "integer"),
    ("c_tiny", " 5", "integer"),
    ("c_tiny", "5 ", "integer"),
    ("c_tiny", "0x10", "integer"),
    ("c_tiny", "1e", "integer"),
    ("c_tiny", "--5", "integer"),
    ("c_tiny", ".", "integer"),
    ("c_tiny", "٣", "integer"),
    ("c_utiny", "-1", "range"),
    ("c_utiny", "256", "range"),
    ("c_int", "2147483648", "range"),
    ("c_big", "9223372036854775808", "range"),
    ("c_ubig", "18446744073709551616", "range"),
    ("c_one", "128", "range"),
    ("c_one", "yes", "integer"),
    ("c_bool", "2", "boolean"),
    ("c_bool", "yes", "boolean"),
    ("c_bit", "8", "range"),
    ("c_bit", "-1", "range"),
    ("c_bit", "b'1'", "bit"),
    ("c_year", "1900", "range"),
    ("c_year", "2156", "range"),
    ("c_year", "99", "year"),
    ("c_dec", "1000", "precision"),
    ("c_dec", "1E3", "precision"),
    ("c_dec", "1.005", "scale"),
    ("c_dec", "1,5", "decimal"),
    ("c_dec", "NaN", "decimal"),
    ("c_dec", "1.5 ", "decimal"),
    ("c_dec", "1.5e", "decimal"),
    ("c_udec", "-0.01", "range"),
    ("c_whole", "1000", "precision"),
    ("c_whole", "0.5", "scale"),
    ("c_fine", "1", "precision"),
    ("c_huge", "1" * 36, "precision"),
    ("c_huge", "0." + "1" * 31, "scale"),
    ("c_float", "3.5e38", "range"),
    ("c_float", "1e-60", "range"),
    ("c_float", "NaN", "number"),
    ("c_float", "1.5f", "number"),
    ("c_float", "0x1p3", "number"),
    ("c_double", "1e309", "range"),
    ("c_double", "1e-400", "range"),
    ("c_double", "Infinity", "number"),
    ("c_double", "1.5d", "number"),
    ("c_double", " 1", "number"),
    ("c_ufloat", "-1", "range"),
    ("c_float2", "1000", "precision"),
    ("c_float2", "1.005", "scale"),
    ("c_float2", "x", "number"),
    ("c_char", "abcd", "length"),
    ("c_varchar", "abc ", "length"),
    ("c_varchar", "😀😀😀😀", "length"),
    ("c_tinytext", "ä" * 128, "length"),
    ("c_latin", "尺", "character"),
    ("c_latin", "abcdef", "length"),
    ("c_utf3", "😀", "character"),
    ("c_ascii", "ä", "character"),
    ("c_binary", "0A0B0C0D", "length"),
    ("c_binary", "0A0", "binary"),
    ("c_varbinary", "xyz", "binary"),
    ("c_blob", "0A 0B", "binary"),
    ("c_enum", "b", "enum"),
    ("c_enum", "a ", "enum"),
    ("c_set", "red,yellow", "set"),
    ("c_set", "red,", "set"),
    ("c_set", "red, blue", "set"),
    ("c_json", "{", "json"),
    ("c_json", "{} {}", "json"),
    ("c_json", "{'a': 1}", "json"),
    ("c_json", "[1],[2]", "json"),
    ("c_json", "1]", "json"),
    ("c_json", "abc", "json"),
    ("c_json", "[1, 2,]", "json"),
    ("c_date", "2023-02-29", "date"),
    ("c_date", "1900-02-29", "date"),
    ("c_date", "0000-00-00", "date"),
    ("c_date", "2024-13-01", "date"),
    ("c_date", "2024-1-1", "date"),
    ("c_date", "20240101", "date"),
    ("c_date", "01/31/2024", "date"),
    ("c_date", "2024-01-01 ", "date"),
    ("c_date", "2024-01-01 10:00:00", "date"),
    ("c_date", "0999-12-31", "range"),
    ("c_moment", "2024-02-30 00:00:00", "datetime"),
    ("c_moment", "2024-01-01 24:00:00", "datetime"),
    ("c_moment", "2024-01-01 12:60:00", "datetime"),
    ("c_moment", "2024-01-01 12:00:60", "datetime"),
    ("c_moment", "2024-01-01 12:00", "datetime"),
    ("c_moment", "2024-01-01T12:00:00Z", "datetime"),
    ("c_moment", "2024-01-01 12:00:00+01:00", "datetime"),
    ("c_moment", "0000-00-00 00:00:00", "datetime"),
    ("c_moment", "0999-12-31 00:00:00", "range"),
    ("c_moment", "2024-01-01 00:00:00.5", "scale"),
    ("c_moment3", "2024-01-01 00:00:00.1234", "scale"),
    ("c_stamp", "1970-01-01 00:00:00", "range"),
    ("c_stamp", "2038-01-19 03:14:08", "range"),
    ("c_time", "839:00:00", "range"),
    ("c_time", "12:60:00", "time"),
    ("c_time", "12:00", "time"),
    ("c_time", "noon", "time"),
    ("c_time", "12:00:00.5", "scale"),
    ("c_time2", "838:59:59.01", "range"),
]
ROUNDED = [
    ("c_dec", "1.005", "1.01"),
    ("c_dec", "-1.005", "-1.01"),
    ("c_dec", "1.0049999", "1.00"),
    ("c_dec", "-0.004", "0.00"),
    ("c_dec", "99.995", "100.00"),
    ("c_huge", "9" * 34 + "." + "9" * 31, "1" + "0" * 34 + "." + "0" * 30),
    ("c_whole", "0.5", "1"),
    ("c_tiny", "5.5", "6"),
    ("c_tiny", "-5.5", "-6"),
    ("c_tiny", "127.4", "127"),
    ("c_moment", "2023-12-31 23:59:59.5", "2024-01-01 00:00:00"),
    ("c_moment", "2023-12-31 23:59:59.49", "2023-12-31 23:59:59"),
    ("c_moment3", "2023-12-31 23:59:59.9995", "2024-01-01 00:00:00.000"),
    ("c_moment3", "2023-12-31 23:59:59.12349", "2023-12-31 23:59:59.123"),
    ("c_time", "00:59:59.5", "01:00:00"),
    ("c_time", "-00:00:00.4", "00:00:00"),
    ("c_time2", "12:00:00.995", "12:00:01.00"),
]
ROUNDED_FAULTY = [
    ("c_dec", "999.995", "precision"),
    ("c_tiny", "127.5", "range"),
    ("c_moment", "9999-12-31 23:59:59.5", "range"),
    ("c_stamp", "2038-01-19 03:14:07.5", "range"),
    ("c_time", "838:59:59.5", "range"),
]
DECIMALS = {"c_rounded": 2, "c_roundedf": 2}


def _content(cases: list[tuple[str, str, str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(NAMES)
    for number, (name, text, _) in enumerate(cases, start=1):
        given = {"id": str(number), "c_required": "x", name: text}
        writer.writerow([given.get(column, "") for column in NAMES])
    return out.getvalue()


@pytest.fixture(scope="module")
def bench(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(spark, tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="module")
def strict(bench: Bench) -> Outcome:
    return bench.run(_content(VALID + FAULTY), TABLE, float_decimals=DECIMALS)


@pytest.fixture(scope="module")
def rounding(bench: Bench) -> Outcome:
    content = _content(ROUNDED + ROUNDED_FAULTY)
    return bench.run(content, TABLE, excess_digits=ExcessDigits.ROUND)


def _staged(outcome: Outcome, name: str, number: int) -> str | None:
    reject = outcome.rejects.get((number, 1))
    assert reject is None, reject
    (row,) = [row for row in outcome.rows if row.record == number]
    return row.values[NAMES.index(name)]


@pytest.mark.parametrize("number", range(1, len(VALID) + 1))
def test_valid_text_is_staged_canonically(strict: Outcome, number: int) -> None:
    name, _, expected = VALID[number - 1]
    assert _staged(strict, name, number) == expected


@pytest.mark.parametrize("number", range(1, len(FAULTY) + 1))
def test_faulty_text_is_rejected_with_its_rule(strict: Outcome, number: int) -> None:
    name, _, rule = FAULTY[number - 1]
    reject = strict.rejects[len(VALID) + number, 1]
    assert (reject["column"], reject["rule"]) == (name, rule)
    assert reject["message"].startswith(f"{name}: ")


@pytest.mark.parametrize("number", range(1, len(ROUNDED) + 1))
def test_excess_digits_are_rounded_where_the_migration_says_so(
    rounding: Outcome, number: int
) -> None:
    name, _, expected = ROUNDED[number - 1]
    assert _staged(rounding, name, number) == expected


@pytest.mark.parametrize("number", range(1, len(ROUNDED_FAULTY) + 1))
def test_what_rounding_brings_out_of_bounds_is_rejected(rounding: Outcome, number: int) -> None:
    name, _, rule = ROUNDED_FAULTY[number - 1]
    reject = rounding.rejects[len(ROUNDED) + number, 1]
    assert (reject["column"], reject["rule"]) == (name, rule)


def test_row_hash_is_that_of_the_canonical_encoding(strict: Outcome) -> None:
    for row in strict.rows:
        texts = [
            canonical_text(column.type, value, DECIMALS.get(column.name))
            for column, value in zip(TABLE.columns, row.values, strict=True)
        ]
        assert row.row_hash == row_hash(texts), row
    assert strict.result.checksum == HashSum.of(row.row_hash for row in strict.rows).text


def test_counts_add_up(strict: Outcome) -> None:
    result = strict.result
    assert result.records_read == result.expected == len(VALID) + len(FAULTY)
    assert (result.rows, result.rejected) == (len(VALID), len(FAULTY))
    assert len(strict.rows) == result.rows and len(strict.rejects) == result.rejected


def test_null_in_a_required_column_is_rejected(bench: Bench) -> None:
    ddl = "CREATE TABLE t (id INT, code CHAR(3), name VARCHAR(9) NOT NULL, PRIMARY KEY (id, code))"
    outcome = bench.run('id,code,name\n1,a,x\n,a,x\n1,,x\n1,a,\n1,"",""\n,,\n', ddl)
    assert outcome.values == [("1", "a", "x"), ("1", "", "")]
    assert set(outcome.rules.values()) == {"not_null"}
    assert [outcome.rejects[n, 1]["column"] for n in (2, 3, 4, 6)] == ["id", "code", "name", "id"]
    assert outcome.rejects[6, 1]["message"].count("NULL is not allowed") == 3


def test_first_fault_names_the_reject_and_the_message_lists_all(bench: Bench) -> None:
    ddl = "CREATE TABLE t (id INT, price DECIMAL(5,2), qty INT)"
    outcome = bench.run(f"id,price,qty\n1,abc,{'9' * 50}\n", ddl)
    reject = outcome.rejects[1, 1]
    assert (reject["rule"], reject["column"]) == ("decimal", "price")
    assert reject["message"] == (
        f"price: 'abc' is not a number; qty: '{'9' * 40}…' is outside -2147483648..2147483647"
    )


def test_values_of_pii_columns_are_not_shown(bench: Bench) -> None:
    outcome = bench.run("a\nsecret\n", "CREATE TABLE t (A INT)", pii=frozenset({"a"}))
    assert outcome.rejects[1, 1]["message"] == "A: the value is not an integer"


def test_boolean_texts_come_from_the_migration(bench: Bench) -> None:
    booleans = BooleanTexts(true=["Y", "yes"], false=["N"])
    outcome = bench.run("a\nY\ny\nYES\nn\n1\n", "CREATE TABLE t (a BOOL)", booleans=booleans)
    assert outcome.values == [("1",), ("1",), ("1",), ("0",)]
    assert outcome.rules == {5: "boolean"}
