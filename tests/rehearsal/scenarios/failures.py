"""What goes wrong: a wrong name, a broken file, a job that is killed, a function that fails."""

import io
import os
import signal
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql
from sqlalchemy import make_url

from admw_assets.core.step import Stage, Status
from tests.rehearsal.account import PREFIX, Account
from tests.rehearsal.brands import COLUMNS, brand_file
from tests.rehearsal.parity import rows_of

FLAKY = '''"""A step that fails twice before it works."""

import tempfile
from pathlib import Path

from admw_assets.core.errors import DatabaseUnavailable
from aws_deploy.lambdas import step

calls = Path(tempfile.gettempdir()) / "calls"


def handler(event, context):
    with calls.open("a") as counted:
        counted.write("x")
    if calls.stat().st_size <= 2:
        raise DatabaseUnavailable("The database is away.", next_step="Wait.")
    return step.handler(event, context)
'''


def wrong_name(account: Account, folder: Path) -> None:
    """An object that is no data file starts nothing, and somebody is told."""
    file = folder / "notes from the shop.csv"
    file.write_text("hello\n")
    before = len(account.states())
    account.upload(file)
    mail = account.wait_for_mail("alerts", "notes from the shop.csv")
    assert len(account.states()) == before
    account.client("s3").delete_object(Bucket=account.outputs()["LandingBucket"], Key=file.name)
    account.timeline.note(f"a wrong name was refused by mail: {mail.subject}")


def broken_file(account: Account, folder: Path) -> None:
    """A file without a column fails, is told of, rings; corrected, it completes."""
    file = brand_file(folder, 1, 900, columns=COLUMNS.replace("own_label", "own_lable"))
    account.upload(file)
    failed = account.wait_for(file.name, Stage.PRELIMINARY, Status.FAILED)
    ended = account.execution(Stage.PRELIMINARY, failed.run_id)
    assert ended["status"] == "FAILED", ended
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in account.history(Stage.PRELIMINARY, failed.run_id)
        if "stateEnteredEventDetails" in event
    ]
    mail = account.wait_for_mail("alerts", file.name)
    assert "own_label" in mail.text, mail.text
    assert len(mail.text) <= 1000
    alarms = account.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
    ringing = [alarm["AlarmName"] for alarm in alarms]
    assert any("preliminary" in name for name in ringing), ringing
    assert not any("final" in name for name in ringing), ringing
    account.timeline.note(f"a broken file: {' > '.join(entered)}")
    account.timeline.note(f"mail: {mail.subject}")
    for line in mail.text.splitlines():
        account.timeline.note(f"  | {line}")
    account.timeline.note(f"alarm: {', '.join(ringing)}")
    account.upload(brand_file(folder, 1, 900))
    account.wait_for(file.name, Stage.FINAL, Status.COMPLETED)
    assert _brands(account, 900) == 5
    account.timeline.note("corrected and uploaded again: completed")
    restarted_file(account, file.name)
    assert _brands(account, 900) == 5


def restarted_file(account: Account, file: str) -> None:
    """The final stage of a finished file is taken back by hand and goes through again."""
    before = account.wait_for(file, Stage.FINAL, Status.COMPLETED)
    account.run("restart", file, "--stage", "final")
    account.wait_for(file, Stage.FINAL, Status.COMPLETED, but_not=before.run_id)
    account.timeline.note("taken back by hand: the final stage completed again")


def killed_job(account: Account, folder: Path) -> None:
    """A Glue job dies when it has written some of its rows: tried again, nothing is doubled."""
    file = brand_file(folder, 2, 920)
    with _record_held(account, file.name, 4) as waiting_rows:
        account.upload(file)
        rows = account.wait_until(waiting_rows, "the load to wait at the fourth record")
        (job,) = [
            each
            for each in account.emulator.glue_processes()
            if each["job"] == f"{PREFIX}-preliminary-load"
        ]
        os.killpg(job["pid"], signal.SIGKILL)
    account.timeline.note(
        f"a load was killed with {rows} rows written (the ledger's is one) and not committed"
    )
    done = account.wait_for(file.name, Stage.FINAL, Status.COMPLETED)
    state = account.state(file.name, Stage.PRELIMINARY)
    assert state is not None and done.counts.loaded == 5
    runs = account.client("glue").get_job_runs(JobName=f"{PREFIX}-preliminary-load")["JobRuns"]
    of_file = [r["JobRunState"] for r in runs if r["Arguments"]["--location"].endswith(file.name)]
    assert of_file == ["SUCCEEDED", "FAILED"], of_file
    assert _brands(account, 920) == 5
    account.timeline.note("tried again by Step Functions: completed, each row once")


def failing_function(account: Account, folder: Path) -> None:
    """A function fails twice and then works: Retry, as the history shows."""
    name = f"{PREFIX}-preliminary-reconcile"
    functions = account.client("lambda")
    described = functions.get_function(FunctionName=name)
    with urllib.request.urlopen(described["Code"]["Location"]) as answer:
        genuine = answer.read()
    changed = io.BytesIO(genuine)
    with zipfile.ZipFile(changed, "a") as archive:
        archive.writestr("flaky.py", FLAKY)
    handler = described["Configuration"]["Handler"]
    functions.update_function_code(FunctionName=name, ZipFile=changed.getvalue())
    functions.update_function_configuration(FunctionName=name, Handler="flaky.handler")
    try:
        file = brand_file(folder, 3, 940)
        account.upload(file)
        done = account.wait_for(file.name, Stage.PRELIMINARY, Status.COMPLETED, Status.FAILED)
        assert done.status is Status.COMPLETED, done.message
    finally:
        functions.update_function_code(FunctionName=name, ZipFile=genuine)
        functions.update_function_configuration(FunctionName=name, Handler=handler)
    failures = [
        event["taskFailedEventDetails"]["error"]
        for event in account.history(Stage.PRELIMINARY, done.run_id)
        if event["type"] == "TaskFailed"
    ]
    assert failures == ["DatabaseUnavailable"] * 2, failures
    account.wait_for(file.name, Stage.FINAL, Status.COMPLETED)
    account.timeline.note(f"a function failed with {', '.join(failures)}, then worked")


@contextmanager
def _record_held(account: Account, file: str, record: int) -> Iterator[Callable[[], int | None]]:
    """Somebody else is just writing that record; yields a look at how many rows (with the ledger's)
    a load has written that waits for it."""
    url = make_url(account.database_url)
    access = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": str(url.password),
        "database": url.database,
    }
    holder = pymysql.connect(**access)  # pyright: ignore[reportArgumentType]
    looker = pymysql.connect(**access, autocommit=True)  # pyright: ignore[reportArgumentType]

    def waiting_rows() -> int | None:
        with looker.cursor() as cursor:
            cursor.execute(
                "SELECT MAX(trx_rows_modified) FROM information_schema.innodb_trx "
                "WHERE trx_state = 'LOCK WAIT'"
            )
            found = cursor.fetchone()
        return int(found[0]) if found and found[0] else None

    with holder, looker:
        with holder.cursor() as cursor:
            cursor.execute(
                "INSERT INTO `PRE_brand` (admw_origin_file_name, admw_record_number, "
                "admw_row_number, admw_row_hash, admw_run_id, admw_loaded_at) "
                "VALUES (%s, %s, 1, '', 'held', NOW())",
                (file, record),
            )
        try:
            yield waiting_rows
        finally:
            holder.rollback()


def _brands(account: Account, first: int) -> int:
    """How many brands there are from this number on, of twenty."""
    rows = rows_of(account.database_url, "brand")
    return sum(first <= int(row[0]) < first + 20 for row in rows)
