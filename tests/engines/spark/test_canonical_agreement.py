"""Random values of every type: staged and hashed as core.canonical says."""

import csv
import io
import math
import struct
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from admw_assets.core.canonical import canonical_text, row_hash
from admw_assets.core.configuration import FileFormat
from tests.engines.spark.jobs import Bench, table_of

ROWS = 1000
TABLE = table_of(
    """
    CREATE TABLE t (
        c_int INT, c_big BIGINT, c_bit BIT(20), c_year YEAR, c_bool BOOL,
        c_dec DECIMAL(12, 4), c_huge DECIMAL(65, 30),
        c_float FLOAT, c_double DOUBLE, c_rounded DOUBLE, c_rounded_float FLOAT,
        c_date DATE, c_moment DATETIME(6), c_second DATETIME, c_stamp TIMESTAMP(3), c_time TIME(2),
        c_char CHAR(8), c_varchar VARCHAR(8), c_text TEXT, c_binary BINARY(4), c_blob BLOB,
        c_enum ENUM('a', 'b,c', ''), c_set SET('x', 'y', 'z')
    )
    """
)
DECIMALS = {"c_rounded": 3, "c_rounded_float": 15}
SIGNS = list("\\\t\0\n\r '\"~:é😀\u2028aZ09,")


def _decimal(random: Random, digits: int, scale: int) -> Decimal:
    number = random.randint(-(10 ** random.randint(0, digits)), 10 ** random.randint(0, digits))
    number = max(min(number, 10**digits - 1), 1 - 10**digits)
    return Decimal(f"{number}E-{scale}")


def _double(random: Random) -> float:
    if random.random() < 0.5:
        return random.choice([1, 10, 1e6, 1e17, 1e-5]) * random.uniform(-1, 1)
    value = struct.unpack(">d", random.randbytes(8))[0]
    return value if math.isfinite(value) else 0.0


def _single(random: Random) -> float:
    value = struct.unpack(">f", random.randbytes(4))[0]
    return value if math.isfinite(value) else random.uniform(-9, 9)


def _moment(random: Random, digits: int) -> str:
    at = datetime(1000, 1, 1) + timedelta(seconds=random.randint(0, 8999 * 365 * 86400))
    fraction = f".{random.randint(0, 10**digits - 1):0{digits}}" if digits else ""
    return f"{at.isoformat(random.choice(' T'))}{fraction}"


def _stamp(random: Random) -> str:
    at = datetime(1970, 1, 2) + timedelta(seconds=random.randint(0, 2**31 - 200_000))
    return f"{at.isoformat(' ')}.{random.randint(0, 999):03}"


def _time(random: Random) -> str:
    sign, hours = random.choice(["", "-"]), random.randint(0, 837)
    clock = f"{random.randint(0, 59):02}:{random.randint(0, 59):02}"
    return f"{sign}{hours:02}:{clock}.{random.randint(0, 99):02}"


def _text(random: Random) -> str:
    return "".join(random.choices(SIGNS, k=random.randint(0, 8)))


VALUES: dict[str, Callable[[Random], object]] = {
    "c_int": lambda r: r.randint(-(2**31), 2**31 - 1),
    "c_big": lambda r: r.randint(-(2**63), 2**63 - 1),
    "c_bit": lambda r: r.randint(0, 2**20 - 1),
    "c_year": lambda r: r.randint(1901, 2155),
    "c_bool": lambda r: r.randint(0, 1),
    "c_dec": lambda r: _decimal(r, *r.choice([(8, 0), (8, 3), (12, 4)])),
    "c_huge": lambda r: _decimal(r, 65, 30),
    "c_float": _single,
    "c_double": _double,
    "c_rounded": _double,
    "c_rounded_float": _single,
    "c_date": lambda r: date.fromordinal(r.randint(364878, 3652059)),
    "c_moment": lambda r: _moment(r, 6),
    "c_second": lambda r: _moment(r, 0),
    "c_stamp": _stamp,
    "c_time": _time,
    "c_char": _text,
    "c_varchar": _text,
    "c_text": _text,
    "c_binary": lambda r: r.randbytes(r.randint(0, 4)).hex(),
    "c_blob": lambda r: r.randbytes(r.randint(0, 9)).hex().upper(),
    "c_enum": lambda r: r.choice(["a", "b,c", ""]),
    "c_set": lambda r: r.choice(["", "x", "x,y", "x,z", "x,y,z", "z"]),
}


def _written(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return '"' + text.replace('"', '""') + '"'


def test_random_values_are_staged_and_hashed_canonically(bench: Bench) -> None:
    random = Random(20240131)
    names = [column.name for column in TABLE.columns]
    rows = [
        [None if random.random() < 0.05 else VALUES[name](random) for name in names]
        for _ in range(ROWS)
    ]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(names)
    out.writelines(",".join(_written(value) for value in row) + "\n" for row in rows)
    outcome = bench.run(
        out.getvalue().encode(),
        TABLE,
        file_format=FileFormat(quoted_newlines=True),
        float_decimals=DECIMALS,
    )
    assert outcome.rejects == {}
    for row, staged in zip(rows, outcome.rows, strict=True):
        texts = [
            canonical_text(column.type, value, DECIMALS.get(column.name))
            for column, value in zip(TABLE.columns, row, strict=True)
        ]
        for column, text, value, found in zip(
            TABLE.columns, texts, row, staged.values, strict=True
        ):
            if column.type.kind.value in ("float", "double"):
                assert (value is None) == (found is None)
                assert found is None or float(found) == value
            else:
                assert found == text, (column.name, value)
        assert staged.row_hash == row_hash(texts), (row, staged)


def test_table_with_many_columns(bench: Bench) -> None:
    kinds = ["INT", "DECIMAL(10,2)", "VARCHAR(20)", "DATETIME(3)", "DOUBLE"]
    values = ["7", "1.5", "te\\xt", "2024-01-31 10:00:00", "0.25"]
    columns = ", ".join(f"c{i} {kinds[i % 5]}" for i in range(200))
    header = ",".join(f"c{i}" for i in range(200))
    good = ",".join(values[i % 5] for i in range(200))
    bad = good.rpartition(",")[0] + ",x"
    outcome = bench.run(f"{header}\n{good}\n{bad}\n{good}\n", f"CREATE TABLE t ({columns})")
    assert outcome.rules == {2: "number"}
    assert outcome.rejects[2, 1]["column"] == "c199"
    expected = ["7", "1.50", "te\\xt", "2024-01-31 10:00:00.000", "0.25"]
    assert outcome.values == [tuple(expected * 40)] * 2
