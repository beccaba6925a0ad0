"""Rows that only their values can name: final rows that nobody brought, rows without a key.

The values are raw (whoever shows them masks them first) and cut. Imports core and SQLAlchemy.
"""

from dataclasses import replace

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from admw_assets.core.masking import Values
from admw_assets.core.reconciliation import Difference, DifferenceKind, FinalComparison
from admw_assets.core.schema import Column
from admw_assets.engines.database.hash_comparison import HASH_KEY
from admw_assets.engines.database.row_hash import Value, canonical_texts, masked, shown_text
from admw_assets.engines.database.sides import Sides
from admw_assets.engines.database.table_definitions import preliminary_column

LONGEST_SHOWN = 1_000
"""Characters of a value of a row that is only shown, never compared."""

KEYLESS_SHOWN = 100
"""Differences of a table without a key whose values are looked up."""


def count_extra(sides: Sides, key: list[Column]) -> int:
    """How many final rows of the file have no preliminary row."""
    found = select(func.count()).where(sides.arrived, _is_extra(sides, key))
    with sides.dialect.roomy(sides.connection):
        return sides.connection.execute(found).scalar_one()


def extra_rows(sides: Sides, key: list[Column], limit: int) -> list[Difference]:
    """With their values, raw, in `found`: there is no other way to find these rows again.

    First the keys, for which an index is enough, and only then the rows.
    """
    own = [sides.final_value(c) for c in key]
    keys = select(*own).where(sides.arrived, _is_extra(sides, key)).limit(max(limit, 0))
    wanted = keys.subquery("extra")
    same_key = and_(*(value == wanted.c[value.name] for value in own))
    names = [column.name for column in sides.table.loaded_columns]
    shown = [shown_text(sides.connection, sides.settings, c, sides.final_value(c)) for c in key]
    values = canonical_texts(
        sides.connection, sides.table, sides.settings, sides.final_value, LONGEST_SHOWN
    )
    query = select(*shown, *values).select_from(wanted.join(sides.final, same_key))
    with sides.dialect.roomy(sides.connection):
        rows = sides.connection.execute(query).all()
    return [
        Difference(
            DifferenceKind.EXTRA,
            masked(sides.settings, key, row[: len(key)]),
            found=dict(zip(names, row[len(key) :], strict=True)),
        )
        for row in rows
    ]


def _is_extra(sides: Sides, key: list[Column]) -> ColumnElement[bool]:
    """The condition that no preliminary row has the key of a final row.

    As NOT IN: the server keeps the preliminary keys in a temporary table and looks them up; the
    same as an outer join takes thirty times as long on MariaDB 10.11. Such a table is only quick
    while it fits into memory (a million integers: 1.2 seconds there, 19 on disk), hence `roomy`.
    """
    own = [sides.final_value(c) for c in key]
    brought = [sides.preliminary.c[preliminary_column(sides.settings, c)] for c in key]
    present = (value.is_not(None) for value in brought)
    keys = select(*brought).where(sides.brought, *present)
    return tuple_(*own).not_in(keys) if len(own) > 1 else own[0].not_in(keys)


def with_values(sides: Sides, compared: FinalComparison) -> FinalComparison:
    """Add the values of the first rows that are known by their hash only, raw."""
    names = [column.name for column in sides.table.loaded_columns]
    hashes = [d.key[HASH_KEY] for d in compared.differences[:KEYLESS_SHOWN]]

    def rows(
        value: Value, digest: ColumnElement[str], mine: ColumnElement[bool]
    ) -> dict[str, Values]:
        texts = canonical_texts(sides.connection, sides.table, sides.settings, value, LONGEST_SHOWN)
        query = select(digest, *texts).where(mine, digest.in_(hashes))
        return {
            found: dict(zip(names, texts, strict=True))
            for found, *texts in sides.connection.execute(query)
        }

    delivered = rows(sides.preliminary_value, sides.preliminary_hash, sides.brought)
    there = rows(sides.final_value, sides.final_hash, sides.arrived)
    return replace(
        compared,
        differences=tuple(
            replace(
                d,
                delivered=None
                if d.kind is DifferenceKind.EXTRA
                else delivered.get(d.key[HASH_KEY]),
                found=None if d.kind is DifferenceKind.MISSING else there.get(d.key[HASH_KEY]),
            )
            for d in compared.differences
        ),
    )
