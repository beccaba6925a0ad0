"""What a deployment would change: a change set and two templates as plain data; imports nothing.

CloudFormation says which resources are touched and whether they are replaced; the values, old and
new, come from it where it tells them and otherwise from the two templates.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

HOLDS_DATA = {
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
}
"""Resources whose loss cannot be made good by deploying again."""

_ABSENT = "-"


class Action(StrEnum):
    """What happens to a resource."""

    ADD = "add"
    ADOPT = "adopt"  # it exists, was kept by an earlier destroy, and is taken into the stack
    CHANGE = "change"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property: where, the old and the new value as texts (`-` where there is none)."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource. `kept`: its deletion policy lets it live on."""

    action: Action
    logical_id: str
    kind: str
    physical_id: str = ""
    properties: tuple[PropertyChange, ...] = ()
    kept: bool = False

    @property
    def loses_data(self) -> bool:
        """Whether something may be lost that deploying again does not bring back."""
        gone = self.action in (Action.REPLACE, Action.REMOVE)
        return gone and self.kind in HOLDS_DATA and not self.kept


@dataclass(frozen=True, slots=True)
class Plan:
    """A change set that waits; none where nothing changes. `uploads`: keys of new artifacts."""

    stack: str
    creates: bool
    change_set: str | None
    changes: tuple[Change, ...]
    uploads: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True where the stack is already as the folder says."""
        return self.change_set is None

    @property
    def losses(self) -> tuple[Change, ...]:
        """The changes that need a person's word."""
        return tuple(change for change in self.changes if change.loses_data)


def read_changes(
    described: list[Mapping[str, Any]], old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[Change, ...]:
    """The changes of a described change set, in the order: remove, replace, change, add."""
    changes = [_change(each["ResourceChange"], old, new) for each in described]
    order = [Action.REMOVE, Action.REPLACE, Action.CHANGE, Action.ADOPT, Action.ADD]
    return tuple(sorted(changes, key=lambda each: (order.index(each.action), each.logical_id)))


def _change(described: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    name = described["LogicalResourceId"]
    before = old.get("Resources", {}).get(name, {})
    after = new.get("Resources", {}).get(name, {})
    action = _action(described)
    policy = "UpdateReplacePolicy" if action is Action.REPLACE else "DeletionPolicy"
    return Change(
        action,
        name,
        described["ResourceType"],
        described.get("PhysicalResourceId", ""),
        tuple(_properties(described, before, after)),
        kept=before.get(policy, "Delete") != "Delete",
    )


def _action(described: Mapping[str, Any]) -> Action:
    match described["Action"]:
        case "Add":
            return Action.ADD
        case "Import":
            return Action.ADOPT
        case "Remove":
            return Action.REMOVE
        case _:
            replaced = described.get("Replacement") in ("True", "Conditional")
            return Action.REPLACE if replaced else Action.CHANGE


def _properties(
    described: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[PropertyChange]:
    if described["Action"] != "Modify":
        return
    told: set[str] = set()
    for detail in described.get("Details", ()):
        target = detail["Target"]
        name = target.get("Name", target["Attribute"])
        if name in told:
            continue
        told.add(name)
        if "BeforeValue" in target or "AfterValue" in target:
            path = target.get("Path", name).removeprefix("/Properties/").replace("/", ".")
            yield PropertyChange(
                path, target.get("BeforeValue", _ABSENT), target.get("AfterValue", _ABSENT)
            )
        elif target["Attribute"] == "Properties":
            pair = [part.get("Properties", {}).get(name) for part in (before, after)]
            found = list(_differences(name, *pair))
            cause = detail.get("CausingEntity", "")
            yield from found or [
                PropertyChange(name, "(as it is)", f"(follows {cause})" if cause else "(computed)")
            ]
        else:
            yield PropertyChange(name, _text(before.get(name)), _text(after.get(name)))


def _differences(path: str, before: Any, after: Any) -> Iterator[PropertyChange]:
    """The leaves that differ; JSON in a text counts as what it says."""
    before, after = _parsed(before), _parsed(after)
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _differences(f"{path}.{key}", before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from _differences(f"{path}[{index}]", *pair)
    else:
        yield PropertyChange(path, _text(before), _text(after))


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def _text(value: Any) -> str:
    if value is None:
        return _ABSENT
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
