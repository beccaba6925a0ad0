"""The kinds of fault that are planted, and what each does to a record; imports nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PRELIMINARY = "preliminary"
FINAL = "final"


class Damage(StrEnum):
    """How a sound record is made a faulty one."""

    TOO_FEW_FIELDS = "too_few_fields"
    TOO_MANY_FIELDS = "too_many_fields"
    UNCLOSED_QUOTE = "unclosed_quote"
    TEXT_AFTER_QUOTE = "text_after_quote"
    INVALID_BYTES = "invalid_bytes"
    TAMPERED = "tampered"  # the cells change, the source hash does not
    CELLS = "cells"  # the cells change, the source hash fits them
    REPEATED_KEY = "repeated_key"  # the cells come from a sound record before it
    EXISTING_KEY = "existing_key"  # the cells come from a sound record of an earlier file


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to be wrong, and the reject that must come of it.

    `table` is empty where the whole record is at fault, and with it every table that the file
    feeds. `cells` are texts by file column (None: NULL); with a repeated or existing key only
    their names count. `sound` counts the sound rows that the record still gives, by table. `drawn`
    gives further cells, for the n-th planted record.
    """

    kind: str
    rule: str
    damage: Damage
    table: str = ""
    column: str = ""
    cells: Mapping[str, str | None] = field(default_factory=dict)
    stage: str = PRELIMINARY
    sound: Mapping[str, int] = field(default_factory=dict)
    drawn: Callable[[int], Mapping[str, str | None]] | None = None


def malformed(text_column: str, *damages: Damage) -> tuple[Fault, ...]:
    """Records that are no CSV, or no UTF-8; the damage is done to the named (text) column."""
    rules = {
        Damage.TOO_FEW_FIELDS: "fields",
        Damage.TOO_MANY_FIELDS: "fields",
        Damage.UNCLOSED_QUOTE: "quote",
        Damage.TEXT_AFTER_QUOTE: "quote",
        Damage.INVALID_BYTES: "encoding",
    }
    return tuple(
        Fault(damage.value, rules[damage], damage, cells={text_column: None})
        for damage in damages or tuple(rules)
    )


def tampered(hash_column: str, column: str, text: str) -> Fault:
    """A cell was changed after the source hash had been made."""
    cells = {column: text}
    return Fault("tampered_cell", "source_hash", Damage.TAMPERED, column=hash_column, cells=cells)


def bad_value(
    rule: str, table: str, column: str, text: str | None, file_column: str | None = None
) -> Fault:
    """A value that its column cannot take."""
    cells = {file_column or column: text}
    return Fault(f"{rule}:{column}", rule, Damage.CELLS, table, column, cells)


def repeated_key(table: str, *columns: str, file_columns: tuple[str, ...] = ()) -> Fault:
    """The key of an earlier record of the file."""
    return _key_fault(
        "duplicate_key", Damage.REPEATED_KEY, PRELIMINARY, table, columns, file_columns
    )


def existing_key(table: str, *columns: str, file_columns: tuple[str, ...] = ()) -> Fault:
    """The key of a row that an earlier file brought."""
    return _key_fault("existing_key", Damage.EXISTING_KEY, FINAL, table, columns, file_columns)


def orphan(table: str, column: str, text: str) -> Fault:
    """A foreign key to a row that is not there."""
    return Fault(
        f"orphan:{column}", "orphan", Damage.CELLS, table, column, {column: text}, stage=FINAL
    )


def _key_fault(
    rule: str,
    damage: Damage,
    stage: str,
    table: str,
    columns: tuple[str, ...],
    file_columns: tuple[str, ...],
) -> Fault:
    names = ", ".join(columns)
    cells = dict.fromkeys(file_columns or columns)
    return Fault(f"{rule}:{names}", rule, damage, table, names, cells, stage=stage)
