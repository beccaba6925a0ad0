"""Columns of every type with the texts that a file may bring for them: edges, and strategies."""

import json
from datetime import datetime, timedelta

from hypothesis import strategies as st

from admw_assets.core.schema import ColumnType, TypeKind
from tests.canonical.number_samples import (
    Sample,
    Texts,
    bit_sample,
    decimal_sample,
    float_sample,
    integer_sample,
    sample,
    year_sample,
)

NASTY_TEXTS = (
    "",
    " ",
    "  x  ",
    "\t\n\r\\'\"`%,;:~",
    "~",
    "3:abc",
    "NULL",
    r"\N",
    "a\0b\0",
    "\0",
    "😀👩‍👩‍👧",
    "e\u0301 é ﬁ ß ẞ İ ı",
    "\u2028\u2029\u00a0\u3000\u200b",
    "\ufeffx",
    "\U0010ffff",
)


def _date() -> Sample:
    edges = ["1000-01-01", "9999-12-31", "2024-02-29", "2000-02-29", "1969-12-31", "1582-10-15"]
    dates = st.dates(datetime(1000, 1, 1).date())
    return sample(ColumnType(TypeKind.DATE, "DATE"), edges, dates.map(str))


def _moment(kind: TypeKind, fraction: int) -> Sample:
    sql = kind.value.upper() + (f"({fraction})" if fraction else "")
    if kind is TypeKind.TIMESTAMP:
        sql += " NULL"  # else older servers make it NOT NULL DEFAULT CURRENT_TIMESTAMP
        first, last = datetime(1970, 1, 1, 0, 0, 1), datetime(2038, 1, 19, 3, 14, 7)
    else:
        first, last = datetime(1000, 1, 1), datetime(9999, 12, 31, 23, 59, 59)

    def text(at: datetime) -> str:
        written = at.isoformat(" ", "microseconds")
        return written[: 20 + fraction] if fraction else written[:19]

    edges = [text(first), text(last), "2024-02-29 12:00:00", "2024-03-31 02:30:00"]
    if fraction:
        edges += ["2024-01-01 00:00:00." + "9" * fraction, "2024-01-01 00:00:00.1"]
    return sample(
        ColumnType(kind, sql, fraction=fraction), edges, st.datetimes(first, last).map(text)
    )


def _time(fraction: int) -> Sample:
    sql = "TIME" + (f"({fraction})" if fraction else "")

    def text(at: timedelta) -> str:
        rest = abs(at) // timedelta(microseconds=1)
        seconds, microseconds = divmod(rest, 10**6)
        digits = f".{microseconds:06}"[: 1 + fraction] if fraction else ""
        sign = "-" if at < timedelta() else ""
        return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{digits}"

    limit = timedelta(hours=838, minutes=59, seconds=59)
    edges = [
        "00:00:00",
        "838:59:59",
        "-838:59:59",
        "-00:00:01",
        "100:00:00",
        "9:08:07",
        "-00:00:00",
    ]
    if fraction:
        edges += ["-00:00:00." + "9" * fraction, "23:59:59." + "9" * fraction, "00:00:00.1"]
    times = st.timedeltas(-limit, limit).map(text)
    return sample(ColumnType(TypeKind.TIME, sql, fraction=fraction), edges, times)


def _text(
    kind: TypeKind, sql: str, length: int = 20, characters: Texts | None = None, more: str = ""
) -> Sample:
    anything = st.characters(exclude_categories=["Cs"])
    texts = st.text(anything if characters is None else characters, max_size=length)
    column_type = ColumnType(kind, f"{sql}{more}", length=length)
    edges = ["", "x ", " x  ", "x\t ", "abc"]
    if characters is None:
        edges += [*NASTY_TEXTS, "x\u00a0 "]
    return sample(column_type, edges, texts)


def _binary(kind: TypeKind, sql: str, length: int | None) -> Sample:
    edges = ["", "00", "20", "0000", "FF00", "deadBEEF", "41422020"]
    texts = st.binary(max_size=length or 40).map(bytes.hex)
    return sample(ColumnType(kind, sql, length=length), edges, texts)


