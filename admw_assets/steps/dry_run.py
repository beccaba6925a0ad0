"""Everything but the database: the steps that decide about rows, on stand-ins; imports core only.

Transform and loads are the real steps on ports whose tables are thrown away. What only looks at
the loaded rows (reconciling, archiving) is left out, but for the checks that need counts alone.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from admw_assets.core.dry_run import Estimate, PredictedReject, Prediction
from admw_assets.core.errors import AdmwError
from admw_assets.core.key_columns import unknown_parents
from admw_assets.core.migration import Migration
from admw_assets.core.ports import Ports
from admw_assets.core.reconciliation import UnmetReferences
from admw_assets.core.schema import Table
from admw_assets.core.step import (
    STAGE_STEPS,
    CheckResult,
    Counts,
    Stage,
    StageOutcome,
    Status,
    StepKind,
    StepRequest,
    StepResult,
)
from admw_assets.steps.campaign import Task, blocked_by
from admw_assets.steps.runner import record_late_load, run_step
from admw_assets.steps.staged_files import is_complete, read_staged
from admw_assets.steps.verdict_checks import conservation, orphans, reject_limit

_STAGES_PER_TRANSFORM = 3.3
"""Both stages on MySQL take so many times what the transform of a dry run does: 54 seconds against
16.5 on one machine (docs/benchmarks.md)."""

# Bytes of a row on InnoDB. A million customers took 367 MB in the preliminary table, 171 in the
# final one and 182 in its four indexes; these come to 367, 196 and, without the plain one, 135.
_ROW_OVERHEAD = 25  # header, transaction and roll pointer, length bytes
_OWN_BYTES = 200  # what is ADMW's in a preliminary row: two hashes, names, numbers
_ORIGIN_BYTES = 40  # the file's name in a final row
_INDEX_BYTES = 45  # in each index beside the primary key, whose pages are two thirds full
_PAGE_FILL = 1.07  # rows come in the order of the key: pages are filled to 15/16


@dataclass(frozen=True, slots=True)
class _Staged:
    """What the transform of one (file, table) has left, measured before it is removed."""

    seconds: float
    rows: int
    value_bytes: int
    dropped: Mapping[str, int]
    message: str


def dry_run(
    tasks: Sequence[Task],
    ports: Ports,
    run_id: str,
    on_task: Callable[[Task], None] = lambda task: None,
) -> tuple[list[Prediction], list[PredictedReject]]:
    """What the tasks (both stages, as planned) would come to, on ports that are thrown away."""
    outcomes: list[StageOutcome] = []
    staged: dict[tuple[str, str], _Staged] = {}
    for task in tasks:
        on_task(task)
        reason = blocked_by(task, outcomes, ports.migration)
        if reason:
            outcome = StageOutcome(
                task.file, task.table, task.stage, Status.BLOCKED, message=reason
            )
        else:
            outcome = _stage(task, ports, run_id, staged)
        outcomes.append(outcome)
    rejects = [
        PredictedReject(r.file, r.table, r.stage, r.record, r.row, r.rule, r.column, r.message)
        for r in ports.tables.rejects()
    ]
    fed = {task.table for task in tasks}
    pairs = dict.fromkeys((task.file, task.table) for task in tasks)
    by_pair: dict[tuple[str, str], Counter[tuple[Stage, str, str]]] = {}
    for r in rejects:
        by_pair.setdefault((r.file, r.table), Counter())[r.stage, r.rule, r.column] += 1
    return [
        _prediction(
            pair, outcomes, by_pair.get(pair, Counter()), staged.get(pair), ports.migration, fed
        )
        for pair in pairs
    ], rejects


def scan(locations: Sequence[str], ports: Ports) -> None:
    """Scan the files ahead, for example while Spark starts; what fails will fail again in turn."""
    for location in locations:
        with suppress(AdmwError):
            ports.files.open(location, ports.migration.format_of(location))


def _stage(
    task: Task, ports: Ports, run_id: str, staged: dict[tuple[str, str], _Staged]
) -> StageOutcome:
    request = StepRequest(task.location, task.table, task.stage, StepKind.LOAD, run_id)
    try:
        if task.stage is Stage.PRELIMINARY:
            transformed = run_step(replace(request, step=StepKind.TRANSFORM), ports)
            staged[task.file, task.table] = _measured(transformed, ports)
        result = run_step(request, ports)
    except AdmwError as err:
        return _failed(task, ports, str(err))
    red = [check for check in _checks(task, ports, result.counts) if not check.passed]
    if red:
        return _failed(task, ports, " ".join(check.message for check in red), result.counts)
    last = STAGE_STEPS[task.stage][-1]
    record_late_load(replace(request, step=last), replace(result, step=last), ports)
    if result.staged and is_complete(result.staged, ports):
        ports.staging.free(result.staged)
    return StageOutcome(task.file, task.table, task.stage, Status.COMPLETED, result.counts)


def _failed(task: Task, ports: Ports, message: str, counts: Counts | None = None) -> StageOutcome:
    if counts is None:
        state = ports.tracker.state(task.file, task.table, task.stage)
        counts = state.counts if state else Counts()
    return StageOutcome(task.file, task.table, task.stage, Status.FAILED, counts, message=message)


def _checks(task: Task, ports: Ports, counts: Counts) -> list[CheckResult]:
    """The verdicts of the reconcile step that counts alone decide."""
    settings = ports.migration.settings(task.table)
    checks = [conservation(counts), reject_limit(settings.rejects, counts)]
    if task.stage is Stage.FINAL:
        table = ports.migration.table(task.table)
        unmet: list[UnmetReferences] = ports.tables.unmet_references(table, settings)
        checks.append(orphans(0, unmet))
    return checks


def _measured(result: StepResult, ports: Ports) -> _Staged:
    staged, _ = read_staged(result.staged or "", ports)
    return _Staged(result.seconds, staged.rows, staged.value_bytes, staged.dropped, result.message)


def _prediction(
    pair: tuple[str, str],
    outcomes: Collection[StageOutcome],
    by_rule: Counter[tuple[Stage, str, str]],
    staged: _Staged | None,
    migration: Migration,
    fed: Collection[str],
) -> Prediction:
    file, name = pair
    mine = [o for o in outcomes if (o.file, o.table) == pair]
    worst = next((o for o in mine if o.status is not Status.COMPLETED), mine[-1])
    counts = Counts()
    for outcome in mine:
        counts = counts.merged(outcome.counts)
    table = migration.table(name)
    return Prediction(
        file=file,
        table=name,
        status=worst.status,
        stage=worst.stage,
        counts=replace(counts, rejected=by_rule.total(), loaded=_loaded(mine, counts)),
        message=worst.message or (staged.message if staged else ""),
        rejects=dict(by_rule.most_common()),
        dropped=staged.dropped if staged else {},
        unchecked=tuple(
            f"({', '.join(key.columns)}) -> {key.parent}"
            for key in unknown_parents(migration.schema, table, fed)
        ),
        estimate=_estimate(staged, counts.loaded or 0, table) if staged else None,
    )


def _loaded(outcomes: Sequence[StageOutcome], counts: Counts) -> int:
    """Rows in the final table; none where a stage does not end well."""
    return (counts.loaded or 0) if all(o.status is Status.COMPLETED for o in outcomes) else 0


def _estimate(staged: _Staged, loaded: int, table: Table) -> Estimate:
    seconds = max(staged.seconds, 0.001)
    share = loaded / staged.rows if staged.rows else 0.0
    own = staged.rows * (_OWN_BYTES + _ROW_OVERHEAD)
    final = share * (staged.value_bytes + staged.rows * (_ROW_OVERHEAD + _ORIGIN_BYTES))
    return Estimate(
        measured_seconds=round(staged.seconds, 3),
        rows_per_second=round(staged.rows / seconds, 1),
        seconds=round(seconds * _STAGES_PER_TRANSFORM, 1),
        preliminary_bytes=round((staged.value_bytes + own) * _PAGE_FILL),
        final_bytes=round(final * _PAGE_FILL) + loaded * _indexes(table) * _INDEX_BYTES,
    )


def _indexes(table: Table) -> int:
    """The indexes of a final table beside its primary key; plain KEYs are not known.

    One is on the file's name. A foreign key needs none where another key begins with its columns.
    """

    def spelled(columns: Sequence[str]) -> tuple[str, ...]:
        return tuple(table.column(name).name for name in columns)

    keys = [spelled(table.primary_key), *(spelled(key.columns) for key in table.unique_keys)]
    foreign = [spelled(key.columns) for key in table.foreign_keys]
    alone = [own for own in foreign if all(key[: len(own)] != own for key in keys)]
    return 1 + len(table.unique_keys) + len(alone)
