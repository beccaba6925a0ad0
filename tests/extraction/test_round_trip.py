"""Extract from a source of each kind, run the files into MariaDB: the final tables are the source.

The migration is made by hand; nothing between the two commands is touched.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from tests.command_line import ALL_GOOD, Project, admw, describe
from tests.extraction.extracted import manifest_of

pytestmark = [pytest.mark.spark, pytest.mark.slow, pytest.mark.mysql]

SCHEMA = """
CREATE TABLE `Region` (
  `id` int NOT NULL AUTO_INCREMENT,
  `parent_id` int DEFAULT NULL,
  `name` varchar(60) COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `name` (`name`)
);
CREATE TABLE `branch` (
  `region_id` int NOT NULL,
  `code` varchar(6) COLLATE utf8mb4_bin NOT NULL,
  `note` text,
  `opened` date DEFAULT NULL,
  PRIMARY KEY (`region_id`, `code`)
);
CREATE TABLE `booking` (
  `id` bigint NOT NULL,
  `region_id` int DEFAULT NULL,
  `code` varchar(6) COLLATE utf8mb4_bin DEFAULT NULL,
  `amount` decimal(14,4) NOT NULL,
  `rate` double DEFAULT NULL,
  `booked_at` datetime(3) DEFAULT NULL,
  `is_open` tinyint(1) DEFAULT NULL,
  `seal` varbinary(20) DEFAULT NULL,
  `doubled` decimal(16,4) GENERATED ALWAYS AS (`amount` * 2) STORED,
  PRIMARY KEY (`id`)
);
ALTER TABLE `Region` ADD CONSTRAINT `up` FOREIGN KEY (`parent_id`) REFERENCES `Region` (`id`);
ALTER TABLE `branch` ADD CONSTRAINT `of` FOREIGN KEY (`region_id`) REFERENCES `Region` (`id`);
ALTER TABLE `booking` ADD CONSTRAINT `at` FOREIGN KEY (`region_id`, `code`)
  REFERENCES `branch` (`region_id`, `code`);
"""
CONFIGURATION = "name: round-trip\nformat:\n  quoted_newlines: true\n"
ODD = ["", " ", "a,b", 'say "hi"', "two\nlines", "\r\n", "~", "NULL", "\\N", "Zoë 😀 \u2028", None]


def _tables() -> sa.MetaData:
    metadata = sa.MetaData()
    moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql")
    region = sa.Table(
        "Region",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.ForeignKey("Region.id")),
        sa.Column("name", sa.String(60), nullable=False),
    )
    sa.Table(
        "branch",
        metadata,
        sa.Column("region_id", sa.ForeignKey(region.c.id), primary_key=True),
        sa.Column("code", sa.String(6), primary_key=True),
        sa.Column("note", sa.Text),
        sa.Column("opened", sa.Date),
    )
    sa.Table(
        "booking",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("region_id", sa.Integer),
        sa.Column("code", sa.String(6)),
        sa.Column("amount", sa.Numeric(14, 4), nullable=False),
        sa.Column("rate", sa.Double),
        sa.Column("booked_at", moment),
        sa.Column("is_open", sa.Boolean),
        sa.Column("seal", sa.LargeBinary(20)),
        sa.Column("doubled", sa.Numeric(16, 4), sa.Computed("amount * 2", persisted=True)),
        sa.ForeignKeyConstraint(["region_id", "code"], ["branch.region_id", "branch.code"]),
    )
    return metadata


def _fill(url: str, metadata: sa.MetaData) -> None:
    regions = [
        {"id": n, "parent_id": n // 3 or None, "name": f"Région № {n}"} for n in range(1, 40)
    ]
    branches = [
        {
            "region_id": region["id"],
            "code": f"c{n}",
            "note": ODD[(region["id"] + n) % len(ODD)],
            "opened": None if n % 4 == 0 else date(1900 + n, 2, 28) + timedelta(days=n),
        }
        for region in regions
        for n in range(11)
    ]
    bookings = [
        {
            "id": 10**15 + n,
            "region_id": branch["region_id"] if n % 7 else None,
            "code": branch["code"] if n % 7 else None,
            "amount": Decimal(n * 12345) / 10000 * (-1) ** n,
            "rate": None if n % 5 == 0 else n / 7,
            "booked_at": None
            if n % 6 == 0
            else datetime(2024, 2, 28, 23, 59, 59) + timedelta(hours=n, milliseconds=n),
            "is_open": (True, False, None)[n % 3],
            "seal": (None, b"", b"\x00\xff\n,", b"seal")[n % 4],
        }
        for n, branch in enumerate(branches)
    ]
    engine = sa.create_engine(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        rows = {"Region": regions, "branch": branches, "booking": bookings}
        for table in metadata.sorted_tables:
            connection.execute(sa.insert(table), rows[table.name])
    engine.dispose()


def _rows(url: str, table: sa.Table) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(table).order_by(*table.primary_key)).all()
    engine.dispose()
    return [tuple(row) for row in rows]


@pytest.mark.filterwarnings("ignore:Dialect sqlite:sqlalchemy.exc.SAWarning")
def test_final_tables_equal_the_source(
    source_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    metadata = _tables()
    _fill(source_url, metadata)
    migration, landing = tmp_path / "migration", tmp_path / "landing"
    migration.mkdir()
    (migration / "schema.sql").write_text(SCHEMA, encoding="utf-8")
    (migration / "migration.yaml").write_text(CONFIGURATION, encoding="utf-8")
    extracted = admw(
        *("extract", "--source", source_url, "--out", str(landing), "--compress", "gz")
    )
    assert extracted.returncode == ALL_GOOD, describe(extracted)
    with request.getfixturevalue("mariadb").fresh_database() as target:
        project = Project(migration, target, tmp_path / "home")
        outcomes = project.json("run", "--landing", str(landing))
        assert len(outcomes) == 6
        assert {outcome["rejected"] for outcome in outcomes} == {0}
        for table in metadata.sorted_tables:
            source = _rows(source_url, table)
            assert len(source) > 30
            assert _rows(target, table) == source
    assert manifest_of(landing)["tables"]["booking"]["left_out"] == {
        "doubled": "generated by the server"
    }
    again = admw("extract", "--source", source_url, "--out", str(landing), "--compress", "gz")
    assert "have been taken away since" in again.stderr  # the run has archived them
    assert manifest_of(landing)["snapshots"][0]["taken_at"][:4] == str(datetime.now(UTC).year)
