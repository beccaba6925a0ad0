"""Which tables are meant, whatever the case of their names, and what their files are called.

Imports core.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import ConfigurationError, DataFileError
from admw_assets.extraction.request import ExtractRequest
from admw_assets.extraction.source import TableNames

_Value = TypeVar("_Value")
_LONGEST_SUFFIX = "~20000101.000000.csv.zip"
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """The tables to extract, by name, and what was said about each; names as the source has them.

    `entities` are what stands before the `~` of file names: the table's name in capitals, which
    is what a migration expects.
    """

    tables: tuple[str, ...]
    entities: Mapping[str, str]
    where: Mapping[str, str]
    hash_columns: Mapping[str, tuple[str, ...]]


def choose(request: ExtractRequest, names: TableNames) -> Choice:
    """Find the tables that are asked for; raises ConfigurationError with near names."""
    if request.tables:
        chosen = {_found(name, names.known) for name in request.tables}
    else:
        chosen = set(names.extracted)
    if not chosen:
        raise ConfigurationError(
            "The source has no table.",
            next_step="Check the database (and schema) that --source names.",
        )
    tables = tuple(sorted(chosen, key=lambda name: (name.casefold(), name)))
    return Choice(
        tables=tables,
        entities=_entities(tables),
        where=_by_table(request.where, tables, "--where"),
        hash_columns=_by_table(request.hash_columns, tables, "--hash-columns"),
    )


def _found(name: str, known: Sequence[str]) -> str:
    if name in known:
        return name
    near = [one for one in known if one.casefold() == name.casefold()]
    if len(near) == 1:
        return near[0]
    raise ConfigurationError(
        f"The source has no table {name!r}.{_suggestion(name, known)}",
        next_step="Correct the name, or check the database (and schema) that --source names.",
        table=name,
    )


def _suggestion(name: str, known: Iterable[str]) -> str:
    folded = {one.casefold(): one for one in sorted(known)}
    near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    if near:
        return f" Did you mean {' or '.join(repr(folded[one]) for one in near)}?"
    listed = sorted(known)
    rest = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return f" Known: {', '.join(map(repr, listed[:_LISTED]))}{rest}." if listed else ""


def _by_table(given: Mapping[str, _Value], tables: Sequence[str], option: str) -> dict[str, _Value]:
    found: dict[str, _Value] = {}
    for name, value in given.items():
        try:
            found[_found(name, tables)] = value
        except ConfigurationError as err:
            raise ConfigurationError(
                f"{option} names {name!r}, which is not extracted.{_suggestion(name, tables)}",
                next_step="Correct the name, or add the table with --table.",
                table=name,
            ) from err
    return found


def _entities(tables: Sequence[str]) -> dict[str, str]:
    entities: dict[str, str] = {}
    for table in tables:
        entity = table.upper()
        try:
            parse_data_file_name(entity + _LONGEST_SUFFIX)
        except DataFileError as err:
            raise ConfigurationError(
                f"No data file can be named after table {table!r}: {err.message}",
                next_step="Make a view of another name and extract it with --table, or name the "
                "other tables with --table.",
                table=table,
            ) from err
        other = next((t for t, e in entities.items() if e.casefold() == entity.casefold()), None)
        if other is not None:
            raise ConfigurationError(
                f"The files of tables {other!r} and {table!r} would have the same name.",
                next_step="Extract them one by one with --table, into folders of their own.",
                table=table,
            )
        entities[table] = entity
    return entities
