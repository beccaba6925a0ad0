"""A thousand differences of ten kinds in a file of tests/migrations/stock, and what must be said.

A hundred rows of each kind, spread over the file; every kind in rows of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa

from admw_assets.core.reconciliation import DifferenceKind, ReconciliationReport
from admw_assets.core.step import Stage
from tests import stock

TABLES = {Stage.PRELIMINARY: ("PRE_ITEM", "pre_"), Stage.FINAL: ("ITEM", "")}
OF_EACH_KIND = 100
Item = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Alteration:
    """What becomes of one column, which rows can show it, and the pattern that must be found."""

    column: str
    alter: Callable[[str], str | None]
    pattern: str
    fits: Callable[[Item], bool] = lambda item: True


def _text(item: Item, column: str) -> str:
    return item[column] or ""


def _rounded(weight: str) -> str:
    return str(Decimal(weight).quantize(Decimal("0.01"), ROUND_HALF_UP))


ALTERATIONS = (
    Alteration(
        "made_at",
        lambda t: str(datetime.fromisoformat(t) + timedelta(hours=8))[:23],
        "the time is shifted by +8 h",
        lambda item: not _text(item, "made_at").endswith("000"),
    ),
    Alteration(
        "made_at",
        lambda t: f"{t[:10]} 00:00:00.000",
        "the time of day is lost",
        lambda item: _text(item, "made_at")[11:13] not in ("00", "08", "16"),
    ),
    Alteration("name", str.upper, "only the letter case differs (all upper case now)"),
    Alteration(
        "name",
        lambda t: t[:6],
        "the text is cut at 6 characters",
        lambda item: len(_text(item, "name")) > 7,
    ),
    Alteration(
        "weight_kg",
        _rounded,
        "the number is rounded to 2 decimals",
        lambda item: (
            item["weight_kg"] is not None
            and _text(item, "weight_kg")[-2:] not in ("00", "10", "20", "30", "40")
            and _rounded(_text(item, "weight_kg"))[-1] != "0"
        ),
    ),
    Alteration(
        "note",
        lambda t: None,
        "NULL and the empty text are exchanged (the empty text became NULL)",
        lambda item: item["note"] == "",
    ),
    Alteration(
        "price", lambda t: f"-{t}", "the sign is turned", lambda i: Decimal(_text(i, "price")) > 0
    ),
    Alteration(
        "note",
        lambda t: t.encode("ascii", "replace").decode(),
        "characters are replaced (characters beyond ASCII became ?)",
        lambda item: not _text(item, "note").isascii(),
    ),
)
KINDS = {
    Stage.PRELIMINARY: (DifferenceKind.MISSING, DifferenceKind.EXTRA, DifferenceKind.DOUBLED),
    Stage.FINAL: (DifferenceKind.MISSING, DifferenceKind.EXTRA),
}


@dataclass(slots=True)
class Planted:
    """What was planted: ids by kind, and by column the patterns with their ids."""

    rows: dict[DifferenceKind, set[int]] = field(default_factory=dict)
    patterns: dict[str, dict[str, set[int]]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Differing rows by kind."""
        counts = {kind.value: len(ids) for kind, ids in self.rows.items()}
        changed = sum(len(ids) for found in self.patterns.values() for ids in found.values())
        return counts | {DifferenceKind.CHANGED.value: changed}


def plant(engine: sa.Engine, stage: Stage, file: str, records: int) -> Planted:
    """Plant ten kinds of differences in a loaded file whose first id is 1."""
    name, prefix = TABLES[stage]
    table = sa.Table(name, sa.MetaData(), autoload_with=engine)
    chosen = _Choice(records)
    planted = Planted()
    alterations = ALTERATIONS[: 10 - len(KINDS[stage])]
    with engine.begin() as connection:
        for kind in KINDS[stage]:
            ids = chosen.some(lambda item: True)
            planted.rows[kind] = {records + i for i in ids} if kind is DifferenceKind.EXTRA else ids
            for item_id in sorted(ids):
                connection.execute(_row_change(table, prefix, kind, file, item_id, records))
        for alteration in alterations:
            ids = chosen.some(alteration.fits)
            planted.patterns.setdefault(alteration.column, {})[alteration.pattern] = ids
            for item_id in sorted(ids):
                value = alteration.alter(_text(_item(item_id), alteration.column))
                column = table.c[prefix + alteration.column]
                mine = _row_of(table, prefix, file, item_id)
                done = connection.execute(sa.update(table).where(mine).values({column: value}))
                assert done.rowcount == 1, (item_id, alteration.column)
    return planted


