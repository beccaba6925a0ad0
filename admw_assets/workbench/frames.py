"""Results as DataFrames, and how differing cells stand out; imports core, runtime and pandas."""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (pandas ships no types, and what pyright infers of it is wrong as often as right)

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from pandas.io.formats.style import Styler

from admw_assets.core.golden_case import CaseContent
from admw_assets.core.masking import Masking, Value
from admw_assets.runtime.golden_cases import CaseRun

NULL = "NULL"
_HIGHLIGHT = "background-color: #fde2cf; color: #7a2e00"


def shown(value: Value) -> str:
    """A value in a cell: NULL apart from the empty text, white space at the ends visible."""
    if value is None:
        return NULL
    return f"'{value}'" if value == "" or value.strip() != value else value


def rows_frame(
    content: CaseContent, numbers: Sequence[int], columns: Sequence[str], masking: Masking
) -> pd.DataFrame:
    """The rows that the pipeline gave, by record of the file and row."""
    index = pd.MultiIndex.from_tuples(
        [(numbers[record - 1], row) for record, row in content.places], names=["record", "row"]
    )
    masked = (masking.rows(row)[0] or {} for row in content.rows)
    cells = [[shown(row[column]) for column in columns] for row in masked]
    return pd.DataFrame(cells, index=index, columns=list(columns), dtype=object)


def rejects_frame(content: CaseContent, numbers: Sequence[int]) -> pd.DataFrame:
    """The rows that were rejected, and why."""
    lines = [
        (numbers[reject.record - 1], reject.row, reject.rule, reject.column, reject.message)
        for reject in content.rejects
    ]
    return pd.DataFrame(lines, columns=["record", "row", "rule", "column", "message"])


def dropped_frame(content: CaseContent, numbers: Sequence[int]) -> pd.DataFrame:
    """The rows that the transform dropped on purpose."""
    lines = [(numbers[drop.record - 1], drop.row, drop.reason) for drop in content.dropped]
    return pd.DataFrame(lines, columns=["record", "row", "reason"])


def case_frame(runs: Iterable[CaseRun]) -> pd.DataFrame:
    """Golden cases: a line for each difference, or one for a case without any."""
    lines: list[tuple[str, ...]] = []
    for run in runs:
        start = (run.case.label, run.status.value)
        if not run.differences:
            lines.append((*start, "", "", "", "", run.message))
        lines += [
            (*start, d.row, d.column, shown(d.expected), shown(d.got), d.kind.value)
            for d in run.differences
        ]
    names = ["case", "status", "row", "column", "expected", "got", "what"]
    return pd.DataFrame(lines, columns=names)


def highlight(frame: pd.DataFrame, differing: Mapping[tuple[object, str], object]) -> Styler:
    """The frame with cells (index, column) marked."""

    def marks(data: pd.DataFrame) -> pd.DataFrame:
        styles = pd.DataFrame("", index=data.index, columns=data.columns)
        for row, column in differing:
            styles.loc[row, column] = _HIGHLIGHT
        return styles

    return frame.style.apply(marks, axis=None)
