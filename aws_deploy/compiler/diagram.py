"""A state machine as a Mermaid flowchart; imports nothing else."""

import html
from collections.abc import Iterator

from aws_deploy.compiler.cloudformation import Json, Object

SHAPES = {
    "Choice": ('{"', '"}'),
    "Succeed": ('(["', '"])'),
    "Fail": ('(["', '"])'),
    "Map": ('[["', '"]]'),
}
KINDS = {
    "arn:aws:states:::glue:startJobRun.sync": "Glue",
    "arn:aws:states:::lambda:invoke": "Lambda",
    "arn:aws:states:::states:startExecution.sync:2": "execution",
}
OPERATORS = {"NumericLessThanEquals": "≤", "StringEquals": "=", "BooleanEquals": "="}


def mermaid(definition: Object) -> str:
    """The flowchart's text; dotted arrows are what happens on an error."""
    states = _object(definition["States"])
    numbers = {name: f"s{number}" for number, name in enumerate(states)}
    lines = ["flowchart TD"]
    for name, state in states.items():
        lines.append(f"  {numbers[name]}{_box(name, _object(state))}")
    for name, state in states.items():
        for then, label in _ways(_object(state)):
            arrow = f"-->|{label}|" if label else "-->"
            lines.append(f"  {numbers[name]} {arrow} {numbers[then]}")
    for name, state in states.items():
        for then in _on_error(_object(state)):
            lines.append(f"  {numbers[name]} -.-> {numbers[then]}")
    return "\n".join(lines) + "\n"


def _box(name: str, state: Object) -> str:
    opening, closing = SHAPES.get(str(state["Type"]), ('["', '"]'))
    kind = KINDS.get(str(state.get("Resource", "")))
    text = f"{name}<br/><small>{kind}</small>" if kind else name
    if state["Type"] == "Map":
        text += "<br/><small>an execution for each file</small>"
    return f"{opening}{text}{closing}"


def _ways(state: Object) -> Iterator[tuple[str, str]]:
    if "Next" in state:
        yield str(state["Next"]), ""
    for choice in _list(state.get("Choices", [])):
        rule = _object(choice)
        yield str(rule["Next"]), html.escape(_condition(rule), quote=False)
    if "Default" in state:
        yield str(state["Default"]), "otherwise"


def _condition(rule: Object) -> str:
    """A rule in words: the last of several that must all hold."""
    if "And" in rule:
        return _condition(_object(_list(rule["And"])[-1]))
    if "Not" in rule:
        return f"no {_variable(_object(rule['Not']))}"
    operator = next(key for key in OPERATORS if key in rule)
    value = rule[operator]
    text = (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
    return f"{_variable(rule)} {OPERATORS[operator]} {text}"


def _variable(rule: Object) -> str:
    return str(rule["Variable"]).rpartition(".")[2]


def _on_error(state: Object) -> Iterator[str]:
    for handler in _list(state.get("Catch", [])):
        yield str(_object(handler)["Next"])


def _object(value: Json) -> Object:
    assert isinstance(value, dict)
    return value


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value
