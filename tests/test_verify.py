"""The sign-off pack: any altered byte, missing file or missing link is found and named."""

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from pyspark.sql import SparkSession

from admw_assets import __version__
from admw_assets.core.manifest import Manifest, parse_manifest, sha256_of
from admw_assets.core.migration_folder import load_migration
from admw_assets.core.step import Stage
from admw_assets.engines.database.connection import connect
from admw_assets.engines.database.manifest_chain import DatabaseManifestChain
from admw_assets.engines.database.store import DatabaseTableStore
from admw_assets.engines.storage.content import file_content
from tests.command_line import ALL_GOOD, FINISHED_WITH_REJECTS, STAGE_FAILED, Project, describe
from tests.orders import (
    CUSTOMERS,
    MIGRATION,
    ORDERS,
    Shop,
    open_shop,
    write_customers,
    write_orders,
    write_replay,
)

pytestmark = pytest.mark.spark

HEADER = "id,customer_id,amount"


@dataclass(frozen=True, slots=True)
class Home:
    """A finished migration: a home folder with its SQLite database in it."""

    folder: Path

    @property
    def project(self) -> Project:
        return Project(MIGRATION, f"sqlite:///{self.folder / 'admw.sqlite'}", self.folder)

    @property
    def manifests(self) -> list[Path]:
        return sorted((self.folder / "manifests").iterdir())

    def execute(self, sql: str, **values: object) -> None:
        engine = sa.create_engine(self.project.database_url)
        with engine.begin() as connection:
            assert connection.execute(sa.text(sql), values).rowcount
        engine.dispose()

    def problems(self) -> list[tuple[str, str]]:
        """What `admw verify` finds."""
        done = self.project.admw("verify", "--json")
        document = json.loads(done.stdout)
        found = [(problem["what"], problem["message"]) for problem in document["problems"]]
        assert document["passed"] is not bool(found)
        assert done.returncode == (STAGE_FAILED if found else ALL_GOOD), describe(done)
        return found


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> Home:
    """Two files through both stages, one reject of three replayed, two left."""
    folder = tmp_path_factory.mktemp("signed") / "home"
    with open_shop(f"sqlite:///{folder / 'admw.sqlite'}", folder) as shop:
        write_customers(shop.landing, [("1", "Ann", "a;b"), ("2", "Bob", "")])
        orders = [("1", "1", "much"), ("2", "2", "2.50"), ("3", "1", "x"), ("4", "9", "4.50")]
        write_orders(shop.landing, orders)
        shop.run("first")
        data = write_replay(folder / "fix", ORDERS, HEADER, {1: "1,1,1.50"})
        assert shop.replay(data, "second").resolved == 1
        _settle(shop)
    return Home(folder)


