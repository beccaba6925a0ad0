"""Deploying: from nothing, again, a change, a broken template, and away again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.rehearsal.account import PREFIX, Account


def deploy_from_nothing(account: Account) -> None:
    """Compile, deploy by change set, create the tables, subscribe to the topics."""
    account.compile()
    account.timeline.note("compiled")
    said = account.deploy()
    assert f"{PREFIX}: deployed." in said, said
    assert "Tables: " in said, said
    account.subscribe()
    account.timeline.note("deployed by change set, tables created, inbox subscribed")


def deploy_again(account: Account) -> None:
    """Unchanged input changes nothing."""
    said = account.deploy()
    assert f"{PREFIX}: no changes." in said, said
    account.timeline.note("deployed again: no changes")


def plan_worker_type(account: Account) -> None:
    """A changed worker type is one line of the plan."""
    with _edited(account) as template:
        template["Resources"]["PreliminaryTransformJob"]["Properties"]["WorkerType"] = "G.2X"
    lines = account.run("plan", "--from", str(account.folder / "edited")).splitlines()
    assert [" ".join(line.split()) for line in lines if line.strip()] == [
        "~ change PreliminaryTransformJob Glue::Job WorkerType: G.1X → G.2X",
        f"{PREFIX}: 1 to change.",
    ], lines
    account.timeline.note("a changed worker type is planned as that one line")


def deploy_broken(account: Account) -> None:
    """A template that AWS cannot carry out is rolled back; the first reason is said first."""
    outputs = account.outputs()

    with _edited(account) as template:
        template["Resources"]["PreliminaryTransformJob"]["Properties"]["Timeout"] = 77
        template["Resources"]["StartFunction"]["Properties"]["Code"]["S3Key"] = "missing.zip"
    said = account.run("deploy", "--from", str(account.folder / "edited"), "--yes", fails=True)
    errors = said.splitlines()
    reason = next(index for index, line in enumerate(errors) if line.startswith("StartFunction"))
    assert "missing.zip" in errors[reason], said
    assert "UPDATE_ROLLBACK_COMPLETE" in said, said
    job = account.client("glue").get_job(JobName=f"{PREFIX}-preliminary-transform")["Job"]
    assert job["Timeout"] != 77
    assert account.outputs() == outputs
    assert "no changes" in account.deploy()
    account.timeline.note(f"a broken template was rolled back: {errors[reason][:120]}")


def destroy(account: Account) -> None:
    """The stack goes, data stays; told twice, everything goes."""
    refused = account.run("destroy", fails=True)
    assert "Nothing was removed" in refused, refused
    said = account.run("destroy", "--yes")
    assert f"{PREFIX}: removed." in said, said
    kept = _buckets(account)
    assert {name.split("-")[2] for name in kept} == {"landing", "archive", "reports", "artifacts"}
    assert _count(account, "archive") > 0, "the archive was emptied"
    left = {
        "functions": account.client("lambda").list_functions()["Functions"],
        "jobs": account.client("glue").get_jobs()["Jobs"],
        "machines": account.client("stepfunctions").list_state_machines()["stateMachines"],
        "roles": account.client("iam").list_roles()["Roles"],
        "topics": account.client("sns").list_topics()["Topics"],
        "secrets": account.client("secretsmanager").list_secrets()["SecretList"],
    }
    assert not any(left.values()), left
    account.timeline.note(f"destroyed; kept on purpose: {', '.join(sorted(kept))}")
    said = account.deploy("--yes")
    assert f"{PREFIX}: deployed." in said, said
    assert _count(account, "archive") > 0
    account.timeline.note("deployed again over the data that was kept")
    unnamed = account.run("destroy", "--yes", "--delete-data", fails=True)
    assert "was not confirmed" in unnamed, unnamed
    account.run("destroy", "--delete-data", "--confirm", PREFIX)
    assert not _buckets(account)
    account.timeline.note("destroyed with its data, told twice: nothing is left")


@contextmanager
def _edited(account: Account) -> Iterator[dict[str, Any]]:
    """A compiled folder beside the right one, with another template."""
    folder = account.folder / "edited"
    folder.mkdir(exist_ok=True)
    template = json.loads((account.compiled / "template.json").read_text())
    yield template
    (folder / "template.json").write_text(json.dumps(template, indent=2))


def _buckets(account: Account) -> list[str]:
    return [bucket["Name"] for bucket in account.client("s3").list_buckets()["Buckets"]]


def _count(account: Account, kind: str) -> int:
    name = next(name for name in _buckets(account) if name.startswith(f"{PREFIX}-{kind}"))
    return account.client("s3").list_objects_v2(Bucket=name).get("KeyCount", 0)
