"""Golden cases: what the rows of a table must be for a small input; imports core only.

A case is a folder `cases/<table>/<name>/` of a migration; the README of the shipped example says
what its files hold.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from admw_assets.core.canonical_text import canonical_text, readable_text
from admw_assets.core.case_text import Cell, read_cells, write_cells
from admw_assets.core.errors import ConfigurationError, TransformError
from admw_assets.core.masking import Values
from admw_assets.core.migration import Migration, TableSettings
from admw_assets.core.schema import Column, Table

CASES_FOLDER = "cases"
INPUT, EXPECTED = "input.csv", "expected.csv"
EXPECTED_REJECTS, EXPECTED_DROPPED = "expected_rejects.csv", "expected_dropped.csv"
REJECT_COLUMNS = ("record", "row", "rule", "column")
DROPPED_COLUMNS = ("record", "row", "reason")


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One case; `table` is spelled as in schema.sql."""

    table: str
    name: str
    folder: Path

    @property
    def label(self) -> str:
        """How it is chosen: `table/name`."""
        return f"{self.table}/{self.name}"

    @property
    def input(self) -> Path:
        """The small data file."""
        return self.folder / INPUT


@dataclass(frozen=True, slots=True)
class CaseReject:
    """A row that is rejected: record and row number (from 1), rule, column."""

    record: int
    row: int
    rule: str
    column: str = ""
    message: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class CaseDrop:
    """A row that the transform drops on purpose."""

    record: int
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class CaseContent:
    """What is expected of a case, or what the pipeline gave.

    `rows` are in record and row order, readable canonical texts by column in schema order;
    `places` are their record and row numbers, which only the pipeline knows.
    """

    rows: tuple[Values, ...]
    rejects: tuple[CaseReject, ...] = ()
    dropped: tuple[CaseDrop, ...] = ()
    places: tuple[tuple[int, int], ...] = field(default=(), compare=False)


def find_cases(migration: Migration, wanted: Sequence[str] = ()) -> list[GoldenCase]:
    """The cases of a migration in the order of their labels: all, or TABLE and TABLE/CASE.

    Raises ConfigurationError for a folder that is no case and for what is wanted and not there.
    """
    cases = sorted(_cases(migration), key=lambda case: case.label)
    if not wanted:
        return cases
    chosen: list[GoldenCase] = []
    for text in wanted:
        key = text.strip("/").casefold()
        found = [c for c in cases if key in (c.table.casefold(), c.label.casefold())]
        if not found:
            known = ", ".join(case.label for case in cases) or "none"
            raise ConfigurationError(
                f"There is no golden case {text!r}. Known: {known}.",
                next_step="Give TABLE or TABLE/CASE, or make one: admw case new FILE --records 1-5",
            )
        chosen += [case for case in found if case not in chosen]
    return chosen


def read_expected(case: GoldenCase, table: Table, settings: TableSettings) -> CaseContent:
    """What the files of a case say; raises ConfigurationError where one is wrong or missing."""
    path = case.folder / EXPECTED
    if not path.exists():
        raise ConfigurationError(
            f"Case {case.label} has no {EXPECTED}.",
            next_step=f"Write it, or take what the pipeline gives: admw test {case.label} --update",
        )
    columns = table.loaded_columns
    rows = _read(path, [column.name for column in columns])
    texts = [[readable(c, v, settings) for c, v in zip(columns, r, strict=True)] for r in rows]
    return CaseContent(
        tuple(_values(columns, row) for row in texts),
        tuple(
            CaseReject(*_place(case.folder / EXPECTED_REJECTS, row), row[2] or "", row[3] or "")
            for row in _optional(case.folder / EXPECTED_REJECTS, REJECT_COLUMNS)
        ),
        tuple(
            CaseDrop(*_place(case.folder / EXPECTED_DROPPED, row), row[2] or "")
            for row in _optional(case.folder / EXPECTED_DROPPED, DROPPED_COLUMNS)
        ),
    )


def write_expected(case: GoldenCase, content: CaseContent, table: Table) -> list[Path]:
    """Put content into the expected files; the paths of those that changed."""
    rejects = [(str(r.record), str(r.row), r.rule, r.column or None) for r in content.rejects]
    dropped = [(str(d.record), str(d.row), d.reason) for d in content.dropped]
    header = tuple(column.name for column in table.loaded_columns)
    texts = {
        EXPECTED: write_cells([header, *(tuple(row[n] for n in header) for row in content.rows)]),
        EXPECTED_REJECTS: write_cells([REJECT_COLUMNS, *rejects]),
        EXPECTED_DROPPED: write_cells([DROPPED_COLUMNS, *dropped]),
    }
    needed = {EXPECTED: True, EXPECTED_REJECTS: bool(rejects), EXPECTED_DROPPED: bool(dropped)}
    changed: list[Path] = []
    for name, text in texts.items():
        path = case.folder / name
        before = path.read_bytes() if path.exists() else None
        if (needed[name] or before is not None) and before != text.encode():
            path.write_bytes(text.encode())
            changed.append(path)
    return changed


def readable(column: Column, text: Cell, settings: TableSettings) -> Cell:
    """A text of a case in the one form that is compared: canonical, floats as their digits."""
    if text is None:
        return None
    bits = readable_text(column.type, text)
    if bits != text:
        return bits
    try:
        canonical = canonical_text(column.type, text, settings.float_decimals.get(column.name))
    except TransformError:
        return text  # which no row has, so it will be a difference
    return readable_text(column.type, canonical)


def is_folder_name(name: str) -> bool:
    """Whether a table's name can be that of a folder with its cases."""
    return name.strip(". ") == name and not any(c in name for c in "/\\:\0") and name.isprintable()


def _cases(migration: Migration) -> Iterator[GoldenCase]:
    root = migration.root / CASES_FOLDER
    tables = {name.casefold(): name for name in migration.schema.tables}
    for folder in (path for path in root.glob("*/*") if path.is_dir()):
        table = tables.get(folder.parent.name.casefold())
        if table is None:
            raise ConfigurationError(
                f"{CASES_FOLDER}/{folder.parent.name}: schema.sql has no table of that name.",
                next_step=f"Call the folder like a table. Known: {', '.join(tables.values())}.",
            )
        if not (folder / INPUT).is_file():
            raise ConfigurationError(
                f"The case {table}/{folder.name} has no {INPUT}.",
                next_step="Add it, or delete the folder.",
            )
        yield GoldenCase(table, folder.name, folder)


def _values(columns: Iterable[Column], row: Iterable[Cell]) -> Mapping[str, Cell]:
    return {column.name: text for column, text in zip(columns, row, strict=True)}


def _optional(path: Path, header: Sequence[str]) -> list[tuple[Cell, ...]]:
    return _read(path, header) if path.exists() else []


def _read(path: Path, header: Sequence[str]) -> list[tuple[Cell, ...]]:
    rows = read_cells(path)
    if not rows or list(rows[0]) != list(header):
        raise ConfigurationError(
            f"The header of {path} is not {','.join(header)}.",
            next_step="Correct it, or write the expected files anew: admw test --update",
        )
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(header):
            raise ConfigurationError(
                f"{path}, row {number}: {len(row)} fields where the header has {len(header)}.",
                next_step="Correct the row.",
            )
    return rows[1:]


def _place(path: Path, row: Sequence[Cell]) -> tuple[int, int]:
    try:
        return int(row[0] or ""), int(row[1] or "")
    except ValueError as err:
        raise ConfigurationError(
            f"{path}: record {row[0]!r}, row {row[1]!r} are no numbers.",
            next_step="Count records from 1 without the header; row is 1 for a record's first row.",
        ) from err
