"""Rejected records as a data file to correct, and why they were rejected; imports core only."""

import csv
import shutil
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import ConfigurationError, DataFileError
from admw_assets.core.ports import OpenedFile, Ports, Reject
from admw_assets.core.step import Stage
from admw_assets.steps.replay_file import DATA_SUFFIX, REASONS_SUFFIX, RECORD

COLUMNS = (RECORD, "row", "table", "stage", "rule", "column", "message")
"""Of the side file."""


@dataclass(frozen=True, slots=True)
class Export:
    """What was written: the records, the side file, how many records and rejects."""

    data: Path
    reasons: Path
    records: int
    rejects: int


def export_rejects(
    location: str, out: Path, ports: Ports, table: str | None = None, stage: Stage | None = None
) -> Export | None:
    """Write the rejected records of a file, each once, as they came last; None without rejects.

    `location` is where the file lies or has lain: its header comes from there, or else from its
    archive. The records are their original bytes: nothing is done about what a spreadsheet would
    run. Raises ConfigurationError where an export is there already, DataFileError where there is
    neither file nor archive.
    """
    file = parse_data_file_name(location).name
    name = ports.migration.table(table).name if table else None
    found = sorted(ports.tables.rejects(file, name, stage), key=lambda r: (r.record, r.table))
    if not found:
        return None
    if out.resolve() == Path(location).parent.resolve():
        raise ConfigurationError(
            f"{out} is where data files land; what is exported is none.",
            next_step="Give another folder with --out.",
        )
    data, reasons = out / (file + DATA_SUFFIX), out / (file + REASONS_SUFFIX)
    for path in (data, reasons):
        if path.exists():
            raise ConfigurationError(
                f"{path} is there already; somebody may be correcting it.",
                next_step="Replay it first, or move it away, or give another folder with --out.",
            )
    out.mkdir(parents=True, exist_ok=True)
    numbers = sorted({reject.record for reject in found})
    with _origin(location, file, ports) as opened:
        records = _records(file, numbers, opened, ports)
        ports.files.write_records(opened, ports.migration.format_of(file), records, data)
    _write_reasons(found, reasons)
    return Export(data, reasons, len(numbers), len(found))


def _records(
    file: str, numbers: Sequence[int], opened: OpenedFile, ports: Ports
) -> Iterator[bytes]:
    """The records as they came last; the file has those that could not be read at their time."""
    for raw in ports.tables.current_records(file, numbers):
        if raw.data:
            yield raw.data
        else:
            yield from (origin.data for origin in ports.files.records_of(opened, [raw.number]))


@contextmanager
def _origin(location: str, file: str, ports: Ports) -> Generator[OpenedFile]:
    """The data file itself, or for the time of the block what its archive holds."""
    file_format = ports.migration.format_of(file)
    if ports.files.sha256(location) is not None:
        yield ports.files.open(location, file_format)
        return
    states = [state for state in ports.tracker.states() if state.file == file and state.archive]
    if not states:
        raise DataFileError(
            f"There is neither {location} nor an archive of it.",
            next_step="Give the path of the data file: its header is needed.",
            file=file,
        )
    folder = ports.work / file / "restored"
    try:
        restored = ports.archiver.restore(states[0].archive or "", folder)
        yield ports.files.open(str(restored), file_format)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_reasons(found: Iterable[Reject], target: Path) -> None:
    partial = target.with_name(target.name + ".partial")
    with partial.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for reject in found:
            place = (reject.record, reject.row, reject.table, reject.stage.value)
            writer.writerow((*place, reject.rule, reject.column, reject.message))
    partial.replace(target)
