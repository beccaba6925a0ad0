"""Files for tests/migrations/people: every personal value in them is a canary.

A canary is a text that stands nowhere by chance. Whoever finds one outside of the tables, the
staged rows, the files and the rejects store has found a leak.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

MIGRATION = Path(__file__).parent / "migrations/people"
COLUMNS = (
    "email",
    "name",
    "born",
    "seen_at",
    "salary",
    "points",
    "ratio",
    "subscribed",
    "level",
    "badge",
    "note",
    "city",
)
CANARIES = (
    "canary",  # in every text, whatever its case
    "C0FFEEFACE",  # in every badge
    "1931-07-",  # in every date
    "77007700",  # in every number
)
"""What no report, log line, message or tracker row may hold, compared without case."""

PUBLIC = "Timbuktu"
"""A value of a column that nobody tagged: this one must be seen, or the test sees nothing."""


def person(number: int, **others: str | None) -> dict[str, str | None]:
    """A sound record; `others` replaces values."""
    return {
        "email": f"canary{number}@example.com",
        "name": f"Canary Nightingale {number}",
        "born": f"1931-07-{number % 28 + 1:02}",
        "seen_at": f"1931-07-{number % 28 + 1:02} 11:22:33.444",
        "salary": f"77007700.{number % 1000:03}",
        "points": f"77007700{number:03}",
        "ratio": f"0.7700770077{number}",
        "subscribed": "1",
        "level": "low",
        "badge": f"C0FFEEFACE{number:04}",
        "note": f"the canary sings {number}",
        "city": PUBLIC,
    } | others


FAULTS: dict[str, dict[str, str | None]] = {
    "date": {"born": "canary-1931-07-77"},
    "datetime": {"seen_at": "1931-07-03 canary"},
    "decimal": {"salary": "77007700 canary"},
    "scale": {"salary": "77007700.12345"},
    "precision": {"salary": "7700770077007700770077007700.1"},
    "integer": {"points": "77007700 canary"},
    "range": {"points": "77007700770077007700770077007700"},
    "number": {"ratio": "77007700 canary"},
    "boolean": {"subscribed": "canary"},
    "enum": {"level": "canary"},
    "binary": {"badge": "C0FFEEFACE canary"},
    "length": {"name": "Canary " * 10},
    "not_null": {"name": None},
}
"""A fault for every rule that looks at a value, in a column with personal data."""


def line(values: Iterable[str | None]) -> str:
    """A record: NULL is an empty field, all others are quoted."""
    return ",".join("" if v is None else '"' + v.replace('"', '""') + '"' for v in values)


def write_people(file: Path, numbers: Iterable[int], faults: bool = False) -> None:
    """Write sound records with these numbers and, where wanted, one for every rule."""
    lines = [line(person(number).values()).encode() for number in numbers]
    if faults:
        for place, others in enumerate(FAULTS.values()):
            lines.append(line(person(900 + place, **others).values()).encode())
        lines.append(line((*person(950).values(), "canary too many")).encode())  # fields
        lines.append(line(person(951).values()).replace('"Canary', '"Can"ary').encode())  # quote
        encoding = line(person(952).values()).encode()
        lines.append(encoding.replace(b"sings", b"\xff canary"))
        lines.append(lines[0])  # duplicate_key
    _write(file, ",".join(COLUMNS), lines)


def write_hashed_people(file: Path, numbers: Iterable[int]) -> None:
    """Write records that carry a hash; the last one's is of other texts."""
    lines: list[bytes] = []
    for number in numbers:
        values = list(person(number).values())
        digest = hashlib.sha256("".join(v or "" for v in values).encode()).hexdigest().upper()
        lines.append(line((*values, digest)).encode())
    lines[-1] = lines[-1].replace(b"sings", b"sang")
    _write(file, ",".join((*COLUMNS, "admw_file_hash")), lines)


def write_letters(file: Path, letters: Iterable[tuple[int, str, str]]) -> None:
    """Write letters: id, the person's email, body."""
    _write(file, "id,person_email,body", [line(map(str, row)).encode() for row in letters])


def _write(file: Path, header: str, lines: Iterable[bytes]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\n".join([header.encode(), *lines, b""]))


def leaks(text: str) -> list[str]:
    """The canaries in a text, with a little of what stands around them."""
    folded = text.casefold()
    found: list[str] = []
    for canary in CANARIES:
        place = folded.find(canary.casefold())
        if place >= 0:
            found.append(text[max(0, place - 60) : place + 60])
    return found
