"""The promises as asset checks: which stage has which, and what they say of a step."""

import warnings
from collections.abc import Iterator, Mapping

import dagster as dg

from admw_assets.core.errors import AdmwError, RejectLimitExceeded
from admw_assets.core.reconciliation import (
    CONSERVATION,
    ORPHANS,
    REJECT_LIMIT,
    ROW_HASH,
    SOURCE_HASH,
    ReconciliationFailed,
)
from admw_assets.core.step import CheckResult, Stage, StepKind, StepResult
from admw_assets.defs.metadata import Metadata, differences_metadata, verdict_metadata

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


def passed_checks(result: StepResult) -> Iterator[dg.AssetCheckResult]:
    """What a reconciliation that ended well says of each check of its stage."""
    by_name = {check.name: check for check in result.checks}
    for name in STAGE_CHECKS[result.stage]:
        check = by_name[name]
        yield dg.AssetCheckResult(
            check_name=name,
            passed=check.passed,
            description=check.message,
            metadata=verdict_metadata(result.counts, result.report),
        )


def failed_checks(
    context: dg.OpExecutionContext, step: StepKind, err: AdmwError
) -> Iterator[dg.AssetCheckEvaluation]:
    """What a step that failed for good says of the checks of its stage.

    The verdict of a reconciliation, where there was one. Without one the rows of the file are not
    accounted for, so conservation is red; or the reject limit, where that stopped the load. A
    failed archive takes nothing back of a verdict.
    """
    if step is StepKind.ARCHIVE:
        return
    if isinstance(err, ReconciliationFailed):
        for check in err.checks:
            metadata = verdict_metadata(err.counts, err.location)
            if check.name == ROW_HASH:
                metadata |= differences_metadata(err.differences)
            yield _evaluation(context, check, metadata)
    else:
        name = REJECT_LIMIT if isinstance(err, RejectLimitExceeded) else CONSERVATION
        check = CheckResult(name, False, str(err))
        yield _evaluation(context, check, {})


def _evaluation(
    context: dg.OpExecutionContext, check: CheckResult, metadata: Metadata
) -> dg.AssetCheckEvaluation:
    """A verdict as an event of the running op, which need not have an output for it."""
    return dg.AssetCheckEvaluation(
        asset_key=context.asset_key,
        check_name=check.name,
        passed=check.passed,
        description=check.message,
        metadata=metadata,
        blocking=True,
        partition=context.partition_key,
    )
