"""The target of the OpenFlights migration and its rules, written down once more for the oracle.

Imports the standard library only, so that nothing here can inherit a mistake of the code under
test.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

INTEGER_RANGE = range(-(2**31), 2**31)

Check = Callable[[str], "str | None"]
"""Names the rule that a text breaks, or None where the column can keep it."""
Write = Callable[[str], str]
"""The canonical text of a value that passed the check."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a target table."""

    name: str
    check: Check
    required: bool
    write: Write


@dataclass(frozen=True, slots=True)
class Target:
    """A target table; `parents` maps its foreign key columns to the tables they refer to.

    `rows_of` makes raw rows of a record's number and its texts.
    """

    name: str
    file: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    rows_of: Callable[[int, list[str]], list[list[str]]]
    parents: dict[str, str] = field(default_factory=dict)

    def index(self, column: str) -> int:
        """The position of a column, from 0."""
        return [f.name for f in self.fields].index(column)


# ---------------------------------------------------------------- types of the target


def text(name: str, length: int, *, required: bool = False) -> Field:
    """CHAR or VARCHAR of so many characters; no CHAR here carries trailing spaces."""
    return Field(name, lambda v: "length" if len(v) > length else None, required, str)


def integer(name: str, *, required: bool = False) -> Field:
    """INT: 32 bits with sign."""

    def check(value: str) -> str | None:
        if not re.fullmatch(r"[+-]?[0-9]+", value):
            return "integer"
        return None if int(value) in INTEGER_RANGE else "range"

    return Field(name, check, required, lambda v: str(int(v)))


def decimal(name: str, precision: int, scale: int, *, required: bool = False) -> Field:
    """DECIMAL(precision, scale); digits that the column cannot keep are not cut away."""

    def check(value: str) -> str | None:
        number = re.fullmatch(r"[+-]?([0-9]+)(?:\.([0-9]*))?", value)
        if number is None:
            return "decimal"
        if len(number[1].lstrip("0")) > precision - scale:
            return "precision"
        return "scale" if len((number[2] or "").rstrip("0")) > scale else None

    def write(value: str) -> str:
        number = Decimal(value)
        return f"{abs(number) if number == 0 else number:.{scale}f}"

    return Field(name, check, required, write)


def boolean(name: str, true: str, false: str) -> Field:
    """BOOL NOT NULL, written as one of two texts in any case."""
    digits = {true.upper(): "1", false.upper(): "0"}
    return Field(
        name,
        lambda v: None if v.upper() in digits else "boolean",
        True,
        lambda v: digits[v.upper()],
    )


# ---------------------------------------------------------------- the target, parents first


def _as_it_is(_number: int, values: list[str]) -> list[list[str]]:
    return [values]


def _numbered(number: int, values: list[str]) -> list[list[str]]:
    return [[str(number), *values]]


def _route(number: int, values: list[str]) -> list[list[str]]:
    return [[str(number), *values[:-1]]]


def _equipment(number: int, values: list[str]) -> list[list[str]]:
    codes = [code for code in values[-1].split(" ") if code]
    return [[str(number), str(position), code] for position, code in enumerate(codes, 1)]


TARGETS = (
    Target(
        "COUNTRY",
        "COUNTRY~20170101.000000.csv",
        (text("name", 60, required=True), text("iso_code", 2), text("dafif_code", 4)),
        ("name",),
        _as_it_is,
    ),
    Target(
        "PLANE",
        "PLANE~20170101.000000.csv",
        (
            integer("id", required=True),
            text("name", 80, required=True),
            text("iata", 3),
            text("icao", 4),
        ),
        ("id",),
        _numbered,
    ),
    Target(
        "AIRPORT",
        "AIRPORT~20170101.000000.csv",
        (
            integer("id", required=True),
            text("name", 80, required=True),
            text("city", 60),
            text("country", 60, required=True),
            text("iata", 3),
            text("icao", 4),
            decimal("latitude", 18, 15, required=True),
            decimal("longitude", 18, 15, required=True),
            integer("altitude_ft", required=True),
            decimal("utc_offset_hours", 4, 2),
            text("dst", 1),
            text("time_zone", 40),
            text("type", 16, required=True),
            text("source", 16, required=True),
        ),
        ("id",),
        _as_it_is,
    ),
    Target(
        "AIRLINE",
        "AIRLINE~20170101.000000.csv",
        (
            integer("id", required=True),
            text("name", 80, required=True),
            text("alias", 40),
            text("iata", 2),
            text("icao", 5),
            text("callsign", 50),
            text("country", 40),
            boolean("active", "Y", "N"),
        ),
        ("id",),
        _as_it_is,
    ),
    Target(
        "ROUTE",
        "ROUTE~20170101.000000.csv",
        (
            integer("id", required=True),
            text("airline", 3, required=True),
            integer("airline_id"),
            text("source_airport", 4, required=True),
            integer("source_airport_id"),
            text("destination_airport", 4, required=True),
            integer("destination_airport_id"),
            boolean("codeshare", "Y", ""),
            integer("stops", required=True),
        ),
        ("id",),
        _route,
        {
            "airline_id": "AIRLINE",
            "source_airport_id": "AIRPORT",
            "destination_airport_id": "AIRPORT",
        },
    ),
    Target(
        "ROUTE_EQUIPMENT",
        "ROUTE~20170101.000000.csv",
        (
            integer("id_route", required=True),
            integer("position", required=True),
            text("iata", 3, required=True),
        ),
        ("id_route", "position"),
        _equipment,
        {"id_route": "ROUTE"},
    ),
)
FILES = tuple(dict.fromkeys(target.file for target in TARGETS))
