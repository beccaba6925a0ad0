"""The differing values by column as a small PNG, for pages that show no SVG; core and matplotlib.

matplotlib is imported when a plot is drawn: a page of definitions does not wait for it.
"""

import io
import warnings

from admw_assets.core.reconciliation import ReconciliationReport
from admw_assets.reporting.charts import Bar, column_bars

MOST_COLUMNS = 12
_WIDTH, _DOTS = 7.0, 72
_LONGEST_NAME = 32
COLOURS = {
    "finding1": ("#2c5f8f", "most frequent cause"),
    "finding2": ("#6f9cc4", "second"),
    "finding3": ("#b3cbe0", "others"),
    "unexplained": ("#b3261e", "no common pattern"),
}


def plot_differences(report: ReconciliationReport) -> bytes | None:
    """A bar for each differing column, in parts by cause; None where no value differs.

    It shows names of columns and numbers, no values.
    """
    bars = column_bars(report)[:MOST_COLUMNS]
    if not bars:
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    figure = Figure(figsize=(_WIDTH, 1.0 + 0.34 * len(bars)), dpi=_DOTS, layout="constrained")
    axes = figure.add_subplot()
    longest = max(bar.number for bar in bars)
    for place, bar in enumerate(bars):
        for segment in bar.segments:
            axes.barh(
                place,
                segment.width * longest / 100,
                left=segment.start * longest / 100,
                height=0.62,
                color=COLOURS[segment.kind][0],
            )
        axes.text(bar.number + 0.012 * longest, place, f"{bar.number:,}", va="center", fontsize=9)
    axes.set_yticks(range(len(bars)), [_shortened(bar) for bar in bars], fontsize=9)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)  # a name may hold dollar signs
    axes.invert_yaxis()
    axes.set_xlim(0, 1.12 * longest)
    axes.xaxis.set_visible(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title("Differing values by column", loc="left", fontsize=10)
    kinds = {segment.kind for bar in bars for segment in bar.segments}
    figure.legend(
        handles=[
            Patch(color=c, label=text) for kind, (c, text) in COLOURS.items() if kind in kinds
        ],
        loc="outside lower left",
        ncols=len(COLOURS),
        fontsize=8,
        frameon=False,
    )
    out = io.BytesIO()
    with warnings.catch_warnings():
        # Its own font lacks many scripts: such names are boxes here, and readable beside the plot.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        FigureCanvasAgg(figure).print_png(out)
    return out.getvalue()


def _shortened(bar: Bar) -> str:
    name = bar.label
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
