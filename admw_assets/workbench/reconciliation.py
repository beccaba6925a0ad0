"""File, preliminary and final rows of one file against each other, as the reconcile steps do it."""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (pandas ships no types, and what pyright infers of it is wrong as often as right)

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from pandas.io.formats.style import Styler

from admw_assets.core.canonical import encode_row, row_hash
from admw_assets.core.canonical_text import readable_text
from admw_assets.core.masking import Masking, Values
from admw_assets.core.ports import Ports, StagedRows
from admw_assets.core.reconciliation import Difference
from admw_assets.core.record_numbers import parse_record_numbers
from admw_assets.core.schema import Table
from admw_assets.core.step import Stage, StepKind, StepRequest
from admw_assets.runtime.golden_cases import CaseBench
from admw_assets.steps.differing_rows import examine_final, examine_preliminary
from admw_assets.steps.preliminary_differences import compare_preliminary
from admw_assets.steps.side_by_side import Examined
from admw_assets.steps.staged_files import read_staged
from admw_assets.steps.staged_index import Place, find_lines, staged_values
from admw_assets.steps.transform import transform
from admw_assets.workbench.frames import NULL, highlight, shown
from admw_assets.workbench.tolerance import Tolerance, is_near

SIDES = ("file", "preliminary", "final")
_MOST_SHOWN = 200  # records side by side


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of comparing the three sides of one (file, table), now.

    `differences` has a line for each differing value and for each missing, extra or doubled row;
    `diagnosis` what explains them, by column. The stage `preliminary` compares the file, as the
    transform reads it, with the preliminary rows, `final` these with the final ones.
    """

    file: str
    table: str
    counts: pd.DataFrame
    differences: pd.DataFrame
    diagnosis: pd.DataFrame
    _join: "_Join | None" = None

    def side_by_side(self, records: str | Iterable[int] = "1-10") -> Styler:
        """Three lines for each row of these records (like `17,23-30`): the file as the transform
        reads it now, the preliminary row, the final row. Cells that differ are marked."""
        if self._join is None:
            return pd.DataFrame().style
        numbers = parse_record_numbers(records) if isinstance(records, str) else tuple(records)
        return self._join.side_by_side(sorted(set(numbers))[:_MOST_SHOWN])

    def differing_records(self, most: int = 5) -> list[int]:
        """The first records with a difference."""
        found = self.differences["record"].dropna().astype(int)
        return sorted(set(found.tolist()))[:most]

    def hash_dump(self, records: str | Iterable[int]) -> pd.DataFrame:
        """The canonical text of these records' rows on each side beside the hash that it has, and
        the hash that was stored with the row when it was staged."""
        if self._join is None:
            return pd.DataFrame()
        numbers = parse_record_numbers(records) if isinstance(records, str) else tuple(records)
        return self._join.hash_dump(sorted(set(numbers))[:_MOST_SHOWN])


def nothing(ports: Ports, table: str) -> Reconciled:
    """For a table of which no file has been taken in."""
    return Reconciled(
        "", ports.migration.table(table).name, _counts({}), _differences({}), _diagnosis({})
    )


def reconcile(
    ports: Ports, bench: CaseBench, table: str, location: object, masking: Masking, limit: int
) -> Reconciled:
    """Put the file through the transform again and compare; raises what the steps raise."""
    name = ports.migration.table(table).name
    request = StepRequest(str(location), name, Stage.PRELIMINARY, StepKind.TRANSFORM, "workbench")
    # The bench's folders, Spark and scanner; the tables and the tracker of the home.
    mixed = replace(bench.ports, tables=ports.tables, tracker=ports.tracker)
    done = transform(request, mixed)
    staged, _ = read_staged(done.staged or "", mixed)
    join = _Join(mixed, request.file, name, staged, masking)
    found = {
        Stage.PRELIMINARY: _preliminary(request, mixed, staged, masking, limit),
        Stage.FINAL: _final(request, mixed, done.counts.records or 0, masking, limit),
    }
    sides = {side: len(join.places(side)) for side in SIDES}
    return Reconciled(
        request.file,
        name,
        _counts(sides | {"rejects": join.rejects, "dropped": sum(staged.dropped.values())}),
        _differences({stage: examined.differences for stage, examined in found.items()}),
        _diagnosis(found),
        join,
    )


def tolerate(differences: pd.DataFrame, tolerances: Mapping[str, Tolerance]) -> pd.DataFrame:
    """The differences with `tolerated`: True where the values are near enough."""
    frame = differences.copy()
    frame["tolerated"] = [
        bool(column in tolerances) and is_near(_back(delivered), _back(found), tolerances[column])
        for column, delivered, found in zip(
            frame["column"], frame["delivered"], frame["found"], strict=True
        )
    ]
    return frame


def _back(text: str) -> str | None:
    """The value of a cell that `shown` has written."""
    if text == NULL:
        return None
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text


def _preliminary(
    request: StepRequest, ports: Ports, staged: StagedRows, masking: Masking, limit: int
) -> Examined:
    compared = compare_preliminary(request, ports, staged, limit)
    return examine_preliminary(request, ports, staged, compared.found, masking)[0]


def _final(
    request: StepRequest, ports: Ports, records: int, masking: Masking, limit: int
) -> Examined:
    table, settings = ports.migration.table(request.table), ports.migration.settings(request.table)
    compared = ports.tables.compare_final(request.file, table, settings, limit)
    return examine_final(request, ports, compared.differences, records, masking)[0]


@dataclass(frozen=True, slots=True)
class _Join:
    """The rows of one file on all sides, fetched by record; raw inside, masked when shown."""

    ports: Ports
    file: str
    table: str
    staged: StagedRows
    masking: Masking

    @property
    def model(self) -> Table:
        """The table's columns and keys."""
        return self.ports.migration.table(self.table)

    @property
    def rejects(self) -> int:
        """Open rejects of both stages."""
        return sum(1 for _ in self.ports.tables.rejects(self.file, self.table))

    def places(self, side: str) -> range:
        """As many as there are rows on a side."""
        settings = self.ports.migration.settings(self.table)
        if side == "file":
            return range(self.staged.rows)
        if side == "preliminary":
            buckets = self.ports.tables.preliminary_buckets(self.file, self.model, settings)
            return range(sum(sums.rows for sums in buckets.sums.values()))
        return range(self.ports.tables.compare_final(self.file, self.model, settings, 0).final_rows)

    def sides(self, records: Sequence[int]) -> dict[str, Mapping[Place, Values]]:
        """Canonical texts by side and place."""
        settings = self.ports.migration.settings(self.table)
        lines = find_lines(self.staged, set(records))
        marks = self.ports.tables.marks_of(self.file, self.model, settings, records)
        there = {(mark.record, mark.row) for mark in marks}
        pairs = self.ports.tables.final_pairs(self.file, self.model, settings, there)
        return {
            "file": staged_values(self.staged, self.model, settings, lines),
            "preliminary": self.ports.tables.preliminary_values(
                self.file, self.model, settings, there
            ),
            "final": {
                (pair.record or 0, pair.row or 0): pair.found
                for pair in pairs
                if pair.found is not None
            },
        }

    def side_by_side(self, records: Sequence[int]) -> Styler:
        """See Reconciled."""
        sides = self.sides(records)
        columns = [column.name for column in self.model.loaded_columns]
        index: list[tuple[int, int, str]] = []
        cells: list[list[str]] = []
        differing: dict[tuple[object, str], object] = {}
        for place in sorted({place for values in sides.values() for place in values}):
            raw = [self._readable(sides[side].get(place)) for side in SIDES]
            for side, row in zip(SIDES, self.masking.rows(*raw), strict=True):
                index.append((*place, side))
                cells.append(["·" if row is None else shown(row[c]) for c in columns])
            for column in columns:
                texts = [row[column] for row in raw if row is not None]
                if any(text != texts[0] for text in texts):
                    differing |= {((*place, side), column): True for side in SIDES}
        rows = pd.MultiIndex.from_tuples(index, names=["record", "row", "side"])
        return highlight(pd.DataFrame(cells, index=rows, columns=columns, dtype=object), differing)

    def hash_dump(self, records: Sequence[int]) -> pd.DataFrame:
        """See Reconciled."""
        sides = self.sides(records)
        settings = self.ports.migration.settings(self.table)
        marks = self.ports.tables.marks_of(self.file, self.model, settings, records)
        stored = {(mark.record, mark.row): mark.row_hash for mark in marks}
        lines: list[tuple[object, ...]] = []
        for place in sorted({place for values in sides.values() for place in values}):
            raw = [sides[side].get(place) for side in SIDES]
            kept = stored.get(place, "")
            lines.append((*place, "stored", "", kept, ""))
            for side, values, masked in zip(SIDES, raw, self.masking.rows(*raw), strict=True):
                if values is None or masked is None:
                    continue
                computed = row_hash(values.values())
                same = "yes" if computed == kept else "no"
                lines.append((*place, side, same, computed, encode_row(masked.values())))
        names = ["record", "row", "side", "as stored", "hash", "canonical text"]
        return pd.DataFrame(lines, columns=names).set_index(["record", "row", "side"])

    def _readable(self, values: Values | None) -> Values | None:
        if values is None:
            return None
        types = {column.name: column.type for column in self.model.loaded_columns}
        return {name: readable_text(types[name], text) for name, text in values.items()}


