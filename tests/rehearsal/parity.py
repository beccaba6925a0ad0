"""The local run that AWS is held against: same files, same tables, same reports."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from admw_assets.core.migration_folder import load_migration
from aws_deploy.environment import PROJECT, SHIPPED_MIGRATION
from tests.rehearsal.account import Account

_MARK = re.compile(rb"pii:[0-9a-f]{6}")
_TIME = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z| UTC)?")


def run_locally(files: Path, home: Path, database_url: str) -> None:
    """Move the files through both stages on this machine."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "ADMW_"))}
    environment |= {"ADMW_DATABASE_URL": database_url, "ADMW_HOME": str(home)}
    environment["SPARK_SUBMIT_OPTS"] = "-XX:TieredStopAtLevel=1"  # right for ten small files
    command = [sys.executable, "-m", "admw_assets.cli.main", "run", "--landing", str(files)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def final_tables() -> list[str]:
    """The tables of the shipped migration, parents first."""
    migration = load_migration(PROJECT / SHIPPED_MIGRATION)
    return [table for wave in migration.waves for table in wave]


def rows_of(database_url: str, table: str) -> list[tuple[Any, ...]]:
    """Every row of a table, in one order."""
    engine = sa.create_engine(database_url)
    try:
        with engine.connect() as connection:
            quoted = engine.dialect.identifier_preparer.quote(table)
            rows = connection.execute(sa.text(f"SELECT * FROM {quoted}"))
            return sorted((tuple(row) for row in rows), key=repr)
    finally:
        engine.dispose()


def compared_tables(local_url: str, aws_url: str) -> dict[str, tuple[int, int]]:
    """Rows locally and on AWS, by table; raises AssertionError where a row differs."""
    counts: dict[str, tuple[int, int]] = {}
    for table in final_tables():
        local, aws = rows_of(local_url, table), rows_of(aws_url, table)
        assert local == aws, f"{table}: {_first_difference(local, aws)}"
        counts[table] = (len(local), len(aws))
    return counts


def compared_reports(local: Path, account: Account) -> int:
    """How many report files are the same but for times and ids; raises AssertionError."""
    s3, bucket = account.client("s3"), account.outputs()["ReportsBucket"]
    keys = {
        found["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for found in page.get("Contents", ())
    }
    files = {
        path.relative_to(local).as_posix(): path for path in local.rglob("*.*") if path.is_file()
    }
    assert keys == files.keys(), keys ^ files.keys()
    for folder in sorted({key.rpartition("/")[0] for key in keys}):
        names = sorted(key for key in keys if key.rpartition("/")[0] == folder)
        here = {name: files[name].read_bytes() for name in names}
        there = {name: s3.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}
        for name in names:
            expected, got = (_without_times(side, folder, name) for side in (here, there))
            assert expected == got, (
                f"{name}: {_first_difference(expected.splitlines(), got.splitlines())}"
            )
    return len(keys)


def _without_times(files: dict[str, bytes], folder: str, name: str) -> bytes:
    """A report without what differs between two runs: when, how long, which run."""
    about = json.loads(files[f"{folder}/report.json"])
    text = files[name].replace(about["run_id"].encode(), b"RUN")
    text = _TIME.sub(b"TIME", text)
    for pattern, replacement in _MEASURES:
        text = pattern.sub(replacement, text)
    return _with_numbered_marks(text)


def _with_numbered_marks(text: bytes) -> bytes:
    """The marks of personal values, which have a secret of their run in them, as numbers."""
    marks = list(dict.fromkeys(_MARK.findall(text)))
    return _MARK.sub(lambda found: b"pii:%d" % marks.index(found[0]), text)


_MEASURES = [
    (re.compile(rb'("(?:seconds|transform|load|reconcile|archive)": )[\d.]+'), rb"\1SECONDS"),
    (re.compile(rb"^(step,[^,]*,)[\d.]+", re.MULTILINE), rb"\1SECONDS"),
    (re.compile(rb'(<rect class="(?:preliminary|final)" )x="[\d.]+" width="[\d.]+"'), rb"\1BAR"),
    (re.compile(rb'(<span class="number">)[\d.,]+ (?:s|ms|min|h)\b[^<]*'), rb"\1SECONDS"),
    (re.compile(rb" Long waiting between steps is drawn shorter than it was\."), b""),
]


def _first_difference(local: list[Any], aws: list[Any]) -> str:
    for left, right in zip(local, aws, strict=False):
        if left != right:
            return f"locally {left!r}, on AWS {right!r}"
    return f"{len(local)} locally, {len(aws)} on AWS"
