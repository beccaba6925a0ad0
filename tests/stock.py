"""Files for tests/migrations/stock, and the rows that must come of them."""

from pathlib import Path

from tests.final_tables import Row

MIGRATION = Path(__file__).parent / "migrations/stock"
COLUMNS = ("id", "name", "price", "weight_kg", "made_at", "note", "active")
NAME_LENGTH = 60
BAD_EVERY = 1000
"""Every so manyth record has a name that is too long, the one after it the key before it."""


def write_items(file: Path, first_id: int, records: int) -> None:
    """Write that many records, ids from `first_id`; see `good_items` for those that are sound."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        out.write(",".join(COLUMNS) + "\r\n")
        for number in range(1, records + 1):
            out.write(_record(first_id, number) + "\r\n")


def good_items(first_id: int, records: int) -> set[Row]:
    """The rows that the final table must hold, as texts."""
    numbers = (n for n in range(1, records + 1) if not _is_bad(n))
    return {_item(first_id + n - 1) for n in numbers}


def bad_items(records: int) -> int:
    """How many of so many records must be rejected."""
    return sum(_is_bad(number) for number in range(1, records + 1))


def _is_bad(number: int) -> bool:
    return number > 1 and number % BAD_EVERY in (0, 1)


def _item(item: int) -> Row:
    weight = None if item % 3 == 0 else f"{item % 97}.{item % 10_000:04}"
    note = (None, "", "fragile, this side up ", 'the "blue" one', "größer – 尺寸 😀")[item % 5]
    made_at = f"2024-{item % 12 + 1:02}-{item % 28 + 1:02} {item % 24:02}:00:{item % 60:02}"
    return (
        str(item),
        f"Item {item}",
        f"{item % 1000}.{item % 100:02}",
        weight,
        f"{made_at}.{item % 1000:03}",
        note,
        str(item % 2),
    )


def _record(first_id: int, number: int) -> str:
    """NULL is an empty field, the empty string a quoted one."""
    row = list(_item(first_id + number - 1))
    if _is_bad(number) and number % BAD_EVERY == 0:
        row[1] = "x" * (NAME_LENGTH + 1)
    elif _is_bad(number):
        row[0] = str(first_id + number - 3)
    return ",".join("" if v is None else '"' + v.replace('"', '""') + '"' for v in row)
