"""Sample files for any migration, from its DDL and migration.yaml; imports core."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from admw_assets.core.configuration import FileFormat, OnConflict
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.migration import SOURCE_HASH_COLUMNS, Migration
from admw_assets.samples.column_faults import record_faults, value_faults
from admw_assets.samples.draws import Draws, Integers, Texts
from admw_assets.samples.faults import FINAL, Damage, Fault, existing_key, repeated_key, tampered
from admw_assets.samples.file_writing import SampleRun, check_numbers, second_records, write_file
from admw_assets.samples.manifest import PlantedFault, SampledFile, SampleManifest
from admw_assets.samples.planting import SPARE_PER_DELIVERY, SPARE_ROWS
from admw_assets.samples.row_plan import Link, TablePlan, plan_rows
from admw_assets.samples.sample_file import SampleFile, Sizes, sizes_for
from admw_assets.samples.table_values import TableValues

_FAR = 1_000_000  # places further than the last row: parents that nobody has
_MOST_ROWS = 100_000_000


def generate_for(
    migration: Migration,
    out: Path,
    rows: int,
    bad: int = 0,
    seed: int = 1,
    table: str | None = None,
    hash_column: str | None = None,
) -> SampleManifest:
    """Write a file for every table (or for one), and `sample.json`, into the folder `out`.

    Each table has `rows` sound records, or as many as its keys allow; `bad` records of every
    kind of fault come on top. A transform is taken to pass records on as they are.
    Raises ConfigurationError where the migration or a number does not allow it.
    """
    check_numbers(rows, bad, _MOST_ROWS)
    _check_files(migration)
    _check_hash_column(hash_column)
    wanted = migration.table(table).name if table else None
    values = _values(migration, rows, bad, seed)
    order = [name for wave in migration.waves for name in wave]
    again = _second_table(values, order, bad) if bad else None
    files: list[SampledFile] = []
    faults: list[PlantedFault] = []
    records = {migration.entity_feeding(name): values.plans[name].rows for name in order}
    run = SampleRun(out, seed, bad, sizes_for(1), records, migration.configuration)
    out.mkdir(parents=True, exist_ok=True)
    for name in order if wanted is None else [wanted]:
        sample = _sample_file(values, name, hash_column, name == again and wanted is None)
        for delivery in range(2 if sample.second_delivery else 1):
            sampled, planted = write_file(run, sample, delivery)
            files.append(sampled)
            faults.extend(planted)
    manifest = SampleManifest(seed, rows, bad, tuple(files), tuple(faults))
    manifest.write(out)
    return manifest


def _check_files(migration: Migration) -> None:
    for entity, rules in migration.files.items():
        if len(rules.feeds) > 1:
            raise ConfigurationError(
                f"Files {entity!r} feed several tables: only their transforms know how.",
                next_step="Sample files can be made where every file feeds one table.",
                file=entity,
            )


def _check_hash_column(hash_column: str | None) -> None:
    if hash_column is not None and hash_column not in SOURCE_HASH_COLUMNS:
        raise ConfigurationError(
            f"There is no source hash {hash_column!r}.",
            next_step=f"Known: {', '.join(SOURCE_HASH_COLUMNS)}, none.",
        )


def _values(migration: Migration, rows: int, bad: int, seed: int) -> TableValues:
    spare: dict[str, int] = {}
    for name, table in migration.schema.tables.items():
        kinds = 10 + 4 * len(table.columns) + len(table.foreign_keys)
        spare[name] = (second_records(rows) + 2 * bad * kinds) if bad else 0
    plans = plan_rows(migration, rows, spare)

    formats = {name: _format_of(migration, name) for name in migration.schema.tables}

    def can_stand(table: str, text: str) -> bool:
        return _can_stand(formats[table], text)

    return TableValues(migration, plans, seed, can_stand)


def _format_of(migration: Migration, table: str) -> FileFormat:
    return migration.format_of(f"{migration.entity_feeding(table)}~20240101.000000.csv")


def _can_stand(file_format: FileFormat, text: str) -> bool:
    """Whether a field can hold a text and give it back."""
    if text == file_format.null_marker and (text or file_format.quote is None):
        return False
    ends = not file_format.quoted_newlines and any(c in text for c in "\r\n")
    quote = file_format.quote
    if quote is None:
        special = any(character in text for character in (file_format.delimiter, "\r", "\n"))
    else:
        special = bool(file_format.escape) and any(
            character in text for character in (quote, file_format.escape or "")
        )
    if ends or special:
        return False
    try:
        text.encode(file_format.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _sample_file(
    values: TableValues, name: str, hash_column: str | None, has_second: bool
) -> SampleFile:
    migration, plan = values.migration, values.plans[name]
    entity = migration.entity_feeding(name)
    settings = migration.settings(name)
    file_format = _format_of(migration, name)
    source = {c.name: settings.columns.get(c.name, c.name) for c in plan.table.loaded_columns}
    columns = tuple(source.values())
    if file_format.columns:
        columns, hash_column = _listed(file_format.columns, columns, entity)
    targets = {file.casefold(): target for target, file in source.items()}
    faults = [*record_faults(plan.table, columns, file_format)]
    if hash_column:
        faults.append(tampered(hash_column, columns[0], "changed"))
    faults += value_faults(plan.table, settings, file_format)
    for key in plan.table.loaded_keys:
        if not plan.always_null.intersection(key):
            faults.append(repeated_key(name, *key, file_columns=tuple(source[c] for c in key)))
    if settings.on_orphan is OnConflict.REJECT:
        faults += _orphan_faults(values, plan, source)
    later = [
        existing_key(name, *key, file_columns=tuple(source[c] for c in key))
        for key in plan.table.loaded_keys
        if not plan.always_null.intersection(key)
    ]
    return SampleFile(
        entity=entity,
        tables=(name,),
        columns=columns,
        build=partial(_build, values, name, [targets.get(c.casefold()) for c in columns]),
        free_text=frozenset(columns),
        faults=tuple(faults),
        later_faults=tuple(later),
        second_delivery=has_second,
        hash_column=hash_column,
    )


def _listed(
    listed: list[str], columns: tuple[str, ...], entity: str
) -> tuple[tuple[str, ...], str | None]:
    """The columns in the order that the format lists; a source hash must be the last of them."""
    hashes = [name for name in listed if name in SOURCE_HASH_COLUMNS]
    missing = {c.casefold() for c in columns} - {c.casefold() for c in listed}
    if missing or (hashes and listed[-1] != hashes[0]):
        raise ConfigurationError(
            f"The columns that the format of {entity!r} lists are not those of a sample file.",
            next_step="List every column that the table loads, and a source hash last.",
            file=entity,
        )
    return tuple(c for c in listed if c not in hashes), hashes[0] if hashes else None


def _build(
    values: TableValues, name: str, targets: list[str | None], draws: Draws, _sizes: Sizes
) -> list[Texts]:
    places = _places(values.plans[name], draws.index)
    filler: Texts = ["x"] * len(places)
    return [filler if target is None else values.texts(name, target, places) for target in targets]


def _places(plan: TablePlan, index: Integers) -> Integers:
    """Rows of planted records stand behind all sound ones."""
    spare = index - SPARE_ROWS
    first = plan.rows + second_records(plan.rows)
    delivery, place = spare // SPARE_PER_DELIVERY, spare % SPARE_PER_DELIVERY
    # Those of a second delivery take the places behind a first one's.
    behind = first + 2 * place + delivery
    return np.where(spare >= 0, behind, index)


def _orphan_faults(
    values: TableValues, plan: TablePlan, source: Mapping[str, str]
) -> Iterator[Fault]:
    """A record for every foreign key whose parents can be imagined without meeting one."""
    if plan.is_cramped:
        return
    for link in plan.links:
        parent = values.plans[link.key.parent]
        far = parent.rows + _FAR
        if link.is_shared or not parent.has_key(link.key.parent_columns, 2 * far):
            continue
        names = ", ".join(link.key.columns)
        yield Fault(
            f"orphan:{names}",
            "orphan",
            Damage.CELLS,
            plan.table.name,
            names,
            stage=FINAL,
            drawn=partial(_missing_parent, values, link, source, far),
        )


def _missing_parent(
    values: TableValues, link: Link, source: Mapping[str, str], far: int, place: int
) -> dict[str, str | None]:
    at = np.array([far + place], dtype=np.int64)
    return {
        source[own]: values.texts(link.key.parent, other, at)[0]
        for own, other in zip(link.key.columns, link.key.parent_columns, strict=True)
    }


def _second_table(values: TableValues, order: list[str], bad: int) -> str | None:
    """The first table whose keys can come again in a second file, and others beside them."""
    for name in order:
        plan = values.plans[name]
        keys = [key for key in plan.table.loaded_keys if not plan.always_null.intersection(key)]
        settings = values.migration.settings(name)
        rejects = settings.on_existing_key is OnConflict.REJECT
        if keys and rejects and not plan.is_cramped and plan.rows >= bad * len(keys):
            return name
    return None
