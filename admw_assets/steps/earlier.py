"""What earlier steps came to, looked up in the tracker; imports core only."""

from admw_assets.core.errors import ConfigurationError
from admw_assets.core.ports import Tracker
from admw_assets.core.step import STAGE_STEPS, Stage, StepKind, StepRequest, StepResult


def find_result(
    tracker: Tracker, file: str, table: str, stage: Stage, step: StepKind
) -> StepResult | None:
    """The newest good end of that step since its stage was last restarted."""
    results = [r for r in tracker.results(file, table, stage) if r.step is step]
    return results[-1] if results else None


def find_current(request: StepRequest, tracker: Tracker) -> StepResult | None:
    """The newest good end of the requested step, unless an earlier step of its stage has ended
    since: then a replay has loaded rows, and the step is due again."""
    order = STAGE_STEPS[request.stage]
    for result in reversed(tracker.results(request.file, request.table, request.stage)):
        if result.step is request.step:
            return result
        if order.index(result.step) < order.index(request.step):
            return None
    return None


def require_result(
    request: StepRequest, tracker: Tracker, stage: Stage, step: StepKind
) -> StepResult:
    """Like `find_result`; raises ConfigurationError where the step has not ended well yet."""
    found = find_result(tracker, request.file, request.table, stage, step)
    if found is None:
        raise ConfigurationError(
            f"{request.stage}/{request.table} of {request.file} needs the {stage} stage's {step} "
            "first, which has not ended well.",
            next_step=f"Run the {stage} stage of this file: admw run --stage {stage} FILE.",
            file=request.file,
            table=request.table,
        )
    return found
