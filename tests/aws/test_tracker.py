"""The tracker function: what steps could not record, and one mail per stage for a person."""

import json
from typing import Any

import pytest

from admw_assets.core.step import Stage, Status
from aws_deploy.lambdas import mails, tracker
from tests.aws.account import Account
from tests.aws.tracked import state_of, track
from tests.aws.tracked import tracker as open_tracker
from tests.orders import ORDERS

PRE, FINAL = Stage.PRELIMINARY, Stage.FINAL
GIVEN = {"file": ORDERS, "location": f"s3://landing/{ORDERS}", "table": "orders", "size": 1}


def event(what: str, run_id: str = "run-1", stage: Stage = PRE, **more: Any) -> dict[str, Any]:
    return {"event": what, "stage": stage.value, "input": GIVEN | {"run_id": run_id}, **more}


def test_start_marks_the_stage_as_running_and_counts_the_attempt(account: Account) -> None:
    tracker.handler(event("started", "run-1"))
    tracker.handler(event("started", "run-1"))
    state = state_of(ORDERS, "orders", PRE)
    assert state is not None
    assert (state.status, state.attempt, state.run_id) == (Status.RUNNING, 1, "run-1")

    tracker.handler(event("started", "run-2"))
    state = state_of(ORDERS, "orders", PRE)
    assert state is not None and (state.attempt, state.run_id) == (2, "run-2")


def test_start_leaves_a_completed_stage_completed(account: Account) -> None:
    track(ORDERS, "orders", PRE, Status.COMPLETED)

    tracker.handler(event("started"))

    state = state_of(ORDERS, "orders", PRE)
    assert state is not None and state.status is Status.COMPLETED


def test_completion_sends_one_summary_with_the_numbers_and_the_report(account: Account) -> None:
    report = f"s3://reports/{ORDERS}/preliminary-orders"
    track(ORDERS, "orders", PRE, Status.COMPLETED, run_id="run-1", report=report)

    tracker.handler(event("completed"))

    (mail,) = account.mails("summaries")
    assert mail.subject == f"Completed: preliminary/orders, {ORDERS}"
    assert "loaded 9, rejected 1" in mail.text
    assert "console.aws.amazon.com/s3/object/reports?prefix=ORDERS~" in mail.text
    assert account.mails("alerts") == []


def test_failure_that_the_step_recorded_keeps_its_message(account: Account) -> None:
    told = "3 rows are missing. Look at the report."
    track(ORDERS, "orders", PRE, Status.FAILED, run_id="run-1", message=told)

    tracker.handler(event("failed", error={"Error": "States.TaskFailed", "Cause": "{}"}))

    state = state_of(ORDERS, "orders", PRE)
    assert state is not None and (state.message, state.attempt) == (told, 1)
    (mail,) = account.mails("alerts")
    assert mail.subject.startswith("FAILED: preliminary/orders")
    assert told in mail.text
    assert f"python -m aws_deploy start '{ORDERS}' --stage preliminary" in mail.text


def test_job_that_was_killed_is_recorded_as_failed(account: Account) -> None:
    tracker.handler(event("started"))
    cause = {"JobName": "admw-preliminary-load", "JobRunState": "STOPPED", "ErrorMessage": ""}

    error = {"Error": "States.TaskFailed", "Cause": json.dumps(cause)}
    tracker.handler(event("failed", error=error))

    state = state_of(ORDERS, "orders", PRE)
    assert state is not None and (state.status, state.attempt) == (Status.FAILED, 1)
    assert "admw-preliminary-load ended as STOPPED" in state.message
    with open_tracker() as opened:
        assert [e.status for e in opened.events(ORDERS)] == ["STARTED", "FAILED"]


def test_execution_that_timed_out_is_recorded_and_told(account: Account) -> None:
    tracker.handler(event("started", stage=FINAL))
    detail = {
        "status": "TIMED_OUT",
        "stateMachineArn": account.variables["ADMW_FINAL_MACHINE"],
        "name": "run-1",
        "input": json.dumps(GIVEN | {"run_id": "run-1"}),
    }

    tracker.handler({"detail-type": "Step Functions Execution Status Change", "detail": detail})

    state = state_of(ORDERS, "orders", FINAL)
    assert state is not None and state.status is Status.FAILED
    (mail,) = account.mails("alerts")
    assert "took longer than it may" in mail.text


def test_failure_after_completion_does_not_undo_it(account: Account) -> None:
    track(ORDERS, "orders", PRE, Status.COMPLETED, run_id="run-1")

    tracker.handler(event("failed", error={"Error": "Lambda.Unknown", "Cause": "no mail"}))

    state = state_of(ORDERS, "orders", PRE)
    assert state is not None and state.status is Status.COMPLETED
    assert len(account.mails("alerts")) == 1


def test_alert_goes_out_where_the_database_is_what_has_failed(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.aws.account import client

    secret = {"host": "127.0.0.1", "port": 1, "username": "u", "password": "p", "dbname": "d"}
    client("secretsmanager").put_secret_value(
        SecretId=account.variables["ADMW_DATABASE_SECRET"], SecretString=json.dumps(secret)
    )
    monkeypatch.setattr(tracker, "_WAITS_SECONDS", (0.0,))
    error = {"errorType": "DatabaseUnavailable", "errorMessage": "The database is away."}

    answer = tracker.handler(
        event("failed", error={"Error": "DatabaseUnavailable", "Cause": json.dumps(error)})
    )

    assert answer["recorded"] is False
    (mail,) = account.mails("alerts")
    assert "The database is away." in mail.text
    assert "The tracker could not be written" in mail.text


def test_summary_of_a_migration_counts_files_and_names_failed_ones(account: Account) -> None:
    for number in range(8):
        name = f"ORDERS~2024010{number}.000000.csv"
        track(name, "orders", PRE, Status.FAILED, message="too long " * 100)
    track(ORDERS, "orders", FINAL, Status.COMPLETED)

    tracker.handler({"summary": {"stage": "all", "execution": "batch-1"}})

    (mail,) = account.mails("alerts")
    assert mail.subject == "FAILED: migration all"
    assert "preliminary: 8 failed" in mail.text
    assert "and 3 more" in mail.text
    assert len(mail.text) <= 1000


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"Error": "States.Timeout", "Cause": ""}, "States.Timeout"),
        ({"Error": "LoadError", "Cause": '{"errorMessage": "No."}'}, "No."),
        ({"Error": "X", "Cause": "[1]"}, "X: [1]"),
        ({}, "unknown"),
    ],
)
def test_reason_is_found_in_whatever_step_functions_kept(
    error: dict[str, str], reason: str
) -> None:
    assert mails.reason_of(error) == reason
