"""`admw new`: DDL in, a migration folder out; joins scaffold and the database's DDL."""

from dataclasses import dataclass
from pathlib import Path

from admw_assets.core.ddl import parse_schema
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.migration import CONFIGURATION_FILE, SCHEMA_FILE, Migration
from admw_assets.scaffold.folder_changes import (
    FileChange,
    Record,
    plan_changes,
    read_record,
    write_changes,
)
from admw_assets.scaffold.generation import (
    REQUIRED_FILES,
    checked_migration,
    chosen_tables,
    core_files,
    further_files,
    migration_name,
)


@dataclass(frozen=True, slots=True)
class NewMigration:
    """What `admw new` was asked for; `ddl` None: the folder's own schema.sql."""

    root: Path
    ddl: Path | None = None
    name: str | None = None
    transforms: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class MadeMigration:
    """What came of it: the migration as generated, and what happens to each file."""

    migration: Migration
    changes: tuple[FileChange, ...]
    is_new: bool


def new_migration(request: NewMigration) -> MadeMigration:
    """Generate the folder, or bring it up to date; nothing is written on a dry run.

    Raises SchemaError for DDL that cannot be used, ConfigurationError for a folder that holds
    something else.
    """
    from admw_assets.engines.database.ddl_text import final_ddl, preliminary_ddl

    root = request.root.absolute()
    record = read_record(root)
    _refuse_other_folders(root, record)
    earlier = record or Record()
    source = request.ddl or root / SCHEMA_FILE
    ddl = _read(source)
    schema = parse_schema(_decoded(ddl, source), source.name)
    kept = [t for t in earlier.transforms if t.casefold() in map(str.casefold, schema.tables)]
    transforms = chosen_tables(schema, [*kept, *request.transforms])
    name = migration_name(request.name or earlier.name or root.name)
    if request.name and request.name != name:
        raise ConfigurationError(
            f"{request.name!r} cannot be a migration's name.", next_step=f"Perhaps {name!r}?"
        )
    files = core_files(ddl, name, schema, transforms)
    migration = checked_migration(files)
    scripts = {
        "ddl/final.sql": final_ddl(migration),
        "ddl/preliminary.sql": preliminary_ddl(migration),
    }
    files |= further_files(migration, root.name, transforms, scripts)
    changes = plan_changes(root, files, earlier, REQUIRED_FILES)
    if not request.dry_run:
        write_changes(root, changes, Record(name, transforms))
    return MadeMigration(migration, tuple(changes), record is None)


def _refuse_other_folders(root: Path, record: Record | None) -> None:
    """A folder that holds files, but no migration, is most likely a slip of the hand."""
    if root.exists() and not root.is_dir():
        raise ConfigurationError(f"{str(root)!r} is a file.", next_step="Give a folder.")
    if record is not None or not root.is_dir() or not any(root.iterdir()):
        return
    if not any((root / name).exists() for name in (CONFIGURATION_FILE, SCHEMA_FILE)):
        raise ConfigurationError(
            f"{str(root)!r} holds files, but neither {SCHEMA_FILE} nor {CONFIGURATION_FILE}.",
            next_step="Give a folder that is new or empty.",
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as err:
        raise ConfigurationError(
            f"{str(path)!r} cannot be read: {err.strerror}.",
            next_step="Give --ddl the file with the CREATE TABLE statements.",
        ) from err


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise ConfigurationError(
            f"{path.name} is not UTF-8 (byte {err.start + 1}).",
            next_step=f"Convert it: iconv -f WINDOWS-1252 -t UTF-8 {path.name} > schema.sql",
        ) from err
