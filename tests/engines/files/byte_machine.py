"""Records as a plain state machine over single bytes finds them: slow, and easy to check by eye."""

from dataclasses import dataclass
from enum import Enum, auto

from admw_assets.engines.files.grammar import Grammar


class _State(Enum):
    FIELD_START = auto()
    UNQUOTED = auto()
    QUOTED = auto()
    ESCAPED = auto()
    CLOSED = auto()


@dataclass(frozen=True)
class PlainRecord:
    """A record's offset, its bytes without line end, and whether it breaks the quoting rules."""

    start: int
    data: bytes
    malformed: bool


def records_in(
    content: bytes, grammar: Grammar, record_end: bytes, *, blank_is_record: bool
) -> list[PlainRecord]:
    """All records; an empty `record_end` means that every physical line is one."""
    if record_end:
        return [r for r in _quoted(content, grammar, record_end) if r.data or r.malformed]
    lines = _physical_lines(content)
    return [
        PlainRecord(start, line, _malformed(line, grammar))
        for start, line in lines
        if line or blank_is_record
    ]


def _physical_lines(content: bytes) -> list[tuple[int, bytes]]:
    lines: list[tuple[int, bytes]] = []
    start = position = 0
    while position < len(content):
        byte = content[position : position + 1]
        position += 1
        if byte in (b"\r", b"\n"):
            lines.append((start, content[start : position - 1]))
            if byte == b"\r" and content[position : position + 1] == b"\n":
                position += 1
            start = position
    if start < len(content):
        lines.append((start, content[start:]))
    return lines


def _malformed(line: bytes, grammar: Grammar) -> bool:
    state, malformed = _State.FIELD_START, False
    position = 0
    while position < len(line):
        state, bad, used = _step(state, line, position, grammar)
        malformed, position = malformed or bad, position + used
    return malformed or state in (_State.QUOTED, _State.ESCAPED)


def _quoted(content: bytes, grammar: Grammar, record_end: bytes) -> list[PlainRecord]:
    records: list[PlainRecord] = []
    start = position = 0
    state, malformed = _State.FIELD_START, False
    while position < len(content):
        ending = _record_end_at(content, position, record_end)
        if ending and state not in (_State.QUOTED, _State.ESCAPED):
            records.append(PlainRecord(start, content[start:position], malformed))
            start = position = position + ending
            state, malformed = _State.FIELD_START, False
            continue
        state, bad, used = _step(state, content, position, grammar)
        malformed, position = malformed or bad, position + used
    if start < len(content):
        malformed = malformed or state in (_State.QUOTED, _State.ESCAPED)
        records.append(PlainRecord(start, content[start:], malformed))
    return records


def _record_end_at(content: bytes, position: int, record_end: bytes) -> int:
    if record_end == b"\r\n" and content[position : position + 2] == b"\r\n":
        return 2
    return int(content[position : position + 1] == record_end[-1:])


def _step(state: _State, data: bytes, position: int, grammar: Grammar) -> tuple[_State, bool, int]:
    byte = data[position : position + 1]
    if state is _State.ESCAPED:
        return _State.QUOTED, False, 1
    if state is _State.QUOTED:
        if byte == grammar.escape:
            return _State.ESCAPED, False, 1
        if byte != grammar.quote:
            return _State.QUOTED, False, 1
        if grammar.escape is None and data[position + 1 : position + 2] == grammar.quote:
            return _State.QUOTED, False, 2
        return _State.CLOSED, False, 1
    if byte == grammar.delimiter:
        return _State.FIELD_START, False, 1
    if state is _State.CLOSED:
        return _State.UNQUOTED, True, 1
    if state is _State.FIELD_START and byte == grammar.quote:
        return _State.QUOTED, False, 1
    return _State.UNQUOTED, False, 1
