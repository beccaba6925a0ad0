"""Small data files of brands, with keys that no sample has; they refer to the country DE."""

from pathlib import Path

COLUMNS = "brand_no,name,country_code,website,founded,own_label"


def brand_file(
    folder: Path,
    day: int,
    first: int,
    rows: int = 5,
    columns: str = COLUMNS,
    more: tuple[str, ...] = (),
) -> Path:
    """A data file of brands that no other file has, and of these lines more."""
    lines = [
        f"{n},Rehearsed {n},DE,https://www.example.com/,1999,N" for n in range(first, first + rows)
    ]
    file = folder / f"BRAND~202402{day:02}.000000.csv"
    file.write_text("\n".join([columns, *lines, *more]) + "\n", encoding="utf-8")
    return file
