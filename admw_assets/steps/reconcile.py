"""The reconcile steps of both stages: the verdict; imports core only.

What must hold is design.md's promise: conservation, and every row as it was staged. Counts and
hashes come from the server each time; only differing rows travel.
"""

import time

from admw_assets.core.masking import Masking
from admw_assets.core.ports import Ports
from admw_assets.core.reconciliation import ReconciliationFailed
from admw_assets.core.step import Counts, Stage, StepKind, StepRequest, StepResult
from admw_assets.steps.differing_rows import examine_final, examine_preliminary
from admw_assets.steps.earlier import require_result
from admw_assets.steps.preliminary_differences import compare_preliminary
from admw_assets.steps.replayed_differences import compare_replayed
from admw_assets.steps.report_facts import open_rejects, staged_before
from admw_assets.steps.stage_report import Verdict, make_report
from admw_assets.steps.staged_files import read_staged
from admw_assets.steps.verdict_checks import (
    conservation,
    orphans,
    reject_limit,
    row_hash,
    source_hash,
)

NAMED_DIFFERENCES = 10_000
"""How many differing rows are named, fetched and diagnosed; all are counted."""


def reconcile_preliminary(request: StepRequest, ports: Ports) -> StepResult:
    """Compare the preliminary table with the file and the staged rows.

    Raises ReconciliationFailed with the verdict; the report is written either way.
    """
    started = time.monotonic()
    loaded = require_result(request, ports.tracker, Stage.PRELIMINARY, StepKind.LOAD)
    staged, facts = read_staged(loaded.staged or "", ports)
    by_rule, rejected = open_rejects(request, ports, (Stage.PRELIMINARY,))
    if staged.replayed:
        compared = compare_replayed(request, ports, NAMED_DIFFERENCES)
    else:
        compared = compare_preliminary(request, ports, staged, NAMED_DIFFERENCES)
    settings = ports.migration.settings(request.table)
    masking = Masking.of(settings.pii)
    examined, passes = examine_preliminary(request, ports, staged, compared.found, masking)
    counts = loaded.counts.merged(
        Counts(loaded=compared.rows, rejected=sum(by_rule.values()), mismatched=compared.mismatched)
    )
    checks = (
        conservation(counts),
        source_hash(facts.carries_source_hash, by_rule["source_hash"], compared.corrected),
        row_hash(compared.rows, compared.mismatched, examined),
        reject_limit(settings.rejects, counts),
    )
    verdict = Verdict(
        counts,
        checks,
        compared.counts,
        examined,
        passes,
        by_rule,
        started,
        staged.dropped,
        facts,
        rejected,
    )
    result = _conclude(request, ports, masking, verdict)
    ports.staging.free(loaded.staged or "")
    return result


def reconcile_final(request: StepRequest, ports: Ports) -> StepResult:
    """Compare the final rows of a file with its preliminary rows.

    Raises ReconciliationFailed with the verdict; the report is written either way.
    """
    started = time.monotonic()
    moved = require_result(request, ports.tracker, Stage.FINAL, StepKind.LOAD)
    table = ports.migration.table(request.table)
    settings = ports.migration.settings(request.table)
    compared = ports.tables.compare_final(request.file, table, settings, NAMED_DIFFERENCES)
    masking = Masking.of(settings.pii)
    examined, passes = examine_final(
        request, ports, compared.differences, moved.counts.records or 0, masking
    )
    by_rule, rejected = open_rejects(request, ports, tuple(Stage))
    counts = moved.counts.merged(
        Counts(
            loaded=compared.final_rows,
            rejected=sum(by_rule.values()),
            mismatched=compared.mismatched,
        )
    )
    checks = (
        conservation(counts),
        row_hash(compared.final_rows, compared.mismatched, examined),
        reject_limit(settings.rejects, counts),
        orphans(by_rule["orphan"], ports.tables.unmet_references(table, settings)),
    )
    dropped, facts = staged_before(request, ports)
    verdict = Verdict(
        counts,
        checks,
        compared.counts,
        examined,
        passes,
        by_rule,
        started,
        dropped,
        facts,
        rejected,
    )
    return _conclude(request, ports, masking, verdict)


def _conclude(request: StepRequest, ports: Ports, masking: Masking, verdict: Verdict) -> StepResult:
    """Write the report; a result where every check passed, ReconciliationFailed otherwise."""
    report = make_report(request, ports, masking, verdict)
    location = ports.reports.write(report)
    if not report.passed:
        raise ReconciliationFailed(report, location)
    return StepResult(
        file=request.file,
        table=request.table,
        stage=request.stage,
        step=request.step,
        run_id=request.run_id,
        counts=verdict.counts,
        report=location,
        checks=verdict.checks,
        message=" ".join(report.drift),
    )
