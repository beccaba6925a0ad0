"""Plans, deployments and their ends, with a template of a few resources on the emulator."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from admw_assets.core.errors import ConfigurationError
from aws_deploy.deploy.access import Access
from aws_deploy.deploy.compiled import read_compiled
from aws_deploy.deploy.deployment import Deployment
from aws_deploy.deploy.errors import DeployError, StackFailed
from aws_deploy.deploy.plan import Action, Plan
from tests.rehearsal.server import Emulator

PREFIX = "admw-small"


@pytest.fixture
def deployment(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Deployment]:
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    made = Deployment(Access(emulator.region), emulator.account, PREFIX, poll=0.05)
    yield made
    if made.stack.describe() is not None:
        made.destroy(made.contents(), True, lambda event: None, lambda text: None)


def small_template(**job: Any) -> dict[str, Any]:
    bucket = {"Fn::Sub": f"{PREFIX}-landing-${{AWS::AccountId}}-${{AWS::Region}}"}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {"ArtifactBucket": {"Type": "String"}},
        "Resources": {
            "LandingBucket": {
                "Type": "AWS::S3::Bucket",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "BucketName": bucket,
                    "VersioningConfiguration": {"Status": "Enabled"},
                },
            },
            "StagingBucket": {
                "Type": "AWS::S3::Bucket",
                "DeletionPolicy": "Delete",
                "Properties": {"BucketName": f"{PREFIX}-staging"},
            },
            "Job": {
                "Type": "AWS::Glue::Job",
                "Properties": {
                    "Name": f"{PREFIX}-job",
                    "Role": "arn:aws:iam::123456789012:role/job",
                    "WorkerType": "G.1X",
                    "Timeout": 10,
                    "Command": {"Name": "glueetl", "ScriptLocation": "s3://scripts/run.py"},
                    **job,
                },
            },
        },
        "Outputs": {"LandingBucket": {"Value": {"Ref": "LandingBucket"}}},
    }


def planned(deployment: Deployment, folder: Path, template: dict[str, Any]) -> Plan:
    (folder / "artifacts" / "0123").mkdir(parents=True, exist_ok=True)
    (folder / "artifacts" / "0123" / "code.zip").write_bytes(b"code")
    (folder / "template.json").write_text(json.dumps(template))
    return deployment.plan(read_compiled(folder), {}, {})


def deployed(deployment: Deployment, folder: Path, template: dict[str, Any]) -> None:
    deployment.apply(planned(deployment, folder, template), lambda event: None)


def broken_template() -> dict[str, Any]:
    template = small_template()
    template["Resources"]["Function"] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": f"{PREFIX}-function",
            "Runtime": "python3.11",
            "Handler": "code.handler",
            "Role": "arn:aws:iam::123456789012:role/function",
            "Code": {"S3Bucket": {"Ref": "ArtifactBucket"}, "S3Key": "missing.zip"},
        },
    }
    return template


def test_plan_changes_nothing_and_uploads_only_what_is_new(
    deployment: Deployment, tmp_path: Path
) -> None:
    plan = planned(deployment, tmp_path, small_template())

    assert plan.creates
    assert plan.uploads == ("artifacts/0123/code.zip",)
    assert {change.action for change in plan.changes} == {Action.ADD}
    deployment.discard(plan)
    assert deployment.stack.describe() is None
    again = planned(deployment, tmp_path, small_template())
    assert again.uploads == ()
    deployment.discard(again)


def test_unchanged_template_is_no_change(deployment: Deployment, tmp_path: Path) -> None:
    deployed(deployment, tmp_path, small_template())

    assert planned(deployment, tmp_path, small_template()).empty


def test_plan_names_property_with_old_and_new_value(deployment: Deployment, tmp_path: Path) -> None:
    deployed(deployment, tmp_path, small_template())

    plan = planned(deployment, tmp_path, small_template(WorkerType="G.2X"))

    (change,) = plan.changes
    (changed,) = change.properties
    assert (change.action, change.logical_id) == (Action.CHANGE, "Job")
    assert (changed.path, changed.before, changed.after) == ("WorkerType", "G.1X", "G.2X")
    assert not plan.losses
    deployment.discard(plan)


def test_removing_a_bucket_is_a_loss_unless_it_is_kept(
    deployment: Deployment, tmp_path: Path
) -> None:
    deployed(deployment, tmp_path, small_template())
    template = small_template()
    del template["Resources"]["StagingBucket"], template["Resources"]["LandingBucket"]
    del template["Outputs"]

    plan = planned(deployment, tmp_path, template)

    assert [change.logical_id for change in plan.changes] == ["LandingBucket", "StagingBucket"]
    assert [change.logical_id for change in plan.losses] == ["StagingBucket"]
    deployment.discard(plan)


def test_failed_update_is_rolled_back_and_says_the_first_reason(
    deployment: Deployment, tmp_path: Path
) -> None:
    deployed(deployment, tmp_path, small_template())

    with pytest.raises(StackFailed, match=r"Function .*NoSuchKey") as raised:
        deployed(deployment, tmp_path, broken_template())

    assert "UPDATE_ROLLBACK_COMPLETE" in raised.value.next_step
    assert planned(deployment, tmp_path, small_template()).empty


def test_failed_creation_can_be_tried_again(deployment: Deployment, tmp_path: Path) -> None:
    with pytest.raises(StackFailed, match="NoSuchKey"):
        deployed(deployment, tmp_path, broken_template())

    deployed(deployment, tmp_path, small_template())

    assert deployment.stack.outputs()["LandingBucket"].startswith(f"{PREFIX}-landing")


def test_template_too_large_for_a_request_goes_by_url(
    deployment: Deployment, tmp_path: Path
) -> None:
    template = small_template()
    template["Metadata"] = {"Notes": "x" * 60_000}

    deployed(deployment, tmp_path, template)

    assert planned(deployment, tmp_path, template).empty


def test_destroy_keeps_data_and_deploying_again_takes_it_back(
    deployment: Deployment, tmp_path: Path
) -> None:
    deployed(deployment, tmp_path, small_template())
    s3, bucket = deployment.access.client("s3"), deployment.stack.outputs()["LandingBucket"]
    s3.put_object(Bucket=bucket, Key="a.csv", Body=b"1")
    s3.put_object(Bucket=f"{PREFIX}-staging", Key="part", Body=b"1")

    deployment.destroy(deployment.contents(), False, lambda event: None, lambda text: None)

    assert deployment.stack.describe() is None
    assert s3.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"1"
    deployed(deployment, tmp_path, small_template())
    assert s3.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"1"


def test_destroy_with_data_leaves_nothing(deployment: Deployment, tmp_path: Path) -> None:
    deployed(deployment, tmp_path, small_template())
    s3, bucket = deployment.access.client("s3"), deployment.stack.outputs()["LandingBucket"]
    for body in (b"1", b"2"):
        s3.put_object(Bucket=bucket, Key="a.csv", Body=body)
    s3.delete_object(Bucket=bucket, Key="a.csv")

    deployment.destroy(deployment.contents(), True, lambda event: None, lambda text: None)

    assert not [each["Name"] for each in s3.list_buckets()["Buckets"] if PREFIX in each["Name"]]


def test_missing_parameter_is_named_with_the_way_to_give_it(
    deployment: Deployment, tmp_path: Path
) -> None:
    template = small_template()
    template["Parameters"]["DatabaseSecretString"] = {"Type": "String", "NoEcho": True}

    with pytest.raises(ConfigurationError, match="ADMW_DATABASE_URL and ADMW_DATABASE_PASSWORD"):
        planned(deployment, tmp_path, template)


def test_missing_right_names_the_action(
    deployment: Deployment, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deployment.stack.describe() is None
    iam = deployment.access.client("iam")
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

    with pytest.raises(DeployError, match=r"may not do .*(DescribeStacks|ListBucket|GetTemplate)"):
        Deployment(Access(emulator.region), emulator.account, PREFIX).contents()
