"""The promises as asset checks: which stage has which, and what they say of a step."""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import dagster as dg

from admw_assets.core.errors import AdmwError, RejectLimitExceeded
from admw_assets.core.ports import ReportWriter
from admw_assets.core.reconciliation import (
    CONSERVATION,
    ORPHANS,
    REJECT_LIMIT,
    ROW_HASH,
    SOURCE_HASH,
    ReconciliationFailed,
    ReconciliationReport,
)
from admw_assets.core.step import CheckResult, Stage, StepKind, StepResult
from admw_assets.defs.check_metadata import report_metadata
from admw_assets.defs.metadata import Metadata, next_step_metadata, verdict_metadata

STAGE_CHECKS: Mapping[Stage, tuple[str, ...]] = {
    Stage.PRELIMINARY: (CONSERVATION, SOURCE_HASH, ROW_HASH, REJECT_LIMIT),
    Stage.FINAL: (CONSERVATION, ROW_HASH, ORPHANS, REJECT_LIMIT),
}

PROMISES: Mapping[str, str] = {
    CONSERVATION: "Every row is accounted for: expected = loaded + rejected + dropped.",
    SOURCE_HASH: "Every loaded record agrees with the hash that it came with.",
    ROW_HASH: "Every row in the table is as it was delivered: none lost, doubled or changed.",
    REJECT_LIMIT: "No more records were rejected than the migration allows.",
    ORPHANS: "Every row that refers to another table finds its parent there.",
}


def check_specs(
    key: dg.AssetKey, stage: Stage, partitions_def: dg.PartitionsDefinition[str]
) -> list[dg.AssetCheckSpec]:
    """The checks of an asset, each with a verdict for every data file."""
    with warnings.catch_warnings():
        # Checks by partition are a preview in Dagster 1.13.27, which is pinned. Without them a
        # sound file's green would hide another file's red.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                name,
                asset=key,
                blocking=True,
                description=PROMISES[name],
                partitions_def=partitions_def,
            )
            for name in STAGE_CHECKS[stage]
        ]


def check_outputs(key: dg.AssetKey, stage: Stage, outputs: object) -> dict[str, object]:
    """An op's outputs under the names that Dagster gives to checks of a graph asset."""
    return {
        f"{key.to_python_identifier()}_{name}": getattr(outputs, name)
        for name in STAGE_CHECKS[stage]
    }


def passed_checks(result: StepResult, reports: ReportWriter) -> Iterator[dg.AssetCheckResult]:
    """What a reconciliation that ended well says of each check of its stage.

    A promise that is kept while something waits for a person is a warning, which blocks nothing.
    """
    by_name = {check.name: check for check in result.checks}
    shown = _Shown.of(reports, result.report)
    for name in STAGE_CHECKS[result.stage]:
        check = by_name[name]
        yield dg.AssetCheckResult(
            check_name=name,
            passed=check.passed and not check.warns,
            severity=_severity(check),
            description=check.message,
            metadata=shown.metadata(name) or verdict_metadata(result.counts, result.report),
        )


def failed_checks(
    context: dg.OpExecutionContext, step: StepKind, err: AdmwError, reports: ReportWriter | None
) -> Iterator[dg.AssetCheckEvaluation]:
    """What a step that failed for good says of the checks of its stage.

    The verdict of a reconciliation, where there was one. Without one the rows of the file are not
    accounted for, so conservation is red; or the reject limit, where that stopped the load. A
    failed archive takes nothing back of a verdict.
    """
    if step is StepKind.ARCHIVE:
        return
    if isinstance(err, ReconciliationFailed):
        shown = _Shown.of(reports, err.location)
        for check in err.checks:
            metadata = shown.metadata(check.name) or verdict_metadata(err.counts, err.location)
            yield _evaluation(context, check, metadata)
    elif isinstance(err, RejectLimitExceeded):
        shown = _Shown.of(reports, err.location)
        check = CheckResult(REJECT_LIMIT, False, str(err))
        yield _evaluation(context, check, shown.metadata(REJECT_LIMIT))
    else:
        metadata = next_step_metadata(err)
        yield _evaluation(context, CheckResult(CONSERVATION, False, str(err)), metadata)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The report that verdicts are taken from, as long as it is there."""

    report: ReconciliationReport | None
    location: str

    @classmethod
    def of(cls, reports: ReportWriter | None, location: str | None) -> Self:
        """Read the report in that folder."""
        return cls(reports.read(location) if reports and location else None, location or "")

    def metadata(self, check: str) -> Metadata:
        """What it says of a check."""
        return report_metadata(check, self.report, self.location) if self.report else {}


def _severity(check: CheckResult) -> dg.AssetCheckSeverity:
    warns = check.passed and check.warns
    return dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR


def _evaluation(
    context: dg.OpExecutionContext, check: CheckResult, metadata: Metadata
) -> dg.AssetCheckEvaluation:
    """A verdict as an event of the running op, which need not have an output for it."""
    return dg.AssetCheckEvaluation(
        asset_key=context.asset_key,
        check_name=check.name,
        passed=check.passed and not check.warns,
        severity=_severity(check),
        description=check.message,
        metadata=metadata,
        blocking=True,
        partition=context.partition_key,
    )
