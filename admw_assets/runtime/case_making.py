"""Makes golden cases of records of a real file, with personal data masked.

The records go through the pipeline twice, as they are and masked, so that what masking has changed
is seen. The records as they are lie in a throw-away folder meanwhile, nothing of them stays.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from admw_assets.core.canonical import NO_HASH, file_hash, source_hash
from admw_assets.core.configuration import FileFormat
from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.golden_case import (
    CASES_FOLDER,
    CaseContent,
    GoldenCase,
    is_folder_name,
    write_expected,
)
from admw_assets.core.lookalike import Lookalikes
from admw_assets.core.masking import holds_any
from admw_assets.core.migration import SOURCE_HASH_COLUMNS, Migration
from admw_assets.core.personal_columns import personal_columns, target_columns
from admw_assets.core.ports import RawRecord
from admw_assets.core.record_numbers import parse_record_numbers, written_numbers
from admw_assets.core.schema import Column
from admw_assets.engines.files.record_fields import RecordFields
from admw_assets.runtime.golden_cases import CaseBench, case_bench
from admw_assets.runtime.settings import Settings

MOST_RECORDS = 1_000
"""Records of one case; more is no example any more."""

_SHORTEST_TRACED = 4
"""Characters of a personal value by which other columns that hold it are found."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """What `admw case new` was asked for; without a table every table of the file gets a case.

    `records` is like `17,23-30`; `mask` names further columns of the file to be masked.
    """

    file: Path
    records: str
    table: str | None = None
    name: str | None = None
    mask: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MadeCase:
    """A case that was made, what the pipeline gave for it, and what a person should look at."""

    case: GoldenCase
    content: CaseContent
    masked: tuple[str, ...]
    remarks: tuple[str, ...]


def make_cases(settings: Settings, wanted: NewCase) -> list[MadeCase]:
    """Write the folders of the cases.

    Raises ConfigurationError where the records are not there or a case has that name already, and
    whatever the steps raise.
    """
    location = str(wanted.file.absolute())
    entity = parse_data_file_name(location).entity
    numbers = parse_record_numbers(wanted.records)
    if len(numbers) > MOST_RECORDS:
        raise ConfigurationError(
            f"{len(numbers):,} records are no case.", next_step=f"Give at most {MOST_RECORDS:,}."
        )
    with case_bench(settings) as bench:
        migration = bench.ports.migration
        cases = _new_cases(migration, location, wanted)
        records = _Records.of(bench, location, numbers)
        plain = {case.table: records.through(bench, entity, case.table) for case in cases}
        records.mask(wanted.mask, plain)
        made: list[MadeCase] = []
        for case in cases:
            content = plain[case.table]
            if records.masked:
                content = records.through(bench, entity, case.table)
            case.folder.mkdir(parents=True)
            case.input.write_bytes(records.written().read_bytes())
            write_expected(case, content, migration.table(case.table))
            remarks = tuple(_remarks(records, plain[case.table], content))
            made.append(MadeCase(case, content, records.masked, remarks))
        return made


def _new_cases(migration: Migration, location: str, wanted: NewCase) -> list[GoldenCase]:
    fed = migration.tables_fed_by(location)
    if wanted.table is not None:
        name = migration.table(wanted.table).name
        if name not in fed:
            raise ConfigurationError(
                f"{wanted.file.name} brings no rows for table {name!r}, but for {', '.join(fed)}.",
                next_step="Give one of these, or leave --table out.",
            )
        fed = (name,)
    called = wanted.name or f"records_{re.sub(r'[^0-9,-]', '', wanted.records).replace(',', '_')}"
    if not is_folder_name(called):
        raise ConfigurationError(
            f"{called!r} cannot be a case's name.", next_step="Give one that can name a folder."
        )
    cases = [
        GoldenCase(table, called, migration.root / CASES_FOLDER / table / called)
        for table in fed
        if is_folder_name(table)
    ]
    for case in cases:
        if case.folder.exists():
            raise ConfigurationError(
                f"There is a case {case.label} already.", next_step="Give --name another one."
            )
    return cases


class _Records:
    """Some records of one file: as they are until `mask`, masked from then on."""

    def __init__(self, bench: CaseBench, location: str, records: Sequence[RawRecord]) -> None:
        migration = bench.ports.migration
        self._files, self._migration, self._location = bench.ports.files, migration, location
        self._format: FileFormat = migration.format_of(location)
        self._opened = bench.ports.files.open(location, self._format)
        self._target = bench.landing / "records"
        self._fields = RecordFields(self._format)
        self._data = [record.data for record in records]
        self.numbers = [record.number for record in records]
        self.masked: tuple[str, ...] = ()
        self.columns = self._opened.columns

    @classmethod
    def of(cls, bench: CaseBench, location: str, numbers: Sequence[int]) -> "_Records":
        """Raises ConfigurationError where the file has no such record."""
        opened = bench.ports.files.open(location, bench.ports.migration.format_of(location))
        if numbers[-1] > opened.records:
            raise ConfigurationError(
                f"{opened.name} has {opened.records:,} records, so no record {numbers[-1]:,}.",
                next_step="Give numbers of records, counted from 1 without the header.",
            )
        return cls(bench, location, list(bench.ports.files.records_of(opened, numbers)))

    def written(self) -> Path:
        """A file with the records, in the form of the file that they are from."""
        self._files.write_records(self._opened, self._format, self._data, self._target)
        return self._target

    def through(self, bench: CaseBench, entity: str, table: str) -> CaseContent:
        """What the pipeline makes of the records."""
        return bench.content(self.written(), entity, table)

    def mask(self, more: Sequence[str], plain: Mapping[str, CaseContent]) -> None:
        """Put lookalikes in the place of personal values; `plain` is what the pipeline gave."""
        personal = self._personal(more, plain)
        if not personal:
            return
        rules = self._migration.configuration.booleans
        lookalikes = Lookalikes(rules, self._format.encoding)
        targets = target_columns(self._migration, self._location, self.columns)
        self._data = [self._masked(data, personal, targets, lookalikes) for data in self._data]
        self.masked = tuple(name for name in self.columns if name in personal)

    def _personal(self, more: Sequence[str], plain: Mapping[str, CaseContent]) -> set[str]:
        """Columns of the file that hold personal data: by name, by mapping, by their values."""
        known = {name.casefold(): name for name in self.columns}
        found: set[str] = set()
        for name in more:
            if name.casefold() not in known:
                raise ConfigurationError(
                    f"{self._opened.name} has no column {name!r}. Known: {', '.join(known)}.",
                    next_step="Correct --mask.",
                )
            found.add(known[name.casefold()])
        found |= personal_columns(self._migration, self._location, self.columns)
        values = self._personal_values(found, plain)
        if values:
            rows = [self._fields.texts(data) for data in self._data]
            for position, name in enumerate(self.columns):
                texts = [row[position] for row in rows if row and len(row) == len(self.columns)]
                if any(text and holds_any(text, values) for text in texts):
                    found.add(name)
        return found - {name for name in self.columns if name.casefold() in SOURCE_HASH_COLUMNS}

    def _personal_values(self, columns: set[str], plain: Mapping[str, CaseContent]) -> set[str]:
        """Personal values long enough to be recognised: of the file, and of the tables' rows."""
        values: set[str | None] = set()
        for data in self._data:
            texts = self._fields.texts(data) or []
            values |= {
                text for name, text in zip(self.columns, texts, strict=False) if name in columns
            }
        for table, content in plain.items():
            pii = self._migration.settings(table).pii
            values |= {row[column] for row in content.rows for column in pii if column in row}
        return {value for value in values if value and len(value) >= _SHORTEST_TRACED}

    def _masked(
        self,
        data: bytes,
        personal: set[str],
        targets: Mapping[str, Column],
        lookalikes: Lookalikes,
    ) -> bytes:
        texts = self._fields.texts(data)
        if texts is None or len(texts) != len(self.columns):
            return self._fields.blurred(data, lookalikes.of)
        masked = [
            lookalikes.of(text, targets.get(name)) if text and name in personal else text
            for name, text in zip(self.columns, texts, strict=True)
        ]
        for position, name in enumerate(self.columns):
            if name.casefold() in SOURCE_HASH_COLUMNS and texts[position]:
                fits = (texts[position] or "").upper() == self._hash(position, texts)
                masked[position] = self._hash(position, masked) if fits else NO_HASH
        return self._fields.changed(data, masked)

    def _hash(self, position: int, texts: Sequence[str | None]) -> str:
        """The source hash of a record, by the convention of its column."""
        others = {
            name.casefold(): text
            for at, (name, text) in enumerate(zip(self.columns, texts, strict=True))
            if at != position
        }
        if self.columns[position].casefold() == SOURCE_HASH_COLUMNS[0]:
            return source_hash(others.values())
        chosen = self._migration.file_rules(self._location).source_hash_columns
        names = others if chosen is None else [name.casefold() for name in chosen]
        return file_hash(others[name] for name in names)


