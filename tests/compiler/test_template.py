"""The template: known to CloudFormation, least rights, everything private, the same every time."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aws_deploy.compiler.artifacts import Artifact
from aws_deploy.compiler.ir import Program
from aws_deploy.compiler.names import Machine, machine_id
from aws_deploy.compiler.output import Output, render
from tests.compiler.compiled import ENVIRONMENTS, unit_of

PROJECT = Path(__file__).parents[2]
PROMISED_OUTPUTS = {
    "LandingBucket", "StagingBucket", "ArchiveBucket", "ReportsBucket",
    "PreliminaryStateMachine", "FinalStateMachine", "MigrationStateMachine",
    "StartFunction", "DbInitFunction", "TrackerFunction",
    "AlertsTopic", "SummariesTopic", "DatabaseSecret",
}  # fmt: skip
NO_FAULTS = (
    ("RESOURCE_STAR", "ec2:"),  # interfaces are made wherever AWS wants: its own policies say "*"
    ("RESOURCE_MISMATCH", ":express:"),  # it wants express executions too, which there are none of
)
ONLY_ON_EVERYTHING = {"DeliverLogs", "JoinNetwork", "WriteMetrics"}
"""Statements whose actions AWS does not let anyone narrow to a resource."""


def _resources(output: Output, kind: str) -> dict[str, Any]:
    resources: Any = output.template["Resources"]
    return {name: made for name, made in resources.items() if made["Type"] == f"AWS::{kind}"}


def _policies(output: Output) -> dict[str, Any]:
    return {
        name: json.loads(text)
        for name, text in output.documents.items()
        if name.startswith("policies/")
    }


@pytest.fixture(params=ENVIRONMENTS)
def output(request: pytest.FixtureRequest, outputs: dict[str, Output]) -> Output:
    return outputs[request.param]


def test_cfn_lint_finds_nothing(outputs: dict[str, Output], tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.json" for name in outputs]
    for path in paths:
        path.write_text(outputs[path.stem].documents["template.json"])
    found = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), *paths], capture_output=True, text=True
    )
    assert found.returncode == 0, found.stdout


@pytest.mark.filterwarnings("ignore")
def test_parliament_finds_nothing_in_any_policy(output: Output) -> None:
    from parliament import analyze_policy_string

    found = [
        (name, finding.issue, str(finding.detail))
        for name, policy in _policies(output).items()
        for finding in analyze_policy_string(json.dumps(policy)).findings
    ]
    unexpected = [
        (name, issue, detail)
        for name, issue, detail in found
        if not any(issue == known and part in detail for known, part in NO_FAULTS)
    ]
    assert unexpected == []


def test_no_policy_has_a_wildcard_where_a_name_is_possible(output: Output) -> None:
    for name, policy in _policies(output).items():
        for statement in policy["Statement"]:
            assert not any("*" in action for action in statement["Action"]), (name, statement)
            if "*" in statement["Resource"]:
                assert statement["Sid"] in ONLY_ON_EVERYTHING, (name, statement)


def test_each_job_function_and_machine_has_a_role_of_its_own(output: Output) -> None:
    roles = [
        json.dumps(made["Properties"][key])
        for kind, key in (
            ("Lambda::Function", "Role"),
            ("Glue::Job", "Role"),
            ("StepFunctions::StateMachine", "RoleArn"),
        )
        for made in _resources(output, kind).values()
    ]
    assert len(roles) == len(set(roles)) == len(_resources(output, "IAM::Role"))


def test_only_the_archive_step_may_delete_a_source(output: Output) -> None:
    may = {
        name
        for name, policy in _policies(output).items()
        for statement in policy["Statement"]
        if statement["Sid"] == "UseLanding" and "s3:DeleteObject" in statement["Action"]
    }
    assert may == {f"policies/FinalArchive{kind}Role.json" for kind in ("Job", "Function")}


def test_buckets_are_encrypted_private_and_tls_only(output: Output) -> None:
    buckets = _resources(output, "S3::Bucket")
    policies = _resources(output, "S3::BucketPolicy")
    guarded = {made["Properties"]["Bucket"]["Ref"] for made in policies.values()}
    assert guarded == set(buckets) and len(buckets) == 4
    for made in policies.values():
        (statement,) = made["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    for name, bucket in buckets.items():
        properties = bucket["Properties"]
        assert all(properties["PublicAccessBlockConfiguration"].values())
        assert properties["BucketEncryption"] and properties["LifecycleConfiguration"]
        if name != "StagingBucket":
            assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
            assert bucket["DeletionPolicy"] == "Retain"


def test_no_secret_stands_in_arguments_variables_or_defaults(output: Output) -> None:
    text = output.documents["template.json"]
    assert output.template["Parameters"]
    for name, parameter in json.loads(text)["Parameters"].items():
        assert "Default" not in parameter
        assert parameter.get("NoEcho") is (True if "Secret" in name else None)
    for job in _resources(output, "Glue::Job").values():
        assert (
            not {"--password", "--ADMW_DATABASE_PASSWORD"}
            & job["Properties"]["DefaultArguments"].keys()
        )
    assert '"Ref": "DatabaseSecret"' not in text, "its name in emulators; take GetAtt Id"


def test_jobs_and_functions_get_the_same_settings(output: Output) -> None:
    tables = [
        made["Properties"]["Environment"]["Variables"]
        for made in _resources(output, "Lambda::Function").values()
    ]
    for job in _resources(output, "Glue::Job").values():
        arguments = job["Properties"]["DefaultArguments"].items()
        tables.append({k[2:]: v for k, v in arguments if k.startswith("--ADMW_")})
    assert all(table == tables[0] for table in tables)
    assert len(tables[0]) == 12


def test_certificates_of_the_database_reach_everyone_who_connects(program: Program) -> None:
    unit = unit_of(program, "prod")
    authority = Artifact("ca.pem", "1" * 64, Path("ca.pem"))
    output = render(replace(unit, artifacts=replace(unit.artifacts, authority=authority)))
    address = {"Fn::Sub": "s3://${ArtifactBucket}/artifacts/1111111111111111/ca.pem"}
    for function in _resources(output, "Lambda::Function").values():
        assert function["Properties"]["Environment"]["Variables"]["ADMW_DATABASE_CA"] == address
    for name, policy in _policies(output).items():
        if "StateMachine" not in name:
            files = [s["Resource"] for s in policy["Statement"] if s["Sid"] == "ReadArtifacts"]
            assert any(key.endswith(("/ca.pem", "/artifacts/*")) for key in files[0]), name


def test_every_log_group_has_a_retention_and_machines_log_where_aws_delivers(
    output: Output,
) -> None:
    groups = {
        made["Properties"]["LogGroupName"]: made["Properties"]["RetentionInDays"]
        for made in _resources(output, "Logs::LogGroup").values()
    }
    functions = _resources(output, "Lambda::Function").values()
    assert {f"/aws/lambda/{f['Properties']['FunctionName']}" for f in functions} <= set(groups)
    assert sum(name.startswith("/aws/vendedlogs/states/") for name in groups) == len(Machine)
    assert all(groups.values())


def test_executions_that_no_catch_sees_are_told_to_the_tracker(output: Output) -> None:
    rules = _resources(output, "Events::Rule")
    pattern = rules["OnStoppedExecution"]["Properties"]["EventPattern"]
    assert pattern["detail"]["status"] == ["ABORTED", "TIMED_OUT"]
    assert len(pattern["detail"]["stateMachineArn"]) == len(Machine)
    for rule in rules.values():
        (target,) = rule["Properties"]["Targets"]
        assert target["DeadLetterConfig"] and target["RetryPolicy"]
    alarms = _resources(output, "CloudWatch::Alarm")
    failed = alarms["FinalExecutionsFailedAlarm"]["Properties"]["Dimensions"][0]["Value"]
    assert failed == {"Ref": machine_id(Machine.FINAL)}


def test_the_stack_tells_what_was_promised(output: Output) -> None:
    assert set(json.loads(output.documents["template.json"])["Outputs"]) == PROMISED_OUTPUTS


def test_jobs_wait_in_a_queue_and_are_tried_again_by_the_machine_only(output: Output) -> None:
    jobs = _resources(output, "Glue::Job")
    assert len(jobs) == 6
    for job in jobs.values():
        assert job["Properties"]["JobRunQueuingEnabled"] is True
        assert job["Properties"]["MaxRetries"] == 0
        assert job["Properties"]["GlueVersion"] == "5.1"


def test_production_stands_in_a_network_with_a_database_that_takes_bulk_loads(
    outputs: dict[str, Output],
) -> None:
    prod = outputs["prod"]
    for function in _resources(prod, "Lambda::Function").values():
        assert function["Properties"]["VpcConfig"]["SubnetIds"] == {"Ref": "SubnetIds"}
    for job in _resources(prod, "Glue::Job").values():
        assert job["Properties"]["Connections"]
    (group,) = _resources(prod, "RDS::DBClusterParameterGroup").values()
    assert group["Properties"]["Parameters"]["local_infile"] == "1"
    assert group["Properties"]["Parameters"]["require_secure_transport"] == "ON"
    assert _resources(prod, "RDS::DBCluster")["Database"]["Properties"]["StorageEncrypted"]


HASHED = """
import hashlib, sys
from admw_assets.core.migration_folder import load_migration
from admw_assets.defs.assets import build_assets
from admw_assets.runtime.settings import SHIPPED_MIGRATION
from aws_deploy.compiler.frontend import read_program
from aws_deploy.compiler.output import render
from tests.compiler.compiled import unit_of
from tests.compiler.definitions import definitions_of
program = read_program(definitions_of(build_assets(load_migration(SHIPPED_MIGRATION))))
texts = render(unit_of(program, "prod")).documents
print(hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest())
"""


def test_another_process_with_another_hash_seed_writes_the_same_bytes(
    outputs: dict[str, Output],
) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"}
    other = subprocess.run(
        [sys.executable, "-c", HASHED],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=environment,
        check=True,
    )
    here = repr(sorted(outputs["prod"].documents.items())).encode()
    assert other.stdout.strip() == hashlib.sha256(here).hexdigest()
