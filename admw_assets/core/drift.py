"""Where a file's columns are not those that a table is configured to read; imports core only.

Without a transform a table reads its own columns (or those that `columns` maps them to). With one,
nobody knows what it reads, unless the file's format lists its columns.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from admw_assets.core.configuration import ExtraColumns, FileFormat, MissingColumns
from admw_assets.core.migration import SOURCE_HASH_COLUMNS, TableSettings
from admw_assets.core.schema import Column, Table

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?\Z")
_TEXT = re.compile(r"'((?:[^'\\]|'')*)'\Z", re.DOTALL)
_WORDS: Mapping[str, str | None] = {"NULL": None, "TRUE": "1", "FALSE": "0"}


@dataclass(frozen=True, slots=True)
class Drift:
    """The difference between a file's columns and those that a table is configured to read.

    `extra`: file columns that go nowhere, in file order. `missing`: columns of the table that the
    file does not bring. `unlisted`: columns that the format lists and the file does not have,
    where a transform may want them. `computed`: file columns whose values the database computes
    itself (generated columns of the table), which are never refused; where extra columns are kept,
    they are extra.
    """

    extra: tuple[str, ...] = ()
    missing: tuple[Column, ...] = ()
    unlisted: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()

    def refused(self, table: Table, settings: TableSettings) -> "Drift":
        """The part that the table's policies do not allow: all of it, where the file has none of
        the table's columns."""
        if self.missing and len(self.missing) == len(table.loaded_columns):
            return replace(self, computed=())
        fills = settings.missing_columns is MissingColumns.FILL
        keys = {name.casefold() for name in table.primary_key}
        return Drift(
            self.extra if settings.extra_columns is ExtraColumns.REFUSE else (),
            tuple(
                c for c in self.missing if not fills or c.name.casefold() in keys or not can_fill(c)
            ),
            self.unlisted,
        )

    def sentences(self, settings: TableSettings) -> tuple[str, ...]:
        """What was done about it, for reports."""
        said: list[str] = []
        if self.extra:
            done = (
                "were kept with the preliminary rows only"
                if settings.extra_columns is ExtraColumns.KEEP
                else "were left behind"
            )
            said.append(
                f"Columns of the file that the migration does not know {done}: "
                f"{', '.join(self.extra)}."
            )
        filled = [
            f"{c.name} ({'NULL' if default_text(c) is None else 'its default'})"
            for c in self.missing
        ]
        if filled:
            said.append(f"Columns that the file does not bring were filled: {', '.join(filled)}.")
        if self.computed:
            said.append(
                "Columns that the database computes itself were neither loaded nor compared: "
                f"{', '.join(self.computed)}."
            )
        return tuple(said)


def find_drift(
    delivered: Sequence[str], file_format: FileFormat, table: Table, settings: TableSettings
) -> Drift:
    """Compare the columns of a file with what a table reads of it."""
    found = {n.casefold(): n for n in delivered if n.casefold() not in SOURCE_HASH_COLUMNS}
    ignored = {name.casefold() for name in settings.ignore}
    if settings.transform is None:
        sources = sources_of(table, settings)
        used = {source.casefold() for source in sources.values()}
        missing = tuple(c for c in table.loaded_columns if sources[c.name].casefold() not in found)
        generated = {c.name.casefold() for c in table.columns if c.generated}
        keeps = settings.extra_columns is ExtraColumns.KEEP
        computed = set[str]() if keeps else generated - used - ignored
        return Drift(
            _others(found, used | ignored | computed),
            missing,
            computed=tuple(name for key, name in found.items() if key in computed),
        )
    if not file_format.columns or not file_format.header:
        return Drift()
    listed = {name.casefold(): name for name in file_format.columns}
    lacking = [name for key, name in listed.items() if key not in found.keys() | ignored]
    lacking = [name for name in lacking if name.casefold() not in SOURCE_HASH_COLUMNS]
    return Drift(_others(found, listed.keys() | ignored), (), tuple(lacking))


def sources_of(table: Table, settings: TableSettings) -> dict[str, str]:
    """The file column of each loaded column, where there is no transform."""
    mapping = {table.column(target).name: source for target, source in settings.columns.items()}
    return {c.name: mapping.get(c.name, c.name) for c in table.loaded_columns}


def can_fill(column: Column) -> bool:
    """True where the table says what a row has in the column that nobody brings."""
    if column.auto_increment:
        return False
    if column.default is None or _constant(column.default) == (None,):
        return column.nullable
    return _constant(column.default) is not None


def default_text(column: Column) -> str | None:
    """The default as a text of a file; None for NULL. Only where `can_fill`."""
    constant = _constant(column.default) if column.default is not None else None
    return constant[0] if constant else None


def _constant(default: str) -> tuple[str | None] | None:
    """The value of a DEFAULT that is a constant; None where it is an expression."""
    default = default.strip()
    if default.upper() in _WORDS:
        return (_WORDS[default.upper()],)
    if _NUMBER.match(default):
        return (default,)
    text = _TEXT.match(default)
    return (text[1].replace("''", "'"),) if text else None


def _others(found: Mapping[str, str], known: Collection[str]) -> tuple[str, ...]:
    return tuple(name for key, name in found.items() if key not in known)
