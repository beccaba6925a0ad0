"""What replayed records change in a table: rows to add, rows that go, the equation; core only.

The equation of a table after a replay is that of the same file with the corrected records in it
from the start: what the records came to before goes out of it, what they come to now goes in.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from admw_assets.core.canonical import HashSum
from admw_assets.core.configuration import RowsPerRecord
from admw_assets.core.ports import Ports, Reject, RowMark, StagedRows, TransformJob
from admw_assets.core.step import Stage
from admw_assets.steps.replay_file import ReplayFile
from admw_assets.steps.staged_index import all_lines

OF_WHOLE_RECORDS = frozenset({"quote", "encoding", "fields", "source_hash"})
"""Rules by which a record is rejected before a transform sees it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """`staged` holds the rows to add only, `obsolete` the rows that stand there and must go.

    `expected` and `dropped` are changes of the equation. `rejected` says whether any of the
    records has an open reject of this table, in either stage.
    """

    staged: StagedRows
    obsolete: tuple[RowMark, ...]
    expected: int
    dropped: Mapping[str, int]
    rejected: bool

    @property
    def is_nothing(self) -> bool:
        """True where the table has nothing to do with the replay."""
        changes = (self.staged.rows, self.obsolete, self.staged.rejected, self.rejected)
        return not any((*changes, self.expected, any(self.dropped.values())))


def effect_of(replay: ReplayFile, job: TransformJob, any_dropped: bool, ports: Ports) -> Effect:
    """Transform the corrected records and hold the outcome against what they came to before.

    `any_dropped`: the table's transform has dropped rows of this file.
    """
    staged = ports.transformer.transform(job)
    table, settings = job.table, job.settings
    there = ports.tables.marks_of(replay.origin, table, settings, replay.records)
    chosen = frozenset(replay.records)
    rejects = [r for r in ports.tables.rejects(replay.origin, table.name) if r.record in chosen]
    before = [reject for reject in rejects if reject.stage is Stage.PRELIMINARY]
    dropped = Counter(staged.dropped)
    dropped_before: Mapping[str, int] = {}
    if any_dropped:
        dropped_before = _remembered(
            job.folder.with_name(job.folder.name + ".before.json"),
            lambda: _dropped_before(replay, job, there, before, ports),
        )
        dropped.subtract(dropped_before)
    made_before = len(there) + len(before) + sum(dropped_before.values())
    added, obsolete = _difference(staged, there)
    return Effect(
        staged=added,
        obsolete=obsolete,
        expected=staged.expected - made_before,
        dropped=dict(dropped),
        rejected=bool(rejects),
    )


def _difference(
    staged: StagedRows, there: Iterable[RowMark]
) -> tuple[StagedRows, tuple[RowMark, ...]]:
    """The staged rows that do not stand in the table yet, and the others that do."""
    old = {(mark.record, mark.row): mark for mark in there}
    same: set[tuple[int, int]] = set()
    hashes: list[str] = []
    target = Path(staged.folder) / "added"
    target.mkdir(exist_ok=True)
    part = target / "rows"
    with part.open("wb") as out:
        for line in all_lines(staged):
            record, row, _, row_hash, _ = line.split(b"\t", 4)
            place, digest = (int(record), int(row)), row_hash.decode("ascii")
            if place in old and old[place].row_hash == digest:
                same.add(place)
            else:
                out.write(line)
                hashes.append(digest)
    added = replace(staged, parts=(str(part),), rows=len(hashes), checksum=HashSum.of(hashes).text)
    return added, tuple(mark for place, mark in old.items() if place not in same)


def _remembered(path: Path, find: Callable[[], Mapping[str, int]]) -> Mapping[str, int]:
    """What was found before any table was loaded: afterwards nobody could tell any more."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    found = find()
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(dict(found)), encoding="utf-8")
    partial.replace(path)
    return found


def _dropped_before(
    replay: ReplayFile,
    job: TransformJob,
    there: Sequence[RowMark],
    rejects: Sequence[Reject],
    ports: Ports,
) -> Mapping[str, int]:
    """How many rows of these records the transform had dropped, by reason."""
    if job.settings.rows_per_record is RowsPerRecord.ONE:
        if len(there) + len(rejects) == len(replay.records):
            return {}
    elif replay.records == tuple(sorted({r.record for r in rejects if r.rule in OF_WHOLE_RECORDS})):
        return {}
    return _transformed_as_before(replay, job, ports).dropped


def _transformed_as_before(replay: ReplayFile, job: TransformJob, ports: Ports) -> StagedRows:
    """The records as they came before, transformed again: the only way to tell."""
    folder = job.folder.with_name(job.folder.name + ".before")
    source = folder.with_name(f"{replay.origin}.{folder.name}.csv")
    texts = (raw.data for raw in ports.tables.current_records(replay.origin, replay.records))
    ports.files.write_records(replay.opened, job.file_format, texts, source)
    try:
        opened = ports.files.open(str(source), job.file_format)
        return ports.transformer.transform(replace(job, file=opened, folder=folder))
    finally:
        source.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
