"""The state machine of a whole migration: waves of files, each through its stage's machine.

A wave is planned in portions: the start function lists executions that are due, a Map runs them,
so many at once, and goes on after one that failed; then the next portion, then the next wave. What
depends on a failed file is not planned. Imports nothing else.
"""

from admw_assets.core.step import Stage
from aws_deploy.compiler.cloudformation import Json, Object
from aws_deploy.compiler.ir import Program
from aws_deploy.compiler.names import Function, Machine, machine_id
from aws_deploy.compiler.states import DONE, FAILED, States, call, catch, failed, file_input
from aws_deploy.environment import Environment

WHICH_STAGES = "Which stages?"
FINAL_TOO = "Final stage too?"
SUMMARIZE = "Summarize"
REPORT_FAILURE = "Report failure"
UNKNOWN_STAGE = "Unknown stage"
ALL = "all"

MACHINES = {Stage.PRELIMINARY: Machine.PRELIMINARY, Stage.FINAL: Machine.FINAL}


def migration_machine(program: Program, environment: Environment) -> Object:
    """The definition: preliminary files all at once, final ones wave by wave."""
    preliminary = _wave(program.tables, environment, Stage.PRELIMINARY, None, FINAL_TOO)
    states: States = {WHICH_STAGES: _which_stages(), **preliminary}
    states[FINAL_TOO] = {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.stage", "StringEquals": ALL, "Next": _plan_name(Stage.FINAL, 0)}
        ],
        "Default": SUMMARIZE,
    }
    for number, tables in enumerate(program.waves):
        last = number + 1 == len(program.waves)
        then = SUMMARIZE if last else _plan_name(Stage.FINAL, number + 1)
        states |= _wave(tables, environment, Stage.FINAL, number, then)
    states |= _end()
    return {
        "Comment": f"Migrates what is in landing. {len(program.tables)} tables in "
        f'{len(program.waves)} waves. Input: {{"stage": "preliminary", "final" or "all"}}.',
        "StartAt": WHICH_STAGES,
        "TimeoutSeconds": environment.execution_hours * 3600 * 7,
        "States": states,
    }


def _which_stages() -> Object:
    preliminary, final = _plan_name(Stage.PRELIMINARY, None), _plan_name(Stage.FINAL, 0)
    choices: list[Json] = [
        {"Not": {"Variable": "$.stage", "IsPresent": True}, "Next": UNKNOWN_STAGE},
        *(
            {"Variable": "$.stage", "StringEquals": stage, "Next": then}
            for stage, then in (
                (ALL, preliminary),
                (Stage.PRELIMINARY.value, preliminary),
                (Stage.FINAL.value, final),
            )
        ),
    ]
    return {"Type": "Choice", "Choices": choices, "Default": UNKNOWN_STAGE}


def _wave(
    tables: tuple[str, ...], environment: Environment, stage: Stage, number: int | None, then: str
) -> States:
    """Plan a portion, run it, and again while there is more; then the next wave."""
    plan, run, more = (f"{verb} {_what(stage, number)}" for verb in ("Plan", "Run", "More of"))
    payload: Object = {
        "plan": {
            "stage": stage.value,
            "wave": number or 0,
            "tables": list(tables),
            "since.$": "$$.Execution.StartTime",
        }
    }
    return {
        plan: call(
            Function.START,
            payload,
            run,
            result="$.plan",
            on_error=REPORT_FAILURE,
            comment=f"Lists executions that are due, of {_names(tables)}.",
        ),
        run: _run_all(environment, stage, _what(stage, number), more),
        more: {
            "Type": "Choice",
            "Choices": [{"Variable": "$.plan.result.more", "BooleanEquals": True, "Next": plan}],
            "Default": then,
        },
    }


def _run_all(environment: Environment, stage: Stage, what: str, then: str) -> Object:
    """One execution for each file and table; one that fails does not stop the others."""
    one, after = f"One file of {what}", f"Go on with {what}"
    return {
        "Type": "Map",
        "Comment": f"At most {environment.parallel_files} at once.",
        "ItemsPath": "$.plan.result.tasks",
        "MaxConcurrency": environment.parallel_files,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            "StartAt": one,
            "States": {
                one: {
                    "Type": "Task",
                    "Comment": "Waits until the execution has ended.",
                    "Resource": "arn:aws:states:::states:startExecution.sync:2",
                    "Parameters": {
                        "StateMachineArn": f"${{{machine_id(MACHINES[stage])}Arn}}",
                        "Name.$": "$.run_id",
                        "Input": {
                            **file_input(),
                            "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id",
                        },
                    },
                    "ResultSelector": {"status.$": "$.Status"},
                    "TimeoutSeconds": environment.execution_hours * 3600,
                    "Retry": [
                        {
                            "ErrorEquals": [
                                "StepFunctions.ExecutionLimitExceededException",
                                "StepFunctions.ThrottlingException",
                            ],
                            "IntervalSeconds": 5,
                            "BackoffRate": 2,
                            "MaxAttempts": 5,
                            "MaxDelaySeconds": 120,
                            "JitterStrategy": "FULL",
                        }
                    ],
                    "Catch": catch(after),
                    "End": True,
                },
                after: {
                    "Type": "Pass",
                    "Comment": "The file's own execution has sent the alert.",
                    "Result": {"status": "FAILED"},
                    "End": True,
                },
            },
        },
        "ResultPath": None,
        "Next": then,
    }


def _end() -> States:
    about: Object = {
        "stage.$": "$.stage",
        "execution.$": "$$.Execution.Name",
        "since.$": "$$.Execution.StartTime",
    }
    failure = call(
        Function.TRACKER,
        {"summary": {**about, "error.$": "$.error"}},
        FAILED,
        comment="One mail: how far the migration came, and why not further.",
    )
    failure["Catch"] = catch(FAILED, "$.record_error")
    return {
        SUMMARIZE: call(
            Function.TRACKER,
            {"summary": about},
            DONE,
            on_error=FAILED,
            comment="One mail about everything.",
        ),
        DONE: {"Type": "Succeed"},
        REPORT_FAILURE: failure,
        FAILED: failed(),
        UNKNOWN_STAGE: {
            "Type": "Fail",
            "Error": "UnknownStage",
            "Cause": 'Give the input {"stage": "all"}, or "preliminary" or "final" instead.',
        },
    }


def _what(stage: Stage, number: int | None) -> str:
    return stage.value if number is None else f"{stage} wave {number + 1}"


def _plan_name(stage: Stage, number: int | None) -> str:
    return f"Plan {_what(stage, number)}"


def _names(tables: tuple[str, ...]) -> str:
    shown = ", ".join(tables[:5])
    return shown if len(tables) <= 5 else f"{shown} and {len(tables) - 5} more"
