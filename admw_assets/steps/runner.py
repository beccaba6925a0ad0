"""Runs steps, stages and files, and keeps the tracker current; imports core and the steps.

Every way to run ADMW (command line, Dagster ops, later Glue and Lambda) ends in `run_step`.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from admw_assets.core.errors import (
    AdmwError,
    DataFileChanged,
    RejectLimitExceeded,
    TerminalError,
)
from admw_assets.core.masking import frames_of, place_of, without_causes
from admw_assets.core.ports import Event, Ports, StageState
from admw_assets.core.reconciliation import ReconciliationFailed
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
from admw_assets.steps.archive import archive
from admw_assets.steps.earlier import find_current, find_result
from admw_assets.steps.gate_report import report_refused_load
from admw_assets.steps.load import load_final, load_preliminary
from admw_assets.steps.notice import stage_notice
from admw_assets.steps.reconcile import reconcile_final, reconcile_preliminary
from admw_assets.steps.sign_off import withdraw
from admw_assets.steps.staged_files import is_complete
from admw_assets.steps.transform import transform

log = logging.getLogger(__name__)

StepFunction = Callable[[StepRequest, Ports], StepResult]
Listener = Callable[[StepRequest, str], None]
"""Told (request, what): what is `started`, `completed`, `skipped` or `failed`."""

STEPS: Mapping[tuple[Stage, StepKind], StepFunction] = {
    (Stage.PRELIMINARY, StepKind.TRANSFORM): transform,
    (Stage.PRELIMINARY, StepKind.LOAD): load_preliminary,
    (Stage.PRELIMINARY, StepKind.RECONCILE): reconcile_preliminary,
    (Stage.FINAL, StepKind.LOAD): load_final,
    (Stage.FINAL, StepKind.RECONCILE): reconcile_final,
    (Stage.FINAL, StepKind.ARCHIVE): archive,
}


def run_step(request: StepRequest, ports: Ports) -> StepResult:
    """Run one step, unless an earlier attempt has already ended it well; track either way.

    Raises whatever the step raises, after the failure is on record. Raises DataFileChanged where
    the file of this name was taken in before with other bytes.
    """
    state = _require_same_file(request, ports)
    done = _already_done(request, ports)
    if done is not None:
        return replace(done, skipped=True)
    started = time.monotonic()
    state = _started(request, state)
    ports.tracker.record(state, _event(state, "STARTED"))
    try:
        result = _run_reported(request, ports)
    except Exception as err:
        told = _without_personal_data(err, request, ports)
        _record_failure(state, told, time.monotonic() - started, ports)
        if told is err:
            raise
        raise told from None
    result = replace(result, seconds=round(time.monotonic() - started, 3))
    state = _ended(state, result)
    ports.tracker.record(
        state,
        replace(
            _event(state, "COMPLETED"),
            seconds=result.seconds,
            rows=result.counts.loaded,
            message=result.message,
            result=result,
        ),
    )
    if state.status is Status.COMPLETED:
        ports.notifier.notify(f"{request.stage}/{request.table} COMPLETED", stage_notice(state))
    return result


def _run_reported(request: StepRequest, ports: Ports) -> StepResult:
    """Run a step; a load that is refused for its rejects leaves a report, like a verdict."""
    started = time.monotonic()
    try:
        return STEPS[request.stage, request.step](request, ports)
    except RejectLimitExceeded as err:
        err.location = report_refused_load(request, ports, err.message, started)
        raise


def record_late_load(request: StepRequest, result: StepResult, ports: Ports) -> None:
    """Put on record what a replay has loaded into a stage that had ended before.

    The later steps of the stage are due again from then on.
    """
    state = _started(request, ports.tracker.state(request.file, request.table, request.stage))
    state = _ended(state, result)
    event = replace(
        _event(state, "COMPLETED"),
        seconds=result.seconds,
        rows=result.counts.loaded,
        message=result.message,
        result=result,
    )
    ports.tracker.record(state, event)


def record_refused_replay(request: StepRequest, err: AdmwError, ports: Ports) -> None:
    """Put on record that a replay has changed nothing; the stage stays as it was."""
    state = ports.tracker.state(request.file, request.table, request.stage)
    if state is not None:
        event = replace(_event(state, "FAILED"), step="replay", run_id=request.run_id, at=_now())
        ports.tracker.record(state, replace(event, message=str(err)))


def run_stage(
    location: str,
    table: str,
    stage: Stage,
    ports: Ports,
    run_id: str,
    listener: Listener = lambda request, what: None,
) -> StageOutcome:
    """Run the steps of one stage in order; a failure becomes the outcome, not an exception."""
    request = StepRequest(location, table, stage, STAGE_STEPS[stage][0], run_id)
    skipped = True
    seconds = 0.0
    try:
        for step in STAGE_STEPS[stage]:
            request = replace(request, step=step)
            listener(request, "started")
            result = run_step(request, ports)
            listener(request, "skipped" if result.skipped else "completed")
            skipped = skipped and result.skipped
            seconds += 0.0 if result.skipped else result.seconds
    except AdmwError as err:
        listener(request, "failed")
        return _failed_outcome(request, ports, err, str(err))
    except Exception as err:
        log.exception("%s %s/%s failed", request.step, stage, table)
        listener(request, "failed")
        return _failed_outcome(request, ports, err, f"Unexpected {type(err).__name__}: {err}")
    state = ports.tracker.state(request.file, table, stage)
    assert state is not None, "run_step has just recorded it"
    message = "Already completed; nothing was done." if skipped else state.message
    return _outcome(state, message, skipped, state.seconds if skipped else seconds, ports)


def restart_stage(location: str, table: str, stage: Stage, ports: Ports, run_id: str) -> None:
    """Take back what a stage has done for one (file, table), so that it begins anew.

    Raises LoadError where later work stands on it (undo that first).
    """
    request = StepRequest(location, table, stage, STAGE_STEPS[stage][0], run_id)
    state = ports.tracker.state(request.file, table, stage)
    if state is None:
        return
    ports.tables.undo(
        request.file, ports.migration.table(table), ports.migration.settings(table), stage
    )
    withdraw(request.file, ports)
    if stage is Stage.PRELIMINARY and ports.files.sha256(location) is None:
        _restore_source(location, ports)
    cleared = replace(
        state,
        status=Status.RUNNING,
        step="",
        counts=Counts(),
        message="Restarted.",
        report=None,
        file_sha256="" if stage is Stage.PRELIMINARY else state.file_sha256,
        seconds=0.0,
        run_id=run_id,
        updated_at=_now(),
    )
    ports.tracker.record(cleared, _event(cleared, "RESTARTED"))


def _restore_source(location: str, ports: Ports) -> None:
    """Bring an archived source back to where it came from."""
    archive = _archive_of(location.rpartition("/")[2], ports)
    if archive is not None:
        ports.archiver.restore(archive, location.rpartition("/")[0] or ".")


def _archive_of(file: str, ports: Ports) -> str | None:
    """Where a file was archived: by the last of the tables that it feeds."""
    states = ports.tracker.states()
    return next((state.archive for state in states if state.file == file and state.archive), None)


def _require_same_file(request: StepRequest, ports: Ports) -> StageState | None:
    """The stage's state; its SHA-256, where known, must be that of the file in landing."""
    state = ports.tracker.state(request.file, request.table, request.stage)
    preliminary = ports.tracker.state(request.file, request.table, Stage.PRELIMINARY)
    known = preliminary.file_sha256 if preliminary else ""
    if known and request.step in (STAGE_STEPS[request.stage][0], StepKind.ARCHIVE):
        delivered = ports.files.sha256(request.location)
        if delivered is not None and delivered != known:
            raise DataFileChanged(
                f"{request.file} was already taken in with other content "
                f"(SHA-256 {known[:12]}…, now {delivered[:12]}…).",
                next_step="Give the new delivery a name of its own (its extraction time), or take "
                "the old one back with --restart.",
                file=request.file,
                table=request.table,
            )
    if state is not None and not state.file_sha256 and known:
        state = replace(state, file_sha256=known)
    return state


