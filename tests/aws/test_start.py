"""The start function: each cause starts its execution once, and nothing before its parents."""

from dataclasses import replace
from typing import Any

import pytest

from admw_assets.core.errors import ConfigurationError
from admw_assets.core.step import Stage, Status
from aws_deploy.lambdas import start
from aws_deploy.lambdas.execution_names import LONGEST, Cause
from tests.aws.account import Account
from tests.aws.tracked import state_of, track
from tests.orders import CUSTOMERS, ORDERS

PRE, FINAL = Stage.PRELIMINARY, Stage.FINAL


def uploaded(account: Account, key: str, content: bytes = b"id,name,tags\n") -> dict[str, Any]:
    """Upload, and what EventBridge then tells."""
    account.put("landing", key, content)
    return {
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": account.bucket("landing")}, "object": {"key": key}},
    }


def test_upload_starts_the_preliminary_stage_of_every_table_once(account: Account) -> None:
    event = uploaded(account, CUSTOMERS)

    start.handler(event)
    start.handler(event)

    inputs = list(account.executions("preliminary").values())
    assert sorted(given["table"] for given in inputs) == ["customer", "customer_tag"]
    for given in inputs:
        assert given["location"] == f"s3://{account.bucket('landing')}/{CUSTOMERS}"
        assert given["size"] == len(b"id,name,tags\n")
        assert len(given["run_id"]) <= LONGEST
    assert account.mails("alerts") == []


def test_doubled_event_does_not_start_a_failed_file_again(account: Account) -> None:
    event = uploaded(account, ORDERS)
    start.handler(event)
    (run_id,) = account.executions("preliminary")
    track(ORDERS, "orders", PRE, Status.FAILED, run_id=run_id)

    start.handler(event)

    assert set(account.executions("preliminary")) == {run_id}


def test_corrected_upload_starts_a_failed_file_again(account: Account) -> None:
    start.handler(uploaded(account, ORDERS))
    (run_id,) = account.executions("preliminary")
    track(ORDERS, "orders", PRE, Status.FAILED, run_id=run_id)

    start.handler(uploaded(account, ORDERS, b"id,customer_id,amount\n"))

    assert len(account.executions("preliminary")) == 2


def test_upload_of_a_running_file_starts_nothing(account: Account) -> None:
    track(ORDERS, "orders", PRE, Status.RUNNING)

    start.handler(uploaded(account, ORDERS))

    assert account.executions("preliminary") == {}


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("invoice.pdf", "not the name of a data file"),
        ("INVOICE~20240101.000000.csv", "No file of this migration is called"),
        ("old/" + ORDERS, "lies in a folder"),
    ],
)
def test_wrong_name_is_told_by_mail_and_starts_nothing(
    account: Account, key: str, reason: str
) -> None:
    start.handler(uploaded(account, key))

    (mail,) = account.mails("alerts")
    assert key in mail.subject
    assert reason in mail.text
    assert len(mail.text) <= 1000
    assert account.executions("preliminary") == {}


def test_file_that_is_running_cannot_be_started_by_hand(account: Account) -> None:
    account.put("landing", ORDERS, b"id,customer_id,amount\n")
    (first,) = start.handler({"file": ORDERS})["started"]
    track(ORDERS, "orders", PRE, Status.RUNNING, run_id=first["run_id"])
    account.wait_until_idle("preliminary")

    # The machine of these tests passes at once: the tracker's word alone does not hold a file.
    (second,) = start.handler({"file": ORDERS})["started"]

    assert second["run_id"] != first["run_id"]
    with pytest.raises(ConfigurationError, match="There is no CUSTOMER"):
        start.handler({"file": CUSTOMERS})


def test_ready_starts_children_after_all_files_of_their_parents(account: Account) -> None:
    track(CUSTOMERS, "customer", PRE, Status.COMPLETED)
    track(CUSTOMERS, "customer_tag", PRE, Status.COMPLETED)
    track(ORDERS, "orders", PRE, Status.COMPLETED)

    start.handler({"ready": True})
    assert [g["table"] for g in account.executions("final").values()] == ["customer"]

    track(CUSTOMERS, "customer", FINAL, Status.COMPLETED)
    start.handler({"ready": True})
    start.handler({"ready": True})
    tables = sorted(given["table"] for given in account.executions("final").values())
    assert tables == ["customer", "customer_tag", "orders"]