class _Choice:
    """Hands out ids of sound records, spread over the file and never one twice."""

    def __init__(self, records: int) -> None:
        self._records = records
        self._taken: set[int] = set()

    def some(self, fits: Callable[[Item], bool]) -> set[int]:
        found: set[int] = set()
        stride = self._records // OF_EACH_KIND
        for place in range(OF_EACH_KIND):
            candidates = range(place * stride + 1, (place + 1) * stride)
            found.add(next(i for i in candidates if self._is_free(i) and fits(_item(i))))
        self._taken |= found
        return found

    def _is_free(self, item_id: int) -> bool:
        sound = item_id % stock.BAD_EVERY not in (0, 1)
        return sound and item_id > 100 and item_id not in self._taken


def _item(item_id: int) -> Item:
    (row,) = stock.good_items(item_id, 1)
    return dict(zip(stock.COLUMNS, row, strict=True))


def _row_of(table: sa.Table, prefix: str, file: str, item_id: int) -> sa.ColumnElement[bool]:
    mine = table.c.admw_origin_file_name == file
    if prefix:  # the first id is 1: ids are record numbers, and these have an index
        mine = sa.and_(mine, table.c.admw_record_number == item_id, table.c.admw_row_number == 1)
    return sa.and_(mine, table.c[f"{prefix}id"] == item_id)


def _row_change(
    table: sa.Table, prefix: str, kind: DifferenceKind, file: str, item_id: int, records: int
) -> sa.Executable:
    """Take a row away, or add one that is nearly the same."""
    mine = _row_of(table, prefix, file, item_id)
    if kind is DifferenceKind.MISSING:
        return sa.delete(table).where(mine)
    others: dict[str, object] = {"admw_row_number": 2}
    if kind is DifferenceKind.EXTRA:
        others = {f"{prefix}id": records + item_id, "admw_record_number": records + item_id}
    values = [sa.literal(others[c.name]) if c.name in others else c for c in table.columns]
    return sa.insert(table).from_select(list(table.columns.keys()), sa.select(*values).where(mine))


def problems(report: ReconciliationReport, planted: Planted) -> list[str]:
    """What a report does not say of what was planted, or says of what was not."""
    found: list[str] = []
    if dict(report.differences_by_kind) != planted.counts:
        found.append(f"counted {dict(report.differences_by_kind)}, planted {planted.counts}")
    named = {kind: _ids(report, kind) for kind in planted.rows}
    if named != planted.rows:
        wrong = [kind.value for kind, ids in planted.rows.items() if named[kind] != ids]
        found.append(f"other rows are named as {wrong}")
    classed: dict[str, dict[str, set[int]]] = {}
    for difference in report.differences:
        for column, reason in difference.reasons.items():
            ids = classed.setdefault(column, {}).setdefault(reason, set())
            ids.add(int(difference.key["id"]))
    if classed != planted.patterns:
        found.append(f"other values are classed: {sorted(classed)}")
    for diagnosis in report.diagnoses:
        said = {finding.pattern: finding.explained for finding in diagnosis.findings}
        expected = {p: len(ids) for p, ids in planted.patterns[diagnosis.column].items()}
        if said != expected or diagnosis.unexplained:
            found.append(f"{diagnosis.sentence} Planted: {expected}")
    return found


def _ids(report: ReconciliationReport, kind: DifferenceKind) -> set[int]:
    return {int(d.key["id"]) for d in report.differences if d.kind is kind}
