"""What a migration of the OpenFlights files must come to, worked out without the code under test.

Imports the standard library and the target's rules only. Run as a program it prints the numbers:

    python -m tests.openflights_oracle [FOLDER]
"""

import csv
import io
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.openflights_target import FILES, TARGETS, Target

NULL = r"\N"

Row = tuple[str | None, ...]
"""The texts of a row; None is NULL."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A row that may not be loaded; numbers count from 1."""

    record: int
    row: int
    rule: str
    column: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one stage of one (file, table) must come to.

    `records` and `expected` (rows made of them) are the file's in both stages, and `rejected`
    in the final stage holds the rejects of both; `faults` are those that this stage found.
    """

    file: str
    table: str
    stage: str
    records: int
    expected: int
    loaded: int
    rejected: int
    dropped: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Oracle:
    """All stages by (table, stage), final tables in canonical texts, the bytes of every record."""

    stages: dict[tuple[str, str], Expectation]
    tables: dict[str, frozenset[Row]]
    records: dict[str, list[bytes]]


# ---------------------------------------------------------------- reading


def records_of(content: bytes) -> list[bytes]:
    """The records of a file as bytes without line ends.

    No quoted field of these files holds a line end (checked), so a record is a physical line.
    """
    lines = content.removesuffix(b"\n").split(b"\n")
    records = [line.removesuffix(b"\r") for line in lines]
    whole = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    if sum(1 for _ in whole) != len(records):
        raise AssertionError("a record spans lines: this oracle reads line by line")
    return records


def fields_of(record: bytes) -> list[str]:
    """The texts of a record by RFC 4180, where a backslash is a character like any other."""
    (values,) = csv.reader([record.decode("utf-8")], strict=True)
    return values


# ---------------------------------------------------------------- the two stages


def bytes_key(values: Sequence[str]) -> tuple[str, ...]:
    """Keys as SQLite compares them: byte by byte."""
    return tuple(values)


def general_ci_key(values: Sequence[str]) -> tuple[str, ...]:
    """Keys as utf8mb4_general_ci compares them: without case, trailing spaces not counted.

    The text keys of these files are ASCII (checked), so accents need no rule.
    """
    if not all(value.isascii() for value in values):
        raise AssertionError(f"{values} needs the collation's rule for accents")
    return tuple(value.upper().rstrip(" ") for value in values)


KEYS = {"sqlite": bytes_key, "mysql": general_ci_key}


def openflights(folder: Path, database: str) -> Oracle:
    """Both stages over the files of `folder`, keys compared as `database` does it."""
    key_of = KEYS[database]
    records = {file: records_of((folder / file).read_bytes()) for file in FILES}
    stages: dict[tuple[str, str], Expectation] = {}
    tables: dict[str, frozenset[Row]] = {}
    keys: dict[str, set[tuple[str, ...]]] = {}
    for target in TARGETS:
        rows = list(_made_rows(target, records[target.file]))
        good, faults = _preliminary(target, rows, key_of)
        final, orphans = _final(target, good, keys)
        counted = (len(records[target.file]), len(rows))
        found = _expectation(target, "preliminary", counted, len(good), len(faults), faults)
        stages[target.name, "preliminary"] = found
        rejected = len(faults) + len(orphans)
        found = _expectation(target, "final", counted, len(final), rejected, orphans)
        stages[target.name, "final"] = found
        tables[target.name] = frozenset(row for _, _, row in final)
        keys[target.name] = {key_of(_key(target, row)) for _, _, row in final}
        if len(tables[target.name]) != len(final):
            raise AssertionError(f"{target.name}: two rows with one key were let through")
    return Oracle(stages, tables, records)


def _made_rows(target: Target, records: Iterable[bytes]) -> Iterator[tuple[int, int, Row]]:
    """Every row that comes of the records: record number, row number, raw texts."""
    for number, record in enumerate(records, 1):
        for position, values in enumerate(target.rows_of(number, fields_of(record)), 1):
            if len(values) != len(target.fields):
                raise AssertionError(f"{target.file}: record {number} has other columns")
            yield number, position, tuple(None if v == NULL else v for v in values)


def _first_fault(target: Target, row: Row) -> tuple[str, str] | None:
    for column, value in zip(target.fields, row, strict=True):
        missing = "not_null" if column.required else None
        rule = missing if value is None else column.check(value)
        if rule is not None:
            return rule, column.name
    return None


def _preliminary(
    target: Target,
    rows: Iterable[tuple[int, int, Row]],
    key_of: Callable[[Sequence[str]], tuple[str, ...]],
) -> tuple[list[tuple[int, int, Row]], list[Fault]]:
    good: list[tuple[int, int, Row]] = []
    faults: list[Fault] = []
    seen: set[tuple[str, ...]] = set()
    for record, position, row in rows:
        fault = _first_fault(target, row)
        if fault is None:
            written = tuple(
                None if v is None else f.write(v) for f, v in zip(target.fields, row, strict=True)
            )
            key = key_of(_key(target, written))
            if key not in seen:
                seen.add(key)
                good.append((record, position, written))
                continue
            fault = ("duplicate_key", ",".join(target.key))
        faults.append(Fault(record, position, *fault))
    return good, faults


def _final(
    target: Target,
    rows: Iterable[tuple[int, int, Row]],
    keys: dict[str, set[tuple[str, ...]]],
) -> tuple[list[tuple[int, int, Row]], list[Fault]]:
    """Take out the rows whose parent is not there; a row is named by its first such column."""
    good: list[tuple[int, int, Row]] = []
    faults: list[Fault] = []
    for record, position, row in rows:
        references = ((column, row[target.index(column)]) for column in target.parents)
        lost = [c for c, v in references if v is not None and (v,) not in keys[target.parents[c]]]
        if lost:
            faults.append(Fault(record, position, "orphan", lost[0]))
        else:
            good.append((record, position, row))
    return good, faults


def _key(target: Target, row: Row) -> list[str]:
    return [row[target.index(column)] or "" for column in target.key]


def _expectation(
    target: Target,
    stage: str,
    counted: tuple[int, int],
    loaded: int,
    rejected: int,
    faults: Iterable[Fault],
) -> Expectation:
    records, expected = counted
    return Expectation(
        target.file,
        target.name,
        stage,
        records,
        expected,
        loaded,
        rejected,
        0,  # no transform here drops a row
        tuple(faults),
    )


# ---------------------------------------------------------------- for a person to read


def summary(oracle: Oracle) -> str:
    """A table of all stages with their rejects by rule and column."""
    heads = f"{'table':16}{'stage':12}{'records':>8}{'expected':>9}{'loaded':>8}{'rejected':>9}"
    lines = [heads + "  by rule"]
    for e in oracle.stages.values():
        rules = Counter(f"{fault.rule} {fault.column}" for fault in e.faults)
        by_rule = ", ".join(f"{count} {rule}" for rule, count in sorted(rules.items()))
        counts = f"{e.records:>8}{e.expected:>9}{e.loaded:>8}{e.rejected:>9}"
        lines.append(f"{e.table:16}{e.stage:12}{counts}  {by_rule}")
    return "\n".join(lines)


def main() -> None:
    """Print the numbers for both databases."""
    default = Path(__file__).parents[2] / "shared/data/openflights"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    for database in KEYS:
        print(f"\n{database}\n{summary(openflights(folder, database))}")


if __name__ == "__main__":
    main()