def _already_done(request: StepRequest, ports: Ports) -> StepResult | None:
    done = find_current(request, ports.tracker)
    if done is None:
        return None
    if request.step is StepKind.TRANSFORM and not is_complete(done.staged, ports):
        loaded = find_result(
            ports.tracker, request.file, request.table, request.stage, StepKind.LOAD
        )
        return done if loaded else None
    if request.step is StepKind.ARCHIVE and done.archive is None:
        archive = _archive_of(request.file, ports)
        return replace(done, archive=archive, message="") if archive else None
    return done


def _started(request: StepRequest, state: StageState | None) -> StageState:
    """The stage's state as this step begins; a new run of it counts as a new attempt."""
    now = _now()
    if state is None:
        state = StageState(
            request.file,
            request.table,
            request.stage,
            Status.RUNNING,
            request.step,
            attempt=0,
            started_at=now,
        )
    is_new_attempt = state.run_id != request.run_id or state.attempt == 0
    return replace(
        state,
        status=Status.RUNNING,
        step=request.step.value,
        attempt=state.attempt + 1 if is_new_attempt else state.attempt,
        started_at=now if is_new_attempt else state.started_at,
        message="",
        run_id=request.run_id,
        updated_at=now,
    )


def _ended(state: StageState, result: StepResult) -> StageState:
    last = result.step is STAGE_STEPS[result.stage][-1]
    return replace(
        state,
        status=Status.COMPLETED if last else Status.RUNNING,
        counts=state.counts.merged(result.counts),
        seconds=round(state.seconds + result.seconds, 3),
        message=result.message,
        report=result.report or state.report,
        archive=result.archive or state.archive,
        file_sha256=result.file_sha256 or state.file_sha256,
        updated_at=_now(),
    )


