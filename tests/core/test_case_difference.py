"""What a golden case's differences say, and the CSV that tells NULL from the empty text."""

from pathlib import Path

import pytest

from admw_assets.core.case_difference import CaseDifference, CaseDifferenceKind, compare_case
from admw_assets.core.case_text import read_cells, write_cells
from admw_assets.core.ddl import parse_schema
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.golden_case import CaseContent, CaseDrop, CaseReject
from admw_assets.core.schema import Table

KIND = CaseDifferenceKind


def _table(key: str = ", PRIMARY KEY (id)") -> Table:
    return parse_schema(f"CREATE TABLE t (id INT, name TEXT{key})").table("t")


def _content(*rows: tuple[str | None, str | None]) -> CaseContent:
    return CaseContent(tuple({"id": one, "name": name} for one, name in rows))


def test_same_content_has_no_difference() -> None:
    assert compare_case(_content(("1", None)), _content(("1", None)), _table()) == ()


def test_rows_with_a_key_are_compared_by_it() -> None:
    expected = _content(("1", "a"), ("2", "b"), ("3", ""))
    got = _content(("1", "a"), ("3", None), ("4", "d"))
    assert compare_case(expected, got, _table()) == (
        CaseDifference(KIND.MISSING_ROW, "id=2", "", "2, b", None),
        CaseDifference(KIND.VALUE, "id=3", "name", "", None),
        CaseDifference(KIND.EXTRA_ROW, "id=4", "", None, "4, d"),
    )


def test_same_rows_in_another_order_differ() -> None:
    expected, got = _content(("1", "a"), ("2", "b")), _content(("2", "b"), ("1", "a"))
    assert compare_case(expected, got, _table()) == (
        CaseDifference(KIND.ORDER, "row 1", "id", "1", "2"),
    )


@pytest.mark.parametrize("key", ["", ", PRIMARY KEY (id)"], ids=["no key", "repeated key"])
def test_rows_that_no_key_tells_apart_are_compared_in_their_order(key: str) -> None:
    expected = _content(("1", "a"), ("1", "b"), ("1", "c"))
    got = _content(("1", "a"), ("1", "c"))
    assert compare_case(expected, got, _table(key)) == (
        CaseDifference(KIND.MISSING_ROW, "row 2", "", "1, b", None),
    )


def test_rejects_and_drops_are_compared_by_their_place() -> None:
    expected = CaseContent(
        (),
        (CaseReject(1, 1, "length", "name"), CaseReject(2, 2, "quote")),
        (CaseDrop(3, 1, "old"),),
    )
    got = CaseContent((), (CaseReject(1, 1, "not_null", "name"),), (CaseDrop(4, 1, "old"),))
    assert compare_case(expected, got, _table()) == (
        CaseDifference(KIND.REJECT, "record 1", "", "length name", "not_null name"),
        CaseDifference(KIND.REJECT, "record 2, row 2", "", "quote", None),
        CaseDifference(KIND.DROPPED, "record 3", "", "old", None),
        CaseDifference(KIND.DROPPED, "record 4", "", None, "old"),
    )


def test_cells_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = [("a", "b"), (None, ""), (' "x" ', "one\r\ntwo"), ("ü,", "NULL"), ("", None)]
    path = tmp_path / "cells.csv"
    path.write_bytes(write_cells(rows).encode())
    assert read_cells(path) == rows


def test_broken_quotes_are_named_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text('a,b\n1,"x" y\n')
    with pytest.raises(ConfigurationError, match="line 2: the quotes do not fit"):
        read_cells(path)
