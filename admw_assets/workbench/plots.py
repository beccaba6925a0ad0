"""Plots of the overview's DataFrames; imports matplotlib and pandas.

Each returns a figure that a notebook shows; without data it says so.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (pandas ships no types, and what pyright infers of it is wrong as often as right)

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_COLOURS = {"loaded": "#2f7d5b", "rejected": "#d9822b", "dropped": "#8a94a6"}
_STEPS = {
    "transform": "#4a6fa5",
    "load": "#2f7d5b",
    "reconcile": "#8e6bb0",
    "archive": "#8a94a6",
}
_WIDTH, _LINE = 9.0, 0.32  # inches


def plot_tables(summary: pd.DataFrame) -> Figure:
    """Rows of every table: loaded, rejected, dropped, as parts of what was expected."""
    figure, axes = _canvas(len(summary), "Where the rows of each table went (% of expected)")
    some = summary[summary["expected"] > 0] if len(summary) else summary
    if some.empty:
        return _empty(figure, axes, "No file has been taken in yet.")
    start = pd.Series(0.0, index=some.index)
    for name, colour in _COLOURS.items():
        share = 100 * some[name] / some["expected"]
        axes.barh(some.index, share, left=start, color=colour, label=name)
        start += share
    for position, (rows, end) in enumerate(zip(some["expected"], start, strict=True)):
        axes.text(end + 1, position, f"{rows:,}", va="center", fontsize=8, color="#555555")
    axes.set_xlim(0, 112)
    axes.invert_yaxis()
    _legend(figure)
    return figure


def plot_rejects(rejects: pd.DataFrame) -> Figure:
    """Open rejects by rule, a colour for each table."""
    wide = rejects.pivot_table(
        index="rule", columns="table", values="rejects", aggfunc="sum", fill_value=0
    )
    figure, axes = _canvas(len(wide), "Open rejects by rule")
    if wide.empty:
        return _empty(figure, axes, "No open rejects.")
    wide = wide.loc[wide.sum(axis=1).sort_values(ascending=False).index]
    start = pd.Series(0, index=wide.index)
    for number, table in enumerate(wide.columns):
        axes.barh(wide.index, wide[table], left=start, label=table, color=f"C{number % 10}")
        start += wide[table]
    axes.invert_yaxis()
    _legend(figure)
    return figure


def plot_rates(rates: pd.DataFrame) -> Figure:
    """Seconds of each table by step."""
    wide = rates.pivot_table(
        index="table", columns="step", values="seconds", aggfunc="sum", fill_value=0
    )
    figure, axes = _canvas(len(wide), "Seconds by table and step")
    if wide.empty:
        return _empty(figure, axes, "No step has ended yet.")
    wide = wide.loc[wide.sum(axis=1).sort_values(ascending=False).index]
    start = pd.Series(0.0, index=wide.index)
    for step in [name for name in _STEPS if name in wide.columns]:
        axes.barh(wide.index, wide[step], left=start, color=_STEPS[step], label=step)
        start += wide[step]
    axes.invert_yaxis()
    _legend(figure)
    return figure


def plot_timeline(rates: pd.DataFrame) -> Figure:
    """When each step ran, a line for each file and table."""
    lanes = list(dict.fromkeys(zip(rates["file"], rates["table"], strict=True)))
    figure, axes = _canvas(len(lanes), "When each step ran (seconds from the first)")
    if not lanes:
        return _empty(figure, axes, "No step has ended yet.")
    zero = rates["began"].min()
    for step, some in rates.groupby("step"):
        places = [lanes.index(lane) for lane in zip(some["file"], some["table"], strict=True)]
        begins = (some["began"] - zero).dt.total_seconds()
        axes.barh(places, some["seconds"], left=begins, color=_STEPS[str(step)], label=step)
    names = [f"{file.partition('~')[0]} → {table}" for file, table in lanes]
    axes.set_yticks(range(len(lanes)), names)
    axes.invert_yaxis()
    _legend(figure)
    return figure


def _canvas(lines: int, title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH, max(1.2, 0.9 + _LINE * lines)), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return figure, axes


def _legend(figure: Figure) -> None:
    figure.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=8)


def _empty(figure: Figure, axes: Axes, text: str) -> Figure:
    axes.set_axis_off()
    axes.text(0, 0.5, text, fontsize=10, color="#555555")
    return figure
