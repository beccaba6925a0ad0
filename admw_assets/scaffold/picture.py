"""The entity diagram as SVG, for whoever has no Mermaid; imports core, and matplotlib when called.

Tables stand in a column per load wave, parents on the left; a line goes from each child to its
parent. The text is the same for the same migration: no date, no random identifiers.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from admw_assets.core.migration import Migration
from admw_assets.core.schema import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _GAP, _LINE, _SPACE = 2.6, 1.5, 0.22, 0.34  # inches
_TALLEST = 12  # tables of one wave in one column
_MOST_KEYS = 6
_INK, _LINK, _FILL, _HEAD, _EDGE = "#1f2933", "#52708f", "#ffffff", "#e3ecf5", "#9fb3c8"


@dataclass(frozen=True, slots=True)
class Box:
    """A table's place: left and top edge and height in inches, y pointing down."""

    table: Table
    left: float
    top: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """Inches."""
        return _LINE * (len(self.lines) + 1) + 0.2

    @property
    def middle(self) -> float:
        """The height at which lines begin and end."""
        return self.top + 0.18


def diagram_svg(migration: Migration) -> str | None:
    """The SVG text; None where matplotlib is not installed."""
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        return None
    boxes = _boxes(migration)
    width = max(box.left for box in boxes.values()) + _WIDTH + _SPACE
    height = max(box.top + box.height for box in boxes.values()) + _SPACE
    with matplotlib.rc_context({"svg.hashsalt": "admw", "svg.fonttype": "none"}):
        figure = Figure(figsize=(width, height), facecolor=_FILL)
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        _draw(axes, boxes)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Title": migration.name})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _boxes(migration: Migration) -> Mapping[str, Box]:
    boxes: dict[str, Box] = {}
    column = 0
    for wave in migration.waves:
        ordered = sorted(wave, key=lambda name: (_height_of_parents(migration, name, boxes), name))
        for start in range(0, len(ordered), _TALLEST):
            top = _SPACE
            for name in ordered[start : start + _TALLEST]:
                table = migration.table(name)
                box = Box(table, _SPACE + column * (_WIDTH + _GAP), top, tuple(_lines(table)))
                boxes[name] = box
                top += box.height + _SPACE
            column += 1
    return boxes


def _height_of_parents(migration: Migration, name: str, boxes: Mapping[str, Box]) -> float:
    tops = [boxes[k.parent].top for k in migration.table(name).foreign_keys if k.parent in boxes]
    return sum(tops) / len(tops) if tops else 0.0


def _lines(table: Table) -> Sequence[str]:
    foreign = {name: key.parent for key in table.foreign_keys for name in key.columns}
    lines: list[str] = []
    for column in table.columns:
        marks = "PK " * (column.name in table.primary_key) + "FK" * (column.name in foreign)
        if marks:
            own = " ↺" if foreign.get(column.name) == table.name else ""
            lines.append(f"{_short(column.name, 26)}  {marks.strip()}{own}")
    more = len(table.columns) - len(lines[:_MOST_KEYS])
    rest = f"{more} more column{'s' * (more != 1)}" if lines else f"{more} columns, no key"
    return [*lines[:_MOST_KEYS], *([rest] if more else [])]


def _short(text: str, length: int) -> str:
    plain = text.replace("$", "\\$")  # matplotlib reads a pair of them as mathematics
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def _draw(axes: "Axes", boxes: Mapping[str, Box]) -> None:
    from matplotlib.patches import FancyArrowPatch, Rectangle

    for box in boxes.values():
        for parent in sorted({key.parent for key in box.table.foreign_keys} - {box.table.name}):
            other = boxes[parent]
            to_left = other.left < box.left
            start = (box.left if to_left else box.left + _WIDTH, box.middle)
            end = (other.left + _WIDTH, other.middle)
            bend = "arc3,rad=0" if to_left else "arc3,rad=0.4"
            axes.add_patch(
                FancyArrowPatch(
                    start,
                    end,
                    connectionstyle=bend,
                    arrowstyle="-|>",
                    mutation_scale=9,
                    color=_LINK,
                    linewidth=0.9,
                    alpha=0.75,
                    shrinkA=0,
                    shrinkB=0,
                    zorder=1,
                )
            )
        corner = (box.left, box.top)
        axes.add_patch(
            Rectangle(corner, _WIDTH, box.height, facecolor=_FILL, edgecolor=_EDGE, zorder=2)
        )
        axes.add_patch(
            Rectangle(corner, _WIDTH, _LINE + 0.14, facecolor=_HEAD, edgecolor=_EDGE, zorder=2)
        )
        name = _short(box.table.name, 30)
        style = {"va": "center", "color": _INK, "family": "sans-serif", "zorder": 3}
        axes.text(box.left + 0.1, box.middle, name, size=10, weight="bold", **style)
        for number, line in enumerate(box.lines, 1):
            y = box.middle + 0.1 + number * _LINE
            axes.text(box.left + 0.1, y, line, size=8.5, **style)
