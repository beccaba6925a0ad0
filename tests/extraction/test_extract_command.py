"""`admw extract` as a user types it: what it prints, exit codes, secrets."""

import json
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.command_line import ADMW, ALL_GOOD, STAGE_FAILED, WRONG_USAGE, admw, admw_environment
from tests.extraction.extracted import execute, rows_of


def _fill(url: str) -> None:
    execute(
        url,
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(20))",
        "INSERT INTO item VALUES (1, 'a'), (2, NULL)",
        "CREATE TABLE sale (id INTEGER PRIMARY KEY, note VARCHAR(20))",
        "INSERT INTO sale VALUES (1, 'x\ny')",
    )


def test_people_read_what_is_there_and_what_to_do(sqlite_source_url: str, tmp_path: Path) -> None:
    _fill(sqlite_source_url)
    out = tmp_path / "out"
    done = admw("extract", "--source", sqlite_source_url, "--out", str(out))
    assert done.returncode == ALL_GOOD
    assert "✓ item: 2 rows, 1 file, " in done.stderr
    assert "2 tables, 3 rows" in done.stdout
    assert "Texts with line ends in sale: their format in migration.yaml needs" in done.stdout
    assert f"Next: admw run --landing {out}" in done.stdout
    again = admw("extract", "--source", sqlite_source_url, "--out", str(out))
    assert "item: complete before, not extracted again" in again.stderr
    assert "All of this was complete before" in again.stdout


def test_scripts_read_one_document(sqlite_source_url: str, tmp_path: Path) -> None:
    _fill(sqlite_source_url)
    done = admw(
        *("extract", "--source", sqlite_source_url, "--out", str(tmp_path / "out"), "--json"),
        *("--where", "item: id = 1", "--table", "item", "--hash", "none", "--compress", "gz"),
    )
    document = json.loads(done.stdout)
    (outcome,) = document["outcomes"]
    assert (outcome["table"], outcome["extracted"], outcome["rows"]) == ("item", True, 1)
    assert document["manifest"]["tables"]["item"]["files"][0]["name"] == outcome["files"][0]
    assert rows_of(tmp_path / "out", "item") == [{"id": "1", "name": "a"}]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--hash", "md5"], "Known: admw_source_hash, admw_file_hash, none."),
        (["--compress", "rar"], "Known: none, gz, zip."),
        (["--hash-columns", "item=id"], "goes with --hash admw_file_hash only"),
        (["--rows-per-file", "5", "--max-file-size", "1MB"], "were both given"),
        (["--max-file-size", "big"], "is no file size"),
        (["--where", "item"], "cannot be read"),
        (["--where", "item: a", "--where", "item: b"], "given twice"),
        (["--table", "itme"], "Did you mean 'item'?"),
    ],
)
def test_wrong_options_are_refused(
    sqlite_source_url: str, tmp_path: Path, options: list[str], message: str
) -> None:
    _fill(sqlite_source_url)
    done = admw("extract", "--source", sqlite_source_url, "--out", str(tmp_path), *options)
    assert done.returncode == WRONG_USAGE
    assert message in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("url", "exit_code", "message"),
    [
        ("nonsense", WRONG_USAGE, "The source's URL cannot be read."),
        ("mysql+pymysql://me@localhost/", WRONG_USAGE, "names no database"),
        ("oddbase://host/db", WRONG_USAGE, "No driver is installed for 'oddbase'."),
        ("sqlite:////nowhere/x.db", WRONG_USAGE, "There is no SQLite file"),
        ("mysql+pymysql://me:hush@127.0.0.1:1/db", STAGE_FAILED, "does not answer"),
        ("postgresql://me:hush@127.0.0.1:1/db", STAGE_FAILED, "does not answer"),
    ],
)
def test_source_that_cannot_be_reached_is_explained(
    tmp_path: Path, url: str, exit_code: int, message: str
) -> None:
    done = admw("extract", "--source", url, "--out", str(tmp_path / "out"))
    assert done.returncode == exit_code
    assert message in " ".join(done.stderr.split())
    assert "hush" not in done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["mysql", "postgres"])
def test_password_comes_from_the_environment_and_is_written_nowhere(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    url = make_url(request.getfixturevalue(f"{kind}_url"))
    _fill(url.render_as_string(hide_password=False))
    password = str(url.password)
    bare = url._replace(password=None).render_as_string()
    out = tmp_path / "out"

    def extracted(secret: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ADMW, "extract", "--source", bare, "--out", str(out), "--workers", "2"],
            env=admw_environment() | {"ADMW_SOURCE_PASSWORD": secret},
            capture_output=True,
            text=True,
            timeout=120,
        )

    wrong = extracted("wrong-" + password[::-1])
    assert wrong.returncode == WRONG_USAGE, wrong.stderr
    assert "cannot be read" in wrong.stderr
    right = extracted(password)
    assert right.returncode == ALL_GOOD, right.stderr
    written = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    for text in (
        written,
        *(done.stdout.encode() + done.stderr.encode() for done in (wrong, right)),
    ):
        assert password.encode() not in text
    assert f"{url.username}@".encode() not in (out / "extract.json").read_bytes()
