"""The notebooks of a migration: every template below `templates/notebooks`; core and jinja2.

A template is a script in cells: `# %% [markdown]` begins a text, `# %%` begins code. Those in
`notebooks/` at the top of the repository are the supermarket's.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from admw_assets.core.migration import Migration
from admw_assets.core.schema import Column, Table, TypeKind

_FOLDER, _SUFFIX = "notebooks", ".py.j2"
_CELL = re.compile(r"^# %%(?P<markdown> \[markdown\])?\n", re.MULTILINE)
_MAGIC = re.compile(r"^# (?=%\w)", re.MULTILINE)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEXTS = (TypeKind.VARCHAR, TypeKind.TEXT, TypeKind.CHAR)
_TOLERANCES = (
    ((TypeKind.DECIMAL, TypeKind.DOUBLE, TypeKind.FLOAT), 'Decimal("0.01")'),
    ((TypeKind.DATETIME, TypeKind.TIMESTAMP), "timedelta(hours=1)"),
    (_TEXTS, "str.casefold"),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What the notebooks begin with: a table to transform, one of its columns, and a table to
    reconcile. `folder` is the migration's, seen from the notebooks; None: the environment's."""

    table: str
    column: str
    reconciled: str
    folder: str | None = ".."

    @classmethod
    def of(cls, migration: Migration) -> "Subject":
        """The first table with a transform, else the one with most columns."""
        tables = [migration.table(name) for wave in migration.waves for name in wave]
        changed = [table for table in tables if migration.settings(table.name).transform]
        table = (changed or sorted(tables, key=lambda t: -len(t.loaded_columns)))[0]
        return cls(table.name, _column(migration, table), table.name)


def notebooks(migration: Migration, subject: Subject | None = None) -> Mapping[str, str]:
    """Texts of notebooks by their path in the migration."""
    subject = subject or Subject.of(migration)
    loader = PackageLoader("admw_assets.scaffold", "templates")
    # Python and Markdown, no HTML: nothing is to be escaped.
    environment = Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True)
    found = files("admw_assets.scaffold") / "templates" / _FOLDER
    names = sorted(entry.name for entry in found.iterdir() if entry.name.endswith(_SUFFIX))
    values = _values(migration, subject)
    return {
        f"{_FOLDER}/{name.removesuffix(_SUFFIX)}.ipynb": _notebook(
            environment.get_template(f"{_FOLDER}/{name}").render(**values)
        )
        for name in names
    }


def _values(migration: Migration, subject: Subject) -> dict[str, object]:
    reconciled = migration.table(subject.reconciled)
    column = subject.column
    reference = column if _PLAIN.fullmatch(column) else "`" + column.replace("`", "``") + "`"
    return {
        "name": migration.name,
        "folder": "" if subject.folder is None else _literal(subject.folder),
        "table": _literal(subject.table),
        "column": _literal(column),
        "column_reference": _literal(reference),
        "reconciled": _literal(reconciled.name),
        "tolerances": list(_tolerances(migration, reconciled)),
    }


def _tolerances(migration: Migration, table: Table) -> Iterator[tuple[str, str]]:
    """An example of each kind of tolerance, on columns that are not masked."""
    personal = migration.settings(table.name).pii
    columns = [c for c in table.loaded_columns if c.name not in personal]
    for kinds, tolerance in _TOLERANCES:
        fitting = [column for column in columns if column.type.kind in kinds]
        if fitting:
            longest = max(fitting, key=_length) if kinds is _TEXTS else fitting[0]
            yield _literal(longest.name), tolerance


def _column(migration: Migration, table: Table) -> str:
    """A column worth changing in an example: the longest text that is neither key nor personal."""
    keys = {name for key in table.foreign_keys for name in key.columns} | set(table.primary_key)
    personal = migration.settings(table.name).pii
    free = [c for c in table.loaded_columns if c.name not in keys | personal]
    texts = [column for column in free if column.type.kind in _TEXTS]
    if texts:
        return max(texts, key=_length).name
    return (free or list(table.loaded_columns))[0].name


def _length(column: Column) -> tuple[bool, int]:
    """What to look at first: names and the like rather than long texts."""
    return column.type.kind is TypeKind.VARCHAR, column.type.length or 0


def _literal(text: str) -> str:
    """A Python string."""
    return json.dumps(text, ensure_ascii=False)


def _notebook(script: str) -> str:
    """The script as a notebook without outputs (nbformat 4.5), as `nbstripout` leaves it."""
    marks = list(_CELL.finditer(script))
    ends = [mark.start() for mark in marks[1:]] + [len(script)]
    cells = [
        _cell(number, script[mark.end() : end].strip("\n"), mark["markdown"] is not None)
        for number, (mark, end) in enumerate(zip(marks, ends, strict=True))
    ]
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _cell(number: int, text: str, is_markdown: bool) -> dict[str, object]:
    start: dict[str, object] = {"cell_type": "markdown" if is_markdown else "code"}
    if is_markdown:
        text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in text.split("\n"))
        return start | {"id": str(number), "metadata": {}, "source": _lines(text)}
    return {
        **start,
        "execution_count": None,
        "id": str(number),
        "metadata": {},
        "outputs": [],
        "source": _lines(_MAGIC.sub("", text)),
    }


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
