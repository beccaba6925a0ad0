"""The room that a dry run foresees grows with the values, kept columns and indexes of the rows."""

import pytest
from pyspark.sql import SparkSession

from admw_assets.cli.dry_run_command import find
from admw_assets.core.dry_run import Estimate
from admw_assets.core.migration_folder import load_migration
from admw_assets.runtime.settings import Settings

pytestmark = [pytest.mark.spark, pytest.mark.slow]

ROWS = 10
LONGER = 1_000  # bytes
SCHEMA = """
CREATE TABLE P (id INT, note TEXT, PRIMARY KEY (id));
CREATE TABLE A (id INT, p INT NOT NULL, PRIMARY KEY (id, p), FOREIGN KEY (p) REFERENCES P (id));
CREATE TABLE B (id INT, p INT NOT NULL, PRIMARY KEY (P, id), FOREIGN KEY (p) REFERENCES P (id));
"""


@pytest.fixture(scope="module")
def estimates(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Estimate]:
    """By file; those of P have short notes, long ones in two-byte letters, and long extra ones."""
    home = tmp_path_factory.mktemp("estimate")
    (home / "schema.sql").write_text(SCHEMA)
    (home / "migration.yaml").write_text("name: room\ntables:\n  P: {extra_columns: keep}\n")
    texts = {
        "P~20240101.000000.csv": ("id,note", "x", 0),
        "P~20240102.000000.csv": ("id,note", "x" + "ü" * (LONGER // 2), 100),
        "P~20240103.000000.csv": ("id,note,more", "x," + "y" * LONGER, 200),
        "A~20240104.000000.csv": ("id,p", "1", 0),
        "B~20240104.000000.csv": ("id,p", "1", 0),
    }
    for name, (header, rest, first) in texts.items():
        lines = [f"{first + number},{rest}\n" for number in range(ROWS)]
        (home / name).write_text(f"{header}\n{''.join(lines)}", encoding="utf-8")
    settings = Settings(home, "mysql://nobody@127.0.0.1/none", home)
    locations = [str(home / name) for name in texts]
    found = find(settings, load_migration(home), locations, None, quiet=True)
    assert {p.counts.loaded for p in found.predictions} == {ROWS}
    return {p.file: p.estimate for p in found.predictions if p.estimate is not None}


def test_longer_values_take_more_room_in_both_tables(estimates: dict[str, Estimate]) -> None:
    short, long = estimates["P~20240101.000000.csv"], estimates["P~20240102.000000.csv"]
    for more in (
        long.preliminary_bytes - short.preliminary_bytes,
        long.final_bytes - short.final_bytes,
    ):
        assert ROWS * LONGER <= more <= 1.2 * ROWS * LONGER


def test_kept_extra_columns_take_room(estimates: dict[str, Estimate]) -> None:
    without, kept = estimates["P~20240101.000000.csv"], estimates["P~20240103.000000.csv"]
    assert kept.preliminary_bytes - without.preliminary_bytes >= ROWS * LONGER


def test_foreign_key_takes_an_index_unless_a_key_begins_with_it(
    estimates: dict[str, Estimate],
) -> None:
    alone, covered = estimates["A~20240104.000000.csv"], estimates["B~20240104.000000.csv"]
    assert alone.preliminary_bytes == covered.preliminary_bytes
    assert ROWS * 20 <= alone.final_bytes - covered.final_bytes <= ROWS * 100
