"""The state machine of a stage: one execution moves one file into one table; imports nothing else.

States follow the op graph. Where the assets of a stage have different graphs, the machine asks for
the table first and has a branch for each graph.
"""

from admw_assets.core.step import Stage
from aws_deploy.compiler.cloudformation import Json, Object
from aws_deploy.compiler.ir import Op, Program, Runtime, Shape
from aws_deploy.compiler.names import Function
from aws_deploy.compiler.states import (
    DONE,
    RECORD_COMPLETION,
    RECORD_START,
    States,
    by_size,
    call,
    failure_states,
    record,
    step_in_glue,
    step_in_lambda,
)
from aws_deploy.environment import Environment

CHOOSE_BRANCH = "Choose by table"
START_READY = "Start what is ready"
NOT_STARTED = "Not started"
LONGEST_NAME = 80


def stage_machine(program: Program, environment: Environment, stage: Stage) -> Object:
    """The definition of a stage's machine."""
    shapes = program.shapes(stage)
    entries = [_entry(shape, stage, index) for index, shape in enumerate(shapes)]
    first = entries[0] if len(entries) == 1 else CHOOSE_BRANCH
    states: States = {
        RECORD_START: record("started", stage, first, "The tracker marks the stage as running.")
    }
    if len(entries) > 1:
        states[CHOOSE_BRANCH] = _by_table(shapes, entries)
    for index, shape in enumerate(shapes):
        states |= _branch(shape, environment, stage, index)
    states |= _end(shapes, environment, stage)
    states |= failure_states(stage)
    return {
        "Comment": f"The {stage} stage of one file and table. Compiled from the op graphs of "
        f"{len(program.tables)} assets.",
        "StartAt": RECORD_START,
        "TimeoutSeconds": environment.execution_hours * 3600,
        "States": states,
    }


def state_name(op: Op, stage: Stage, shape: Shape, index: int) -> str:
    """`load_preliminary` is `Load`; in branches beside the main one the table is added."""
    words = op.name.removesuffix(f"_{stage}").replace("_", " ")
    name = words[:1].upper() + words[1:]
    if not index:
        return name
    first, *others = shape.tables
    more = f" and {len(others)} more" if others else ""
    return f"{name} ({first}{more})"[:LONGEST_NAME]


def result_place(op: Op, stage: Stage) -> str:
    """Where an op's result is in the data of the execution."""
    return f"$.{op.name.removesuffix(f'_{stage}')}_result"


def _entry(shape: Shape, stage: Stage, index: int) -> str:
    op = shape.ops[0]
    name = state_name(op, stage, shape, index)
    return _where(name) if op.runtime is Runtime.LAMBDA else name


def _where(name: str) -> str:
    return f"{name}: where?"


def _branch(shape: Shape, environment: Environment, stage: Stage, index: int) -> States:
    """The states of one op graph, one op after the other."""
    states: States = {}
    then = _completion(index)
    for op in reversed(shape.ops):
        name, place = state_name(op, stage, shape, index), result_place(op, stage)
        in_glue = step_in_glue(environment, stage, op.step, place, then)
        if op.runtime is Runtime.GLUE:
            states = {name: in_glue} | states
            then = name
            continue
        large = f"{name}, large file"
        states = {
            _where(name): by_size(environment, name, large),
            name: step_in_lambda(environment, stage, op.step, place, then),
            large: in_glue,
        } | states
        then = _where(name)
    return states


def _completion(index: int) -> str:
    return f"{RECORD_COMPLETION} {index + 1}" if index else RECORD_COMPLETION


def _end(shapes: tuple[Shape, ...], environment: Environment, stage: Stage) -> States:
    """The tracker hears of the results; then, where that is wanted, final stages are started."""
    automatic = environment.final_stage == "automatic"
    then = START_READY if automatic else DONE
    states: States = {}
    for index, shape in enumerate(shapes):
        results: Object = {
            f"{op.name.removesuffix(f'_{stage}')}.$": result_place(op, stage) for op in shape.ops
        }
        states[_completion(index)] = record(
            "completed",
            stage,
            then,
            "The tracker marks the stage as completed and sends the summary.",
            results=results,
        )
    if automatic:
        states[START_READY] = call(
            Function.START,
            {"ready": True},
            DONE,
            on_error=NOT_STARTED,
            comment="Starts every final stage whose file and parents are ready.",
        )
        states[NOT_STARTED] = {
            "Type": "Fail",
            "Error": "NotStarted",
            "Cause": "The stage is completed; final stages that are ready were not started. "
            "Start them by hand: python -m aws_deploy start.",
        }
    states[DONE] = {"Type": "Succeed"}
    return states


def _by_table(shapes: tuple[Shape, ...], entries: list[str]) -> Object:
    choices: list[Json] = [
        {"Variable": "$.table", "StringEquals": table, "Next": entry}
        for shape, entry in zip(shapes[1:], entries[1:], strict=True)
        for table in shape.tables
    ]
    return {
        "Type": "Choice",
        "Comment": "These tables have an op graph of their own.",
        "Choices": choices,
        "Default": entries[0],
    }
