"""The load steps of both stages; imports core only."""

from collections.abc import Iterable, Iterator
from functools import partial

from admw_assets.core.errors import LoadError
from admw_assets.core.ports import Ports, PreliminaryLoad, RawRecord
from admw_assets.core.reject_limit import allowed_rejects, left_for_final
from admw_assets.core.step import Counts, Stage, StepKind, StepRequest, StepResult
from admw_assets.steps.earlier import require_result
from admw_assets.steps.staged_files import read_staged, staged_rejects


def load_preliminary(request: StepRequest, ports: Ports) -> StepResult:
    """Bring the staged rows into the preliminary table, with rejects and ledger, at once.

    Raises RejectLimitExceeded or LoadError; nothing of the file is then in the table.
    """
    transformed = require_result(request, ports.tracker, Stage.PRELIMINARY, StepKind.TRANSFORM)
    if transformed.staged is None:
        raise LoadError("The transform left no staged rows.", next_step="Run with --restart.")
    staged, _ = read_staged(transformed.staged, ports)
    settings = ports.migration.settings(request.table)
    originals = partial(original_records, request, ports)
    outcome = ports.tables.load_preliminary(
        PreliminaryLoad(
            file=request.file,
            table=ports.migration.table(request.table),
            settings=settings,
            run_id=request.run_id,
            staged=staged,
            rejects=staged_rejects(staged, request, originals),
            limit=allowed_rejects(settings.rejects, staged.expected),
            original=originals,
        )
    )
    return StepResult(
        file=request.file,
        table=request.table,
        stage=request.stage,
        step=request.step,
        run_id=request.run_id,
        counts=transformed.counts.merged(Counts(loaded=outcome.loaded, rejected=outcome.rejected)),
        staged=transformed.staged,
    )


def load_final(request: StepRequest, ports: Ports) -> StepResult:
    """Move the preliminary rows into the final table; orphans and taken keys become rejects.

    Raises RejectLimitExceeded or LoadError; nothing of the file is then in the final table.
    """
    preliminary = require_result(request, ports.tracker, Stage.PRELIMINARY, StepKind.RECONCILE)
    settings = ports.migration.settings(request.table)
    outcome = ports.tables.load_final(
        request.file,
        ports.migration.table(request.table),
        settings,
        request.run_id,
        left_for_final(settings.rejects, preliminary.counts),
        partial(original_records, request, ports),
    )
    return StepResult(
        file=request.file,
        table=request.table,
        stage=request.stage,
        step=request.step,
        run_id=request.run_id,
        counts=preliminary.counts.merged(
            Counts(
                loaded=outcome.loaded,
                rejected=(preliminary.counts.rejected or 0) + outcome.rejected,
                mismatched=0,
            )
        ),
    )


def original_records(
    request: StepRequest, ports: Ports, numbers: Iterable[int]
) -> Iterator[RawRecord]:
    """The original bytes of these records (ascending); the file is opened only if any is asked."""
    wanted = list(numbers)
    if not wanted:
        return iter(())
    opened = ports.files.open(request.location, ports.migration.format_of(request.location))
    return ports.files.records_of(opened, wanted)
