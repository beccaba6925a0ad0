"""What can be wrong in a migration folder, as sentences; imports core and pydantic only."""

import difflib
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from admw_assets.core.configuration import MigrationConfiguration

Path = tuple[str, ...]
"""The keys that lead to a value of migration.yaml; an item of a list counts from 0."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: in which file, under which key, and what to do about it."""

    file: str
    message: str
    fix: str
    key: str = ""
    line: int | None = None

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        key = f" `{self.key}`:" if self.key else ""
        return f"{self.file}{line}:{key} {self.message} {self.fix}".rstrip()


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """That a name is unknown, which one was perhaps meant, and which there are."""
    names = sorted(known)
    by_fold = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(name.casefold(), by_fold, n=1)
    meant = f" Did you mean {by_fold[close[0]]!r}?" if close else ""
    return f"{what} {name!r} is unknown.{meant} Known: {', '.join(map(repr, names)) or 'none'}."


def validation_problems(
    error: ValidationError, file: str, lines: Mapping[Path, int]
) -> Iterator[Problem]:
    """What pydantic found, a problem for each."""
    for found in error.errors():
        path = tuple(str(part) for part in found["loc"] if part != "[key]")
        message, fix = _worded(
            found["type"], found["msg"], path, found["input"], found.get("ctx", {})
        )
        yield Problem(file, message, fix, dotted(path), line_of(path, lines))


def dotted(path: Sequence[str]) -> str:
    """A path as messages show it."""
    return ".".join(path)


def line_of(path: Path, lines: Mapping[Path, int]) -> int | None:
    """The line of a key, or of the nearest one above it that the file has."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)


def _worded(
    kind: str, message: str, path: Path, value: object, context: Mapping[str, object]
) -> tuple[str, str]:
    """What is wrong and the fix, in words for someone who edits YAML."""
    last = path[-1] if path else "it"
    match kind:
        case "extra_forbidden":
            return unknown("key", last, _known_keys(path[:-1])), "Rename or remove it."
        case "missing":
            return "is missing.", f"Add `{last}: ...`."
        case "enum":
            expected = str(context.get("expected", "")).replace(" or ", ", ")
            close = difflib.get_close_matches(str(value), expected.replace("'", "").split(", "), 1)
            meant = f" Did you mean {close[0]!r}?" if close else ""
            return f"{value!r} is not possible.{meant}", f"Use one of {expected}."
        case "string_type" if value is None:
            return (
                "is YAML's own null, not a text.",
                f'Write `{last}: "NULL"` for the text NULL, `{last}: ""` for the empty text.',
            )
        case "string_type" if isinstance(value, bool | int | float):
            written = str(value).lower()  # as YAML writes booleans
            return f"is {written}, not a text.", f'Put it in quotes: "{written}".'
        case "string_too_long" if value in ("\\t", "tab", "TAB"):
            return f"{value!r} is not one character.", f'Write `{last}: "\\t"` in double quotes.'
        case "string_pattern_mismatch":
            return (
                f"{value!r} cannot be used.",
                "Begin with a small letter; go on with small letters, digits, _ and -.",
            )
        case "model_type" | "dict_type":
            return f"is {_shown(value)}, but must hold keys of its own.", "Indent them below it."
        case "list_type":
            return f"is {_shown(value)}, but must be a list.", f"Write `{last}: [...]`."
        case "too_short":
            return "is empty.", "List at least one."
        case "value_error":
            return message.removeprefix("Value error, ") + ".", "Correct it."
        case _:
            return f"{_shown(value)} is wrong: {message[:1].lower()}{message[1:]}.", "Correct it."


def _shown(value: object) -> str:
    text = "empty" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _known_keys(path: Path) -> list[str]:
    """The keys that migration.yaml may have below a path."""
    current: object = MigrationConfiguration
    for part in path:
        fields = _fields(current)
        if fields:
            current = _plain(fields[part]) if part in fields else None
        else:  # the values of a mapping, the items of a list
            current = _plain(typing.get_args(current)[-1]) if typing.get_args(current) else None
    return sorted(_fields(current))


def _fields(annotation: object) -> dict[str, object]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {name: field.annotation for name, field in annotation.model_fields.items()}
    return {}


def _plain(annotation: object) -> object:
    """The annotation without `| None`."""
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return next(a for a in typing.get_args(annotation) if a is not type(None))
    return annotation
