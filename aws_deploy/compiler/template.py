"""The whole template: every part put together, and what the stack tells; imports nothing else."""

from aws_deploy.compiler.alarms import alarms, dashboard, glue_log_groups
from aws_deploy.compiler.cloudformation import ARTIFACT_BUCKET, Json, Object, get, ref
from aws_deploy.compiler.database import database, database_parameters
from aws_deploy.compiler.events import events
from aws_deploy.compiler.glue_jobs import glue_jobs
from aws_deploy.compiler.lambdas import lambdas
from aws_deploy.compiler.names import (
    SECRET,
    Bucket,
    Function,
    Machine,
    Topic,
    bucket_id,
    function_id,
    machine_id,
    topic_id,
)
from aws_deploy.compiler.network import network, network_parameters
from aws_deploy.compiler.notifications import notifications
from aws_deploy.compiler.state_machine import state_machines
from aws_deploy.compiler.storage import storage
from aws_deploy.compiler.unit import Unit

PARTS = (
    storage,
    notifications,
    network,
    database,
    lambdas,
    glue_jobs,
    glue_log_groups,
    state_machines,
    events,
    alarms,
    dashboard,
)


def template(unit: Unit) -> Object:
    """The template that CloudFormation gets."""
    resources: dict[str, Json] = {}
    for part in PARTS:
        made = part(unit)
        twice = resources.keys() & made.keys()
        assert not twice, f"logical ids that two parts make: {sorted(twice)}"
        resources |= made
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"ADMW {unit.environment.name}: files into a database, proven.",
        "Parameters": {
            ARTIFACT_BUCKET: {
                "Type": "String",
                "Description": "The bucket that holds the artifacts.",
            },
            **database_parameters(unit),
            **network_parameters(unit),
        },
        "Resources": dict(sorted(resources.items())),
        "Outputs": {name: {"Value": value} for name, value in sorted(_outputs().items())},
    }


def _outputs() -> dict[str, Json]:
    told: dict[str, Json] = {bucket_id(bucket): ref(bucket_id(bucket)) for bucket in Bucket}
    told |= {machine_id(machine): ref(machine_id(machine)) for machine in Machine}
    told |= {function_id(function): get(function_id(function)) for function in Function}
    told |= {topic_id(topic): ref(topic_id(topic)) for topic in Topic}
    return told | {SECRET: get(SECRET, "Id")}
