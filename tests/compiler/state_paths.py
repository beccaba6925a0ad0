"""Which JSON paths a state machine reads, and which are there when it does.

A small data flow over the states: what is certain to be in the data before a state is what every
way into it has left there. Also the transitions: unknown targets, states that nothing leads to.
"""

import re
from collections.abc import Iterator
from typing import Any

CONTEXT = {"$$.Execution.Id", "$$.Execution.Name", "$$.Execution.StartTime"}
FILE = frozenset(f"$.{name}" for name in ("file", "location", "table", "size", "run_id"))
PATH = re.compile(r"^\$\$?(\.[A-Za-z_]\w*)*$")

Known = frozenset[str]
"""Paths that are there; one that ends in `.*` says nothing about what is below it."""


def problems(definition: dict[str, Any], given: Known) -> list[str]:
    """Everything wrong with transitions and paths, the states inside a Map included."""
    found = [*_transitions(definition)]
    known = _known_before(definition, given)
    for name, state in definition["States"].items():
        for path in _read(state):
            if not _is_there(path, known.get(name, frozenset())):
                found.append(f"{name}: {path} is not there")
        if state["Type"] == "Map":
            found += problems(state["ItemProcessor"], FILE)
    return found


def successors(state: dict[str, Any]) -> Iterator[str]:
    """Every state that may come next."""
    if "Next" in state:
        yield state["Next"]
    if "Default" in state:
        yield state["Default"]
    for choice in state.get("Choices", []):
        yield choice["Next"]
    for handler in state.get("Catch", []):
        yield handler["Next"]


def _transitions(definition: dict[str, Any]) -> Iterator[str]:
    states = definition["States"]
    reached, waiting = set(), [definition["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in states:
            yield f"there is no state {name!r}"
        elif name not in reached:
            reached.add(name)
            waiting += successors(states[name])
    yield from (f"nothing leads to {name!r}" for name in states.keys() - reached)
    for name, state in states.items():
        ends = state.get("End") or state["Type"] in ("Succeed", "Fail")
        if not ends and not list(successors(state)):
            yield f"{name!r} leads nowhere"


def _known_before(definition: dict[str, Any], given: Known) -> dict[str, Known]:
    states = definition["States"]
    known: dict[str, Known] = {definition["StartAt"]: given}
    waiting = [definition["StartAt"]]
    while waiting:
        name = waiting.pop()
        for then, after in _after(states[name], known[name]):
            if then in states:
                merged = known[then] & after if then in known else after
                if merged != known.get(then):
                    known[then] = merged
                    waiting.append(then)
    return known


def _after(state: dict[str, Any], before: Known) -> Iterator[tuple[str, Known]]:
    result = before
    if isinstance(place := state.get("ResultPath", "$"), str) and "Resource" in state:
        selected = state.get("ResultSelector", {})
        added = {f"{place}.{key.removesuffix('.$')}.*" for key in selected} | {place}
        result = before | added if place != "$" else frozenset(added)
    handlers = state.get("Catch", [])
    caught = {handler["Next"]: handler["ResultPath"] for handler in handlers}
    for handler, place in caught.items():
        yield handler, before | {place, f"{place}.Error", f"{place}.Cause"}
    for then in successors({key: value for key, value in state.items() if key != "Catch"}):
        yield then, result


def _read(state: dict[str, Any]) -> Iterator[str]:
    for key in ("ItemsPath", "InputPath", "ErrorPath", "CausePath"):
        if key in state:
            yield state[key]
    yield from _selected(state.get("Parameters", {}))
    for rule in state.get("Choices", []):
        yield from _variables(rule)


def _selected(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.endswith(".$"):
                yield inner
            else:
                yield from _selected(inner)


def _variables(rule: dict[str, Any]) -> Iterator[str]:
    if "IsPresent" in rule:
        return
    if "Variable" in rule:
        yield rule["Variable"]
    guarded = {inner["Variable"] for inner in rule.get("And", []) if inner.get("IsPresent")}
    for inner in rule.get("And", []):
        yield from (path for path in _variables(inner) if path not in guarded)
    if "Not" in rule:
        yield from _variables(rule["Not"])


def _is_there(path: str, known: Known) -> bool:
    assert PATH.match(path), f"{path} is no plain path"
    if path.startswith("$$"):
        return path in CONTEXT
    if path == "$" or path in known or f"{path}.*" in known:
        return True
    parts = path.split(".")
    return any(".".join([*parts[:n], "*"]) in known for n in range(2, len(parts)))
