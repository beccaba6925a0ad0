"""Which preliminary rows are not as they were staged; imports core only.

One pass of the server gives the sums of every bucket of records. Only where these differ from what
was staged are rows looked at, some buckets at a time: memory stays bounded whatever the size.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from admw_assets.core.canonical import HashSum
from admw_assets.core.ports import BucketSums, Ports, PreliminaryBuckets, RowMark, StagedRows
from admw_assets.core.reconciliation import DifferenceKind
from admw_assets.core.step import Stage, StepRequest
from admw_assets.steps.staged_index import Place, StagedIndex, StagedSum, index_staged

RECORDS_AT_ONCE = 20_000
"""How many records are compared at a time."""
RECORDS_AT_ONCE_OUT_OF_ORDER = 1_000_000
"""The same where each time means reading all staged rows again."""

NO_ROWS = BucketSums(0, HashSum().text, 0)

Found = tuple[DifferenceKind, Place]


@dataclass(frozen=True, slots=True)
class PreliminaryVerdict:
    """Rows in the table, how many are not as staged, by kind, and the first of them by place.

    `corrected` are rows of records that a person has corrected (`rejects replay`).
    """

    rows: int
    counts: Mapping[DifferenceKind, int]
    found: tuple[Found, ...]
    corrected: int = 0

    @property
    def mismatched(self) -> int:
        """Rows that are not as they must be."""
        return sum(self.counts.values())


def compare_preliminary(
    request: StepRequest, ports: Ports, staged: StagedRows, limit: int
) -> PreliminaryVerdict:
    """Hold the table against the staged rows, less those that the load itself rejected.

    `limit` is how many rows are named; all are counted.
    """
    comparison = _Comparison(request, ports, staged)
    counts: Counter[DifferenceKind] = Counter()
    named: list[Found] = []
    for found in comparison.differences():
        counts.update(kind for kind, _ in found)
        named += sorted(found, key=lambda item: item[1])[: limit - len(named)]
    return PreliminaryVerdict(comparison.rows, dict(counts), tuple(named))


class _Comparison:
    """One (file, table): what the server sums up, and what was staged."""

    def __init__(self, request: StepRequest, ports: Ports, staged: StagedRows) -> None:
        self._file, self._ports, self._staged = request.file, ports, staged
        self._table = ports.migration.table(request.table)
        self._settings = ports.migration.settings(request.table)
        self._buckets: PreliminaryBuckets = ports.tables.preliminary_buckets(
            self._file, self._table, self._settings
        )
        rejected = ports.tables.rejects(
            self._file, request.table, Stage.PRELIMINARY, rule="duplicate_key"
        )
        self._without = frozenset((reject.record, reject.row) for reject in rejected)

    @property
    def rows(self) -> int:
        """The rows of the file in the table."""
        return sum(sums.rows for sums in self._buckets.sums.values())

    def differences(self) -> Iterator[list[Found]]:
        """What differs, some buckets at a time in the order of records."""
        altered = {bucket for bucket, sums in self._buckets.sums.items() if sums.altered}
        index = self._index_if_needed()
        unequal = set(_unequal(index.sums, self._buckets)) if index else set[int]()
        for buckets in self._portions(sorted(altered | unequal), index):
            yield [
                *self._altered([bucket for bucket in buckets if bucket not in unequal]),
                *(self._rows([b for b in buckets if b in unequal], index) if index else ()),
            ]

    def _index_if_needed(self) -> StagedIndex | None:
        """None where the sum over the whole file says that all staged hashes are there."""
        if not self._without:
            stored = [StagedSum.of_checksum(sums.checksum) for sums in self._buckets.sums.values()]
            total = StagedSum(sum(s.rows for s in stored), sum(s.total for s in stored))
            if total == StagedSum.of_checksum(self._staged.checksum):
                return None
        return index_staged(self._staged, self._buckets.size, self._without)

    def _portions(
        self, buckets: Sequence[int], index: StagedIndex | None
    ) -> Iterator[Sequence[int]]:
        in_order = index is None or index.pieces is not None
        records = RECORDS_AT_ONCE if in_order else RECORDS_AT_ONCE_OUT_OF_ORDER
        number = max(1, records // self._buckets.size)
        for start in range(0, len(buckets), number):
            yield buckets[start : start + number]

    def _altered(self, buckets: Sequence[int]) -> Iterator[Found]:
        for mark in self._marks(buckets, altered_only=True):
            yield DifferenceKind.CHANGED, (mark.record, mark.row)

    def _rows(self, buckets: Sequence[int], index: StagedIndex) -> Iterator[Found]:
        """Missing, extra, doubled and changed rows."""
        expected = index.hashes(buckets, self._without)
        marks = self._marks(buckets, altered_only=False)
        there = {(mark.record, mark.row) for mark in marks}
        hashes_of: dict[int, set[str]] = {}
        for (record, _), row_hash in expected.items():
            hashes_of.setdefault(record, set()).add(row_hash)
        for place in expected.keys() - there:
            yield DifferenceKind.MISSING, place
        for mark in marks:
            place = mark.record, mark.row
            if place not in expected:
                twin = mark.row_hash in hashes_of.get(mark.record, ())
                yield DifferenceKind.DOUBLED if twin else DifferenceKind.EXTRA, place
            elif mark.altered or mark.row_hash != expected[place]:
                yield DifferenceKind.CHANGED, place

    def _marks(self, buckets: Sequence[int], altered_only: bool) -> list[RowMark]:
        if not buckets:
            return []
        return self._ports.tables.preliminary_marks(
            self._file, self._table, self._settings, self._buckets.size, buckets, altered_only
        )


def _unequal(staged: Mapping[int, StagedSum], stored: PreliminaryBuckets) -> Iterator[int]:
    for bucket in staged.keys() | stored.sums.keys():
        there = StagedSum.of_checksum(stored.sums.get(bucket, NO_ROWS).checksum)
        if staged.get(bucket, StagedSum()) != there:
            yield bucket
