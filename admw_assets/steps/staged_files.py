"""What a transform leaves for the load: manifest, parts and rejects on disk; imports core."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from admw_assets.core.errors import TransformError
from admw_assets.core.golden_case import CaseDrop
from admw_assets.core.ports import Ports, RawRecord, Reject, StagedRows
from admw_assets.core.step import Stage, StepRequest

MANIFEST = "manifest.json"
_KINDS = ("parts", "rejects", "dropped_files")  # those of StagedRows that name files
_UNESCAPED = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r", "\\0": "\0"}


@dataclass(frozen=True, slots=True)
class StagedFacts:
    """The file's own facts that later steps need, kept beside the staged rows; size in bytes.

    `drift`: sentences about columns that are not as the migration is configured.
    """

    file_sha256: str
    records: int
    carries_source_hash: bool
    size: int | None = None
    drift: tuple[str, ...] = ()


def write_manifest(staged: StagedRows, facts: StagedFacts, ports: Ports) -> str:
    """Put the manifest into the staged folder and share that; returns the reference to it.

    The manifest is there only when the parts are complete. It names them below the folder, so
    that a step on another machine finds them as well.
    """
    folder = Path(staged.folder)
    below = replace(staged, **{kind: _below(folder, getattr(staged, kind)) for kind in _KINDS})
    target = folder / MANIFEST
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps({"staged": asdict(below), "facts": asdict(facts)}, indent=1))
    partial.replace(target)
    return ports.staging.share(folder)


def read_manifest(reference: str, ports: Ports) -> tuple[StagedRows, StagedFacts]:
    """What `write_manifest` kept, without the parts; raises TransformError where it is gone."""
    return _read(ports.staging.fetch(reference, [MANIFEST]), reference)


def read_staged(reference: str, ports: Ports) -> tuple[StagedRows, StagedFacts]:
    """What `write_manifest` kept, and the parts on this machine; raises TransformError."""
    return _read(ports.staging.fetch(reference), reference)


def is_complete(reference: str | None, ports: Ports) -> bool:
    """True where there still is a manifest, and every part that it names."""
    if reference is None or not ports.staging.holds(reference, [MANIFEST]):
        return False
    staged, _ = read_manifest(reference, ports)
    names = _below(Path(staged.folder), (*staged.parts, *staged.rejects))
    return ports.staging.holds(reference, names)


def _read(folder: Path, reference: str) -> tuple[StagedRows, StagedFacts]:
    try:
        content = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError as err:
        raise TransformError(
            f"The staged rows in {reference} are gone.",
            next_step="Run the stage again with --restart; the transform then makes them anew.",
        ) from err
    staged = content["staged"]
    for kind in _KINDS:
        staged[kind] = tuple(str(folder / name) for name in staged.get(kind, ()))
    facts = content["facts"] | {"drift": tuple(content["facts"].get("drift", ()))}
    return StagedRows(**staged | {"folder": str(folder)}), StagedFacts(**facts)


def _below(folder: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """The paths relative to the folder; others as they are."""
    root = folder.resolve()
    return tuple(
        str(Path(path).relative_to(root)) if Path(path).is_relative_to(root) else path
        for path in paths
    )


def staged_rejects(
    staged: StagedRows,
    request: StepRequest,
    originals: Callable[[Iterable[int]], Iterator[RawRecord]],
) -> Iterator[Reject]:
    """The transform's rejects with their original bytes, in record order."""
    lines = sorted(_reject_lines(staged.rejects), key=lambda line: (line.record, line.row))
    raw = originals(sorted({line.record for line in lines}))
    current: RawRecord | None = None
    for line in lines:
        while current is None or current.number < line.record:
            current = next(raw)
        yield Reject(
            file=request.file,
            table=request.table,
            stage=Stage.PRELIMINARY,
            record=line.record,
            row=line.row,
            rule=line.rule,
            column=line.column or "",
            message=line.message,
            text=current.data,
            offset=current.offset,
            run_id=request.run_id,
        )


@dataclass(frozen=True, slots=True)
class _RejectLine:
    """A line of a rejects file, as ports.StagedRows describes it."""

    record: int
    rule: str
    message: str
    row: int = 1
    column: str | None = None


def _reject_lines(paths: Iterable[str]) -> Iterator[_RejectLine]:
    for line in _json_lines(paths):
        yield _RejectLine(**line)


def _json_lines(paths: Iterable[str]) -> Iterator[dict[str, Any]]:
    for path in paths:
        with Path(path).open(encoding="utf-8", newline="\n") as lines:
            yield from map(json.loads, lines)


def dropped_rows(staged: StagedRows) -> tuple[CaseDrop, ...]:
    """The rows that the transform dropped on purpose, in record and row order."""
    lines = _json_lines(staged.dropped_files)
    dropped = (CaseDrop(line["record"], line["row"], line["reason"]) for line in lines)
    return tuple(sorted(dropped, key=lambda row: (row.record, row.row)))


def unescape(field: str) -> str | None:
    """A staged field as the text it stands for; None for NULL."""
    if field == "\\N":
        return None
    if "\\" not in field:
        return field
    text: list[str] = []
    position = 0
    while position < len(field):
        pair = field[position : position + 2]
        text.append(_UNESCAPED.get(pair, field[position]))
        position += 2 if pair in _UNESCAPED else 1
    return "".join(text)
