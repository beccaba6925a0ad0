"""Sample files with planted faults: every one is found with its rule, nothing else is rejected."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from admw_assets.cli.dry_run_command import find
from admw_assets.core.dry_run import DryRun
from admw_assets.core.migration_folder import load_migration
from admw_assets.runtime.settings import Settings
from tests.command_line import FINISHED_WITH_REJECTS, Project, admw, describe
from tests.databases import KINDS, fresh_database
from tests.final_tables import count_rows

pytestmark = [pytest.mark.spark, pytest.mark.slow]

MIGRATION = Path(__file__).parents[1] / "admw_assets/migrations/supermarket"
FAULTS_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the generator says of its files, what a run of both stages says of them."""

    project: Project
    manifest: dict[str, Any]
    outcomes: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    contents: dict[str, bytes]

    @property
    def records(self) -> dict[str, int]:
        """The records of each file, as the generator says."""
        return {file["file"]: file["records"] for file in self.manifest["files"]}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sample files of up to 2,000 records, five faults of every kind."""
    folder = tmp_path_factory.mktemp("samples")
    done = admw(
        *("sample", "--out", str(folder), "--rows", "2000"),
        *("--bad", str(FAULTS_OF_A_KIND), "--seed", "7"),
    )
    assert done.returncode == 0, describe(done)
    return folder


@pytest.fixture(scope="module")
def predicted(
    samples: Path, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> DryRun:
    home = tmp_path_factory.mktemp("dry_run")
    locations = sorted(str(path) for path in samples.glob("*~*"))
    settings = Settings(MIGRATION, "mysql://nobody@127.0.0.1/none", home)
    return find(settings, load_migration(MIGRATION), locations, None, quiet=True)


@pytest.fixture(scope="module", params=KINDS)
def sampled(
    request: pytest.FixtureRequest, samples: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sampled]:
    folder = tmp_path_factory.mktemp(f"faults_{request.param}")
    landing = folder / "landing"
    landing.mkdir()
    contents = {file.name: file.read_bytes() for file in samples.glob("*~*")}
    for name, content in contents.items():
        (landing / name).write_bytes(content)
    with fresh_database(request.param, request, folder) as url:
        project = Project(MIGRATION, url, folder / "home")
        outcomes = project.json("run", "--landing", str(landing), exit_code=FINISHED_WITH_REJECTS)
        rejects = project.json("rejects", "list")
        manifest = json.loads((samples / "sample.json").read_text(encoding="utf-8"))
        yield Sampled(project, manifest, outcomes, rejects, contents)


def _places(items: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    names = ("file", "table", "stage", "record", "rule", "column")
    return Counter(tuple(item[name] for name in names) for item in items)


def test_every_planted_fault_is_found_with_its_rule_and_nothing_else_is_rejected(
    sampled: Sampled,
) -> None:
    planted, found = _places(sampled.manifest["faults"]), _places(sampled.rejects)
    assert not (planted - found), f"not found: {sorted(planted - found)[:10]}"
    assert not (found - planted), f"not planted: {sorted(found - planted)[:10]}"


def test_dry_run_predicts_the_rejects_and_counts_of_the_run(
    sampled: Sampled, predicted: DryRun
) -> None:
    """One prediction for both kinds of database: no two keys differ by a collation alone."""
    names = ("file", "table", "stage", "record", "rule", "column")
    foreseen = Counter(tuple(getattr(r, name) for name in names) for r in predicted.rejects)
    assert foreseen == _places(sampled.rejects)
    counts = ("records", "expected", "loaded", "rejected", "dropped")
    assert {
        (p.file, p.table): tuple(getattr(p.counts, name) for name in counts)
        for p in predicted.predictions
    } == {
        (o["file"], o["table"]): tuple(o[name] for name in counts)
        for o in sampled.outcomes
        if o["stage"] == "final"
    }


def test_dry_run_finds_that_the_settings_fit_files_full_of_faults(predicted: DryRun) -> None:
    assert predicted.settings == ()
    assert not predicted.fails


def test_every_kind_of_fault_was_planted_as_often_as_asked(sampled: Sampled) -> None:
    kinds = Counter(
        (fault["file"], fault["kind"], fault["record"]) for fault in sampled.manifest["faults"]
    )
    by_kind = Counter((file, kind) for file, kind, _ in kinds)
    assert set(by_kind.values()) == {FAULTS_OF_A_KIND}, by_kind


def test_rejects_keep_their_record_as_it_stands_in_the_file(sampled: Sampled) -> None:
    for reject in sampled.rejects:
        content, offset = sampled.contents[reject["file"]], reject["offset"]
        assert content[offset - 1 : offset] == b"\n", reject
        kept, following = reject["text"], _text(content[offset:])
        assert following.startswith(kept), reject
        assert following[len(kept) :][:1] in ("", "\r", "\n"), reject


def test_rejects_name_their_record_where_records_are_lines(sampled: Sampled) -> None:
    checked = set()
    for reject in sampled.rejects:
        lines = sampled.contents[reject["file"]].splitlines()
        if len(lines) - 1 == sampled.records[reject["file"]]:  # the header is a line
            assert reject["text"] == _text(lines[reject["record"]]), reject
            checked.add(reject["file"])
    assert len(checked) > len(sampled.contents) // 2


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="backslashreplace")


def test_counts_are_those_of_the_generator(sampled: Sampled) -> None:
    wanted = {}
    for file in sampled.manifest["files"]:
        for made in file["tables"]:
            bad = made["rejected_preliminary"]
            for stage, loaded, rejected in (
                ("preliminary", made["loaded_preliminary"], bad),
                ("final", made["loaded"], bad + made["rejected_final"]),
            ):
                counts = (file["records"], made["expected"], loaded, rejected, made["dropped"])
                wanted[file["file"], made["table"], stage] = counts
    names = ("records", "expected", "loaded", "rejected", "dropped")
    assert {
        (o["file"], o["table"], o["stage"]): tuple(o[name] for name in names)
        for o in sampled.outcomes
    } == wanted
    assert {o["status"] for o in sampled.outcomes} == {"COMPLETED"}


def test_final_tables_hold_as_many_rows_as_the_generator_says(sampled: Sampled) -> None:
    wanted: Counter[str] = Counter()
    for file in sampled.manifest["files"]:
        for made in file["tables"]:
            wanted[made["table"]] += made["loaded"]
    url = sampled.project.database_url
    assert {table: count_rows(url, table) for table in wanted} == wanted
