"""The typed ops; each runs one step of `steps.runner` and hands on a reference.

A step that fails for good leaves its red checks in the event log, then fails before it yields an
output: the run stops there, and nothing is recorded as materialized. (A blocking check beside an
output would let the materialization stand.)
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import AdmwError, ConfigurationError, RejectLimitExceeded
from admw_assets.core.ports import Ports
from admw_assets.core.reconciliation import ReconciliationFailed
from admw_assets.core.step import Stage, StepKind, StepRequest
from admw_assets.defs.checks import STAGE_CHECKS, failed_checks, passed_checks
from admw_assets.defs.handles import (
    ArchivedSource,
    LoadedRows,
    ReconciledRows,
    StepHandle,
    TransformedFile,
)
from admw_assets.defs.metadata import (
    Metadata,
    next_step_metadata,
    result_metadata,
    sample_metadata,
)
from admw_assets.defs.resource import AdmwResource
from admw_assets.steps.runner import run_step

SAMPLE_ROWS = 5
RETRIES = 2
RETRY_AFTER = 10.0
"""Seconds between attempts at a database that cannot be reached."""

TABLE = "admw/table"
"""Metadata of an asset: the table's name as schema.sql spells it."""

WAVE = "admw/wave"
"""Metadata of a final asset: the table's place in the load order, from 0; parents come before."""

RUNTIME = "admw/runtime"
"""Tag of an op: where it runs on AWS (`glue`; `lambda`: in Glue for large files)."""

STEP = "admw/step"
"""Tag of an op: which StepKind it runs."""

SPARK = {RUNTIME: "glue"}
SMALL = {RUNTIME: "lambda"}
DATABASE_POOL = "database"

OpEvent = dg.AssetCheckResult | dg.AssetCheckEvaluation | dg.Output[StepHandle]


@dg.op(
    out=dg.Out(TransformedFile),
    tags=SPARK | {STEP: StepKind.TRANSFORM.value},
    description="Reads, validates, hashes and stages the rows with Spark.",
)
def transform(context: dg.OpExecutionContext, admw: AdmwResource) -> Iterator[OpEvent]:
    yield from _run(context, admw, Stage.PRELIMINARY, StepKind.TRANSFORM, TransformedFile)


@dg.op(
    out=dg.Out(LoadedRows),
    tags=SPARK | {STEP: StepKind.LOAD.value},
    pool=DATABASE_POOL,
    description="Brings the staged rows into the preliminary table, in one transaction.",
)
def load_preliminary(
    context: dg.OpExecutionContext, admw: AdmwResource, transformed: TransformedFile
) -> Iterator[OpEvent]:
    yield from _run(context, admw, Stage.PRELIMINARY, StepKind.LOAD, LoadedRows)


@dg.op(
    out={"result": dg.Out(ReconciledRows)}
    | {name: dg.Out(dg.Nothing) for name in STAGE_CHECKS[Stage.PRELIMINARY]},
    tags=SMALL | {STEP: StepKind.RECONCILE.value},
    description="Proves that the preliminary rows are the file's rows.",
)
def reconcile_preliminary(
    context: dg.OpExecutionContext, admw: AdmwResource, loaded: LoadedRows
) -> Iterator[OpEvent]:
    yield from _run(context, admw, Stage.PRELIMINARY, StepKind.RECONCILE, ReconciledRows)


def make_load_final(name: str, upstream: Sequence[str]) -> dg.OpDefinition:
    """Make the op for the final load of one table, to be called `name`.

    Its inputs only order it after the assets it needs. There is one for each of `upstream`:
    Dagster 1.13 refuses several outputs in one input below a blocking check.
    """

    @dg.op(
        name=name,
        ins={one: dg.In(dg.Nothing) for one in upstream},
        out=dg.Out(LoadedRows),
        tags=SMALL | {STEP: StepKind.LOAD.value},
        pool=DATABASE_POOL,
        description="Moves the preliminary rows into the final table, in one transaction.",
    )
    def load_final(context: dg.OpExecutionContext, admw: AdmwResource) -> Iterator[OpEvent]:
        yield from _run(context, admw, Stage.FINAL, StepKind.LOAD, LoadedRows)

    return load_final


