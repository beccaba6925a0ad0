"""Alarms, the dashboard, and the log groups that belong to no function; imports nothing else."""

import json

from aws_deploy.compiler.cloudformation import Json, Object, Resources, get, ref, resource, sub
from aws_deploy.compiler.names import QUEUE, Function, Machine, Topic, logical, machine_id, topic_id
from aws_deploy.compiler.unit import Unit

MACHINES = tuple(Machine)
STAGES = (Machine.PRELIMINARY, Machine.FINAL)
MINUTE_MS = 60_000
GLUE_STREAMS = ("output", "error")


def glue_log_prefix(unit: Unit) -> str:
    """What the log groups of Glue jobs begin with (`--custom-logGroup-prefix`, Glue 5)."""
    return f"/aws-glue/{unit.prefix}"


def glue_log_groups(unit: Unit) -> Resources:
    """The log groups of all Glue jobs."""
    return {
        logical("glue", stream, "Logs"): resource(
            "Logs::LogGroup",
            {
                "LogGroupName": f"{glue_log_prefix(unit)}/{stream}",
                "RetentionInDays": unit.environment.log_days,
            },
        )
        for stream in GLUE_STREAMS
    }


def alarms(unit: Unit) -> Resources:
    """Failed and stopped executions, slow ones, functions that failed, events that got lost."""
    resources: Resources = {}
    for machine in MACHINES:
        of_machine = ("StateMachineArn", ref(machine_id(machine)))
        for metric in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"):
            resources[logical(machine, metric, "Alarm")] = _alarm(
                unit,
                f"{machine}-{metric}",
                f"Executions of {unit.prefix}-{machine}: {metric}. The mail of the execution "
                "itself says which file and why.",
                ("AWS/States", metric, "Sum", 1.0),
                of_machine,
            )
    for machine in STAGES:
        minutes = unit.environment.slow_minutes
        resources[logical(machine, "SlowAlarm")] = _alarm(
            unit,
            f"{machine}-slow",
            f"An execution of {unit.prefix}-{machine} took longer than {minutes} minutes.",
            ("AWS/States", "ExecutionTime", "Maximum", float(minutes * MINUTE_MS)),
            ("StateMachineArn", ref(machine_id(machine))),
        )
    for function in (Function.START, Function.TRACKER):
        resources[logical(function, "ErrorsAlarm")] = _alarm(
            unit,
            f"{function}-errors",
            f"The function {unit.prefix}-{function} failed; see its log.",
            ("AWS/Lambda", "Errors", "Sum", 1.0),
            ("FunctionName", f"{unit.prefix}-{function}"),
        )
    resources["UndeliveredAlarm"] = _alarm(
        unit,
        "undelivered",
        f"Events wait in {unit.prefix}-undelivered: files or stopped executions that nobody heard "
        "of. Read them there and start the files by hand.",
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", 1.0),
        ("QueueName", get(QUEUE, "QueueName")),
    )
    return resources


def dashboard(unit: Unit) -> Resources:
    """One page: executions, their time, Glue, functions, the queue."""
    executions: list[Json] = [
        [
            "AWS/States",
            metric,
            "StateMachineArn",
            f"${{{machine_id(machine)}}}",
            {"label": f"{machine} {label}"},
        ]
        for machine in STAGES
        for metric, label in (
            ("ExecutionsStarted", "started"),
            ("ExecutionsSucceeded", "succeeded"),
            ("ExecutionsFailed", "failed"),
        )
    ]
    seconds: list[Json] = [
        [
            "AWS/States",
            "ExecutionTime",
            "StateMachineArn",
            f"${{{machine_id(machine)}}}",
            {"label": f"{machine} {statistic}", "stat": statistic},
        ]
        for machine in STAGES
        for statistic in ("p50", "Maximum")
    ]
    functions: list[Json] = [
        [
            "AWS/Lambda",
            metric,
            "FunctionName",
            f"{unit.prefix}-{function}",
            {"label": f"{function} {metric.lower()}"},
        ]
        for function in (Function.START, Function.TRACKER)
        for metric in ("Invocations", "Errors")
    ]
    waiting: list[Json] = [
        [
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            "QueueName",
            f"{unit.prefix}-undelivered",
            {"label": "undelivered events"},
        ]
    ]
    widgets: list[Json] = [
        _graph("Executions", executions, 0, 0, "Sum"),
        _graph("Time of executions (ms)", seconds, 12, 0, "Maximum"),
        _graph("Functions", functions, 0, 6, "Sum"),
        _graph("Undelivered events", waiting, 12, 6, "Maximum"),
    ]
    body = json.dumps({"widgets": widgets}, sort_keys=True)
    return {
        "Dashboard": resource(
            "CloudWatch::Dashboard",
            {"DashboardName": unit.prefix, "DashboardBody": sub(body)},
        )
    }


def _graph(title: str, metrics: list[Json], x: int, y: int, statistic: str) -> Object:
    return {
        "type": "metric",
        "x": x,
        "y": y,
        "width": 12,
        "height": 6,
        "properties": {
            "title": title,
            "metrics": metrics,
            "region": "${AWS::Region}",
            "period": 300,
            "stat": statistic,
            "view": "timeSeries",
        },
    }


def _alarm(
    unit: Unit,
    name: str,
    about: str,
    metric: tuple[str, str, str, float],
    dimension: tuple[str, Json],
) -> Object:
    namespace, metric_name, statistic, threshold = metric
    dimension_name, value = dimension
    return resource(
        "CloudWatch::Alarm",
        {
            "AlarmName": f"{unit.prefix}-{name}",
            "AlarmDescription": about,
            "Namespace": namespace,
            "MetricName": metric_name,
            "Dimensions": [{"Name": dimension_name, "Value": value}],
            "Statistic": statistic,
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [ref(topic_id(Topic.ALERTS))],
        },
    )
