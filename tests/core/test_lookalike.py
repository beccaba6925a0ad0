"""Lookalikes: same form, valid where the value was, the same for the same value."""

import re

import pytest

from admw_assets.core.configuration import BooleanTexts
from admw_assets.core.ddl import parse_schema
from admw_assets.core.lookalike import Lookalikes
from admw_assets.core.record_numbers import parse_record_numbers, written_numbers
from admw_assets.core.schema import Column

COLUMNS = parse_schema("""CREATE TABLE t (small TINYINT UNSIGNED, price DECIMAL(8,2), born DATE,
  at DATETIME, wake TIME, sort ENUM('f','m','x'), tags SET('a','b','c'), badge BINARY(4),
  doc JSON, note TEXT, yes BOOL, of YEAR, short TINYINT, flags BIT(4))""").table("t")
BOUNDS = {"small": (0, 255), "of": (1901, 2155), "short": (-128, 127), "flags": (0, 15)}


def _column(name: str) -> Column:
    return COLUMNS.column(name)


@pytest.fixture
def lookalikes() -> Lookalikes:
    return Lookalikes(BooleanTexts())


@pytest.mark.parametrize(
    ("column", "value", "form"),
    [
        ("note", "O'Neill, Zoë ", r"[A-Z]'[A-Z][a-z]{4}, [A-Z][a-z][à-ÿ] "),
        ("note", "jane.doe+1@example.com", r"[a-z]{4}\.[a-z]{3}\+[1-9]@[a-z]{7}\.[a-z]{3}"),
        ("note", "小雨", r"[\u4e00-\u9fff]{2}"),
        ("small", "250", r"1\d\d|2[0-5]\d"),
        ("small", "999", r"[3-9][1-9][1-9]|2[6-9][1-9]|25[6-9]"),
        ("price", "-1200.50", r"-[1-9][1-9]00\.[1-9]0"),
        ("born", "1996-02-29", r"(19|20)\d\d-(0\d|1[0-2])-(0\d|1[0-2])"),
        ("born", "31.12.1999", r"(0\d|1[0-2])\.(0\d|1[0-2])\.(19|20)\d\d"),
        ("born", "1999-02-30", r"(19|20)\d\d-02-30"),
        ("at", "2024-03-01T10:15:30Z", r"(19|20)\d\d-\d\d-\d\dT10:15:30Z"),
        ("born", "Jane, 1996-02-29", r"[A-Z][a-z]{3}, [1-9]{3}[1-9]-0[1-9]-[1-9]{2}"),
        ("small", "Jane", r"[A-Z][a-z]{3}"),
        ("price", "1e5", r"[1-9]e5"),
        ("wake", "at 06:15", r"[a-z]{2} 0[1-9]:[1-9]{2}"),
        ("badge", "Jane", r"[A-Z][a-z]{3}"),
        ("wake", "06:15:00", r"[012]\d:[0-5]\d:[0-5]\d"),
        ("sort", "m", r"[fmx]"),
        ("sort", "zz", r"[a-z]{2}"),
        ("tags", "a,c", r"a,b|a,c|b,c"),
        ("badge", "04a224b1", r"0[1-9a-f]{7}"),
        ("doc", '{"name": "Jane", "age": 41}', r'\{"name": "[A-Z][a-z]{3}", "age": [1-9]{2}\}'),
        ("yes", "true", r"0|1|true|false"),
        ("of", "1999", r"19\d\d|2[01]\d\d"),
    ],
)
def test_lookalike_has_the_form_of_its_value(
    lookalikes: Lookalikes, column: str, value: str, form: str
) -> None:
    assert re.fullmatch(form, lookalikes.of(value, _column(column)))


def test_same_value_has_the_same_lookalike_and_others_have_others(lookalikes: Lookalikes) -> None:
    names = [f"{a}{b}" for a in "abcdef" for b in "uvwxyz"]
    first = [lookalikes.of(name, _column("note")) for name in names]
    assert len(set(first)) == len(names)
    assert [lookalikes.of(name.upper(), _column("note")).lower() for name in names] == first
    assert [lookalikes.of(f" {name}", None).strip() for name in names] == first


@pytest.mark.parametrize(
    ("column", "numbers"),
    [
        ("of", range(1950, 2011)),  # of the texts of four digits every fiftieth is a year
        ("of", range(2000, 2001)),  # the only one with these zeros
        ("small", range(200, 256)),
        ("short", range(100, 120)),
        ("short", range(-120, -99)),
        ("short", range(1, 10)),  # as many lookalikes as numbers
        ("flags", range(8, 16)),
    ],
)
def test_numbers_that_the_type_holds_have_others_that_it_holds(column: str, numbers: range) -> None:
    low, high = BOUNDS[column]
    for _ in range(20):
        lookalikes = Lookalikes(BooleanTexts())
        others = [lookalikes.of(str(number), _column(column)) for number in numbers]
        assert len(set(others)) == len(numbers)
        assert {len(other) for other in others} == {len(str(number)) for number in numbers}
        assert all(low <= int(other) <= high for other in others)


@pytest.mark.parametrize("value", ["11", "104", "-7"])
def test_same_number_has_the_same_lookalike_in_columns_of_all_types(value: str) -> None:
    wide = parse_schema("CREATE TABLE t (a INT, b BIGINT, c VARCHAR(9), d DECIMAL(8,2))").table("t")
    for _ in range(20):
        lookalikes = Lookalikes(BooleanTexts())
        others = {lookalikes.of(value, column) for column in (*wide.columns, None)}
        assert len(others) == 1


def test_two_keys_give_two_lookalikes() -> None:
    texts = {Lookalikes(BooleanTexts()).of("Wilhelmina") for _ in range(5)}
    assert len(texts) == 5


@pytest.mark.parametrize("value", ["", " ", "-", "+ ()"])
def test_texts_without_letters_and_digits_stay(lookalikes: Lookalikes, value: str) -> None:
    assert lookalikes.of(value, _column("note")) == value


def test_letters_stay_within_the_encoding_of_the_file() -> None:
    lookalikes = Lookalikes(BooleanTexts(), "cp1252")
    assert lookalikes.of("Müller Ÿœ", _column("note")).encode("cp1252")


def test_record_numbers_are_read_and_written() -> None:
    assert parse_record_numbers("23-25, 17,24") == (17, 23, 24, 25)
    assert written_numbers((17, 23, 24, 25)) == "17,23-25"
