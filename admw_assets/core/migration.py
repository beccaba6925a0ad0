"""A migration folder as one value: schema, configuration, and what follows from both.

Reads `schema.sql` and `migration.yaml`; imports core only (and yaml, pydantic).
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from admw_assets.core.configuration import (
    BooleanTexts,
    Compression,
    ExcessDigits,
    ExtraColumns,
    FileFormat,
    FileRules,
    MigrationConfiguration,
    MissingColumns,
    OnConflict,
    RejectLimit,
    RowsPerRecord,
)
from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.load_order import load_waves
from admw_assets.core.preliminary_names import prefixed
from admw_assets.core.schema import Schema, Table

CONFIGURATION_FILE = "migration.yaml"
SCHEMA_FILE = "schema.sql"
TRANSFORMS_FILE = "transforms.py"
ORIGIN_COLUMN = "admw_origin_file_name"
RECORD_COLUMN = "admw_record_number"
ROW_COLUMN = "admw_row_number"
DROP_COLUMN = "admw_drop_reason"
EXTRA_COLUMN = "admw_extra"
SOURCE_HASH_COLUMNS = ("admw_source_hash", "admw_file_hash")


@dataclass(frozen=True, slots=True)
class TableSettings:
    """The rules of one table with the migration's defaults filled in."""

    preliminary_name: str
    column_prefix: str
    transform: str | None
    rows_per_record: RowsPerRecord
    columns: dict[str, str]  # target column -> file column, where they differ
    ignore: tuple[str, ...]
    rejects: RejectLimit
    excess_digits: ExcessDigits
    on_orphan: OnConflict
    on_existing_key: OnConflict
    booleans: BooleanTexts
    pii: frozenset[str]
    float_decimals: dict[str, int]
    table_prefix: str = "PRE_"
    extra_columns: ExtraColumns = ExtraColumns.REFUSE
    missing_columns: MissingColumns = MissingColumns.REFUSE


@dataclass(frozen=True)
class Migration:
    """One migration: where it lies, what it says, what the target looks like."""

    root: Path
    configuration: MigrationConfiguration
    schema: Schema

    @property
    def name(self) -> str:
        """The migration's name, as migration.yaml gives it."""
        return self.configuration.name

    @property
    def compression(self) -> Compression:
        """How source files are archived."""
        return self.configuration.compression

    @cached_property
    def waves(self) -> tuple[tuple[str, ...], ...]:
        """The tables in load order: every table stands in a later wave than its parents."""
        return load_waves(self.schema)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 hex over schema.sql, migration.yaml and transforms.py."""
        digest = hashlib.sha256()
        for name in (SCHEMA_FILE, CONFIGURATION_FILE, TRANSFORMS_FILE):
            path = self.root / name
            content = path.read_bytes() if path.exists() else b""
            digest.update(f"{name}:{len(content)}:".encode() + content)
        return digest.hexdigest()

    @cached_property
    def files(self) -> dict[str, FileRules]:
        """Every kind of file by its entity: the configured ones, and one for each table that
        none of them feeds, named after the table (unless a configured one has that name)."""
        configured = dict(self.configuration.files)
        fed = {table.casefold() for rules in configured.values() for table in rules.feeds}
        taken = {name.casefold() for name in configured}
        for table in self.schema.tables:
            if table.casefold() not in fed | taken:
                configured[table.upper()] = FileRules(feeds=[table])
        return configured

    def table(self, name: str) -> Table:
        """The table of that name, in any case."""
        return self.schema.table(name)

    def file_rules(self, location: str) -> FileRules:
        """The rules for a data file; raises ConfigurationError where none fits its name."""
        entity = parse_data_file_name(location).entity
        for name, rules in self.files.items():
            if name.casefold() == entity.casefold():
                return rules
        known = ", ".join(sorted(self.files))
        raise ConfigurationError(
            f"No file of this migration is called {entity!r}. Known: {known}.",
            next_step=f"Rename the file, or add {entity!r} under `files` in migration.yaml.",
            file=location.rpartition("/")[2],
        )

    def tables_fed_by(self, location: str) -> tuple[str, ...]:
        """The tables (schema's spelling) that a data file brings rows for, in load order."""
        fed = {self.schema.table(t).name for t in self.file_rules(location).feeds}
        return tuple(table for wave in self.waves for table in wave if table in fed)

    def entity_feeding(self, table: str) -> str:
        """The kind of file that brings the rows of a table."""
        for name, rules in self.files.items():
            if table.casefold() in (fed.casefold() for fed in rules.feeds):
                return name
        raise ConfigurationError(f"No file feeds table {table!r}.", table=table)

    def format_of(self, location: str) -> FileFormat:
        """How the records of a data file are written."""
        return self.file_rules(location).format or self.configuration.format

    @cached_property
    def personal_columns(self) -> dict[str, frozenset[str]]:
        """The columns of each table that hold personal data, spelled as in schema.sql.

        They are tagged in migration.yaml, or in the DDL, or refer to such a column.
        """
        tagged = {t.casefold(): set(rules.pii) for t, rules in self.configuration.tables.items()}
        found: dict[str, frozenset[str]] = {}
        for name, table in self.schema.tables.items():
            names = {c.casefold() for c in tagged.get(name.casefold(), ())}
            found[name] = frozenset(
                c.name for c in table.columns if c.pii or c.name.casefold() in names
            )
        while (more := self._with_references(found)) != found:
            found = more
        return found

    def _with_references(self, found: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
        """The same with the columns that refer to those found so far."""
        return {
            name: columns
            | {
                self.table(name).column(own).name
                for key in self.table(name).foreign_keys
                for own, other in zip(key.columns, key.parent_columns, strict=True)
                if self.table(key.parent).column(other).name in found[self.table(key.parent).name]
            }
            for name, columns in found.items()
        }

    def settings(self, table: str) -> TableSettings:
        """The rules of one table with the migration's defaults filled in.

        Target columns are spelled as in schema.sql, whatever their case in migration.yaml.
        """
        name = self.schema.table(table).name
        config = self.configuration
        rules = next((r for t, r in config.tables.items() if t.casefold() == name.casefold()), None)
        spelling = {c.name.casefold(): c.name for c in self.schema.table(name).columns}

        def own(column: str) -> str:
            return spelling.get(column.casefold(), column)

        return TableSettings(
            preliminary_name=prefixed(config.prefixes.table, name),
            column_prefix=config.prefixes.column,
            transform=rules.transform if rules else None,
            rows_per_record=rules.rows_per_record if rules else RowsPerRecord.ONE,
            columns={own(c): source for c, source in rules.columns.items()} if rules else {},
            ignore=tuple(rules.ignore) if rules else (),
            rejects=(rules and rules.rejects) or config.rejects,
            excess_digits=(rules and rules.excess_digits) or config.excess_digits,
            on_orphan=(rules and rules.on_orphan) or config.on_orphan,
            on_existing_key=(rules and rules.on_existing_key) or config.on_existing_key,
            booleans=(rules and rules.booleans) or config.booleans,
            pii=self.personal_columns[name],
            float_decimals={own(c): n for c, n in rules.float_decimals.items()} if rules else {},
            table_prefix=config.prefixes.table,
            extra_columns=(rules and rules.extra_columns) or config.extra_columns,
            missing_columns=(rules and rules.missing_columns) or config.missing_columns,
        )

    @property
    def transforms(self) -> Path | None:
        """The migration's transforms.py, where it has one."""
        path = self.root / TRANSFORMS_FILE
        return path if path.exists() else None