def test_manual_final_stages_are_not_started_when_ready(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMW_FINAL_STAGE", "manual")
    track(CUSTOMERS, "customer", PRE, Status.COMPLETED)

    assert start.handler({"ready": True})["started"] == []


def test_plan_lists_what_is_due_and_names_it_like_the_upload(account: Account) -> None:
    event = uploaded(account, ORDERS)
    uploaded(account, CUSTOMERS)
    account.put("landing", "readme.txt", b"")
    track(CUSTOMERS, "customer", PRE, Status.COMPLETED)
    track(CUSTOMERS, "customer_tag", PRE, Status.RUNNING)

    plan = start.handler({"plan": {"stage": "preliminary", "wave": 0}})
    start.handler(event)

    assert plan["machine"] == account.variables["ADMW_PRELIMINARY_MACHINE"]
    assert not plan["more"]
    assert [task["run_id"] for task in plan["tasks"]] == list(account.executions("preliminary"))


def test_plan_leaves_out_what_failed_since_the_migration_began(account: Account) -> None:
    uploaded(account, ORDERS)
    track(ORDERS, "orders", PRE, Status.FAILED, updated_at="2024-05-01T10:00:00.000+00:00")

    def due(since: str) -> list[str]:
        plan = start.handler({"plan": {"stage": "preliminary", "wave": 0, "since": since}})
        return [task["table"] for task in plan["tasks"]]

    assert due("2024-05-01T11:00:00.000Z") == ["orders"]
    assert due("2024-05-01T09:00:00.000Z") == []


def test_final_plan_holds_back_what_depends_on_a_failed_file(account: Account) -> None:
    since = "2024-05-01T09:00:00.000Z"
    track(CUSTOMERS, "customer", PRE, Status.COMPLETED)
    track(CUSTOMERS, "customer", FINAL, Status.FAILED, updated_at="2024-05-01T10:00:00.000+00:00")
    track(ORDERS, "orders", PRE, Status.COMPLETED)

    def due(wave: int) -> list[str]:
        plan = start.handler({"plan": {"stage": "final", "wave": wave, "since": since}})
        return [task["table"] for task in plan["tasks"]]

    assert (due(0), due(1)) == ([], [])
    track(CUSTOMERS, "customer", FINAL, Status.COMPLETED)
    assert due(1) == ["orders"]


def test_restart_takes_a_stage_back_and_gives_the_run_a_new_name(account: Account) -> None:
    account.put("landing", ORDERS, b"id,customer_id,amount\n")
    track(ORDERS, "orders", PRE, Status.COMPLETED)
    track(ORDERS, "orders", FINAL, Status.COMPLETED)

    (first,) = start.handler({"file": ORDERS, "restart": True})["started"]

    state, final = state_of(ORDERS, "orders", PRE), state_of(ORDERS, "orders", FINAL)
    assert state is not None and (state.status, state.message) == (Status.RUNNING, "Restarted.")
    assert final is not None and final.status is Status.BLOCKED
    assert state.run_id != first["run_id"]


def test_names_differ_by_everything_that_makes_a_cause() -> None:
    cause = Cause("A" * 150 + "~20240101.000000.csv", "t" * 60, "preliminary", 1, "v1")
    others = [
        replace(cause, file="B~20240101.000000.csv"),
        replace(cause, table="u"),
        replace(cause, stage="final"),
        replace(cause, attempt=2),
        replace(cause, version="v2"),
    ]
    names = {other.name for other in (cause, *others)}

    assert len(names) == len(others) + 1
    assert all(len(name) <= LONGEST for name in names)
    assert all(name.endswith(f"-{c.mark}") for c in (cause, *others) for name in [c.name])
