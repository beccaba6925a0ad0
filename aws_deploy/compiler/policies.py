"""What each role may do: generated from what each step touches; imports nothing else.

A role is given to one job, function or machine. What the services themselves ask for is from
step-functions "IAM policies for integrated services" and the sources named below.
`policies/*.json` of the output shows them filled in.
"""

from collections.abc import Mapping
from enum import StrEnum

from admw_assets.core.step import Stage, StepKind
from aws_deploy.compiler.cloudformation import (
    ARTIFACT_BUCKET,
    Json,
    Object,
    arn,
    bucket_arn,
    get,
    ref,
)
from aws_deploy.compiler.names import (
    QUEUE,
    SECRET,
    Bucket,
    Function,
    Machine,
    Topic,
    bucket_name,
    step_name,
    topic_id,
)
from aws_deploy.compiler.unit import Unit


class Access(StrEnum):
    """What is done with the objects of a bucket."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"


READ, WRITE, DELETE = Access.READ, Access.WRITE, Access.DELETE
Touched = Mapping[Bucket, tuple[Access, ...]]

STEP_TOUCHES: Mapping[tuple[Stage, StepKind], Touched] = {
    (Stage.PRELIMINARY, StepKind.TRANSFORM): {
        Bucket.LANDING: (READ,),
        Bucket.STAGING: (READ, WRITE, DELETE),
    },
    (Stage.PRELIMINARY, StepKind.LOAD): {
        Bucket.LANDING: (READ,),  # the original bytes of rejects
        Bucket.STAGING: (READ,),
    },
    (Stage.PRELIMINARY, StepKind.RECONCILE): {
        Bucket.STAGING: (READ, DELETE),  # rows that are proven are not needed any more
        Bucket.REPORTS: (READ, WRITE),  # what was put is looked at
    },
    (Stage.FINAL, StepKind.LOAD): {
        Bucket.LANDING: (READ,),
    },
    (Stage.FINAL, StepKind.RECONCILE): {
        Bucket.STAGING: (READ,),
        Bucket.REPORTS: (READ, WRITE),
    },
    (Stage.FINAL, StepKind.ARCHIVE): {
        Bucket.LANDING: (READ, DELETE),
        Bucket.ARCHIVE: (READ, WRITE),
        Bucket.REPORTS: (READ,),  # their hashes go into the manifest
    },
}
"""Every step also reads the migration's folder and the secret, and writes to the database."""

FUNCTION_TOUCHES: Mapping[Function, Touched] = {
    Function.START: {
        Bucket.LANDING: (READ, WRITE),  # a restart brings back what was archived
        Bucket.ARCHIVE: (READ, WRITE),
    },
    Function.TRACKER: {},
    Function.DB_INIT: {},
}
READS_MIGRATION = (Function.START, Function.DB_INIT)
PUBLISHES: Mapping[Function, tuple[Topic, ...]] = {
    Function.START: (Topic.ALERTS,),
    Function.TRACKER: (Topic.ALERTS, Topic.SUMMARIES),
    Function.DB_INIT: (),
}

OBJECT_ACTIONS: Mapping[Access, tuple[str, ...]] = {
    READ: ("s3:GetObject",),
    WRITE: ("s3:AbortMultipartUpload", "s3:PutObject"),
    DELETE: ("s3:DeleteObject",),
}
JOB_RUNS = ("glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun")
"""For `.sync` (step-functions/latest/dg/connect-glue)."""

LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""For vended logs; none can be narrowed to a resource (step-functions/latest/dg/cw-logs)."""

INTERFACES_OF_FUNCTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""lambda/latest/dg/configuration-vpc, AWSLambdaVPCAccessExecutionRole."""

INTERFACES_OF_JOBS = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateTags",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
)
"""AWSGlueServiceRole, its part about networks."""


def role(service: str, statements: list[Json], description: str) -> Object:
    """A role that one service of this account may take on."""
    trust: Object = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    if service == "states":  # Lambda and Glue do not say for whom they ask
        trust["Condition"] = {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "Description": description,
            "AssumeRolePolicyDocument": document([trust]),
            "Policies": [{"PolicyName": "admw", "PolicyDocument": document(statements)}],
        },
    }


def document(statements: list[Json]) -> Object:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": statements}


def step_in_glue(unit: Unit, stage: Stage, step: StepKind) -> list[Json]:
    """What a step's Glue job may do."""
    log_groups = arn("logs", f"log-group:/aws-glue/{unit.prefix}/*")
    log_actions = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    only_glue: Object = {"StringEquals": {"cloudwatch:namespace": "Glue"}}
    statements = [
        *_objects(unit, STEP_TOUCHES[stage, step]),
        _artifacts("/artifacts/*"),
        _secret(),
        allow("WriteLogs", log_actions, log_groups),
        allow("WriteMetrics", ("cloudwatch:PutMetricData",), "*", condition=only_glue),
    ]
    if unit.environment.vpc:
        connection = arn("glue", f"connection/{unit.prefix}-network")
        statements += [
            allow("ReadConnection", ("glue:GetConnection",), arn("glue", "catalog"), connection),
            allow("JoinNetwork", INTERFACES_OF_JOBS, "*"),
        ]
    return statements


