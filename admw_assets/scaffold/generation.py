"""Everything that a new migration folder holds, as texts by path; imports core only (and scaffold).

The DDL to look at comes from the caller: only the database's engine knows how it creates tables.
"""

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from admw_assets.core.migration import (
    CONFIGURATION_FILE,
    SCHEMA_FILE,
    TRANSFORMS_FILE,
    Migration,
)
from admw_assets.core.migration_folder import configuration_json_schema, load_migration
from admw_assets.core.schema import Schema
from admw_assets.scaffold.configuration_text import JSON_SCHEMA_FILE, configuration_text
from admw_assets.scaffold.golden_cases import golden_cases
from admw_assets.scaffold.notebooks import notebooks
from admw_assets.scaffold.picture import diagram_svg
from admw_assets.scaffold.texts import readme_text, transforms_text

REQUIRED_FILES = (SCHEMA_FILE, CONFIGURATION_FILE)


def migration_name(text: str) -> str:
    """A name that migration.yaml takes, made of a folder's name."""
    plain = re.sub(r"[^a-z0-9_-]+", "_", text.casefold()).strip("_-")[:63]
    return plain if plain[:1].isalpha() else f"migration_{plain}".rstrip("_")[:63]


def chosen_tables(schema: Schema, wanted: Collection[str]) -> tuple[str, ...]:
    """These tables in the schema's spelling and order; raises SchemaError for an unknown one."""
    chosen = {schema.table(name).name for name in wanted}
    return tuple(name for name in schema.tables if name in chosen)


def core_files(
    ddl: bytes, name: str, schema: Schema, transforms: Collection[str]
) -> dict[str, bytes]:
    """schema.sql as it came, migration.yaml, and transforms.py where a table asks for it."""
    files = {
        SCHEMA_FILE: ddl,
        CONFIGURATION_FILE: configuration_text(name, schema, transforms).encode(),
    }
    if transforms:
        tables = [schema.table(table) for table in transforms]
        files[TRANSFORMS_FILE] = transforms_text(name, tables).encode()
    return files


def checked_migration(files: Mapping[str, bytes]) -> Migration:
    """The migration that these files make, read as `admw check` reads it.

    Raises ConfigurationError where it is not valid. Its root is gone when this returns.
    """
    with TemporaryDirectory(prefix="admw-new-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        return load_migration(Path(folder))


def further_files(
    migration: Migration, folder: str, transforms: Collection[str], ddl: Mapping[str, str]
) -> dict[str, bytes]:
    """The rest of the folder; `ddl` are the scripts to look at, by path."""
    workbenches = notebooks(migration)
    texts = {
        "README.md": readme_text(migration, folder, transforms, bool(workbenches)),
        JSON_SCHEMA_FILE: json.dumps(configuration_json_schema(), indent=2) + "\n",
        **ddl,
        **golden_cases(migration),
        **workbenches,
    }
    if (picture := diagram_svg(migration)) is not None:
        texts["diagram.svg"] = picture
    return {path: text.encode() for path, text in texts.items()}
