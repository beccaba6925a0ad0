"""A table as it grows: what CREATE TABLE says, and what later ALTER TABLEs add to it.

Works on tokens, so that whatever a statement holds is either understood or refused by name; the
finished draft becomes SQL text again, which `core.ddl` parses. Imports core only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile

from sqlglot import exp

from admw_assets.core.errors import SchemaError
from admw_assets.core.sql_statements import Token, Tokens, closing, spelled, split_at_commas
from admw_assets.core.type_spelling import TypeSpelling, read_type

KEY_WORDS = frozenset(
    {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "INDEX", "KEY", "FULLTEXT", "SPATIAL"}
)
_PII = re.compile(r"\bpii\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ColumnDraft:
    """A column's definition: its type, and in `type.rest` everything after it."""

    name: str
    type: TypeSpelling
    line: int
    pii: bool = False

    @property
    def sql(self) -> str:
        """The definition as it goes to the SQL parser."""
        rest = spelled(self.type.rest)
        parts = [identifier(self.name), self.type.sql]
        floating = self.type.name in ("FLOAT", "DOUBLE")
        parts += ["UNSIGNED"] * (self.type.unsigned and not floating)
        parts += ["ZEROFILL"] * (self.type.zerofill and not floating)
        if self.type.national and not re.search(r"\bchar(acter )?set\b", rest, re.IGNORECASE):
            parts.append("CHARACTER SET utf8mb3")
        parts.append(rest)
        # UNSIGNED is deprecated for FLOAT and DOUBLE; the manual names CHECK in its place.
        parts += [f"CHECK ({identifier(self.name)} >= 0)"] * (self.type.unsigned and floating)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """A key, constraint or index as SQL text; `kind` is its leading word after CONSTRAINT."""

    kind: str
    sql: str
    line: int


@dataclass(slots=True)
class TableDraft:
    """Everything known of a table so far; `altered` are foreign keys from ALTER TABLE."""

    name: str
    line: int
    columns: list[ColumnDraft] = field(default_factory=list[ColumnDraft])
    keys: list[KeyDraft] = field(default_factory=list[KeyDraft])
    altered: list[KeyDraft] = field(default_factory=list[KeyDraft])
    options: dict[str, str] = field(default_factory=dict[str, str])
    notes: list[str] = field(default_factory=list[str])

    @property
    def sql(self) -> str:
        """CREATE TABLE as it goes to the SQL parser."""
        body = ", ".join([c.sql for c in self.columns] + [k.sql for k in self.keys if k.sql])
        options = " ".join(f"{name}={value}" for name, value in self.options.items())
        return f"CREATE TABLE {identifier(self.name)} ({body}) {options}".rstrip()

    def position(self, column: str) -> int:
        """Where a column stands, by its name in any case; raises SchemaError."""
        for index, known in enumerate(self.columns):
            if known.name.casefold() == column.casefold():
                return index
        raise SchemaError(
            f"table {self.name!r} has no column {column!r}",
            next_step="Name one of " + ", ".join(repr(c.name) for c in self.columns) + ".",
            column=column,
        )


def identifier(name: str) -> str:
    """A name as MySQL quotes it."""
    return exp.to_identifier(name, quoted=True).sql(dialect="mysql")


def read_body(draft: TableDraft, body: Sequence[Token]) -> None:
    """Put what stands in the parentheses of CREATE TABLE into the draft.

    A comment belongs to the column before it where both are in one line, else to the one after.
    """
    parts = split_at_commas(body)
    for before, part, after in zip([(), *parts], parts, [*parts[1:], ()], strict=False):
        not_own = _comments_before(part, before)
        own = [token for token in part if token.kind == "comment"][len(not_own) :]
        pii = any(_PII.search(token.text) for token in [*own, *_comments_before(after, part)])
        plain = without_comments(part)
        if not plain:
            raise SchemaError(
                "has an empty place between its commas", next_step="Remove the stray comma."
            )
        if is_key(plain):
            draft.keys.append(read_key(plain))
        else:
            draft.columns.append(read_column(plain, pii))


def read_column(tokens: Tokens, pii: bool = False) -> ColumnDraft:
    """Read a column definition."""
    name = tokens[0]
    if not name.is_name:
        raise SchemaError(
            f"has a column that begins with {name.text!r}",
            next_step="Quote its name: `name`.",
            line=name.line,
        )
    try:
        spelling = read_type(tokens[1:])
    except SchemaError as err:
        raise SchemaError(
            f"column {name.name!r} {err.message}",
            next_step=err.next_step,
            column=name.name,
            line=name.line,
        ) from err
    rest = _plain_attributes(spelling.rest)
    pii = pii or any(t.kind == "string" and _PII.search(t.text) for t in _comment_text(rest))
    return ColumnDraft(name.name, replace(spelling, rest=rest), name.line, pii)


