"""The report of one stage, from its verdict and from what the tracker knows; imports core only."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from admw_assets import __version__
from admw_assets.core.masking import Masking
from admw_assets.core.ports import Ports
from admw_assets.core.reconciliation import (
    ComparedRow,
    DifferenceKind,
    ReconciliationReport,
    RejectedRecord,
)
from admw_assets.core.step import CheckResult, Counts, Stage, StepRequest
from admw_assets.steps.report_facts import earlier_attempts, events_of, timeline
from admw_assets.steps.side_by_side import Examined
from admw_assets.steps.staged_files import StagedFacts


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a stage's comparison came to, and what was found out about the differing rows.

    `kinds` counts differing rows by kind, `rejects` by rule, `dropped` rows by reason; `rejected`
    are the first rejects of every rule. `started` is the reading of the monotonic clock at the
    beginning of the step.
    """

    counts: Counts
    checks: tuple[CheckResult, ...]
    kinds: Mapping[DifferenceKind, int]
    examined: Examined
    passes: tuple[ComparedRow, ...]
    rejects: Mapping[str, int]
    started: float
    dropped: Mapping[str, int] = field(default_factory=dict[str, int])
    facts: StagedFacts | None = None
    rejected: tuple[RejectedRecord, ...] = ()


def make_report(
    request: StepRequest, ports: Ports, masking: Masking, verdict: Verdict
) -> ReconciliationReport:
    """Everything that the renderings may show, masked."""
    table = ports.migration.table(request.table)
    state = ports.tracker.state(request.file, request.table, request.stage)
    steps = ports.tracker.results(request.file, request.table, request.stage)
    events = events_of(request, ports)
    return ReconciliationReport(
        migration=ports.migration.name,
        file=request.file,
        file_sha256=state.file_sha256 if state else "",
        table=request.table,
        stage=request.stage,
        run_id=request.run_id,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        counts=verdict.counts,
        checks=verdict.checks,
        rejects_by_rule=dict(verdict.rejects),  # asdict would rebuild a Counter of its items
        dropped_by_reason=verdict.dropped,
        differences=verdict.examined.differences,
        seconds_by_step={step.step.value: round(step.seconds, 3) for step in steps},
        file_size=verdict.facts.size if verdict.facts else None,
        drift=verdict.facts.drift if verdict.facts else (),
        code_version=__version__,
        migration_fingerprint=ports.migration.fingerprint,
        attempt=state.attempt if state else 1,
        columns=tuple(column.name for column in table.loaded_columns),
        key=tuple(table.column(name).name for name in table.primary_key),
        personal=tuple(c.name for c in table.loaded_columns if masking.hides(c.name)),
        differences_by_kind={kind.value: n for kind, n in verdict.kinds.items()},
        diagnoses=verdict.examined.diagnoses,
        diagnosed=verdict.examined.diagnosed,
        notes=notes(request.stage, verdict),
        passes=verdict.passes,
        timeline=timeline(events, request, time.monotonic() - verdict.started),
        attempts=earlier_attempts(events, request),
        rejected=verdict.rejected,
    )


def notes(stage: Stage, verdict: Verdict) -> tuple[str, ...]:
    """Sentences about the differing rows as a whole."""
    found: list[str] = []
    missing = [d.record for d in verdict.examined.differences if d.kind is DifferenceKind.MISSING]
    records = {record for record in missing if record is not None}
    number = verdict.kinds.get(DifferenceKind.MISSING, 0)
    if len(records) > 1 and max(records) - min(records) + 1 == len(records) == number:
        found.append(
            f"The {number:,} missing rows are one block: records {min(records):,} to "
            f"{max(records):,}."
        )
    unaltered = verdict.examined.unaltered
    if unaltered:
        rows = f"{unaltered:,} row{'' if unaltered == 1 else 's'}"
        found.append(
            f"The values of {rows} agree with what was staged, but the stored hash does not: the "
            "hash itself was altered."
            if stage is Stage.PRELIMINARY
            else f"The values of {rows} agree in both tables, but not with the hash that came "
            "with the row: it was altered in the preliminary table before it was moved."
        )
    changed = verdict.kinds.get(DifferenceKind.CHANGED, 0)
    if verdict.examined.diagnosed < changed:
        found.append(
            f"{changed:,} rows are changed; the first {verdict.examined.diagnosed:,} of them were "
            "diagnosed."
        )
    return tuple(found)
