"""Which columns of a data file hold personal data; imports core only."""

from collections.abc import Sequence

from admw_assets.core.migration import Migration
from admw_assets.core.schema import Column


def target_columns(migration: Migration, file: str, columns: Sequence[str]) -> dict[str, Column]:
    """The table's column that a column of the file becomes, by its name or as mapped."""
    known = {name.casefold(): name for name in columns}
    found: dict[str, Column] = {}
    for table in migration.tables_fed_by(file):
        mapped = migration.settings(table).columns
        for column in migration.table(table).loaded_columns:
            source = mapped.get(column.name, column.name).casefold()
            if source in known:
                found.setdefault(known[source], column)
    return found


def personal_columns(migration: Migration, file: str, columns: Sequence[str]) -> frozenset[str]:
    """The columns of a file that feed personal columns of any of its tables.

    A personal column without a namesake in the file is made by a transform, nobody says of what:
    then every column that goes nowhere by its name counts as personal.
    """
    known = {name.casefold(): name for name in columns}
    found: set[str] = set()
    for table in migration.tables_fed_by(file):
        settings = migration.settings(table)
        for name in settings.pii:
            source = settings.columns.get(name, name).casefold()
            if source in known:
                found.add(known[source])
            elif not migration.table(table).column(name).generated:
                found |= set(columns) - target_columns(migration, file, columns).keys()
    return frozenset(found)
