"""The stand-in of a dry run rejects by keys what the real target does, whatever its collation."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from admw_assets.core.collation import BYTES, MYSQL_DEFAULT
from admw_assets.core.key_columns import key_schema
from admw_assets.engines.database.stand_in import StandInTables, stand_in
from tests.engines.database.staging import Target, open_target

SQL = """
CREATE TABLE P (code {text} NOT NULL, note VARCHAR(9), PRIMARY KEY (code));
CREATE TABLE C (id INT NOT NULL, code {text}, mark {text}, up INT, PRIMARY KEY (id),
  UNIQUE KEY by_mark (mark), FOREIGN KEY (code) REFERENCES P (code),
  FOREIGN KEY (up) REFERENCES C (id));
"""
TEXTS = """Straße STRASSE strase Århus arhus ÅRHUS Łódź lodz LODZ naïve naive œuvre oeuvre Øre ore
  Ω ω Ώ ё е Й и й a\tb 日本 ﬁn fin x\\y x X ' " ½ 😀 😁"""
TEXTS = [text for text in TEXTS.replace("\n ", "").split(" ") if text]
TEXTS += ["naive ", "日本 ", "x ", "a b", "ω "]
P, P2, C = (f"{name}.000000.csv" for name in ("P~20240101", "P'?\"~20240102", "C~20240101"))


def rejects(target: Target) -> Counter[tuple[object, ...]]:
    """Load parents, more parents and children with all texts; what is rejected by which rule."""
    half = len(TEXTS) // 2
    width = len(target.table("P").columns)
    target.preliminary(P, "P", [[text, "n"][:width] for text in TEXTS[:half]])
    target.preliminary(P2, "P", [[text, None][:width] for text in TEXTS[half - 5 : -8]])
    ups = [None, "1", "99", "3", "4"]
    target.preliminary(
        C,
        "C",
        [
            [str(n // 2), text if n % 7 else None, f"{text}{n % 3}", ups[n % 5]]
            for n, text in enumerate([*TEXTS, *reversed(TEXTS)], start=2)
        ],
    )
    for file, table in ((P, "P"), (P2, "P"), (C, "C")):
        target.final(file, table)
    found = target.store.rejects()
    return Counter((r.file, r.table, r.stage, r.record, r.row, r.rule, r.column) for r in found)


def predicted(folder: Path, sql: str, collation: str) -> Counter[tuple[object, ...]]:
    """The same, on a stand-in, where only keys are staged."""
    (folder / "model").mkdir()
    model = open_target(f"sqlite:///{folder}/model/model.sqlite", folder / "staged", sql)
    database = stand_in(folder / "stand-in.sqlite", collation)
    keys = key_schema(model.migration.schema, ("P", "C"))
    tables = StandInTables(database, keys)
    tables.initialize(model.migration)
    migration = replace(model.migration, schema=keys)
    assert [column.name for column in migration.table("P").columns] == ["code"]
    return rejects(replace(model, database=database, migration=migration, store=tables))


def test_stand_in_rejects_what_sqlite_rejects(sqlite_url: str, tmp_path: Path) -> None:
    sql = SQL.format(text="VARCHAR(20)")
    real = rejects(open_target(sqlite_url, tmp_path / "real", sql))
    assert {key[5] for key in real} == {"duplicate_key", "existing_key", "orphan"}
    assert predicted(tmp_path, sql, BYTES) == real


@pytest.mark.parametrize(
    "collation",
    [
        "utf8mb4_general_ci",
        "utf8mb4_unicode_ci",
        "utf8mb4_bin",
        "utf8mb4_uca1400_ai_ci",
        "utf8mb4_uca1400_nopad_ai_ci",  # what MySQL calls utf8mb4_0900_ai_ci, of a later Unicode
        "utf8mb4_uca1400_as_ci",
    ],
)
def test_stand_in_rejects_what_the_collation_rejects(
    mysql_url: str, tmp_path: Path, collation: str
) -> None:
    sql = SQL.format(text=f"VARCHAR(20) CHARACTER SET utf8mb4 COLLATE {collation}")
    real = rejects(open_target(mysql_url, tmp_path / "real", sql))
    assert predicted(tmp_path, sql, MYSQL_DEFAULT) == real
