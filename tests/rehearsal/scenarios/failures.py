"""What goes wrong: a broken file, a job that is killed, a function that fails, a wrong name."""

import io
import json
import os
import signal
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pymysql
from sqlalchemy import make_url

from admw_assets.core.step import Stage, Status
from tests.rehearsal.account import PREFIX, Account
from tests.rehearsal.parity import rows_of

HEADER_LINES = 1
_FLAKY = '''
"""The reconciliation, which fails twice before it works."""
from aws_deploy.lambdas import step
from admw_assets.core.errors import DatabaseUnavailable

calls = []

def handler(event, context):
    calls.append(event)
    if len(calls) <= 2:
        raise DatabaseUnavailable("The database is away.", next_step="Wait.")
    return step.handler(event, context)
'''


def brands(sample: Path, name: str, first_id: int, rows: int) -> Path:
    """A file of brands with keys of its own, after the pattern of the sample's first row."""
    lines = sample.read_text(encoding="utf-8-sig").splitlines()
    header = lines[0].split(",")
    keep = [index for index, column in enumerate(header) if "hash" not in column.lower()]
    target = sample.parent / name
    made = [",".join(header[index] for index in keep)]
    for number in range(first_id, first_id + rows):
        made.append(",".join([str(number), *_row(number, len(keep) - 1)]))
    target.write_text("\n".join(made) + "\n", encoding="utf-8")
    return target


def _row(number: int, columns: int) -> list[str]:
    return [f"brand {number}"] * columns
