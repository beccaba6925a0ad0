"""The state machines as resources: definition, role, log group; imports nothing else."""

import re

from admw_assets.core.step import Stage
from aws_deploy.compiler import policies
from aws_deploy.compiler.cloudformation import Json, Object, Resources, get, ref, resource
from aws_deploy.compiler.glue_jobs import job_id
from aws_deploy.compiler.lambdas import function_names
from aws_deploy.compiler.migration_machine import migration_machine
from aws_deploy.compiler.names import Machine, logical, machine_id, step_name
from aws_deploy.compiler.stage_machine import stage_machine
from aws_deploy.compiler.unit import Unit

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def definitions(unit: Unit) -> dict[Machine, Object]:
    """What every machine does, in the Amazon States Language."""
    return {
        Machine.PRELIMINARY: stage_machine(unit.program, unit.environment, Stage.PRELIMINARY),
        Machine.FINAL: stage_machine(unit.program, unit.environment, Stage.FINAL),
        Machine.MIGRATION: migration_machine(unit.program, unit.environment),
    }


def state_machines(unit: Unit) -> Resources:
    """Every machine with what it needs."""
    resources: Resources = {}
    for machine, definition in definitions(unit).items():
        resources |= _machine(unit, machine, definition)
    return resources


def placeholders(definition: Json) -> list[str]:
    """The logical ids that a definition speaks of."""
    return sorted(set(_texts(definition)))


def _machine(unit: Unit, machine: Machine, definition: Object) -> Resources:
    names, functions = placeholders(definition), function_names(unit)
    jobs = {job_id(*key): step_name(unit.prefix, *key) for key in unit.program.runtimes()}
    role, logs = logical(machine, "StateMachineRole"), logical(machine, "StateMachineLogs")
    statements = policies.machine(
        unit,
        machine,
        [functions[name] for name in names if name in functions],
        [jobs[name] for name in names if name in jobs],
    )
    return {
        role: policies.role("states", statements, f"The state machine {unit.prefix}-{machine}."),
        logs: resource(
            "Logs::LogGroup",
            {
                "LogGroupName": f"/aws/vendedlogs/states/{unit.prefix}-{machine}",
                "RetentionInDays": unit.environment.log_days,
            },
        ),
        machine_id(machine): resource(
            "StepFunctions::StateMachine",
            {
                "StateMachineName": f"{unit.prefix}-{machine}",
                "RoleArn": get(role),
                "Definition": definition,
                "DefinitionSubstitutions": {name: _meaning(name, jobs) for name in names},
                "LoggingConfiguration": {
                    "Level": "ALL",
                    "IncludeExecutionData": True,
                    "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": get(logs)}}],
                },
            },
        ),
    }


def _meaning(name: str, jobs: dict[str, str]) -> Json:
    if name in jobs:
        return ref(name)
    machines = {f"{machine_id(machine)}Arn": machine_id(machine) for machine in Machine}
    return ref(machines[name]) if name in machines else get(name)


def _texts(value: Json) -> list[str]:
    if isinstance(value, str):
        return PLACEHOLDER.findall(value)
    if isinstance(value, dict):
        return [name for inner in value.values() for name in _texts(inner)]
    if isinstance(value, list):
        return [name for inner in value for name in _texts(inner)]
    return []
