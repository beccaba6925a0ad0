"""The encoding itself, in Python: nothing that differs comes out alike."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admw_assets.core.canonical import (
    HashSum,
    canonical_text,
    encode_row,
    file_hash,
    row_hash,
    source_hash,
)
from admw_assets.core.errors import TransformError
from admw_assets.core.schema import ColumnType, TypeKind

rows = st.lists(st.none() | st.text(alphabet="a1:~é😀", max_size=4), max_size=5)
hashes = st.lists(st.binary(min_size=32, max_size=32).map(lambda digest: digest.hex().upper()))


def test_encoded_row_counts_characters_and_marks_null() -> None:
    assert encode_row(["ab", None, "", "😀", "~"]) == "2:ab~0:1:😀1:~"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c"], ["a", "bc"]),
        ([None], [""]),
        ([None], ["~"]),
        ([None, "a"], ["a", None]),
        (["1:a"], ["a"]),
        (["", ""], [""]),
        (["a", "1:b"], ["a1", ":b"]),
    ],
)
def test_rows_that_differ_have_other_hashes(one: list[str | None], other: list[str | None]) -> None:
    assert row_hash(one) != row_hash(other)


@given(rows, rows)
def test_encoding_is_injective(one: list[str | None], other: list[str | None]) -> None:
    assert (encode_row(one) == encode_row(other)) == (one == other)


def test_hashes_are_upper_case_sha256_of_utf8() -> None:
    assert row_hash(["é", None]) == hashlib.sha256("1:é~".encode()).hexdigest().upper()
    assert source_hash(["é", None]) == row_hash(["é", None])
    assert file_hash(["é", None, "", "b"]) == hashlib.sha256("éb".encode()).hexdigest().upper()


@given(hashes, hashes)
def test_hash_sums_add_up_in_any_order(one: list[str], other: list[str]) -> None:
    together = HashSum.of([*other, *reversed(one)])
    assert HashSum.of(one) + HashSum.of(other) == together
    assert HashSum.parse(together.text) == together


def test_hash_sum_tells_a_doubled_row_from_a_lost_one() -> None:
    first, second = row_hash(["1"]), row_hash(["2"])
    assert HashSum.of([first, first]) != HashSum.of([first, second])
    assert HashSum.of(["0000000AFFFFFFFF" + "0" * 48]).text == "1:10:4294967295"


@pytest.mark.parametrize("text", ["", "1:2", "1:2:3:4", "a:b:c"])
def test_text_that_is_no_hash_sum_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        HashSum.parse(text)


@pytest.mark.parametrize(
    ("column_type", "value", "text"),
    [
        (ColumnType(TypeKind.INTEGER, "INT"), -7, "-7"),
        (ColumnType(TypeKind.INTEGER, "INT"), "-0", "0"),
        (ColumnType(TypeKind.BOOLEAN, "BOOLEAN"), True, "1"),
        (ColumnType(TypeKind.BOOLEAN, "BOOLEAN"), 127, "127"),
        (ColumnType(TypeKind.BIT, "BIT(12)", length=12), b"\x0f\xff", "4095"),
        (ColumnType(TypeKind.YEAR, "YEAR"), 0, "0000"),
        (ColumnType(TypeKind.DECIMAL, "DECIMAL(9, 2)", scale=2), Decimal("1.5"), "1.50"),
        (ColumnType(TypeKind.DECIMAL, "DECIMAL(9, 2)", scale=2), "-0.00", "0.00"),
        (ColumnType(TypeKind.DECIMAL, "DECIMAL(9, 2)", scale=2), Decimal("1E+3"), "1000.00"),
        (ColumnType(TypeKind.DECIMAL, "DECIMAL(9)"), 3, "3"),
        (ColumnType(TypeKind.DATE, "DATE"), date(1000, 1, 1), "1000-01-01"),
        (ColumnType(TypeKind.DATETIME, "DATETIME"), date(2024, 2, 29), "2024-02-29 00:00:00"),
        (
            ColumnType(TypeKind.DATETIME, "DATETIME(3)", fraction=3),
            datetime(2024, 2, 29, 1, 2, 3, 4567),
            "2024-02-29 01:02:03.004",
        ),
        (
            ColumnType(TypeKind.TIMESTAMP, "TIMESTAMP", fraction=0),
            datetime(2024, 2, 29, 1, 2, 3, 4567, tzinfo=UTC),
            "2024-02-29 01:02:03",
        ),
        (
            ColumnType(TypeKind.DATETIME, "DATETIME(6)", fraction=6),
            "2024-02-29T01:02:03.5",
            "2024-02-29 01:02:03.500000",
        ),
        (ColumnType(TypeKind.TIME, "TIME"), timedelta(hours=-838, seconds=-1), "-838:00:01"),
        (ColumnType(TypeKind.TIME, "TIME"), timedelta(microseconds=-1), "00:00:00"),
        (ColumnType(TypeKind.TIME, "TIME(2)", fraction=2), time(1, 2, 3, 456789), "01:02:03.45"),
        (ColumnType(TypeKind.CHAR, "CHAR(5)"), " x\u00a0  ", " x\u00a0"),
        (ColumnType(TypeKind.VARCHAR, "VARCHAR(5)"), "x  ", "x  "),
        (ColumnType(TypeKind.BINARY, "BINARY(4)", length=4), b"\xab", "AB000000"),
        (ColumnType(TypeKind.VARBINARY, "VARBINARY(4)", length=4), "ab00", "AB00"),
        (ColumnType(TypeKind.DOUBLE, "DOUBLE"), 1.5, "3FF8000000000000"),
        (ColumnType(TypeKind.DOUBLE, "DOUBLE"), -0.0, "0000000000000000"),
        (ColumnType(TypeKind.FLOAT, "FLOAT"), 0.1, "3FB99999A0000000"),
        (ColumnType(TypeKind.DOUBLE, "DOUBLE"), None, None),
    ],
)
def test_value_has_its_canonical_text(
    column_type: ColumnType, value: object, text: str | None
) -> None:
    assert canonical_text(column_type, value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (2.675, 2, "2.68"),
        (-2.675, 2, "-2.68"),
        (0.5, 0, "1"),
        (-0.004, 2, "0.00"),
        (1e-300, 2, "0.00"),
        (2.0**53 - 1, 1, "9007199254740991.0"),
        (2.0**53, 1, "4340000000000000"),
    ],
)
def test_float_is_rounded_where_the_migration_says_so(
    value: float, decimals: int, text: str
) -> None:
    assert canonical_text(ColumnType(TypeKind.DOUBLE, "DOUBLE"), value, decimals) == text


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (TypeKind.INTEGER, "abc"),
        (TypeKind.INTEGER, 1.5),
        (TypeKind.DECIMAL, "1,5"),
        (TypeKind.DECIMAL, 1.5),
        (TypeKind.DATE, "1.2.2024"),
        (TypeKind.DATETIME, "2024-02-29"),
        (TypeKind.TIME, "noon"),
        (TypeKind.VARCHAR, 5),
        (TypeKind.BLOB, "no hex"),
        (TypeKind.FLOAT, 1e300),
    ],
)
def test_value_of_another_type_is_refused_without_repeating_it(
    kind: TypeKind, value: object
) -> None:
    with pytest.raises(TransformError, match=kind.value) as caught:
        canonical_text(ColumnType(kind, kind.value), value)
    assert str(value) not in str(caught.value)
