"""EventBridge rules: an upload starts a stage; an execution that Catch never saw is reported.

S3 reports every object that is complete; the start function reads its name. Executions that time
out or are aborted end without passing any state, so the tracker is told from outside.
"""

from aws_deploy.compiler.cloudformation import Json, Object, Resources, arn, get, ref, resource
from aws_deploy.compiler.names import QUEUE, Bucket, Function, Machine, bucket_id, function_id
from aws_deploy.compiler.unit import Unit

UPLOADED, STOPPED = "OnUpload", "OnStoppedExecution"
NAMES = {UPLOADED: "uploaded", STOPPED: "stopped"}
ATTEMPTS, OLDEST_SECONDS = 10, 6 * 3600


def events(unit: Unit) -> Resources:
    """Both rules, and the leave to call their functions."""
    upload: Object = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [ref(bucket_id(Bucket.LANDING))]}},
    }
    machines: list[Json] = [
        arn("states", f"stateMachine:{unit.prefix}-{machine}") for machine in Machine
    ]
    stopped: Object = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"status": ["ABORTED", "TIMED_OUT"], "stateMachineArn": machines},
    }
    return {
        **_rule(unit, UPLOADED, "A file has arrived in landing.", upload, Function.START),
        **_rule(unit, STOPPED, "An execution was stopped.", stopped, Function.TRACKER),
    }


def rule_arns(unit: Unit) -> list[Object]:
    """The ARNs of the rules."""
    return [arn("events", f"rule/{unit.prefix}-{name}") for name in NAMES.values()]


def _rule(unit: Unit, rule: str, about: str, pattern: Object, function: Function) -> Resources:
    target = function_id(function)
    return {
        rule: resource(
            "Events::Rule",
            {
                "Name": f"{unit.prefix}-{NAMES[rule]}",
                "Description": about,
                "EventPattern": pattern,
                "State": "ENABLED",
                "Targets": [
                    {
                        "Id": function.value,
                        "Arn": get(target),
                        "DeadLetterConfig": {"Arn": get(QUEUE)},
                        "RetryPolicy": {
                            "MaximumRetryAttempts": ATTEMPTS,
                            "MaximumEventAgeInSeconds": OLDEST_SECONDS,
                        },
                    }
                ],
            },
        ),
        f"{rule}Permission": resource(
            "Lambda::Permission",
            {
                "Action": "lambda:InvokeFunction",
                "FunctionName": get(target),
                "Principal": "events.amazonaws.com",
                "SourceArn": get(rule),
            },
        ),
    }
