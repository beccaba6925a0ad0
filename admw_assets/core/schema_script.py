"""Table drafts from a script: which statements make tables, and which are noted and skipped.

Imports core only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from admw_assets.core.errors import SchemaError
from admw_assets.core.sql_statements import (
    Statement,
    Token,
    Tokens,
    closing,
    spelled,
    split_at_commas,
    statements,
)
from admw_assets.core.table_alteration import alter, index_key, table_name
from admw_assets.core.table_draft import TableDraft, read_body, without_comments
from admw_assets.core.table_options import read_options

_OBJECTS = frozenset(
    {"DATABASE", "EVENT", "FUNCTION", "INDEX", "PROCEDURE", "ROLE", "SCHEMA", "SEQUENCE", "SERVER"}
    | {"TABLE", "TABLESPACE", "TRIGGER", "USER", "VIEW"}
)


@dataclass(slots=True)
class SchemaScript:
    """What a script makes: drafts by name in its order, and sentences on what was skipped."""

    source: str
    drafts: dict[str, TableDraft] = field(default_factory=dict[str, TableDraft])
    skipped: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence for each kind of statement that is no table, then those of the tables."""
        skipped = [
            f"{self.source}, line {lines[0]}: {label} is no table and was skipped"
            + (f" (as were {len(lines) - 1} more like it)." if lines[1:] else ".")
            for label, lines in self.skipped.items()
        ]
        said = [
            f"{self.source}, line {draft.line}: table {draft.name!r}: {note}."
            for draft in self.drafts.values()
            for note in draft.notes
        ]
        return (*skipped, *said)

    def find(self, name: str) -> TableDraft:
        """The draft of a table, in any case; raises SchemaError."""
        for known, draft in self.drafts.items():
            if known.casefold() == name.casefold():
                return draft
        raise SchemaError(
            f"table {name!r} is altered here, but no CREATE TABLE before it makes it",
            next_step="Add its CREATE TABLE statement, or remove this one.",
            table=name,
        )


def read_script(sql: str, source: str) -> SchemaScript:
    """Read every statement of a script; raises SchemaError with file and line."""
    script = SchemaScript(source)
    for statement in statements(sql, source):
        try:
            _read(script, statement)
        except SchemaError as err:
            context = {"file": source, "line": statement.line} | err.context
            raise SchemaError(
                f"{source}, line {context['line']}: {err.message}.",
                next_step=err.next_step,
                **context,
            ) from err
    return script


def _read(script: SchemaScript, statement: Statement) -> None:
    tokens = statement.tokens()
    plain = without_comments(tokens)
    if not plain:  # two dashes right before a semicolon are no comment to the splitter
        return
    subject = _subject(plain)
    match subject:
        case ["CREATE", "TABLE"]:
            _create(script, tokens, statement.line)
        case ["CREATE", "INDEX"]:
            name, key = index_key(plain)
            script.find(name).keys.append(key)
        case ["ALTER", "TABLE"]:
            name, rest = table_name(plain[_index(plain, "TABLE") + 1 :])
            alter(script.find(name), rest)
        case ["RENAME", "TABLE"] | ["DROP", "INDEX"]:
            raise SchemaError(
                f"{' '.join(subject)} changes a table after it was made",
                next_step="Write its CREATE TABLE as the table shall be.",
            )
        case _:
            if subject == ["DROP", "TABLE"]:
                _drop(script, plain)
            script.skipped.setdefault(_label(plain, subject), []).append(statement.line)


def _subject(tokens: Tokens) -> list[str]:
    """The verb and, for what is created, altered or dropped, the kind of object."""
    verb = tokens[0].word
    if verb not in ("CREATE", "ALTER", "DROP", "RENAME"):
        return [verb]
    kind = next((token.word for token in tokens if token.word in _OBJECTS), "")
    if any(token.word == "TEMPORARY" for token in tokens[:4]):
        kind = "TEMPORARY TABLE"
    return [verb, kind]


def _label(tokens: Tokens, subject: Sequence[str]) -> str:
    """What is skipped, by name where it is created: `CREATE VIEW customer_list`."""
    if len(subject) == 1 or subject[0] != "CREATE" or subject[1] not in _OBJECTS:
        return " ".join(subject).strip() or tokens[0].text
    after = tokens[_index(tokens, subject[1]) + 1 :]
    if [token.word for token in after[:3]] == ["IF", "NOT", "EXISTS"]:
        after = after[3:]
    name = ""
    for token in after:
        if not token.is_name and token.word != ".":
            break
        if name and token.word != "." and not name.endswith("."):
            break
        name += token.name
    return f"{' '.join(subject)} {name}".strip()


def _create(script: SchemaScript, tokens: Tokens, line: int) -> None:
    name, rest = table_name(tokens[_index(tokens, "TABLE") + 1 :])
    rest = tuple(rest)
    opening = next((i for i, token in enumerate(rest) if token.kind != "comment"), len(rest))
    if opening == len(rest) or rest[opening].word != "(":
        raise _not_written_out(name, rest[opening:])
    end = closing(rest, opening)
    body, tail = rest[opening + 1 : end], without_comments(rest[end + 1 :])
    first = without_comments(body)[:1]
    if end == len(rest):
        raise SchemaError(
            f"table {name!r}: its first parenthesis is never closed",
            next_step="Close it after the last column.",
            table=name,
        )
    if not first or first[0].word in ("LIKE", "SELECT", "WITH"):
        raise _not_written_out(name, first)
    if name.casefold() in (known.casefold() for known in script.drafts):
        before = script.find(name).line
        raise SchemaError(
            f"table {name!r} was already created in line {before}",
            next_step="Keep one of the two (names are the same where only their case differs).",
            table=name,
        )
    draft = TableDraft(name, line)
    try:
        read_body(draft, body)
        query = next((i for i, t in enumerate(tail) if t.word in ("AS", "SELECT")), None)
        if query is not None:
            raise _not_written_out(name, tail[query:])
        read_options(draft, tail)
    except SchemaError as err:
        message = (
            err.message if err.message.startswith("table") else f"table {name!r} {err.message}"
        )
        context = {"table": name} | err.context
        raise SchemaError(message, next_step=err.next_step, **context) from err
    script.drafts[name] = draft


def _not_written_out(name: str, rest: Sequence[Token]) -> SchemaError:
    shown = spelled(tuple(rest)[:4]) or "nothing"
    return SchemaError(
        f"table {name!r} does not write out its columns, but has {shown!r} in their place",
        next_step="Write the table as SHOW CREATE TABLE prints it.",
        table=name,
    )


def _drop(script: SchemaScript, tokens: Tokens) -> None:
    """Forget the tables, as the server would (dumps make stand-ins for views and drop them)."""
    rest = tokens[_index(tokens, "TABLE") + 1 :]
    if [token.word for token in rest[:2]] == ["IF", "EXISTS"]:
        rest = rest[2:]
    for part in split_at_commas(rest):
        name, _ = table_name(part)
        for known in [k for k in script.drafts if k.casefold() == name.casefold()]:
            del script.drafts[known]


def _index(tokens: Tokens, word: str) -> int:
    return next((i for i, token in enumerate(tokens) if token.word == word), len(tokens))