def _remarks(records: _Records, plain: CaseContent, content: CaseContent) -> list[str]:
    kept = [n for n in records.columns if n not in records.masked]
    kept = [name for name in kept if name.casefold() not in SOURCE_HASH_COLUMNS]
    remarks = [f"Record 1 of the case is record {records.numbers[0]} of the file."]
    if len(records.numbers) > 1:
        remarks = [f"Records 1-{len(records.numbers)} are {written_numbers(records.numbers)}."]
    if records.masked:
        remarks.append(f"Masked: {', '.join(records.masked)}.")
        remarks.append(f"As they came: {', '.join(kept)}. Is none of them personal? Else --mask.")
    else:
        remarks.append(
            "Nothing was masked, as migration.yaml names no personal data (`pii`) of this file."
        )
    before = {(reject.record, reject.row): reject.rule for reject in plain.rejects}
    after = {(reject.record, reject.row): reject.rule for reject in content.rejects}
    remarks += [
        f"Masking changed what becomes of record {place[0]}: {before.get(place, 'loaded')} before, "
        f"{after.get(place, 'loaded')} now."
        for place in sorted(before.keys() | after.keys())
        if before.get(place) != after.get(place)
    ]
    remarks.append(
        "The expected files hold what the pipeline gives now: read them, only you know whether it "
        "is right."
    )
    return remarks
