"""Personal data kept out of what people read: marks for values, messages without values.

The raw values stay in the tables and in the rejects store; everything else (reports, logs, alerts,
the tracker, Dagster's page) gets what this module leaves of them. Imports nothing of ADMW.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import PurePath
from traceback import extract_tb

Value = str | None
Values = Mapping[str, Value]

HIDDEN = "…"
"""What stands in a message where a value stood."""

_MARK_BYTES = 3
_SHORTEST_FOUND_INSIDE = 4
"""Characters of a personal value that are looked for inside other values; shorter ones are only
recognised as a whole (a `1` stands everywhere)."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Marks in place of values: the same value has the same mark, inside one report only.

    The salt is random and is kept nowhere, so that nobody can try values against a mark, nor
    follow a person from one report to the next.
    """

    salt: bytes

    def of(self, value: str) -> str:
        """The mark of a value, as `pii:3f9a1c`."""
        digest = hashlib.blake2b(value.encode(), key=self.salt, digest_size=_MARK_BYTES)
        return f"pii:{digest.hexdigest()}"


def new_fingerprints() -> Fingerprints:
    """Fingerprints for one report."""
    return Fingerprints(secrets.token_bytes(16))


@dataclass(frozen=True, slots=True)
class Masking:
    """What one report shows of the values of one table; `pii` names its personal columns."""

    pii: frozenset[str]
    fingerprints: Fingerprints

    @classmethod
    def of(cls, pii: Iterable[str]) -> "Masking":
        """A masking for one report; the columns' names may be in any case."""
        return cls(frozenset(name.casefold() for name in pii), new_fingerprints())

    def hides(self, column: str) -> bool:
        """True where the column holds personal data."""
        return column.casefold() in self.pii

    def value(self, column: str, value: Value) -> Value:
        """A value as it may be shown. NULL and the empty text are nobody's, so they stay."""
        return self.fingerprints.of(value) if value and self.hides(column) else value

    def row(self, values: Values) -> dict[str, Value]:
        """The values of one row as they may be shown."""
        return {column: self.value(column, value) for column, value in values.items()}

    def rows(self, *rows: Values | None) -> tuple[dict[str, Value] | None, ...]:
        """Rows that belong together, for example both sides of a difference.

        Where columns were mixed up, personal data stands in columns that are not tagged. So a
        value that is, or holds, a personal value of any of these rows is masked wherever it is.
        """
        if not self.pii:
            return tuple(None if row is None else dict(row) for row in rows)
        personal = {
            value
            for row in rows
            if row is not None
            for column, value in row.items()
            if value and self.hides(column)
        }
        return tuple(None if row is None else self._without(row, personal) for row in rows)

    def _without(self, row: Values, personal: set[str]) -> dict[str, Value]:
        return {
            column: self.fingerprints.of(value)
            if value and (self.hides(column) or holds_any(value, personal))
            else value
            for column, value in row.items()
        }


def holds_any(value: str, personal: Set[str]) -> bool:
    """Whether a value is one of these personal ones, or holds one that is not too short."""
    return value in personal or any(
        len(one) >= _SHORTEST_FOUND_INSIDE and one in value for one in personal
    )


# ---------------------------------------------------------------- messages of servers and libraries

# A value may hold quotes, and even what looks like the rest of the message: the last end counts.
_ENTRY = re.compile(r"(Duplicate entry )'.*'( for key '[^']*')", re.DOTALL)
_VALUE = re.compile(r"(\bvalue:? )'.*'( for (?:column|function)\b)", re.DOTALL)
_NEAR = re.compile(r"(\bnear )['\"].*", re.DOTALL)
_QUOTED = re.compile(
    r"(?P<name>\b(?:column|constraint|database|field|function|host|index|key|on|plugin|procedure"
    r"|server|table|trigger|user|variable|view) '[^']*'(?:@'[^']*')?)"
    r"|'(?:field list|where clause|on clause)'"
    r"|(?<!\w)(?P<value>'.*'|\".*\")",
    re.DOTALL | re.IGNORECASE,
)


def without_values(message: str) -> str:
    """A message of a server or library without the values in it; names of things stay.

    Servers quote both (`Duplicate entry 'jane@example.com' for key 'email'`), so a quoted text
    stays only behind a word that announces a name.
    """
    message = _ENTRY.sub(rf"\1{HIDDEN}\2", message)
    message = _VALUE.sub(rf"\1{HIDDEN}\2", message)
    message = _NEAR.sub(rf"\1{HIDDEN}", message)
    return _QUOTED.sub(lambda match: HIDDEN if match["value"] else match[0], message)


def frames_of(err: BaseException) -> str:
    """Where an error came from, as lines of a log: places and kinds of errors, no messages."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = err
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines += [
            f"  {f.filename}:{f.lineno} in {f.name}" for f in extract_tb(current.__traceback__)
        ]
        lines.append(type(current).__name__)
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return "\n".join(lines)


def place_of(err: BaseException) -> str:
    """The innermost place in an error's trace, as `row_hash.py:31`."""
    frames = extract_tb(err.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "no place"


def without_causes(err: BaseException) -> None:
    """Take the causes off an error, whose messages would be printed beside its own."""
    err.__cause__ = None
    err.__suppress_context__ = True
