"""A file of corrected records, and the records of origin that they stand for; imports core only.

`rejects export` writes two files: FILE.rejects.csv with the records, and FILE.rejects.reasons.csv
with a line per reject that names the record. The records of the first stand in the order of the
record numbers of the second. Whoever does not want to replay a record deletes it from both.
"""

import csv
import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import DataFileError
from admw_assets.core.ports import OpenedFile, Ports, RawRecord
from admw_assets.steps.sign_off import REPLAY_MARK

DATA_SUFFIX = ".rejects.csv"
REASONS_SUFFIX = ".rejects.reasons.csv"
RECORD = "record"
_DIGITS_SHOWN = 12
_NAMED = 5


@dataclass(frozen=True, slots=True)
class ReplayFile:
    """Corrected records, opened, and where they belong.

    `origin` is the name of the data file that they are from. `records` are their numbers there,
    in the order of this file, and `offsets` where they begin there (bytes). `sha256` identifies
    the replay: it is over the file and these numbers. `opened` is `copy`, in the work folder, so
    that nobody can change it meanwhile.
    """

    origin: str
    sha256: str
    records: tuple[int, ...]
    offsets: Mapping[int, int]
    copy: Path
    opened: OpenedFile

    @property
    def short(self) -> str:
        """The beginning of the identity, for names."""
        return self.sha256[:_DIGITS_SHOWN]

    def texts(self, ports: Ports, numbers: Iterable[int]) -> Iterator[RawRecord]:
        """The corrected bytes of these records of origin (ascending)."""
        position = {number: at for at, number in enumerate(self.records, start=1)}
        wanted = [number for number in numbers if number in position]
        found = ports.files.records_of(self.opened, (position[number] for number in wanted))
        for number, raw in zip(wanted, found, strict=True):
            yield RawRecord(number, self.offsets.get(number, 0), raw.data)


def origin_of(location: Path) -> str:
    """The data file that a file of corrected records is from; raises DataFileError."""
    name = location.name
    if not name.endswith(DATA_SUFFIX) or name.endswith(REASONS_SUFFIX):
        raise DataFileError(
            f"{name!r} is not the name of a file of rejected records.",
            next_step=f"Name it as `admw rejects export` did: FILE{DATA_SUFFIX}.",
            file=name,
        )
    return parse_data_file_name(name.removesuffix(DATA_SUFFIX)).name


def open_replay(location: Path, reasons: Path | None, ports: Ports) -> ReplayFile:
    """Copy, open and check a file of corrected records; raises DataFileError with the reason."""
    origin = origin_of(location)
    delivered = ports.files.sha256(str(location))
    if delivered is None:
        raise DataFileError(f"There is no file {location}.", next_step="Check the path.")
    records = _record_numbers(reasons or location.with_name(origin + REASONS_SUFFIX))
    identity = hashlib.sha256(f"{delivered}:{','.join(map(str, records))}".encode()).hexdigest()
    copy = ports.work / origin / "replays" / f"{origin}{REPLAY_MARK}{identity[:_DIGITS_SHOWN]}.csv"
    opened = _open_copy(location, copy, origin, ports)
    if opened.sha256 != delivered:
        raise DataFileError(
            f"{location} changed while it was being read.", next_step="Save it, then start again."
        )
    if opened.records != len(records):
        raise DataFileError(
            f"{location.name} holds {opened.records:,} records, its side file names "
            f"{len(records):,}.",
            next_step="Delete from the side file all lines of the records that you deleted (and "
            "no others), or export anew. Records may not be added.",
            file=location.name,
        )
    known = ports.tables.current_records(origin, records)
    _require_known(location, records, known)
    offsets = {raw.number: raw.offset for raw in known}
    replay = ReplayFile(origin, identity, records, offsets, copy, opened)
    _require_order(location, replay, known, ports)
    return replay


def _open_copy(location: Path, copy: Path, origin: str, ports: Ports) -> OpenedFile:
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(location, copy)
    return ports.files.open(str(copy), ports.migration.format_of(origin))


def _record_numbers(reasons: Path) -> tuple[int, ...]:
    """The record numbers that a side file names, ascending, each once."""
    try:
        with reasons.open(encoding="utf-8-sig", newline="") as lines:
            numbers = {int(line[RECORD]) for line in csv.DictReader(lines)}
    except FileNotFoundError as err:
        raise DataFileError(
            f"The side file {reasons} is not there.",
            next_step="It comes with the export and says which records these are. Put it beside "
            "the records, or name it with --reasons.",
            file=reasons.name,
        ) from err
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as err:
        raise DataFileError(
            f"The side file {reasons} cannot be read: it needs a header with {RECORD!r}, commas "
            "between fields, UTF-8, and a record number in every line.",
            next_step="Export anew, and change nothing in it but which lines there are.",
            file=reasons.name,
        ) from err
    if not numbers:
        raise DataFileError(
            f"The side file {reasons} names no records.", next_step="There is nothing to replay."
        )
    return tuple(sorted(numbers))


def _require_known(location: Path, records: Sequence[int], known: Iterable[RawRecord]) -> None:
    unknown = sorted(set(records) - {raw.number for raw in known})
    if unknown:
        named = ", ".join(map(str, unknown[:_NAMED])) + (", …" if len(unknown) > _NAMED else "")
        raise DataFileError(
            f"The side file of {location.name} names records that were never rejected: {named}.",
            next_step="Export anew: `admw rejects export`. Only rejected records can be replayed.",
            file=location.name,
            records=unknown[:_NAMED],
        )


def _require_order(
    location: Path, replay: ReplayFile, known: Iterable[RawRecord], ports: Ports
) -> None:
    """Refuse a file in which an unchanged record stands at the place of another."""
    owners: dict[bytes, set[int]] = {}
    for raw in known:
        owners.setdefault(_digest(raw.data), set()).add(raw.number)
    for reject in ports.tables.rejects(replay.origin):
        text = reject.text if reject.replayed_text is None else reject.replayed_text
        owners.setdefault(_digest(text), set()).add(reject.record)
    for raw in replay.texts(ports, replay.records):
        theirs = owners.get(_digest(raw.data))
        if theirs is not None and raw.number not in theirs:
            raise DataFileError(
                f"{location.name} is out of order: record {min(theirs)} stands where the side file "
                f"has record {raw.number}.",
                next_step="Keep the records in the order of their numbers, and delete in both "
                "files what you do not want to replay.",
                file=location.name,
                record=raw.number,
            )


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