def step_in_lambda(unit: Unit, stage: Stage, step: StepKind) -> list[Json]:
    """What a step's Lambda function may do."""
    return [
        *_objects(unit, STEP_TOUCHES[stage, step]),
        _artifacts(*_function_files(unit, with_migration=True)),
        _secret(),
        *_in_lambda(unit, step_name(unit.prefix, stage, step)),
    ]


def function(unit: Unit, name: Function) -> list[Json]:
    """What start, tracker or db-init may do."""
    statements = [*_objects(unit, FUNCTION_TOUCHES[name]), _secret()]
    if files := _function_files(unit, with_migration=name in READS_MIGRATION):
        statements.append(_artifacts(*files))
    for topic in PUBLISHES[name]:
        statements.append(
            allow(f"Publish{topic.value.title()}", ("sns:Publish",), ref(topic_id(topic)))
        )
    if PUBLISHES[name]:
        key = get("TopicKey")
        statements.append(allow("UseTopicKey", ("kms:Decrypt", "kms:GenerateDataKey"), key))
    if name is Function.START:
        machines, executions = _machines(unit, "stateMachine"), _machines(unit, "execution", ":*")
        statements += [
            allow("StartStages", ("states:StartExecution",), *machines),
            allow("SeeExecutions", ("states:DescribeExecution",), *executions),
        ]
    if name is not Function.DB_INIT:
        statements.append(allow("KeepUndelivered", ("sqs:SendMessage",), get(QUEUE)))
    return [*statements, *_in_lambda(unit, f"{unit.prefix}-{name}")]


def machine(unit: Unit, name: Machine, functions: list[str], jobs: list[str]) -> list[Json]:
    """What a state machine may do: call these functions and jobs (by their names)."""
    called = [arn("lambda", f"function:{function}") for function in functions]
    statements: list[Json] = [allow("InvokeFunctions", ("lambda:InvokeFunction",), *called)]
    if jobs:
        statements.append(allow("RunJobs", JOB_RUNS, *(arn("glue", f"job/{job}") for job in jobs)))
    if name is Machine.MIGRATION:
        machines, executions = _machines(unit, "stateMachine"), _machines(unit, "execution", ":*")
        rule = arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
        rule_actions = ("events:DescribeRule", "events:PutRule", "events:PutTargets")
        statements += [
            allow("StartStages", ("states:StartExecution",), *machines),
            allow(
                "FollowStages", ("states:DescribeExecution", "states:StopExecution"), *executions
            ),
            allow("HearOfTheirEnd", rule_actions, rule),
        ]
    return [*statements, allow("DeliverLogs", LOG_DELIVERY, "*")]


def allow(sid: str, actions: tuple[str, ...], *on: Json, condition: Json = None) -> Object:
    """A statement that allows actions on resources."""
    statement: Object = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(on),
    }
    if condition is not None:
        statement["Condition"] = condition
    return statement


def _objects(unit: Unit, touched: Touched) -> list[Json]:
    statements: list[Json] = []
    for bucket, accesses in touched.items():
        name, title = bucket_name(unit.prefix, bucket), bucket.value.title()
        if READ in accesses:  # without it, S3 says "forbidden" of an object that is not there
            statements.append(allow(f"List{title}", ("s3:ListBucket",), bucket_arn(name)))
        actions = sorted(action for access in accesses for action in OBJECT_ACTIONS[access])
        statements.append(allow(f"Use{title}", tuple(actions), bucket_arn(name, "/*")))
    return statements


def _artifacts(*keys: str) -> Object:
    bucket = f"${{{ARTIFACT_BUCKET}}}"
    return allow("ReadArtifacts", ("s3:GetObject",), *(bucket_arn(bucket, key) for key in keys))


def _function_files(unit: Unit, *, with_migration: bool) -> list[str]:
    """What a function reads of the artifacts; its code Lambda has read before."""
    names = [unit.artifacts.migration.name] if with_migration else []
    if unit.artifacts.authority:
        names.append(unit.artifacts.authority.name)
    return [f"/artifacts/*/{name}" for name in names]


def _secret() -> Object:
    return allow("ReadSecret", ("secretsmanager:GetSecretValue",), get(SECRET, "Id"))


def _in_lambda(unit: Unit, name: str) -> list[Json]:
    """What every function may: write its log, and be in the network."""
    group = arn("logs", f"log-group:/aws/lambda/{name}:*")
    statements: list[Json] = [
        allow("WriteLogs", ("logs:CreateLogStream", "logs:PutLogEvents"), group)
    ]
    if unit.environment.vpc:
        statements.append(allow("JoinNetwork", INTERFACES_OF_FUNCTIONS, "*"))
    return statements


def _machines(unit: Unit, kind: str, end: str = "") -> list[Json]:
    names = (Machine.PRELIMINARY, Machine.FINAL)
    return [arn("states", f"{kind}:{unit.prefix}-{name}{end}") for name in names]
