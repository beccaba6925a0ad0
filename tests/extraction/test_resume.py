"""A second extraction into the same folder: what is complete stays, what is not is begun anew."""

import fcntl
import os
import re
import resource
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from admw_assets.core.errors import ConfigurationError, DataFileChanged, ExtractionError
from admw_assets.extraction import FileCompression, FileLimit, HashConvention
from admw_assets.extraction.manifest import TableState, read_manifest, write_manifest
from admw_assets.extraction.part_file import partial_path
from tests.command_line import ADMW, admw_environment
from tests.extraction.extracted import execute, files_of, manifest_of, rows_of, run

MANY = 60_000


@pytest.fixture
def url(sqlite_source_url: str) -> str:
    """A source of three small tables."""
    for table in ("a", "b", "c"):
        execute(
            sqlite_source_url,
            f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)",
            f"INSERT INTO {table} VALUES (1), (2), (3)",
        )
    return sqlite_source_url


def _state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a folder, with the moment of its last change."""
    return {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.glob("[!.]*")}


def test_complete_tables_are_not_extracted_again(url: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = run(url, out)
    before = _state(out)
    second = run(url, out)
    assert _state(out) == before
    assert [outcome.extracted for outcome in first.outcomes] == [True, True, True]
    assert [(o.table, o.extracted, o.message) for o in second.outcomes] == [
        (table, False, "complete before, not extracted again") for table in "abc"
    ]


def test_tables_that_are_missing_are_extracted_and_the_others_stay(
    url: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(url, out, tables=("b",))
    (first,) = files_of(out, "b")
    again = run(url, out)
    assert [(o.table, o.extracted) for o in again.outcomes] == [
        ("a", True),
        ("b", False),
        ("c", True),
    ]
    assert files_of(out, "b") == [first]
    assert len(manifest_of(out)["snapshots"]) == 2


def test_restart_replaces_all_files(url: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(url, out, limit=FileLimit(rows=1, bytes=None))
    execute(url, "INSERT INTO a VALUES (4)", "DELETE FROM b")
    before = set(files_of(out, "a"))
    again = run(url, out, restart=True, compression=FileCompression.GZ)
    assert all(outcome.extracted for outcome in again.outcomes)
    assert before.isdisjoint(files_of(out, "a"))
    assert [row["id"] for row in rows_of(out, "a")] == ["1", "2", "3", "4"]
    assert rows_of(out, "b") == []
    assert len(manifest_of(out)["snapshots"]) == 1


def test_files_taken_away_are_told_and_not_made_again(url: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(url, out)
    files_of(out, "a")[0].unlink()
    outcome = run(url, out).outcomes[0]
    assert not outcome.extracted
    assert "1 of its files have been taken away since (--restart --table a" in outcome.message
    assert run(url, out, restart=True, tables=("a",)).outcomes[0].extracted
    assert len(rows_of(out, "a")) == 3


def test_altered_file_is_refused(url: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(url, out)
    (file,) = files_of(out, "b")
    file.write_bytes(file.read_bytes().replace(b"2", b"7", 1))
    with pytest.raises(DataFileChanged, match=re.escape(file.name)):
        run(url, out)
    run(url, out, restart=True, tables=("b",))
    assert [row["id"] for row in rows_of(out, "b")] == ["1", "2", "3"]


def test_other_wishes_for_a_complete_table_are_refused(url: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(url, out)
    with pytest.raises(
        ConfigurationError, match="'a' was extracted with another --where and --hash"
    ):
        run(url, out, where={"a": "id = 1"}, hash=HashConvention.NONE)


def test_folder_of_another_source_is_refused(url: str, tmp_path: Path) -> None:
    run(url, tmp_path / "out")
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    execute(other, "CREATE TABLE a (id INTEGER)")
    with pytest.raises(ConfigurationError, match="holds what was extracted from"):
        run(other, tmp_path / "out", restart=True)


def test_publishing_that_was_cut_short_is_finished(url: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(url, out, limit=FileLimit(rows=1, bytes=None))
    files = files_of(out, "b")
    manifest = read_manifest(out)
    assert manifest is not None
    entry = replace(manifest.tables["b"], state=TableState.PUBLISHING)
    write_manifest(out, manifest.with_table("b", entry))
    for file in files[1:]:
        file.rename(partial_path(out, file.name))
    stray = partial_path(out, "C~20200101.000000.csv")
    stray.write_text("half")
    keep = out / ".notes.partial"
    keep.write_text("somebody's")
    second = run(url, out)
    assert not any(outcome.extracted for outcome in second.outcomes)
    assert files_of(out, "b") == files and len(rows_of(out, "b")) == 3
    assert manifest_of(out)["tables"]["b"]["state"] == "complete"
    assert not stray.exists() and keep.exists()


def test_two_extractions_into_one_folder_are_refused(url: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(url, out)
    with (out / ".extract.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ConfigurationError, match="Another extraction is writing"):
            run(url, out)


def test_full_disk_is_told_and_leaves_no_data_file(url: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    execute(
        url,
        "WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) "
        "INSERT INTO b SELECT i FROM n",
    )
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(ExtractionError, match="cannot be written: File too large"):
            run(url, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {p.name[0] for p in out.glob("[!.]*~*")} == {"A"}
    assert run(url, out).outcomes[1].entry.rows == 40_000


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_extraction_is_taken_up_again(source_url: str, tmp_path: Path, workers: int) -> None:
    names = ("alpha", "beta", "gamma")
    for name in names:
        execute(source_url, f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, t VARCHAR(200))")
        values = ",".join(f"({n},'{'x' * (n % 150)}')" for n in range(MANY))
        execute(source_url, f"INSERT INTO {name} VALUES {values}")
    out = tmp_path / "out"
    moments: list[int] = []
    while True:
        process = subprocess.Popen(
            [
                *(*ADMW, "extract", "--json", "--source", source_url, "--out", str(out)),
                *("--workers", str(workers), "--rows-per-file", "20000"),
            ],
            env=admw_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        killed = _killed_in_a_table(process, out, len(moments))
        output, _ = process.communicate()
        if not killed:
            assert process.returncode == 0, output
            break
        tables = manifest_of(out)["tables"].values() if (out / "extract.json").exists() else ()
        complete = sum(table["state"] == TableState.COMPLETE for table in tables)
        published = len(list(out.glob("[A-Z]*~*")))
        # It may have been killed among the renames of a table: the next one finishes them.
        assert 3 * complete <= published <= 3 * len(tables), "half of a table"
        moments.append(complete)
    assert moments, "it was never killed"
    for name in names:
        lines = [line for file in files_of(out, name) for line in file.open() if line[0] != "i"]
        ids = [int(line.partition(",")[0]) for line in lines]
        assert sorted(ids) == list(range(MANY))
    assert not list(out.glob(".*.partial"))
    _no_process_left(str(out))


def _killed_in_a_table(process: subprocess.Popen[bytes], out: Path, before: int) -> bool:
    """Kill the parent alone, a moment after so many tables have been begun; False if too late."""
    if before >= 3:
        return False
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        begun = {p.name.partition("~")[0] for p in out.glob(".*~*.partial")}
        done = {p.name.partition("~")[0] for p in out.glob("[A-Z]*~*")}
        if begun and len(done) >= min(before, 2):
            time.sleep(0.05)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.01)
    return False


def _no_process_left(out: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        left = subprocess.run(["pgrep", "-f", "spawn_main"], capture_output=True, text=True)
        mine = [pid for pid in left.stdout.split() if out in _open_files(pid)]
        if not mine:
            return
        time.sleep(0.2)
    raise AssertionError("a worker outlived its parent")


def _open_files(pid: str) -> str:
    try:
        return " ".join(str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return ""
