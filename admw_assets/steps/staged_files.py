"""What a transform leaves for the load: manifest, parts and rejects on disk; imports core."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from admw_assets.core.errors import TransformError
from admw_assets.core.ports import RawRecord, Reject, StagedRows
from admw_assets.core.step import Stage, StepRequest

MANIFEST = "manifest.json"
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


def write_manifest(staged: StagedRows, facts: StagedFacts) -> None:
    """Put the manifest into the staged folder; it is there only when the parts are complete."""
    target = Path(staged.folder) / MANIFEST
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps({"staged": asdict(staged), "facts": asdict(facts)}, indent=1))
    partial.replace(target)


def read_manifest(folder: str) -> tuple[StagedRows, StagedFacts]:
    """What `write_manifest` kept; raises TransformError where it is gone."""
    path = Path(folder) / MANIFEST
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError as err:
        raise TransformError(
            f"The staged rows in {folder} are gone.",
            next_step="Run the stage again with --restart; the transform then makes them anew.",
        ) from err
    staged = content["staged"]
    staged["parts"], staged["rejects"] = tuple(staged["parts"]), tuple(staged["rejects"])
    facts = content["facts"] | {"drift": tuple(content["facts"].get("drift", ()))}
    return StagedRows(**staged), StagedFacts(**facts)


def is_complete(folder: str | None) -> bool:
    """True where the folder still holds a manifest and every part that it names."""
    if folder is None or not (Path(folder) / MANIFEST).exists():
        return False
    staged, _ = read_manifest(folder)
    return all(Path(part).exists() for part in (*staged.parts, *staged.rejects))


def remove_parts(folder: str) -> None:
    """Free the space of parts that nobody needs any more; the manifest stays."""
    for child in Path(folder).iterdir():
        if child.is_dir():
            shutil.rmtree(child)


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
    for path in paths:
        with Path(path).open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield _RejectLine(**json.loads(line))


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
