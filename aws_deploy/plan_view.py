"""Plans and stack events as people read them, and as JSON; imports rich."""

from collections import Counter
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from aws_deploy.deploy.plan import Action, Change, Plan
from aws_deploy.deploy.stack import StackEvent

_SIGNS = {
    Action.ADD: ("+", "green"),
    Action.ADOPT: ("=", "cyan"),
    Action.CHANGE: ("~", "yellow"),
    Action.REPLACE: ("!", "red"),
    Action.REMOVE: ("-", "red"),
}
_LONGEST = 60
_LISTED = 12


def show_plan(plan: Plan, console: Console) -> None:
    """A line for each resource, with a line below for each property where it is not the only."""
    if plan.empty:
        console.print(f"{plan.stack}: no changes.")
        return
    for names, change in _grouped(_listed(plan, console)):
        sign, colour = _SIGNS[change.action]
        line = Text(f"{sign} {change.action} ", style=colour)
        line.append(", ".join(names), style="bold")
        line.append(f" {change.kind.removeprefix('AWS::')}", style="dim")
        if len(change.properties) == 1:
            line.append(f"  {_property(change, 0)}")
        if change.loses_data:
            line.append("  loses data", style="bold red")
        elif change.kept:
            line.append("  the old one is kept", style="dim")
        console.print(line, soft_wrap=True)
        if len(change.properties) > 1:
            for index in range(len(change.properties)):
                console.print(Text(f"    {_property(change, index)}"), soft_wrap=True)
    counted = Counter(change.action for change in plan.changes)
    numbers = ", ".join(f"{counted[action]} to {action}" for action in Action if counted[action])
    console.print(f"{plan.stack}: {numbers}.")


def plan_json(plan: Plan) -> dict[str, object]:
    """The same for programs."""
    return {
        "stack": plan.stack,
        "creates": plan.creates,
        "changes": [{**asdict(change), "loses_data": change.loses_data} for change in plan.changes],
        "uploads": list(plan.uploads),
    }


def show_event(event: StackEvent, console: Console) -> None:
    """One event of CloudFormation as a line."""
    style = "red" if event.failed else "green" if event.status.endswith("_COMPLETE") else "dim"
    line = Text(f"{event.at:%H:%M:%S}  ", style="dim")
    line.append(f"{event.status:<28} ", style=style)
    line.append(event.logical_id)
    if event.failed:
        line.append(f"  {event.reason}", style="red")
    console.print(line, soft_wrap=True)


def _listed(plan: Plan, console: Console) -> list[Change]:
    """What is shown: of a first deployment only the kinds, since everything is new."""
    added = [change for change in plan.changes if change.action is Action.ADD]
    if not plan.creates or len(added) <= _LISTED:
        return list(plan.changes)
    for kind, count in sorted(Counter(change.kind for change in added).items()):
        console.print(Text(f"+ add {count:>3} {kind.removeprefix('AWS::')}", style="green"))
    return [change for change in plan.changes if change.action is not Action.ADD]


def _grouped(changes: list[Change]) -> list[tuple[list[str], Change]]:
    """Resources of a kind with which the same happens, in one line."""
    groups: dict[object, list[Change]] = {}
    for change in changes:
        same = (change.action, change.kind, change.properties, change.kept)
        groups.setdefault(same, []).append(change)
    return [([each.logical_id for each in group], group[0]) for group in groups.values()]


def _property(change: Change, index: int) -> str:
    each = change.properties[index]
    return f"{each.path}: {_short(each.before)} → {_short(each.after)}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
