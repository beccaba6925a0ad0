"""Files whose columns drift from the configuration, through both stages and into the reports."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from pyspark.sql import SparkSession

from admw_assets.core.canonical import source_hash
from admw_assets.core.step import Stage, StageOutcome, Status
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import Settings
from admw_assets.steps.campaign import plan_tasks, run_tasks
from tests.final_tables import read_rows

pytestmark = [pytest.mark.spark, pytest.mark.slow]

SCHEMA = """CREATE TABLE shop (
  id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, level VARCHAR(9) DEFAULT 'none',
  loud VARCHAR(20) GENERATED ALWAYS AS (UPPER(name)) STORED);"""
BEFORE = "SHOP~20240101.000000.csv"
DRIFTED = "SHOP~20240102.000000.csv"
KEPT = '{"colour":"räd","x.y":null}'


def run(folder: Path, url: str, rules: str, file: str, content: str) -> list[StageOutcome]:
    """Bring one file through both stages of a migration whose table has these rules."""
    migration = folder / "migration"
    migration.mkdir(exist_ok=True)
    (migration / "schema.sql").write_text(SCHEMA)
    (migration / "migration.yaml").write_text(f"name: shops\ntables: {{shop: {rules}}}\n")
    (folder / file).write_text(content, encoding="utf-8")
    with open_ports(Settings(migration, url, folder / "home")) as ports:
        ports.tables.initialize(ports.migration)
        assert ports.tables.initialize(ports.migration) == []
        tasks = plan_tasks(ports.migration, [str(folder / file)], tuple(Stage))
        return run_tasks(tasks, ports, f"run of {file}")


def hashed(*texts: str) -> str:
    """A record with its source hash, which is over all of its texts."""
    return ",".join([*texts, source_hash(text or None for text in texts)])


def test_columns_that_drift_are_refused_kept_filled_and_reported(
    spark: SparkSession, database_url: str, tmp_path: Path
) -> None:
    good = run(tmp_path, database_url, "{}", BEFORE, "id,name,level,Loud\n1,Oslo,a,?\n")
    assert [o.status for o in good] == [Status.COMPLETED] * 2
    assert "the database computes itself were neither loaded nor compared: Loud" in good[0].message

    content = "\n".join(
        [
            "id,nmae,colour,x.y,admw_source_hash",
            hashed("2", "Bern", "räd", ""),
            hashed("3", "Cork", "blue", "z").replace("blue", "grey"),
            "",
        ]
    )
    refused, blocked = run(tmp_path, database_url, "{}", DRIFTED, content)
    assert (refused.status, blocked.status) == (Status.FAILED, Status.BLOCKED)
    assert "name (did you mean nmae?), level" in refused.message

    rules = "{columns: {name: nmae}, extra_columns: keep, missing_columns: fill}"
    preliminary, final = run(tmp_path, database_url, rules, DRIFTED, content)
    assert (preliminary.status, final.status) == (Status.COMPLETED, Status.COMPLETED)
    assert (final.counts.records, final.counts.loaded, final.counts.rejected) == (2, 1, 1)
    assert read_rows(database_url, "shop", ["id", "name", "level"]) == [
        ("1", "Oslo", "a"),
        ("2", "Bern", "none"),
    ]
    assert read_rows(database_url, "PRE_shop", ["pre_id", "admw_extra"]) == [
        ("1", None),
        ("2", KEPT),
    ]
    assert _rejected_rules(database_url) == ["source_hash"]  # a changed extra value is noticed

    said = [
        "Columns of the file that the migration does not know were kept with the preliminary rows "
        "only: colour, x.y.",
        "Columns that the file does not bring were filled: level (its default).",
    ]
    assert preliminary.message == " ".join(said)
    for outcome in (preliminary, final):
        report = Path(outcome.report or "")
        assert json.loads((report / "report.json").read_text())["drift"] == said
        for rendering in report.iterdir():
            if rendering.suffix != ".json" and rendering.name != "detail.csv":
                assert "colour, x.y" in rendering.read_text(encoding="utf-8"), rendering


def _rejected_rules(url: str) -> list[str]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = list(connection.scalars(sa.text("SELECT rule_name FROM admw_rejects")))
    engine.dispose()
    return found
