"""The report of a load that was refused, because too much was rejected; imports core only."""

from admw_assets.core.masking import Masking
from admw_assets.core.ports import Ports
from admw_assets.core.reconciliation import REJECT_LIMIT
from admw_assets.core.step import CheckResult, Counts, Stage, StepRequest
from admw_assets.steps.report_facts import open_rejects, staged_before
from admw_assets.steps.side_by_side import Examined
from admw_assets.steps.stage_report import Verdict, make_report


def report_refused_load(request: StepRequest, ports: Ports, message: str, started: float) -> str:
    """Write what was rejected, by rule; nothing was loaded. Returns the report's folder."""
    stages = (Stage.PRELIMINARY,) if request.stage is Stage.PRELIMINARY else tuple(Stage)
    by_rule, rejected = open_rejects(request, ports, stages)
    state = ports.tracker.state(request.file, request.table, Stage.PRELIMINARY)
    known = state.counts if state else Counts()
    dropped, facts = staged_before(request, ports)
    verdict = Verdict(
        counts=known.merged(Counts(loaded=0, rejected=sum(by_rule.values()), mismatched=0)),
        checks=(CheckResult(REJECT_LIMIT, False, message),),
        kinds={},
        examined=Examined((), (), 0, 0),
        passes=(),
        rejects=by_rule,
        started=started,
        dropped=dropped,
        facts=facts,
        rejected=rejected,
    )
    masking = Masking.of(ports.migration.settings(request.table).pii)
    return ports.reports.write(make_report(request, ports, masking, verdict))
