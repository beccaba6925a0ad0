"""Samples of any migration: each planted fault is found with its rule, every other row arrives."""

import hashlib
import shutil
from collections import Counter
from pathlib import Path

import pytest

from admw_assets.cli.run_command import run_files
from admw_assets.core.ddl import parse_schema
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.migration import Migration
from admw_assets.core.migration_folder import load_migration
from admw_assets.core.step import Stage, Status
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import Settings
from admw_assets.samples import generate_for
from admw_assets.scaffold.generation import core_files
from tests.databases import KINDS, fresh_database
from tests.samples.canonical_rows import file_rows, table_rows

SCHEMAS = Path(__file__).parents[1] / "core/schemas"
PUBLIC = sorted((SCHEMAS / "public").glob("*.sql"))
WORKSHOP = Path(__file__).parent / "workshop.sql"


def _migration(folder: Path, ddl: Path) -> Migration:
    """The migration as `admw new` makes it, without the files to look at."""
    folder.mkdir(parents=True)
    content = ddl.read_bytes()
    files = core_files(content, ddl.stem, parse_schema(content.decode(), ddl.name), [])
    for name, text in files.items():
        (folder / name).write_bytes(text)
    return load_migration(folder)


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("kind", KINDS)
def test_planted_faults_are_found_and_every_other_row_arrives(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    migration = _migration(tmp_path / "workshop", WORKSHOP)
    landing, kept = tmp_path / "home/landing", tmp_path / "kept"
    manifest = generate_for(migration, landing, 40, bad=1, seed=3, hash_column="admw_source_hash")
    shutil.copytree(landing, kept)
    with fresh_database(kind, request, tmp_path) as url:
        with open_ports(Settings(migration.root, url, tmp_path / "home")) as ports:
            ports.tables.initialize(migration)
            files = sorted(str(path) for path in landing.glob("*~*"))
            outcomes = run_files(ports, files, tuple(Stage), restart=False, quiet=True)
            rejects = [r for f in manifest.files for r in ports.tables.rejects(f.file)]
        assert {o.status for o in outcomes} == {Status.COMPLETED}
        found = Counter((r.file, r.table, r.stage, r.record, r.rule, r.column) for r in rejects)
        planted = Counter(
            (f.file, f.table, Stage(f.stage), f.record, f.rule, f.column) for f in manifest.faults
        )
        assert not planted - found
        assert not found - planted
        for table in migration.schema.tables.values():
            wanted = []
            for sampled in manifest.files:
                if sampled.tables[0].table == table.name:
                    bad = {f.record for f in manifest.faults if f.file == sampled.file}
                    form = migration.format_of(sampled.file)
                    wanted += file_rows(kept / sampled.file, form, table, bad)
            assert Counter(table_rows(url, table)) == Counter(wanted), table.name


@pytest.mark.parametrize(
    "ddl", [*PUBLIC, SCHEMAS / "everything.sql", WORKSHOP], ids=lambda path: path.stem
)
def test_sound_rows_have_keys_of_their_own_and_parents_that_exist(
    ddl: Path, tmp_path: Path
) -> None:
    migration = _migration(tmp_path / "m", ddl)
    manifest = generate_for(migration, tmp_path / "out", 80)
    rows = {
        file.tables[0].table: _cells(migration, tmp_path / "out" / file.file, file.tables[0].table)
        for file in manifest.files
    }
    assert {file.tables[0].table for file in manifest.files} == set(migration.schema.tables)
    for table in migration.schema.tables.values():
        for key in table.loaded_keys:
            values = [tuple(row[name] for name in key) for row in rows[table.name]]
            filled = [tuple(map(str.casefold, map(str, v))) for v in values if None not in v]
            assert len(set(filled)) == len(filled), key
        for link in table.foreign_keys:
            parent = migration.table(link.parent)
            names = [parent.column(name).name for name in link.parent_columns]
            there = {tuple(row[name] for name in names) for row in rows[parent.name]}
            own = [table.column(name).name for name in link.columns]
            wanted = {tuple(row[name] for name in own) for row in rows[table.name]}
            assert not {value for value in wanted if None not in value} - there, link


def _cells(migration: Migration, path: Path, table: str) -> list[dict[str, str | None]]:
    model = migration.table(table)
    names = [column.name for column in model.loaded_columns]
    found = file_rows(path, migration.format_of(path.name), model, ())
    return [dict(zip(names, row, strict=True)) for row in found]


def test_same_seed_gives_the_same_bytes_and_other_seeds_others(tmp_path: Path) -> None:
    migration = _migration(tmp_path / "m", WORKSHOP)
    digests: list[dict[str, str]] = []
    for number, seed in enumerate((5, 5, 6)):
        out = tmp_path / str(number)
        generate_for(migration, out, 50, bad=2, seed=seed)
        digests.append({p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in out.iterdir()})
    assert digests[0] == digests[1]
    assert not set(digests[0].values()) & set(digests[2].values())


def test_files_have_the_format_of_the_migration(tmp_path: Path) -> None:
    migration = _migration(tmp_path / "m", WORKSHOP)
    configuration = migration.root / "migration.yaml"
    configuration.write_text(
        'name: w\nformat: {delimiter: "|", null_marker: "-", encoding: cp1252, header: false,'
        " columns: [text, worker, admw_file_hash]}\n"
    )
    (migration.root / "schema.sql").write_text(
        "CREATE TABLE badge (worker INT NOT NULL PRIMARY KEY, text CHAR(8));"
    )
    generate_for(load_migration(migration.root), tmp_path / "out", 30)
    lines = (tmp_path / "out/BADGE~20240101.000000.csv").read_text(encoding="cp1252").splitlines()
    assert len(lines) == 30
    assert {line.count("|") for line in lines} == {2}
    assert any(line.startswith("-|") for line in lines)


def test_files_that_feed_several_tables_are_refused(tmp_path: Path) -> None:
    migration = _migration(tmp_path / "m", WORKSHOP)
    (migration.root / "migration.yaml").write_text("name: w\nfiles: {A: {feeds: [maker, badge]}}\n")
    with pytest.raises(ConfigurationError, match="feed several tables"):
        generate_for(load_migration(migration.root), tmp_path / "out", 30)