def _counts(numbers: Mapping[str, int]) -> pd.DataFrame:
    return pd.DataFrame([numbers], index=pd.Index(["rows"])) if numbers else pd.DataFrame()


def _differences(found: Mapping[Stage, Sequence[Difference]]) -> pd.DataFrame:
    lines = [line for stage, some in found.items() for one in some for line in _lines(stage, one)]
    names = ["stage", "kind", "key", "record", "column", "delivered", "found", "reason"]
    return pd.DataFrame(lines, columns=names)


def _lines(stage: Stage, difference: Difference) -> Iterator[tuple[object, ...]]:
    key = ", ".join(f"{name}={value}" for name, value in difference.key.items())
    start = (stage.value, difference.kind.value, key, difference.record)
    delivered, found = difference.delivered or {}, difference.found or {}
    for column in difference.columns:
        reason = difference.reasons.get(column, "")
        yield (*start, column, shown(delivered.get(column)), shown(found.get(column)), reason)
    if not difference.columns:
        yield (*start, "", "", "", "")


def _diagnosis(found: Mapping[Stage, Examined]) -> pd.DataFrame:
    lines = [
        (stage.value, one.column, one.differing, one.sentence)
        for stage, examined in found.items()
        for one in examined.diagnoses
    ]
    return pd.DataFrame(lines, columns=["stage", "column", "values", "diagnosis"])
