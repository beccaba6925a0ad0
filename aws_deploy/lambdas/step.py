"""Runs one step that needs no Spark: the event is a StepRequest; imports runtime and steps."""

import os
from collections.abc import Mapping
from typing import Any


def handler(event: Mapping[str, Any], context: object = None) -> dict[str, object]:
    """Run the step; returns the result's references and counts, without the checks.

    Raises what the step raises: the state machine retries transient errors by their class.
    """
    from admw_assets.core.step import Stage, StepKind, StepRequest
    from admw_assets.runtime.aws import open_ports
    from admw_assets.runtime.aws_settings import read_aws_settings
    from admw_assets.steps.runner import run_step
    from aws_deploy.lambdas.logs import log_to_cloudwatch

    log_to_cloudwatch()
    request = StepRequest(
        event["location"],
        event["table"],
        Stage(event["stage"]),
        StepKind(event["step"]),
        event["run_id"],
    )
    with open_ports(read_aws_settings(os.environ)) as ports:
        result = run_step(request, ports).to_json()
    del result["checks"]
    return result
