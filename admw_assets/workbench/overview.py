"""The whole migration as DataFrames: tracker, tables, rates, open rejects, failures."""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (pandas ships no types, and what pyright infers of it is wrong as often as right)

from collections import defaultdict

import pandas as pd

from admw_assets.core.cutover import red_checks, summarize_tables
from admw_assets.core.ports import Ports

_YES = {True: "yes", False: "no"}
_STATE_COLUMNS = ("records", "expected", "loaded", "rejected", "dropped", "mismatched")


def tracker_frame(ports: Ports) -> pd.DataFrame:
    """A line for each stage of each file and table."""
    lines: list[tuple[object, ...]] = [
        (
            state.file,
            state.table,
            state.stage.value,
            state.status.value,
            *(getattr(state.counts, name) for name in _STATE_COLUMNS),
            state.seconds,
            state.attempt,
        )
        for state in ports.tracker.states()
    ]
    names = ["file", "table", "stage", "status", *_STATE_COLUMNS, "seconds", "attempt"]
    return _whole_numbers(pd.DataFrame(lines, columns=names), _STATE_COLUMNS)


def summary_frame(ports: Ports) -> pd.DataFrame:
    """A line for each table, in load order."""
    tables = summarize_tables(ports.migration, ports.tracker.states(), ports.tables.open_rejects())
    lines = [
        {
            "table": table.table,
            "wave": table.wave,
            "files": table.files,
            "final files": table.final_files,
            "records": table.records,
            "expected": table.expected,
            "loaded": table.loaded,
            "rejected": table.rejected,
            "dropped": table.dropped,
            "adds up": "" if table.final_files < table.files else _YES[table.accounted],
            "verdict": table.verdict.value,
        }
        for table in tables
    ]
    return pd.DataFrame(lines).set_index("table")


def rates_frame(ports: Ports) -> pd.DataFrame:
    """A line for each step that ended well: begin (UTC), seconds, rows, rows per second."""
    lines: list[tuple[object, ...]] = []
    for event in ports.tracker.events():
        if event.status != "COMPLETED":
            continue
        counts = event.result.counts if event.result else None
        rows = event.rows or (counts.expected if counts else None) or 0
        end = pd.Timestamp(event.at)
        lines.append(
            (
                event.file,
                event.table,
                event.stage.value,
                event.step,
                end - pd.Timedelta(seconds=event.seconds),
                event.seconds,
                rows,
                round(rows / event.seconds) if event.seconds else 0,
            )
        )
    names = ["file", "table", "stage", "step", "began", "seconds", "rows", "rows/s"]
    return pd.DataFrame(lines, columns=names)


def rejects_frame(ports: Ports) -> pd.DataFrame:
    """Open rejects by table, stage, rule and column; `example` is a message, without values of
    personal columns."""
    numbers: dict[tuple[str, str, str, str], int] = defaultdict(int)
    examples: dict[tuple[str, str, str, str], str] = {}
    for reject in ports.tables.rejects():
        key = (reject.table, reject.stage.value, reject.rule, reject.column)
        numbers[key] += 1
        examples.setdefault(key, reject.message)
    lines = [(*key, number, examples[key]) for key, number in numbers.items()]
    names = ["table", "stage", "rule", "column", "rejects", "example"]
    frame = pd.DataFrame(lines, columns=names)
    return frame.sort_values("rejects", ascending=False, kind="stable", ignore_index=True)


def failures_frame(ports: Ports) -> pd.DataFrame:
    """The stages that failed."""
    lines = [
        (red.file, red.table, red.stage.value, red.message)
        for red in red_checks(ports.tracker.states())
    ]
    return pd.DataFrame(lines, columns=["file", "table", "stage", "message"])


def _whole_numbers(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Counts as whole numbers also where some are not known."""
    return frame.astype(dict.fromkeys(columns, "Int64"))
