"""One Glue job for each step, all with the same script; imports nothing else.

Arguments: glue/latest/dg/aws-glue-programming-etl-glue-arguments.
"""

from admw_assets.core.step import Stage, StepKind
from aws_deploy.compiler import policies
from aws_deploy.compiler.alarms import glue_log_prefix
from aws_deploy.compiler.cloudformation import Object, Resources, get, ref, resource, sub
from aws_deploy.compiler.names import CONNECTION, logical, step_name
from aws_deploy.compiler.settings_table import settings
from aws_deploy.compiler.unit import Unit


def glue_jobs(unit: Unit) -> Resources:
    """The jobs with their roles: every step has one, be it only for large files."""
    resources: Resources = {}
    for stage, step in unit.program.runtimes():
        role = logical(stage, step, "JobRole")
        resources[role] = policies.role(
            "glue",
            policies.step_in_glue(unit, stage, step),
            f"The Glue job of the step {step} of the {stage} stage.",
        )
        resources[job_id(stage, step)] = resource("Glue::Job", _job(unit, stage, step, role))
    return resources


def job_id(stage: Stage, step: StepKind) -> str:
    """A job's logical id."""
    return logical(stage, step, "Job")


def _job(unit: Unit, stage: Stage, step: StepKind, role: str) -> Object:
    glue = unit.environment.glue
    wheels = (unit.artifacts.project, *unit.artifacts.wheels)
    arguments: Object = {
        "--job-language": "python",
        "--enable-metrics": "true",
        "--enable-observability-metrics": "true",
        "--additional-python-modules": sub(",".join(wheel.uri for wheel in wheels)),
        "--custom-logGroup-prefix": glue_log_prefix(unit),
        "--python-modules-installer-option": "--no-deps",
        **{f"--{name}": value for name, value in settings(unit).items()},
    }
    properties: Object = {
        "Name": step_name(unit.prefix, stage, step),
        "Description": f"The step {step} of the {stage} stage.",
        "Role": get(role),
        "GlueVersion": glue.version,
        "WorkerType": glue.worker_type,
        "NumberOfWorkers": glue.workers,
        "Timeout": glue.timeout_minutes,
        "MaxRetries": 0,  # Step Functions tries again, and sees that it does
        "ExecutionClass": "FLEX" if glue.flex else "STANDARD",
        "ExecutionProperty": {"MaxConcurrentRuns": glue.max_concurrent_runs},
        "JobRunQueuingEnabled": True,
        "Command": {
            "Name": "glueetl",
            "PythonVersion": "3",
            "ScriptLocation": sub(unit.artifacts.script.uri),
        },
        "DefaultArguments": dict(sorted(arguments.items())),
    }
    if unit.environment.vpc:
        properties["Connections"] = {"Connections": [ref(CONNECTION)]}
    return properties
