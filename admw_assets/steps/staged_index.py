"""Where the staged rows are and what they sum up to, by bucket of records; imports core only.

Staged parts may be large, so they are read as bytes, once from end to end; after that only the
pieces that somebody asks for are read again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from admw_assets.core.canonical import canonical_text
from admw_assets.core.errors import TransformError
from admw_assets.core.masking import Value, Values
from admw_assets.core.migration import TableSettings
from admw_assets.core.ports import StagedRows
from admw_assets.core.schema import Column, Table
from admw_assets.steps.staged_files import unescape

Place = tuple[int, int]
"""A record's number and the row's number within the record."""

_MOST_PIECES = 200_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of lines of one bucket: the part's position, first byte, byte after the last."""

    part: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StagedSum:
    """The rows of one bucket: how many, and the sum over the first 64 bits of their hashes."""

    rows: int = 0
    total: int = 0

    @classmethod
    def of_checksum(cls, checksum: str) -> "StagedSum":
        """The same of the text of a core.canonical.HashSum."""
        rows, high, low = (int(number) for number in checksum.split(":"))
        return cls(rows, (high << 32) + low)

    def plus(self, rows: int, total: int) -> "StagedSum":
        """With so many more rows."""
        return StagedSum(self.rows + rows, self.total + total)


@dataclass(frozen=True, slots=True)
class StagedIndex:
    """The sums of all buckets, and where their lines are.

    `pieces` is None where the rows are so far out of order that remembering their places would
    take more memory than reading the parts again takes time.
    """

    staged: StagedRows
    size: int
    sums: Mapping[int, StagedSum]
    pieces: Mapping[int, Sequence[Piece]] | None

    def hashes(self, buckets: Collection[int], without: Set[Place]) -> dict[Place, str]:
        """The row hashes of these buckets by place, less the rows `without`."""
        found: dict[Place, str] = {}
        for line in self._lines(buckets):
            record, row, _, row_hash, _ = line.split(b"\t", 4)
            place = int(record), int(row)
            if place not in without:
                found[place] = row_hash.decode()
        return found

    def _lines(self, buckets: Collection[int]) -> Iterator[bytes]:
        if self.pieces is None:
            wanted = set(buckets)
            for line in all_lines(self.staged):
                if int(line[: line.index(b"\t")]) // self.size in wanted:
                    yield line
            return
        pieces = (piece for bucket in buckets for piece in self.pieces.get(bucket, ()))
        yield from _lines_of(self.staged, sorted(pieces, key=lambda p: (p.part, p.start)))


def index_staged(staged: StagedRows, size: int, without: Set[Place]) -> StagedIndex:
    """Read all parts once; `size` is how many records are a bucket (record // size)."""
    sums: dict[int, StagedSum] = {}
    pieces: dict[int, list[Piece]] | None = {}
    number_of_pieces = 0
    for part in range(len(staged.parts)):
        for bucket, piece, rows, total in _runs(staged, part, size, without):
            sums[bucket] = sums.get(bucket, StagedSum()).plus(rows, total)
            number_of_pieces += 1
            if pieces is not None:
                pieces.setdefault(bucket, []).append(piece)
                if number_of_pieces > _MOST_PIECES:
                    pieces = None
    return StagedIndex(staged, size, {b: s for b, s in sums.items() if s.rows}, pieces)


def _runs(
    staged: StagedRows, part: int, size: int, without: Set[Place]
) -> Iterator[tuple[int, Piece, int, int]]:
    """The runs of lines of one bucket: bucket, place, rows, sum. A hot loop: a call a line less
    saves a third of the time."""
    current, start, end, rows, total = -1, 0, 0, 0, 0
    with _path(staged, part).open("rb") as lines:
        for line in lines:
            record, row, _, row_hash, _ = line.split(b"\t", 4)
            number = int(record)
            if number // size != current:
                if current >= 0:
                    yield current, Piece(part, start, end), rows, total
                current, start, rows, total = number // size, end, 0, 0
            end += len(line)
            if not without or (number, int(row)) not in without:
                rows += 1
                total += int(row_hash[:16], 16)
    if current >= 0:
        yield current, Piece(part, start, end), rows, total


def all_lines(staged: StagedRows) -> Iterator[bytes]:
    """Every staged line, with its line end."""
    for part in range(len(staged.parts)):
        with _path(staged, part).open("rb") as lines:
            yield from lines


def find_lines(staged: StagedRows, records: Set[int]) -> dict[Place, Piece]:
    """Where the rows of these records stand: one pass over the parts."""
    wanted = {str(record).encode() for record in records}
    found: dict[Place, Piece] = {}
    for part in range(len(staged.parts)):
        offset = 0
        with _path(staged, part).open("rb") as lines:
            for line in lines:
                if line[: line.index(b"\t")] in wanted:
                    record, row, _ = line.split(b"\t", 2)
                    found[int(record), int(row)] = Piece(part, offset, offset + len(line))
                offset += len(line)
    return found


def sample_lines(staged: StagedRows, number: int) -> dict[Place, Piece]:
    """Where some rows stand, evenly spread over the bytes of the parts."""
    sizes = [_path(staged, part).stat().st_size for part in range(len(staged.parts))]
    found: dict[Place, Piece] = {}
    for place in range(number):
        offset = sum(sizes) * place // number
        for part, size in enumerate(sizes):
            if offset < size:
                found |= _line_at(staged, part, offset)
                break
            offset -= size
    return found


def _line_at(staged: StagedRows, part: int, offset: int) -> dict[Place, Piece]:
    """The first line that begins at that byte or after it."""
    with _path(staged, part).open("rb") as lines:
        if offset:
            lines.seek(offset - 1)
            lines.readline()
        start = lines.tell()
        line = lines.readline()
    if not line:
        return {}
    record, row, _ = line.split(b"\t", 2)
    return {(int(record), int(row)): Piece(part, start, start + len(line))}


def staged_values(
    staged: StagedRows, table: Table, settings: TableSettings, pieces: Mapping[Place, Piece]
) -> dict[Place, Values]:
    """The canonical texts of the rows that stand there, by place and column."""
    columns = table.loaded_columns
    order = sorted(pieces.values(), key=lambda piece: (piece.part, piece.start))
    found: dict[Place, Values] = {}
    for line in _lines_of(staged, order):
        record, row, _, _, *fields = line.decode().removesuffix("\n").split("\t")
        found[int(record), int(row)] = {
            column.name: _canonical(column, unescape(field), settings)
            for column, field in zip(columns, fields[: len(columns)], strict=True)
        }
    return found


def _lines_of(staged: StagedRows, pieces: Sequence[Piece]) -> Iterator[bytes]:
    for part in range(len(staged.parts)):
        mine = [piece for piece in pieces if piece.part == part]
        if not mine:
            continue
        with _path(staged, part).open("rb") as lines:
            for piece in mine:
                lines.seek(piece.start)
                yield from lines.read(piece.end - piece.start).splitlines(keepends=True)


def _canonical(column: Column, text: str | None, settings: TableSettings) -> Value:
    if text is None:
        return None
    try:
        return canonical_text(column.type, text, settings.float_decimals.get(column.name))
    except TransformError:
        return text  # it is shown as it was staged


def _path(staged: StagedRows, part: int) -> Path:
    return Path(staged.folder) / staged.parts[part]
