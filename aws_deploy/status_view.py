"""The state of a deployed environment as people read it; imports rich."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from aws_deploy.deploy.operations import ExecutionLine

_COLOURS = {"SUCCEEDED": "green", "RUNNING": "cyan"}


def show_status(
    stack: str,
    status: str,
    lines: Sequence[ExecutionLine],
    alarms: Sequence[str],
    undelivered: int,
    unconfirmed: Sequence[str],
    console: Console,
) -> None:
    """The stack, its executions, and whatever needs somebody."""
    console.print(f"[bold]{stack}[/bold]: {status}")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("machine", "status", "started", "seconds", "file", "table", "error"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        seconds = f"{(line.stopped - line.started).total_seconds():.1f}" if line.stopped else ""
        table.add_row(
            line.machine,
            f"[{_COLOURS.get(line.status, 'red')}]{line.status}[/]",
            f"{line.started:%Y-%m-%d %H:%M:%S}",
            seconds,
            line.file,
            line.table,
            line.error[:200],
        )
    if lines:
        console.print(table)
    counted = Counter(line.status for line in lines)
    numbers = ", ".join(f"{count} {status}" for status, count in sorted(counted.items()))
    console.print(f"Executions: {numbers or 'none'}.")
    for alarm in alarms:
        console.print(f"[red]Alarm:[/red] {alarm}")
    if undelivered:
        console.print(
            f"[red]{undelivered} events could not be delivered[/red] (queue of the stack)."
        )
    show_unconfirmed(unconfirmed, console)


def show_unconfirmed(addresses: Sequence[str], console: Console) -> None:
    """Who gets no mail until a link is clicked."""
    for address in addresses:
        console.print(
            f"[yellow]{address} has not confirmed its subscription and gets no mail.[/yellow] "
            "The link in the mail from AWS is good for two days; deploy again after that."
        )