def is_key(tokens: Tokens) -> bool:
    """True where a part of the body is a key, constraint or index, not a column."""
    return tokens[0].word in KEY_WORDS


def read_key(tokens: Tokens) -> KeyDraft:
    """Read a key, constraint or index."""
    start, line = 0, tokens[0].line
    if tokens[0].word == "CONSTRAINT":
        named = len(tokens) > 1 and tokens[1].word not in KEY_WORDS
        start = 2 if named else 1
    kind = tokens[start].word if start < len(tokens) else ""
    if kind not in KEY_WORDS:
        raise SchemaError(
            f"has a constraint that reads {spelled(tokens)!r}",
            next_step="Write PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK after its name.",
        )
    if kind == "CHECK":
        return KeyDraft(kind, spelled(_enforced(tokens)), line)
    # InnoDB has only BTREE, and what a key orders by has no effect on which rows it takes.
    dropped = {"ASC", "DESC"} if kind == "PRIMARY" else set[str]()
    kept = [token for token in _seen(_without_using(tokens)) if token.word not in dropped]
    return KeyDraft(kind, spelled(kept), line)


def without_comments(tokens: Sequence[Token]) -> Tokens:
    """The tokens that a server would see."""
    return tuple(token for token in tokens if token.kind != "comment")


def _comments_before(part: Tokens, before: Tokens) -> list[Token]:
    """The comments right after a comma, in the line where the part before it ends."""
    leading = takewhile(lambda token: token.kind == "comment", part)
    return [token for token in leading if before and token.line == before[-1].line]


def _comment_text(tokens: Tokens) -> Tokens:
    """What follows the words COMMENT."""
    return tuple(token for word, token in pairwise(tokens) if word.word == "COMMENT")


def _plain_attributes(tokens: Tokens) -> Tokens:
    """A column's attributes without those that only say how it is stored."""
    kept: list[Token] = []
    rest = list(_enforced(tokens))
    while rest:
        words = [token.word for token in rest[:3]]
        if words[0] in ("COLUMN_FORMAT", "STORAGE", "ENGINE_ATTRIBUTE"):
            rest = rest[2 + (words[1:2] == ["="]) :]
        elif words == ["SERIAL", "DEFAULT", "VALUE"]:
            line = rest[0].line
            serial = ("NOT", "NULL", "AUTO_INCREMENT", "UNIQUE")
            kept += [Token("word", word, line) for word in serial]
            rest = rest[3:]
        elif words[0] in ("VISIBLE", "PERSISTENT"):
            kept += [Token("word", "STORED", rest[0].line)] * (words[0] == "PERSISTENT")
            rest = rest[1:]
        else:
            kept.append(rest.pop(0))
    return tuple(kept)


def _enforced(tokens: Tokens) -> Tokens:
    """The tokens without the checks that are NOT ENFORCED, for those reject nothing."""
    words = [token.word for token in tokens]
    for index, word in enumerate(words):
        if word != "CHECK" or words[index + 1 : index + 2] != ["("]:
            continue
        end = closing(tokens, index + 1)
        if words[end + 1 : end + 3] == ["NOT", "ENFORCED"]:
            start = index - 2 if index >= 2 and words[index - 2] == "CONSTRAINT" else index
            start = index - 1 if index >= 1 and words[index - 1] == "CONSTRAINT" else start
            return _enforced((*tokens[:start], *tokens[end + 3 :]))
        if words[end + 1 : end + 2] == ["ENFORCED"]:
            return _enforced((*tokens[: end + 1], *tokens[end + 2 :]))
    return tokens


def _seen(tokens: Tokens) -> Tokens:
    """The tokens without what hides an index from the optimizer, for which servers differ."""
    end = max((i for i, token in enumerate(tokens) if token.word == ")"), default=len(tokens))
    hiding = {"VISIBLE", "INVISIBLE", "IGNORED", "NOT"}
    return (*tokens[:end], *(token for token in tokens[end:] if token.word not in hiding))


def _without_using(tokens: Tokens) -> Tokens:
    for index, token in enumerate(tokens[:-1]):
        if token.word == "USING":
            return (*tokens[:index], *tokens[index + 2 :])
    return tokens
