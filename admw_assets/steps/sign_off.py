"""Puts a manifest on record when a file is finished, or renewed, or taken back; core only."""

from datetime import UTC, datetime

from admw_assets import __version__
from admw_assets.core.errors import ArchiveError
from admw_assets.core.manifest import (
    HashedFile,
    Manifest,
    ManifestContent,
    ManifestReason,
    StageProof,
    parse_manifest,
)
from admw_assets.core.ports import ArchivedFile, Ports
from admw_assets.core.step import Stage, StepKind, StepResult
from admw_assets.steps.earlier import find_result

REPLAY_MARK = ".replay-"
"""Between a data file's name and the identity of a replay, in the names of archived replays."""


_AT_ONCE = 20
"""So many processes may have died between the record of a manifest and its file."""


def sign_off(file: str, archived: ArchivedFile, ports: Ports) -> None:
    """Put the manifest of a file on record whose tables are all final and which is archived.

    Where the newest manifest says the same already, that one stays.
    """
    newest = _newest(file, ports)
    is_first = newest is None or newest.reason is ManifestReason.TAKEN_BACK
    reason = ManifestReason.ARCHIVED if is_first else ManifestReason.RENEWED
    results = [
        result
        for table in ports.migration.tables_fed_by(file)
        for stage in Stage
        if (result := find_result(ports.tracker, file, table, stage, StepKind.RECONCILE))
    ]
    content = ManifestContent(
        reason=reason,
        file=file,
        file_sha256=archived.source_sha256,
        file_size=archived.source_size,
        migration=ports.migration.name,
        migration_fingerprint=ports.migration.fingerprint,
        code_version=__version__,
        stages=tuple(_proof(result) for result in results),
        reports=tuple(report for result in results for report in _reports(result, ports)),
        archives=_archives(file, archived, ports),
        replays=tuple(sorted({replay.sha256 for replay in ports.tables.replays(file)})),
    )
    _append(content, newest, ports)


def withdraw(file: str, ports: Ports) -> None:
    """Put on record that a stage of a file is undone, if it was ever signed off."""
    newest = _newest(file, ports)
    if newest is None or newest.reason is ManifestReason.TAKEN_BACK:
        return
    content = ManifestContent(
        reason=ManifestReason.TAKEN_BACK,
        file=file,
        file_sha256=newest.file_sha256,
        migration=ports.migration.name,
        migration_fingerprint=ports.migration.fingerprint,
        code_version=__version__,
    )
    _append(content, newest, ports)


def _newest(file: str, ports: Ports) -> ManifestContent | None:
    entry = ports.chain.newest(file)
    return parse_manifest(entry.document).content if entry else None


def _append(content: ManifestContent, newest: ManifestContent | None, ports: Ports) -> None:
    created_at = datetime.now(UTC).isoformat(timespec="seconds")
    for entry in ports.chain.latest(_AT_ONCE):
        ports.evidence.write_manifest(entry)

    def document(number: int, previous: str) -> str:
        return Manifest(number, previous, created_at, content).render()

    if newest is not None and _same(content, newest):
        entry = ports.chain.newest(content.file)
        assert entry is not None, "it has just been read"
    else:
        entry = ports.chain.append(content.file, document)
    ports.evidence.write_manifest(entry)


def _same(content: ManifestContent, newest: ManifestContent) -> bool:
    """Whether both say the same, whatever the reason they were written for."""
    return all(
        getattr(content, name) == getattr(newest, name)
        for name in ("file_sha256", "migration_fingerprint", "code_version", "stages", "reports")
    ) and (content.archives, content.replays) == (newest.archives, newest.replays)


def _reports(result: StepResult, ports: Ports) -> list[HashedFile]:
    found = ports.evidence.files_in(result.report) if result.report else []
    if not found:
        raise ArchiveError(
            f"The report of {result.stage}/{result.table} of {result.file} is gone: "
            f"{result.report}.",
            next_step="Give --home the folder that the run used; or run the stage again with "
            "--restart.",
            file=result.file,
            table=result.table,
        )
    return found


def _proof(result: StepResult) -> StageProof:
    checks = {check.name: check.passed for check in result.checks}
    return StageProof(result.table, result.stage, result.run_id, result.counts, checks)


def _archives(file: str, archived: ArchivedFile, ports: Ports) -> tuple[HashedFile, ...]:
    """The archive of the file, those of its replays, and what stands beside each."""
    own = [ports.evidence.describe(path) for path in (archived.location, archived.manifest)]
    folder = archived.location.rpartition("/")[0]
    replays = ports.evidence.files_in(folder, file + REPLAY_MARK) if folder else []
    return tuple(found for found in (*own, *replays) if found is not None)
