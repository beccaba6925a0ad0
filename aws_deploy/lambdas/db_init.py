"""Creates the tables that are missing: by hand, or as a custom resource of CloudFormation."""

import json
import logging
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

log = logging.getLogger(__name__)

_SECONDS = 30
_LONGEST_REASON = 1000


def handler(event: Mapping[str, Any], context: object = None) -> dict[str, object]:
    """Create what is missing; returns `{"made": [sentence, ...]}`.

    As a custom resource it answers CloudFormation, also where it fails; deletion keeps all tables.
    """
    from aws_deploy.lambdas.logs import log_to_cloudwatch

    log_to_cloudwatch()
    if "RequestType" not in event:
        return {"made": _create()}
    made: list[str] = []
    reason = ""
    try:
        if event["RequestType"] != "Delete":
            made = _create()
    except Exception as err:  # CloudFormation would wait for an hour
        log.exception("The tables could not be created")
        reason = str(err)[:_LONGEST_REASON] or type(err).__name__
    _answer(event, reason, len(made))
    return {"made": made, "failed": reason}


def _create() -> list[str]:
    from admw_assets.runtime.aws import open_migration, open_tables
    from admw_assets.runtime.aws_settings import read_aws_settings

    settings = read_aws_settings(os.environ)
    with open_migration(settings) as migration, open_tables(settings, migration) as tables:
        return tables.initialize(migration)


def _answer(event: Mapping[str, Any], reason: str, made: int) -> None:
    """Put the response where CloudFormation waits for it (cfn-response, user guide)."""
    body = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": reason or f"{made} things were made.",
        "PhysicalResourceId": event.get("PhysicalResourceId") or "admw-tables",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {"Made": made},
    }
    request = urllib.request.Request(
        event["ResponseURL"],
        data=json.dumps(body).encode(),
        method="PUT",
        headers={"Content-Type": ""},
    )
    with urllib.request.urlopen(request, timeout=_SECONDS):
        pass
