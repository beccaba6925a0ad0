"""The archive step: the source file leaves landing, tested; imports core only."""

from admw_assets.core.ports import Ports
from admw_assets.core.step import Stage, StepKind, StepRequest, StepResult
from admw_assets.steps.earlier import find_result, require_result
from admw_assets.steps.sign_off import sign_off


def archive(request: StepRequest, ports: Ports) -> StepResult:
    """Compress, test and remove the source, once all tables that it feeds are final; sign off.

    Until then the result's message names the tables that are still open. Raises ArchiveError.
    """
    reconciled = require_result(request, ports.tracker, Stage.FINAL, StepKind.RECONCILE)
    open_tables = [
        table
        for table in ports.migration.tables_fed_by(request.location)
        if table != request.table
        and not find_result(ports.tracker, request.file, table, Stage.FINAL, StepKind.RECONCILE)
    ]
    archived = None
    if not open_tables:
        archived = ports.archiver.archive(
            request.location, ports.migration.compression, _facts(request, ports)
        )
        sign_off(request.file, archived, ports)
    return StepResult(
        file=request.file,
        table=request.table,
        stage=request.stage,
        step=request.step,
        run_id=request.run_id,
        counts=reconciled.counts,
        report=reconciled.report,
        archive=archived.location if archived else None,
        message=f"The file stays until {', '.join(open_tables)} is final." if open_tables else "",
    )


def _facts(request: StepRequest, ports: Ports) -> dict[str, object]:
    """What the manifest says beside hashes: the migration, and the counts of every table."""
    tables: dict[str, object] = {}
    for table in ports.migration.tables_fed_by(request.location):
        result = find_result(ports.tracker, request.file, table, Stage.FINAL, StepKind.RECONCILE)
        counts = result.counts if result else None
        tables[table] = {
            "records": counts.records if counts else None,
            "expected": counts.expected if counts else None,
            "loaded": counts.loaded if counts else None,
            "rejected": counts.rejected if counts else None,
            "dropped": counts.dropped if counts else None,
        }
    state = ports.tracker.state(request.file, request.table, Stage.PRELIMINARY)
    return {
        "file_sha256": state.file_sha256 if state else "",
        "migration": ports.migration.name,
        "migration_fingerprint": ports.migration.fingerprint,
        "tables": tables,
    }
