"""What a file's sample says of the settings in migration.yaml; imports core only.

Values are looked at for tables without a transform only: with one, the file may be written as it
likes. No value of a file stands in a message.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import yaml

from admw_assets.core.configuration import FileFormat
from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.dry_run import SettingFinding
from admw_assets.core.file_sample import FileSample, read_records
from admw_assets.core.format_guess import guess_format
from admw_assets.core.migration import SOURCE_HASH_COLUMNS, Migration
from admw_assets.core.schema import Column, TypeKind
from admw_assets.core.value_forms import (
    ISO,
    SPARK_PATTERNS,
    boolean_texts,
    date_form,
    is_month_certain,
    null_words,
    number_form,
)

_DATES = frozenset({TypeKind.DATE, TypeKind.DATETIME, TypeKind.TIMESTAMP})
_NUMBERS = frozenset({TypeKind.DECIMAL, TypeKind.FLOAT, TypeKind.DOUBLE, TypeKind.INTEGER})
_EFFECTS = {
    "encoding": "letters beyond ASCII would be rejected or loaded as others",
    "delimiter": "records would not be split into their columns",
    "quote": "fields would keep their quotes, or be split inside them",
    "escape": "quotes inside quoted fields would end them",
    "quoted_newlines": "records with line ends in quoted fields would be rejected as broken",
    "header": "the first line would be taken for what it is not",
    "columns": "no column would have a name",
    "null_marker": "these fields would be loaded as texts, or be rejected",
}


def setting_findings(migration: Migration, sample: FileSample) -> list[SettingFinding]:
    """The settings that do not fit a file, each with the line that would."""
    configured = migration.format_of(sample.name)
    names = _header_names(migration, sample.name)
    changes = guess_format(sample, configured, names)
    if changes.get("header") is False and configured.columns is None:
        changes["columns"] = _columns_in_order(migration, sample.name)
    file_format = configured.model_copy(update=changes)
    findings = [_of_format(sample.name, configured, k, v) for k, v in changes.items()]
    return [*findings, *_of_values(migration, sample, file_format)]


def proposal(migration: Migration, file: str, findings: Sequence[SettingFinding]) -> str:
    """What to write into migration.yaml for a file's wrong settings: a line for `files`, one for
    `tables`, each with what stands there already for the file."""
    mine = [finding for finding in findings if finding.file == file and finding.is_wrong]
    changes = {f.setting: json.loads(f.found) for f in mine if f.setting in _EFFECTS}
    lines = [f"files: {_flow(_file_rules(migration, file, changes))}"] if changes else []
    tables: dict[str, dict[str, object]] = {}
    for finding in mine:
        if finding.setting not in _EFFECTS:
            for table, rules in yaml.safe_load(finding.line)["tables"].items():
                tables[table] = tables.get(table, {}) | rules
    if tables:
        lines.append(f"tables: {_flow(tables)}")
    return "\n".join(lines)


def _file_rules(
    migration: Migration, file: str, changes: Mapping[str, object]
) -> dict[str, object]:
    entity = parse_data_file_name(file).entity
    entity = next((n for n in migration.files if n.casefold() == entity.casefold()), entity)
    rules = migration.file_rules(file)
    now = migration.format_of(file).model_dump(exclude_defaults=True)
    kept: dict[str, object] = {"feeds": list(rules.feeds), "format": now | dict(changes)}
    if rules.source_hash_columns is not None:
        kept["source_hash_columns"] = rules.source_hash_columns
    return {entity: kept}


def _flow(value: object) -> str:
    """YAML in flow style: JSON, which YAML understands, with bare keys where they can be."""
    if isinstance(value, dict):
        items = cast(dict[str, object], value).items()
        return "{" + ", ".join(f"{_key(key)}: {_flow(item)}" for key, item in items) + "}"
    return json.dumps(value, ensure_ascii=False)


def _key(text: str) -> str:
    bare = text.isidentifier() and yaml.safe_load(text) == text
    return text if bare else json.dumps(text, ensure_ascii=False)


def _of_format(file: str, configured: FileFormat, setting: str, value: object) -> SettingFinding:
    before = getattr(configured, setting)
    return SettingFinding(
        file=file,
        setting=setting,
        configured=json.dumps(before, ensure_ascii=False),
        found=json.dumps(value, ensure_ascii=False),
        is_wrong=True,
        message=f"With the configured one {_EFFECTS[setting]}.",
        line=f"{setting}: {_flow(value)}",
    )


def _header_names(migration: Migration, file: str) -> set[str]:
    """The names, folded, that a header may hold."""
    names = set(SOURCE_HASH_COLUMNS)
    names |= {c.casefold() for c in migration.format_of(file).columns or ()}
    for table in migration.tables_fed_by(file):
        settings = migration.settings(table)
        names |= {c.name.casefold() for c in migration.table(table).columns}
        names |= {source.casefold() for source in settings.columns.values()}
        names |= {name.casefold() for name in settings.ignore}
    return names


def _columns_in_order(migration: Migration, file: str) -> list[str]:
    (table, *_) = migration.tables_fed_by(file)
    sources = migration.settings(table).columns
    return [sources.get(c.name, c.name) for c in migration.table(table).loaded_columns]


# ---------------------------------------------------------------- values


def _of_values(
    migration: Migration, sample: FileSample, file_format: FileFormat
) -> Iterator[SettingFinding]:
    values = _values_by_column(sample, file_format)
    words: dict[str, int] = {}
    for table in migration.tables_fed_by(sample.name):
        settings = migration.settings(table)
        if settings.transform:
            continue
        for column in migration.table(table).loaded_columns:
            source = settings.columns.get(column.name, column.name)
            seen = values.get(source.casefold(), [])
            if not column.type.kind.is_text:
                for word, number in null_words(seen).items():
                    words[word] = words.get(word, 0) + number
                seen = [value for value in seen if not null_words([value])]
            yield from _of_column(migration, sample.name, table, column, source, seen)
    marker = max(words, key=lambda word: words[word], default=None)
    if marker is not None and marker != file_format.null_marker:
        yield _of_format(sample.name, file_format, "null_marker", marker)


def _values_by_column(sample: FileSample, file_format: FileFormat) -> Mapping[str, list[str]]:
    records = read_records(sample.text, file_format)
    rows = records.regular
    names: Sequence[str] = file_format.columns or ()
    if file_format.header and records.rows:
        names, rows = records.rows[0], rows[1:]
    if not rows or len(names) != records.width:
        return {}
    return {name.casefold(): [row[i] for row in rows] for i, name in enumerate(names)}


def _of_column(
    migration: Migration,
    file: str,
    table: str,
    column: Column,
    source: str,
    values: Sequence[str],
) -> Iterator[SettingFinding]:
    kind = column.type.kind
    if kind in _DATES and (form := date_form(values)) not in (None, ISO):
        assert form is not None
        pattern = SPARK_PATTERNS.get(form)
        name = "to_date" if kind is TypeKind.DATE else "to_timestamp"
        if pattern and any(":" in value for value in values):
            pattern += " H:mm[:ss]"
        call = f'F.{name}("{source}", "{pattern}")' if pattern else f'F.from_unixtime("{source}")'
        doubt = "" if "/" not in form or is_month_certain(values) else _EITHER_MAY_BE_THE_MONTH
        message = f"{column.name} takes {ISO}.{doubt}"
        yield _needs_transform(file, table, column, "date form", ISO, form, message, call)
    if kind in _NUMBERS and (form := number_form(values)) is not None:
        plain = _without_commas(source, form)
        message = f"{column.name} takes digits with a decimal point."
        yield _needs_transform(file, table, column, "number form", "1234.56", form, message, plain)
    if kind is TypeKind.BOOLEAN:
        yield from _of_boolean(migration, file, table, column, values)


_EITHER_MAY_BE_THE_MONTH = " No value tells the day from the month: ask who made the file."


def _without_commas(source: str, form: str) -> str:
    if form == "thousands comma":
        return f'F.regexp_replace("{source}", ",", "")'
    return f"""F.translate(F.regexp_replace("{source}", "[. ']", ""), ",", ".")"""


def _needs_transform(
    file: str,
    table: str,
    column: Column,
    setting: str,
    configured: str,
    found: str,
    message: str,
    expression: str,
) -> SettingFinding:
    return SettingFinding(
        file=file,
        setting=f"{setting} of {column.name}",
        configured=configured,
        found=found,
        is_wrong=True,
        message=f"{message} In transforms.py: {expression}.alias({json.dumps(column.name)})",
        line=f"tables: {{{json.dumps(table)}: {{transform: {table.casefold()}}}}}",
    )


def _of_boolean(
    migration: Migration, file: str, table: str, column: Column, values: Sequence[str]
) -> Iterator[SettingFinding]:
    texts = migration.settings(table).booleans
    known = {text.casefold() for text in (*texts.true, *texts.false)}
    seen = {value.casefold() for value in values if value}
    pairs = boolean_texts(values)
    if seen <= known or not seen or pairs is None:
        return
    yes, no = pairs
    if not no or not yes:  # the other half is not in the sample
        yes, no = yes or list(texts.true), no or list(texts.false)
    booleans = f'{{"true": {_flow(yes)}, "false": {_flow(no)}}}'
    yield SettingFinding(
        file=file,
        setting=f"booleans of {column.name}",
        configured=f"{'/'.join(texts.true)} and {'/'.join(texts.false)}",
        found=f"{'/'.join(yes)} and {'/'.join(no)}",
        is_wrong=True,
        message="Values that are neither would be rejected.",
        line=f"tables: {{{json.dumps(table)}: {{booleans: {booleans}}}}}",
    )