def _settle(shop: Shop) -> None:
    """Bring everything from SQLite's log into its file, so that the home can be copied."""
    engine = sa.create_engine(shop.settings.database_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@pytest.fixture
def home(finished: Home, tmp_path: Path) -> Home:
    """A copy in another place: the evidence is named by its path below home."""
    return Home(Path(shutil.copytree(finished.folder, tmp_path / "home")))


def test_a_home_in_order_passes_and_says_how_the_chain_ends(home: Home) -> None:
    assert home.problems() == []
    done = home.project.admw("verify")
    head = sha256_of(home.manifests[-1].read_text(encoding="utf-8"))
    assert f"The chain ends with {head}" in done.stdout
    assert "3 manifests of 2 finished files" in done.stdout


def test_manifest_says_all_that_proves_a_file(home: Home) -> None:
    assert [path.name for path in home.manifests] == [
        f"000001-{CUSTOMERS}.json",
        f"000002-{ORDERS}.json",
        f"000003-{ORDERS}.json",
    ]
    manifest = _read(home.manifests[2])
    content = manifest.content
    assert manifest.previous == sha256_of(home.manifests[1].read_text(encoding="utf-8"))
    assert (content.code_version, content.migration) == (__version__, "orders")
    assert content.migration_fingerprint == load_migration(MIGRATION).fingerprint
    final = {p.stage: p for p in content.stages}[Stage.FINAL]
    counts = final.counts
    assert (counts.records, counts.expected, counts.loaded, counts.rejected) == (4, 4, 2, 2)
    assert set(final.checks.values()) == {True}
    assert len(content.replays) == 1
    archives = [Path(file.path).name for file in content.archives]
    assert archives[:2] == [f"{ORDERS}.zip", f"{ORDERS}.zip.manifest.json"]
    assert [f".replay-{content.replays[0][:12]}" in name for name in archives[2:]] == [True, True]
    names = {Path(file.path).name for file in content.reports}
    assert {"report.json", "report.html", "report.txt"} <= names
    for file in content.files:
        found = file_content(home.folder / file.path)
        assert (found.size, found.sha256) == (file.size, file.sha256)
    first = _read(home.manifests[0])
    assert first.previous == ""
    assert first.content.file_size > 0


def _read(path: Path) -> Manifest:
    return parse_manifest(path.read_text(encoding="utf-8"))


def _flip(path: Path) -> None:
    """Another bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _evidence(home: Home) -> Iterator[Path]:
    """Every file that a manifest in force names."""
    for manifest in (home.manifests[0], home.manifests[2]):
        yield from (home.folder / file.path for file in _read(manifest).content.files)


def _check_each(home: Home, damage: Callable[[Path], None], message: str) -> None:
    paths = list(_evidence(home))
    assert len(paths) > 10
    for path in paths:
        damage(path)
    found = home.problems()
    assert {what for what, _ in found} == {str(p.relative_to(home.folder)) for p in paths}
    assert all(message in said for _, said in found), found


def test_every_report_and_archive_with_an_altered_byte_is_named(home: Home) -> None:
    _check_each(home, _flip, "was altered")


def test_every_report_and_archive_that_is_gone_is_named(home: Home) -> None:
    _check_each(home, Path.unlink, "is gone")


def test_altered_manifest_is_named(home: Home) -> None:
    for path in home.manifests:
        _flip(path)
    assert [what for what, _ in home.problems()] == [
        f"manifests/{path.name}" for path in home.manifests
    ]


def test_manifest_that_is_gone_is_named(home: Home) -> None:
    gone = home.manifests[1]
    gone.unlink()
    assert home.problems() == [(f"manifests/{gone.name}", "is gone")]


def test_link_cut_out_of_file_and_record_is_named(home: Home) -> None:
    home.manifests[1].unlink()
    home.execute("DELETE FROM admw_manifests WHERE number = 2")
    messages = dict(home.problems())
    assert "is missing on record" in messages["manifest 2"]
    assert "does not carry the hash of the manifest before" in messages["manifest 3"]


def test_last_link_cut_off_file_and_record_is_noticed_by_the_numbers(home: Home) -> None:
    home.manifests[2].unlink()
    home.execute("DELETE FROM admw_manifests WHERE number = 3")
    messages = [message for what, message in home.problems() if what == ORDERS]
    assert any("a newer manifest is missing" in message for message in messages)


def test_all_links_of_a_file_cut_off_are_noticed_by_its_archive(home: Home) -> None:
    for path in home.manifests[1:]:
        path.unlink()
    home.execute("DELETE FROM admw_manifests WHERE number > 1")
    assert home.problems() == [(ORDERS, "is archived, but no manifest of it is in force")]


def test_manifest_forged_in_file_and_record_breaks_the_next_link(home: Home) -> None:
    """Someone who can write everywhere, and computes the manifest's own hash anew."""
    path = home.manifests[1]
    forged = path.read_text(encoding="utf-8").replace('"loaded": 1', '"loaded": 9')
    path.write_text(forged, encoding="utf-8")
    home.execute(
        "UPDATE admw_manifests SET document = :document, sha256 = :sha256 WHERE number = 2",
        document=forged,
        sha256=sha256_of(forged),
    )
    assert home.problems() == [("manifest 3", "does not carry the hash of the manifest before it")]


def test_stranger_among_the_manifests_is_named(home: Home) -> None:
    stranger = home.folder / "manifests/000004-OTHER~20240101.000000.csv.json"
    shutil.copy(home.manifests[2], stranger)
    assert home.problems() == [(f"manifests/{stranger.name}", "is not on record in the database")]


def test_altered_tracker_is_noticed(home: Home) -> None:
    home.execute("UPDATE admw_tracker SET rejected = 0 WHERE table_name = 'orders'")
    assert {what for what, _ in home.problems()} == {ORDERS}


def test_cutover_report_sums_up_every_table(home: Home) -> None:
    page = home.folder / "cutover.html"
    done = home.project.admw("report", "--all", "--out", str(page))
    assert done.returncode == FINISHED_WITH_REJECTS, describe(done)
    assert "READY: Every row of every file is accounted for; 6 stand" in done.stdout
    assert "2 rejects are open" in done.stdout
    document = json.loads(home.project.admw("report", "--all", "--json").stdout)
    tables = {table["table"]: table for table in document["tables"]}
    assert tables["orders"]["rejects"] == {"decimal": 1, "orphan": 1}
    assert (tables["orders"]["files"], tables["orders"]["loaded"]) == (1, 2)
    assert [tables[name]["verdict"] for name in tables] == ["done", "done", "rejects"]
    assert document["red"] == []
    assert "READY" in page.read_text(encoding="utf-8")


def test_cutover_report_is_not_ready_with_altered_evidence(home: Home) -> None:
    _flip(home.folder / "archive" / f"{ORDERS}.zip")
    done = home.project.admw("report", "--all")
    assert done.returncode == STAGE_FAILED, describe(done)
    assert "NOT READY: The evidence was altered" in done.stdout
    assert f"ALTERED archive/{ORDERS}.zip was altered" in done.stdout


def test_manifests_that_come_at_once_share_one_chain(database_url: str) -> None:
    database = connect(database_url)
    migration = load_migration(MIGRATION)
    DatabaseTableStore(database, migration.schema).initialize(migration)
    chain = DatabaseManifestChain(database)

    def sign_off(file: str) -> None:
        for _ in range(5):
            chain.append(file, lambda number, previous: f"{file} {number} {previous}")

    files = ("a", "b", "c", "d")
    with ThreadPoolExecutor(len(files)) as threads:
        assert list(threads.map(sign_off, files)) == [None] * len(files)
    entries = list(chain.entries())
    assert [entry.number for entry in entries] == list(range(1, 21))
    previous = ""
    for entry in entries:
        assert entry.document == f"{entry.file} {entry.number} {previous}"
        previous = entry.sha256
    newest = chain.newest("a")
    assert newest is not None
    assert newest.number == max(entry.number for entry in entries if entry.file == "a")
    assert [entry.number for entry in chain.latest(2)] == [20, 19]
    database.close()