def _json() -> Sample:
    leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
    texts = values.map(lambda value: json.dumps(value, ensure_ascii=False))
    edges = ['{"b": 1, "a": [1.50, null]}', "{}", '"😀"', " [1,2] "]
    return sample(ColumnType(TypeKind.JSON, "JSON"), edges, texts)


def _members() -> list[Sample]:
    enum = ("small", "LARGE", "über", "it's", "", "1")
    flags = ("a", "b", "c d", "ß")
    listed = ", ".join("'" + member.replace("'", "''") + "'" for member in enum)
    enum_type = ColumnType(TypeKind.ENUM, f"ENUM({listed})", members=enum)
    set_type = ColumnType(TypeKind.SET, "SET('a', 'b', 'c d', 'ß')", members=flags)
    subsets = st.sets(st.sampled_from(flags)).map(
        lambda chosen: ",".join(flag for flag in flags if flag in chosen)
    )
    return [
        sample(enum_type, enum, st.sampled_from(enum)),
        sample(set_type, ["", "a", "a,b,c d,ß"], subsets),
    ]


_LATIN = st.characters(min_codepoint=0xA0, max_codepoint=0xFF) | st.characters(
    min_codepoint=0x01, max_codepoint=0x7E
)

SAMPLES: tuple[Sample, ...] = (
    integer_sample("TINYINT", -128, 127),
    integer_sample("SMALLINT UNSIGNED", 0, 65535),
    integer_sample("MEDIUMINT", -(2**23), 2**23 - 1),
    integer_sample("INT", -(2**31), 2**31 - 1),
    integer_sample("INT UNSIGNED ZEROFILL", 0, 2**32 - 1),
    integer_sample("BIGINT", -(2**63), 2**63 - 1),
    integer_sample("BIGINT UNSIGNED", 0, 2**64 - 1),
    integer_sample("BIGINT UNSIGNED ZEROFILL", 0, 2**64 - 1),
    integer_sample("TINYINT(1)", -128, 127, TypeKind.BOOLEAN),
    year_sample(),
    bit_sample(1),
    bit_sample(12),
    bit_sample(64),
    decimal_sample(10, 2),
    decimal_sample(5, 0),
    decimal_sample(8, 3, " UNSIGNED"),
    decimal_sample(8, 3, " UNSIGNED ZEROFILL"),
    decimal_sample(4, 4),
    decimal_sample(65, 30),
    decimal_sample(65, 0),
    decimal_sample(38, 18),
    _date(),
    *(_moment(TypeKind.DATETIME, fraction) for fraction in (0, 1, 3, 6)),
    *(_moment(TypeKind.TIMESTAMP, fraction) for fraction in (0, 6)),
    *(_time(fraction) for fraction in (0, 2, 6)),
    _text(TypeKind.CHAR, "CHAR(20)"),
    _text(TypeKind.CHAR, "CHAR(20)", characters=_LATIN, more=" CHARACTER SET latin1"),
    _text(TypeKind.VARCHAR, "VARCHAR(40)"),
    _text(TypeKind.VARCHAR, "VARCHAR(40)", more=" COLLATE utf8mb4_unicode_ci"),
    _text(TypeKind.VARCHAR, "VARCHAR(40)", characters=_LATIN, more=" CHARACTER SET latin1"),
    _text(TypeKind.VARCHAR, "VARCHAR(40)", characters=_LATIN, more=" CHARACTER SET utf16"),
    _text(TypeKind.TEXT, "TEXT"),
    _text(TypeKind.TEXT, "LONGTEXT", characters=_LATIN, more=" CHARACTER SET utf8mb3"),
    _binary(TypeKind.BINARY, "BINARY(16)", 16),
    _binary(TypeKind.VARBINARY, "VARBINARY(40)", 40),
    _binary(TypeKind.BLOB, "BLOB", None),
    *(float_sample(TypeKind.FLOAT, decimals) for decimals in (None, 0, 2, 6)),
    *(float_sample(TypeKind.DOUBLE, decimals) for decimals in (None, 0, 2, 6, 20)),
    *_members(),
    _json(),
)
