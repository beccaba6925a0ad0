"""Columns of numbers with texts that a file may bring for them; and what a sample is."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from admw_assets.core.schema import Column, ColumnType, TypeKind

Texts = st.SearchStrategy[str]


@dataclass(frozen=True, slots=True)
class Sample:
    """A column, texts that every example holds, and a strategy for more."""

    column: Column
    edges: tuple[str, ...]
    texts: Texts
    decimals: int | None = None

    @property
    def name(self) -> str:
        """What pytest shows."""
        rounding = "" if self.decimals is None else f" to {self.decimals}"
        return f"{self.column.type.sql[:40]}{rounding}"


def sample(
    column_type: ColumnType, edges: Sequence[str], texts: Texts, decimals: int | None = None
) -> Sample:
    return Sample(Column("value", column_type), tuple(edges), texts, decimals)


def integer_sample(
    sql: str, minimum: int, maximum: int, kind: TypeKind = TypeKind.INTEGER
) -> Sample:
    column_type = ColumnType(
        kind, sql, minimum=minimum, maximum=maximum, unsigned="UNSIGNED" in sql
    )
    edges = sorted({minimum, maximum, max(minimum, -1), max(minimum, 0), max(minimum, 1)})
    return sample(column_type, [*map(str, edges)], st.integers(minimum, maximum).map(str))


def year_sample() -> Sample:
    edges = ["0000", "1901", "2155", "2024"]  # fewer digits mean 20xx or 19xx to the server
    years = st.integers(1901, 2155).map(str)
    return sample(ColumnType(TypeKind.YEAR, "YEAR"), edges, years)


def bit_sample(length: int) -> Sample:
    column_type = ColumnType(TypeKind.BIT, f"BIT({length})", length=length)
    most = 2**length - 1
    return sample(column_type, ["0", "1", str(most)], st.integers(0, most).map(str))


def decimal_sample(precision: int, scale: int, more: str = "") -> Sample:
    sql = f"DECIMAL({precision}, {scale}){more}"
    column_type = ColumnType(
        TypeKind.DECIMAL, sql, precision=precision, scale=scale, unsigned=bool(more)
    )
    most = 10**precision - 1
    least = 0 if more else -most

    def text(unscaled: int) -> str:
        digits = str(abs(unscaled)).zfill(scale + 1)
        point = len(digits) - scale
        sign = "-" if unscaled < 0 else ""
        return sign + digits[:point] + ("." + digits[point:] if scale else "")

    edges = ["0", "1", text(1), text(most), text(least)]
    if scale and precision > scale:
        edges += ["1.5", "0.1", "00.10", "1."]
    if not more:
        edges += ["-0", "-0." + "0" * scale, "-1", text(-1)]
    if precision == scale:  # DECIMAL(p,p) has no place before the point
        edges = [edge for edge in edges if abs(Decimal(edge)) < 1]
    return sample(column_type, edges, st.integers(least, most).map(text))


def float_sample(kind: TypeKind, decimals: int | None = None) -> Sample:
    single = kind is TypeKind.FLOAT
    edges = ["0", "-0", "-0.0", "0.1", "1.5", "-1e-7", "1e15", "1E+16", "123456.7", "1e22", "1e23"]
    edges += [
        "0.005",
        "2.675",
        "1.005",
        "-0.5",
        "0.5",
        "1.5",
        "2.5",
        "-0.004",
        "8388608.5",
        "0.045",
    ]
    edges += ["9007199254740991", "9007199254740992", "-9007199254740993", "4503599627370496.5"]
    if single:
        edges += [
            "3.4028234663852886e38",
            "-3.4028234663852886e38",
            "1e-45",
            "1.1754943508222875e-38",
        ]
        edges += ["16777217", "16777216", "0.30000001192092896", "7.038531e-26"]
    else:
        edges += ["1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "-5e-324"]
        edges += ["2.2250738585072014e-308", "2.2250738585072011e-308", "5.684341886080802e-14"]
        edges += ["2e23", "9007199254740993.5", "0.30000000000000004", "2.0000000000000001"]
    anything = st.floats(allow_nan=False, allow_infinity=False, width=32 if single else 64)
    money = st.integers(-(10**9), 10**9).map(lambda thousandths: str(thousandths / 1000))
    return sample(ColumnType(kind, kind.value.upper()), edges, anything.map(repr) | money, decimals)
