"""README.md and transforms.py of a new migration, from templates; imports core and jinja2."""

import json
import re
from collections.abc import Collection, Iterator

from jinja2 import Environment, PackageLoader, StrictUndefined

from admw_assets.core.load_order import deferred_foreign_keys
from admw_assets.core.migration import Migration
from admw_assets.core.schema import Table
from admw_assets.scaffold.configuration_text import function_name
from admw_assets.scaffold.mermaid import entity_diagram

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def readme_text(
    migration: Migration, folder: str, transforms: Collection[str], notebooks: bool
) -> str:
    """The README of the migration; `folder` is its name for the commands to copy."""
    generated = [
        f"`{table.name}.{column.name}`"
        for table in migration.schema.tables.values()
        for column in table.columns
        if column.generated
    ]
    deferred = [
        f"`{table}.{', '.join(key.columns)}` → `{key.parent}`"
        for table, key in deferred_foreign_keys(migration.schema)
    ]
    return _render(
        "README.md.j2",
        name=migration.name,
        folder=folder,
        tables=migration.schema.tables,
        waves=migration.waves,
        rows=list(_rows(migration)),
        deferred=", ".join(deferred),
        generated=", ".join(generated),
        notes=migration.schema.notes,
        transforms=", ".join(f"`{table}`" for table in transforms),
        notebooks=notebooks,
        mermaid=entity_diagram(migration),
    )


def transforms_text(name: str, tables: Collection[Table]) -> str:
    """transforms.py with a function for each table that selects its columns."""
    described = [
        {
            "function": function_name(table.name),
            "title": table.name.replace("\\", "/").replace('"', "'"),
            "columns": [_python_name(column.name) for column in table.loaded_columns],
        }
        for table in tables
    ]
    return _render("transforms.py.j2", name=name, tables=described)


def _rows(migration: Migration) -> Iterator[dict[str, object]]:
    for number, wave in enumerate(migration.waves, 1):
        for name in wave:
            table = migration.table(name)
            yield {
                "wave": number,
                "table": _cell(name),
                "columns": len(table.columns),
                "key": _cell(", ".join(table.primary_key)) or "none",
                "parents": _cell(", ".join(sorted({key.parent for key in table.foreign_keys}))),
                "file": _cell(f"{migration.entity_feeding(name)}~YYYYMMDD.HHMMSS.csv"),
            }


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _python_name(column: str) -> str:
    """A Python string that names the column to Spark."""
    if _PLAIN.fullmatch(column):
        return f'"{column}"'
    return json.dumps("`" + column.replace("`", "``") + "`", ensure_ascii=False)


def _render(template: str, **values: object) -> str:
    loader = PackageLoader("admw_assets.scaffold", "templates")
    # Markdown and Python, no HTML: nothing is to be escaped.
    environment = Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.get_template(template).render(**values)
