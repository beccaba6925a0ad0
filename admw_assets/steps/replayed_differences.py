"""Whether the preliminary rows of a file that was replayed are as they were delivered; core only.

The staged rows of its first load are gone by then. What must stand in the table is known from the
ledger: every load adds the sum over its row hashes, and what a replay takes away goes out of it.
"""

from collections.abc import Iterable
from itertools import islice

from admw_assets.core.ports import Ports, RowMark
from admw_assets.core.reconciliation import DifferenceKind
from admw_assets.core.step import StepRequest
from admw_assets.steps.preliminary_differences import PreliminaryVerdict


def compare_replayed(request: StepRequest, ports: Ports, limit: int) -> PreliminaryVerdict:
    """Hold the table against the ledger; of the altered rows `limit` are named."""
    table, settings = ports.migration.table(request.table), ports.migration.settings(request.table)
    found = ports.tables.replayed_preliminary(request.file, table, settings)
    counts: dict[DifferenceKind, int] = {}
    if found.altered:
        counts[DifferenceKind.CHANGED] = found.altered
    if found.rows < found.delivered:
        counts[DifferenceKind.MISSING] = found.delivered - found.rows
    if found.rows > found.delivered:
        counts[DifferenceKind.EXTRA] = found.rows - found.delivered
    if not found.agrees and not counts:
        counts[DifferenceKind.CHANGED] = 1  # a row together with its hash: at least one
    altered = islice(_altered(request, ports), limit) if found.altered else ()
    named = tuple((DifferenceKind.CHANGED, (mark.record, mark.row)) for mark in altered)
    return PreliminaryVerdict(found.rows, counts, named, found.corrected)


def _altered(request: StepRequest, ports: Ports) -> Iterable[RowMark]:
    table, settings = ports.migration.table(request.table), ports.migration.settings(request.table)
    buckets = ports.tables.preliminary_buckets(request.file, table, settings)
    suspicious = sorted(bucket for bucket, sums in buckets.sums.items() if sums.altered)
    return ports.tables.preliminary_marks(
        request.file, table, settings, buckets.size, suspicious, altered_only=True
    )
