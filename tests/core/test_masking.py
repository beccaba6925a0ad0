"""Personal values become marks, and messages lose the values that servers quote."""

import pytest

from admw_assets.core.masking import (
    HIDDEN,
    Fingerprints,
    Masking,
    frames_of,
    place_of,
    without_causes,
    without_values,
)


def test_the_same_value_has_the_same_mark_in_one_report_only() -> None:
    one, other = Masking.of({"Email"}), Masking.of({"email"})
    assert one.value("email", "a@b.c") == one.value("EMAIL", "a@b.c")
    assert one.value("email", "a@b.c") != one.value("email", "a@b.d")
    assert one.value("email", "a@b.c") != other.value("email", "a@b.c")


def test_a_mark_is_short_and_says_what_it_is() -> None:
    mark = Fingerprints(b"salt").of("a@b.c")
    assert mark.startswith("pii:")
    assert len(mark) == 10


def test_null_and_the_empty_text_are_nobodys() -> None:
    masking = Masking.of({"email"})
    assert masking.row({"email": None}) == {"email": None}
    assert masking.row({"email": ""}) == {"email": ""}


def test_columns_are_personal_in_whatever_case_they_are_named() -> None:
    masking = Masking.of(["EMail"])
    assert masking.hides("email") and masking.hides("EMAIL")
    assert str(masking.value("eMail", "jane@example.com")).startswith("pii:")


def test_other_columns_stay_as_they_are() -> None:
    assert Masking.of({"email"}).row({"email": "x", "city": "x"})["city"] == "x"


def test_personal_values_that_stand_in_other_columns_are_masked_as_well() -> None:
    delivered = {"email": "jane@example.com", "city": "Graz", "note": "see jane@example.com"}
    found = {"email": "Graz", "city": "jane@example.com", "note": None}
    left, right = Masking.of({"email"}).rows(delivered, found)
    assert left is not None and right is not None
    shown = [value for row in (left, right) for value in row.values() if value]
    assert not [value for value in shown if "jane" in value]
    assert right["city"] == left["email"]


def test_short_personal_values_do_not_blacken_everything() -> None:
    (row,) = Masking.of({"active"}).rows({"active": "1", "price": "12.10"})
    assert row is not None
    assert row["price"] == "12.10"


def test_without_personal_columns_nothing_is_masked() -> None:
    assert Masking.of(()).rows({"a": "b"}, None) == ({"a": "b"}, None)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Duplicate entry 'jane' for key 'PRIMARY'", "Duplicate entry … for key 'PRIMARY'"),
        ("Duplicate entry 'o'jane' for key 'x' for key 'k'", "Duplicate entry … for key 'k'"),
        (
            "Incorrect integer value: 'jane' for column `s`.`t`.`c` at row 1",
            "Incorrect integer value: … for column `s`.`t`.`c` at row 1",
        ),
        ("Incorrect date value: 'a' for column 'jane' for column `c`", None),
        ("Truncated incorrect DOUBLE value: 'o'jane'", "Truncated incorrect DOUBLE value: …"),
        ("Data too long for column 'name' at row 1", "Data too long for column 'name' at row 1"),
        ("Unknown column 'x' in 'field list'", "Unknown column 'x' in 'field list'"),
        ("Table 'shop.brand' doesn't exist", "Table 'shop.brand' doesn't exist"),
        ("Field 'x' doesn't have a default value", "Field 'x' doesn't have a default value"),
        ("Access denied for user 'me'@'host'", "Access denied for user 'me'@'host'"),
        (
            "Can't connect to MySQL server on 'db' (111)",
            "Can't connect to MySQL server on 'db' (111)",
        ),
        ("error in your SQL syntax near 'jane', 'x' at line 1", "error in your SQL syntax near …"),
        (
            "invalid literal for int() with base 10: 'jane'",
            "invalid literal for int() with base 10: …",
        ),
        ('Invalid JSON text: "jane" at position 0', "Invalid JSON text: … at position 0"),
        ("UNIQUE constraint failed: T.name", "UNIQUE constraint failed: T.name"),
    ],
)
def test_messages_lose_values_and_keep_names(message: str, told: str | None) -> None:
    left = without_values(message)
    assert "jane" not in left
    if told is not None:
        assert left == told.replace("…", HIDDEN)


def test_frames_tell_places_and_kinds_but_no_words() -> None:
    try:
        try:
            int("jane")
        except ValueError as err:
            raise KeyError("jane@example.com") from err
    except KeyError as err:
        frames = frames_of(err)
        assert "KeyError" in frames and "ValueError" in frames and "test_masking.py" in frames
        assert "jane" not in frames
        assert place_of(err).startswith("test_masking.py:")
        without_causes(err)
        assert "ValueError" not in frames_of(err)
