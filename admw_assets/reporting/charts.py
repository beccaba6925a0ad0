"""What the charts of the page show, as numbers from 0 to 100; imports core."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from admw_assets.core.diagnosis import percentage
from admw_assets.core.reconciliation import ReconciliationReport, TimelineEntry
from admw_assets.core.step import Counts

MOST_BARS = 25
_NARROWEST = 0.6
_LARGEST_GAP = 0.25
"""Waiting between steps is drawn as at most this part of all work: a night would hide the work."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the equation: its CSS class, name, number, and where its bar stands."""

    kind: str
    number: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar; `kind` is its CSS class."""

    kind: str
    start: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart."""

    label: str
    number: int
    segments: tuple[Segment, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StepBar:
    """A step on the timeline; `waited` says how long nothing happened before, where long."""

    entry: TimelineEntry
    start: float
    width: float


def equation_parts(counts: Counts, held_back: int = 0) -> tuple[Part, ...]:
    """Loaded, rejected and dropped, as parts of the larger side of the equation.

    What none of them accounts for is `lost`, but for rows that were held back.
    """
    numbers = {
        "loaded": counts.loaded or 0,
        "rejected": counts.rejected or 0,
        "dropped": counts.dropped or 0,
    }
    if held_back:
        numbers["held"] = held_back
    missing = (counts.expected or 0) - sum(numbers.values())
    if missing > 0:
        numbers["lost"] = missing
    whole = sum(numbers.values()) or 1
    widths = {
        kind: max(100 * number / whole, _NARROWEST) if number else 0.0
        for kind, number in numbers.items()
    }
    scale = 100 / (sum(widths.values()) or 1)
    parts: list[Part] = []
    start = 0.0
    for kind, number in numbers.items():
        width = widths[kind] * scale
        parts.append(Part(kind, number, start, width))
        start += width
    return tuple(parts)


def column_bars(report: ReconciliationReport) -> tuple[Bar, ...]:
    """Differing values by column: what each finding explains, and the rest."""
    most = max((diagnosis.differing for diagnosis in report.diagnoses), default=0)
    bars: list[Bar] = []
    for diagnosis in report.diagnoses[:MOST_BARS]:
        shares = [(f.pattern, f.explained) for f in diagnosis.findings]
        if diagnosis.unexplained:
            shares.append(("no common pattern", diagnosis.unexplained))
        segments: list[Segment] = []
        start = 0.0
        for place, (what, number) in enumerate(shares):
            width = 100 * number / most
            explained = place < len(diagnosis.findings)
            kind = f"finding{min(place + 1, 3)}" if explained else "unexplained"
            segments.append(Segment(kind, start, width, f"{number:,}: {what}"))
            start += width
        share = percentage(diagnosis.explained, diagnosis.differing)
        detail = f"{share} {diagnosis.pattern}" if diagnosis.pattern else "no common pattern"
        bars.append(Bar(diagnosis.column, diagnosis.differing, tuple(segments), detail))
    return tuple(bars)


def reject_bars(numbers: Mapping[str, int]) -> tuple[Bar, ...]:
    """A bar for each rule or reason, the most frequent first."""
    most = max(numbers.values(), default=0)
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Bar(
            label,
            number,
            (Segment("bar", 0.0, max(100 * number / most, _NARROWEST), f"{label}: {number:,}"),),
        )
        for label, number in ordered[:MOST_BARS]
        if number
    )


def step_bars(timeline: Sequence[TimelineEntry]) -> tuple[StepBar, ...]:
    """The steps as bars on one line of time, long waiting between them shortened."""
    if not timeline:
        return ()
    begins = [datetime.fromisoformat(entry.started_at).timestamp() for entry in timeline]
    work = sum(entry.seconds for entry in timeline) or 1.0
    places: list[tuple[float, float]] = []
    now = 0.0
    before = begins[0]
    for begin, entry in zip(begins, timeline, strict=True):
        now += min(max(begin - before, 0.0), _LARGEST_GAP * work)
        places.append((now, entry.seconds))
        now += entry.seconds
        before = begin + entry.seconds
    whole = max(now, 0.001)
    return tuple(
        StepBar(entry, 100 * start / whole, max(100 * seconds / whole, _NARROWEST))
        for entry, (start, seconds) in zip(timeline, places, strict=True)
    )
