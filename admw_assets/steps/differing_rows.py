"""The differing rows of both stages, fetched page by page for a report; imports core only."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from admw_assets.core.masking import Masking, Values
from admw_assets.core.ports import Ports, RowPair, StagedRows
from admw_assets.core.reconciliation import ComparedRow, Difference, DifferenceKind
from admw_assets.core.step import StepRequest
from admw_assets.steps.preliminary_differences import Found
from admw_assets.steps.side_by_side import Examined, SideBySide
from admw_assets.steps.staged_index import (
    Piece,
    Place,
    find_lines,
    sample_lines,
    staged_values,
)

PASSES_SHOWN = 10
"""Rows without a difference that a report shows."""

_PAGE = 500  # rows whose values are in memory at once
_CANDIDATES = 2 * PASSES_SHOWN  # some of them may be rejects
T = TypeVar("T")


def examine_preliminary(
    request: StepRequest,
    ports: Ports,
    staged: StagedRows,
    found: Sequence[Found],
    masking: Masking,
) -> tuple[Examined, tuple[ComparedRow, ...]]:
    """Staged against preliminary rows: those that differ, and some that do not."""
    table, settings = ports.migration.table(request.table), ports.migration.settings(request.table)
    rows = SideBySide(table, masking)
    near = {record + step for _, (record, _) in found for step in (-1, 0, 1)}
    lines = find_lines(staged, near) if found else {}

    def values(places: Sequence[Place]) -> dict[Place, Values]:
        pieces = {place: lines[place] for place in places if place in lines}
        return staged_values(staged, table, settings, pieces)

    for page in _pages(found):
        places = [place for _, place in page]
        delivered = values([*places, *((record, 1) for record, _ in places)])
        there = ports.tables.preliminary_values(request.file, table, settings, places)
        for kind, place in page:
            pair = _preliminary_pair(kind, place, delivered, there)
            neighbours: tuple[Values, ...] = ()
            if kind is DifferenceKind.CHANGED and rows.unexplained(pair):
                neighbours = tuple(values(_neighbours(place)).values())
            rows.add(kind, pair, neighbours=neighbours)
    passes = _preliminary_passes(request, ports, staged, {place for _, place in found}, rows)
    return rows.examined(), passes


def _preliminary_pair(
    kind: DifferenceKind,
    place: Place,
    delivered: Mapping[Place, Values],
    there: Mapping[Place, Values],
) -> RowPair:
    """A doubled row stands beside the row that it repeats."""
    brought = delivered.get(place)
    if brought is None and kind is DifferenceKind.DOUBLED:
        brought = delivered.get((place[0], 1))
    return RowPair(*place, brought, there.get(place))


def _preliminary_passes(
    request: StepRequest,
    ports: Ports,
    staged: StagedRows,
    differing: set[Place],
    rows: SideBySide,
) -> tuple[ComparedRow, ...]:
    table, settings = ports.migration.table(request.table), ports.migration.settings(request.table)
    pieces: dict[Place, Piece] = {
        place: piece
        for place, piece in sample_lines(staged, _CANDIDATES).items()
        if place not in differing
    }
    delivered = staged_values(staged, table, settings, pieces)
    there = ports.tables.preliminary_values(request.file, table, settings, list(delivered))
    pairs = (RowPair(*place, delivered[place], there.get(place)) for place in sorted(delivered))
    return _passed(pairs, rows)


def examine_final(
    request: StepRequest,
    ports: Ports,
    differences: Sequence[Difference],
    records: int,
    masking: Masking,
) -> tuple[Examined, tuple[ComparedRow, ...]]:
    """Preliminary against final rows: those that differ, and some that do not."""
    table, settings = ports.migration.table(request.table), ports.migration.settings(request.table)
    rows = SideBySide(table, masking)

    def pairs(places: Sequence[Place]) -> list[RowPair]:
        return ports.tables.final_pairs(request.file, table, settings, places)

    for page in _pages(differences):
        places = [(d.record, d.row) for d in page if d.record is not None and d.row is not None]
        known = {(pair.record, pair.row): pair for pair in pairs(places)} if places else {}
        for difference in page:
            pair = known.get((difference.record, difference.row)) or RowPair(
                difference.record, difference.row, difference.delivered, difference.found
            )
            neighbours: tuple[Values, ...] = ()
            if difference.kind is DifferenceKind.CHANGED and rows.unexplained(pair):
                near = pairs(_neighbours((pair.record or 0, pair.row or 1)))
                neighbours = tuple(n.delivered for n in near if n.delivered is not None)
            rows.add(difference.kind, pair, difference.key, neighbours)
    candidates = [(record, 1) for record in _spread(records, _CANDIDATES)]
    passes = _passed(pairs(candidates), rows) if candidates else ()
    return rows.examined(), passes


def _neighbours(place: Place) -> list[Place]:
    return [(place[0] - 1, 1), (place[0] + 1, 1)]


def _passed(
    pairs: Iterator[RowPair] | Sequence[RowPair], rows: SideBySide
) -> tuple[ComparedRow, ...]:
    passed = (rows.passed(pair) for pair in pairs)
    return tuple(islice((row for row in passed if row is not None), PASSES_SHOWN))


def _spread(records: int, number: int) -> list[int]:
    """So many record numbers, evenly spread over the file."""
    return (
        sorted({1 + (records - 1) * place // max(number - 1, 1) for place in range(number)})
        if records
        else []
    )


def _pages(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), _PAGE):
        yield rows[start : start + _PAGE]