@dg.op(
    out={"result": dg.Out(ReconciledRows)}
    | {name: dg.Out(dg.Nothing) for name in STAGE_CHECKS[Stage.FINAL]},
    tags=SMALL | {STEP: StepKind.RECONCILE.value},
    description="Proves that the final rows are the preliminary rows.",
)
def reconcile_final(
    context: dg.OpExecutionContext, admw: AdmwResource, loaded: LoadedRows
) -> Iterator[OpEvent]:
    yield from _run(context, admw, Stage.FINAL, StepKind.RECONCILE, ReconciledRows)


@dg.op(
    out=dg.Out(ArchivedSource),
    tags=SMALL | {STEP: StepKind.ARCHIVE.value},
    description="Compresses the source file, tests the archive and removes the source.",
)
def archive(
    context: dg.OpExecutionContext, admw: AdmwResource, reconciled: ReconciledRows
) -> Iterator[OpEvent]:
    yield from _run(context, admw, Stage.FINAL, StepKind.ARCHIVE, ArchivedSource)


def _run(
    context: dg.OpExecutionContext,
    admw: AdmwResource,
    stage: Stage,
    step: StepKind,
    handle: type[StepHandle],
) -> Iterator[OpEvent]:
    """Run a step; yield its checks, where it has any, and its handle with metadata."""
    ports: Ports | None = None
    try:
        ports = admw.ports()
        request = _request(context, admw, ports, stage, step)
        result = run_step(request, ports)
        metadata = result_metadata(result) | _sample(request, ports)
    except AdmwError as err:
        if err.transient:
            raise dg.RetryRequested(RETRIES, RETRY_AFTER) from err
        yield from failed_checks(context, step, err, ports.reports if ports else None)
        raise _failure(err) from err
    if step is StepKind.RECONCILE:
        yield from passed_checks(result, ports.reports)
    yield dg.Output(handle.of(result), "result", metadata=metadata)


def _request(
    context: dg.OpExecutionContext,
    admw: AdmwResource,
    ports: Ports,
    stage: Stage,
    step: StepKind,
) -> StepRequest:
    """The step that this op stands for; a partition that is no file of the table is refused."""
    table = str(context.assets_def.metadata_by_key[context.asset_key][TABLE])
    file = context.partition_key
    name = parse_data_file_name(file).name
    if name != file or table not in ports.migration.tables_fed_by(file):
        entity = ports.migration.entity_feeding(table)
        raise ConfigurationError(
            f"The partition {file!r} is no file that brings rows for {table}.",
            next_step=f"Delete the partition; those of this asset are the names of files in "
            f"landing, {entity}~YYYYMMDD.HHMMSS.csv (or .txt, .zip, .gz).",
        )
    return StepRequest(admw.location_of(file), table, stage, step, run_id=context.run_id)


def _sample(request: StepRequest, ports: Ports) -> Metadata:
    """The file's first rows in the stage's table, beside the result that materializes it."""
    last = {Stage.PRELIMINARY: StepKind.RECONCILE, Stage.FINAL: StepKind.ARCHIVE}
    if request.step is not last[request.stage]:
        return {}
    rows = ports.tables.sample(
        request.file,
        ports.migration.table(request.table),
        ports.migration.settings(request.table),
        request.stage,
        SAMPLE_ROWS,
    )
    return sample_metadata(rows)


def _failure(err: AdmwError) -> dg.Failure:
    """The error as the page shows it: what is wrong, what to do, where to look."""
    metadata = next_step_metadata(err)
    if isinstance(err, (ReconciliationFailed, RejectLimitExceeded)) and err.location:
        metadata["report"] = dg.MetadataValue.path(err.location)
    return dg.Failure(err.message, metadata=metadata, allow_retries=False)