def _without_personal_data(err: Exception, request: StepRequest, ports: Ports) -> Exception:
    """The error as it may be recorded, logged and shown.

    Messages of ADMW hold no personal values. Those of other errors may, also where they are only
    the cause; so for tables with personal data these are left out.
    """
    if not ports.migration.settings(request.table).pii:
        return err
    if isinstance(err, AdmwError):
        without_causes(err)
        return err
    log.error("%s %s/%s failed:\n%s", request.step, request.stage, request.table, frames_of(err))
    return TerminalError(
        f"Unexpected {type(err).__name__} at {place_of(err)}.",
        next_step="Its message is left out, because the table holds personal data; the log has "
        "the places that it came through.",
        file=request.file,
        table=request.table,
    )


def _record_failure(state: StageState, err: Exception, seconds: float, ports: Ports) -> None:
    message = str(err) if isinstance(err, AdmwError) else f"Unexpected {type(err).__name__}: {err}"
    verdict = err if isinstance(err, ReconciliationFailed) else None
    failed = replace(
        state,
        status=Status.FAILED,
        counts=state.counts.merged(verdict.counts) if verdict else state.counts,
        message=message,
        report=_report_of(err) or state.report,
        seconds=round(state.seconds + seconds, 3),
        updated_at=_now(),
    )
    event = replace(_event(failed, "FAILED"), seconds=round(seconds, 3), message=message)
    try:
        ports.tracker.record(failed, event)
    except AdmwError:
        log.exception("The failure of %s/%s could not be recorded", state.stage, state.table)
    ports.notifier.notify(f"{state.stage}/{state.table} FAILED", stage_notice(failed))


def _failed_outcome(
    request: StepRequest, ports: Ports, err: Exception, message: str
) -> StageOutcome:
    """The outcome of a failed stage, from the error: the tracker may be what has failed."""
    verdict = err if isinstance(err, ReconciliationFailed) else None
    state = None
    try:
        state = ports.tracker.state(request.file, request.table, request.stage)
    except AdmwError:
        log.exception("The state of %s/%s cannot be read", request.stage, request.table)
    return StageOutcome(
        request.file,
        request.table,
        request.stage,
        Status.FAILED,
        verdict.counts if verdict else (state.counts if state else Counts()),
        state.seconds if state else 0.0,
        message,
        _report_of(err),
        checks=verdict.checks if verdict else (),
    )


def _report_of(err: Exception) -> str | None:
    """The folder of the report that a failure left."""
    return err.location if isinstance(err, (ReconciliationFailed, RejectLimitExceeded)) else None


def _outcome(
    state: StageState, message: str, skipped: bool, seconds: float, ports: Ports
) -> StageOutcome:
    reconciled = find_result(
        ports.tracker, state.file, state.table, state.stage, StepKind.RECONCILE
    )
    checks: tuple[CheckResult, ...] = reconciled.checks if reconciled else ()
    return StageOutcome(
        state.file,
        state.table,
        state.stage,
        state.status,
        state.counts,
        round(seconds, 3),
        message,
        state.report,
        state.archive,
        skipped,
        checks,
    )


def _event(state: StageState, status: str) -> Event:
    return Event(
        state.file,
        state.table,
        state.stage,
        state.step,
        status,
        state.attempt,
        state.run_id,
        at=state.updated_at,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
