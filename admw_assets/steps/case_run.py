"""A golden case through the pipeline: the transform step and the load; imports core only.

The load is part of it because only the database finds keys that occur twice.
"""

from functools import partial

from admw_assets.core.canonical_text import readable_text
from admw_assets.core.errors import TransformError
from admw_assets.core.golden_case import CaseContent, CaseReject
from admw_assets.core.ports import Ports, PreliminaryLoad
from admw_assets.core.reconciliation import equation
from admw_assets.core.step import Counts, Stage, StepKind, StepRequest
from admw_assets.steps.load import original_records
from admw_assets.steps.staged_files import dropped_rows, read_staged, staged_rejects
from admw_assets.steps.transform import transform


def run_case(location: str, table: str, ports: Ports, run_id: str) -> CaseContent:
    """What the pipeline makes of one data file for one table, as a case holds it.

    The database is one for cases, whose tables are there: rows of the file are loaded into it,
    however many are rejected. Raises what the steps raise, and TransformError where the equation
    of conservation does not hold.
    """
    request = StepRequest(location, table, Stage.PRELIMINARY, StepKind.TRANSFORM, run_id)
    model, settings = ports.migration.table(table), ports.migration.settings(table)
    done = transform(request, ports)
    assert done.staged is not None, "a transform leaves staged rows"
    staged, facts = read_staged(done.staged, ports)
    originals = partial(original_records, request, ports)
    outcome = ports.tables.load_preliminary(
        PreliminaryLoad(
            file=request.file,
            table=model,
            settings=settings,
            run_id=run_id,
            staged=staged,
            rejects=staged_rejects(staged, request, originals),
            limit=None,
            original=originals,
        )
    )
    counts = done.counts.merged(Counts(loaded=outcome.loaded, rejected=outcome.rejected))
    if not counts.conserved:
        raise TransformError(
            f"Rows are lost or doubled: {equation(counts)}.",
            next_step=f"Look for joins and filters in transform {settings.transform!r}; a row that "
            "is dropped on purpose says so in admw_drop_reason.",
            table=table,
        )
    marks = ports.tables.marks_of(request.file, model, settings, range(1, facts.records + 1))
    places = sorted((mark.record, mark.row) for mark in marks)
    values = ports.tables.preliminary_values(request.file, model, settings, places)
    types = {column.name: column.type for column in model.loaded_columns}
    return CaseContent(
        tuple(
            {name: readable_text(types[name], text) for name, text in values[place].items()}
            for place in places
        ),
        tuple(
            CaseReject(reject.record, reject.row, reject.rule, reject.column, reject.message)
            for reject in ports.tables.rejects(request.file, table)
        ),
        dropped_rows(staged),
        tuple(places),
    )
