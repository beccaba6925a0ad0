"""Large files are compared in shares side by side, and no row falls between two of them."""

import pytest

from admw_assets.core.reconciliation import DifferenceKind
from admw_assets.engines.database import shares
from tests.engines.database.conftest import TargetOf
from tests.engines.database.staging import Target

FILE = "T~20240101.000000.csv"
SQL = "CREATE TABLE T (id INT NOT NULL, name VARCHAR(20), PRIMARY KEY (id))"
ROWS = [[str(n), f"name {n}"] for n in range(1, 1001)]
LAST_OF_A_SHARE = (1, 199, 200, 399, 400, 599, 600, 799, 800, 1000)


@pytest.fixture
def target(mysql_target_of: TargetOf, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setattr(shares, "SMALLEST_SHARE", 200)
    target = mysql_target_of(SQL)
    target.preliminary(FILE, "T", ROWS)
    target.final(FILE, "T")
    return target


def compared_records(target: Target) -> int:
    """Rows that the sums of all buckets hold."""
    table, settings = target.table("T"), target.settings("T")
    buckets = target.store.preliminary_buckets(FILE, table, settings)
    return sum(sums.rows for sums in buckets.sums.values())


def test_every_row_is_in_one_share(target: Target) -> None:
    assert compared_records(target) == 1000
    compared = target.store.compare_final(FILE, target.table("T"), target.settings("T"), 50)
    assert (compared.preliminary_rows, compared.final_rows, compared.counts) == (1000, 1000, {})


def test_rows_at_the_ends_of_shares_are_named(target: Target) -> None:
    target.execute(f"UPDATE T SET name = '' WHERE id IN {LAST_OF_A_SHARE}")
    target.execute("DELETE FROM T WHERE id = 500")
    compared = target.store.compare_final(FILE, target.table("T"), target.settings("T"), 50)
    assert compared.counts == {
        DifferenceKind.CHANGED: len(LAST_OF_A_SHARE),
        DifferenceKind.MISSING: 1,
    }
    found = sorted(d.record for d in compared.differences if d.record)
    assert found == sorted((*LAST_OF_A_SHARE, 500))


def test_a_row_numbered_below_the_first_record_is_counted(target: Target) -> None:
    target.execute("UPDATE PRE_T SET admw_record_number = -7 WHERE pre_id = 300")
    assert compared_records(target) == 1000
