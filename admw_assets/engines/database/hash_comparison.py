"""Rows of tables without a key, compared as multisets of hashes; imports core and SQLAlchemy."""

from sqlalchemy import Connection, Row, Select, case, func, literal, select, union_all

from admw_assets.core.reconciliation import Difference, DifferenceKind, FinalComparison

HASH_KEY = "row_hash"
"""What names a row of a table without a key."""


def compare_hashes(
    connection: Connection, brought: Select, arrived: Select, limit: int
) -> FinalComparison:
    """Compare two queries of one column `hash`: what was brought, what has arrived.

    Without a key a changed row shows as one missing and one extra row.
    """
    left, right = brought.subquery(), arrived.subquery()
    both = union_all(
        select(left.c.hash, literal(1).label("brought"), literal(0).label("arrived")),
        select(right.c.hash, literal(0), literal(1)),
    ).subquery()
    groups = (
        select(
            both.c.hash,
            func.sum(both.c.brought).label("brought"),
            func.sum(both.c.arrived).label("arrived"),
        )
        .group_by(both.c.hash)
        .subquery()
    )
    surplus = groups.c.arrived - groups.c.brought
    totals = {
        DifferenceKind.MISSING: case((surplus < 0, -surplus), else_=0),
        DifferenceKind.EXTRA: case((groups.c.brought == 0, surplus), else_=0),
        DifferenceKind.DOUBLED: case(((surplus > 0) & (groups.c.brought > 0), surplus), else_=0),
    }
    row = connection.execute(
        select(
            func.sum(groups.c.brought),
            func.sum(groups.c.arrived),
            *(func.sum(total) for total in totals.values()),
        )
    ).one()
    preliminary_rows, final_rows, *numbers = (int(number or 0) for number in row)
    counts = {kind: n for kind, n in zip(totals, numbers, strict=True) if n}
    differences: tuple[Difference, ...] = ()
    if counts:
        unequal = select(groups).where(surplus != 0).order_by(groups.c.hash).limit(limit)
        differences = tuple(_difference(row) for row in connection.execute(unequal))
    return FinalComparison(preliminary_rows, final_rows, counts, differences)


def _difference(row: Row) -> Difference:
    kind = DifferenceKind.DOUBLED
    if row.arrived < row.brought:
        kind = DifferenceKind.MISSING
    elif row.brought == 0:
        kind = DifferenceKind.EXTRA
    return Difference(kind, {HASH_KEY: row.hash})
