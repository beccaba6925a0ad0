"""What ALTER TABLE and CREATE INDEX add to a table draft; everything else is refused by name.

Dumps write keys, AUTO_INCREMENT and foreign keys after the tables. Imports core only.
"""

from collections.abc import Callable
from dataclasses import replace

from admw_assets.core.errors import SchemaError
from admw_assets.core.sql_statements import Tokens, closing, spelled, split_at_commas
from admw_assets.core.table_draft import (
    ColumnDraft,
    KeyDraft,
    TableDraft,
    identifier,
    is_key,
    read_column,
    read_key,
)
from admw_assets.core.table_options import set_option

_NO_EFFECT = frozenset({"AUTO_INCREMENT", "COMMENT", "DISABLE", "ENABLE", "FORCE", "ORDER"})


def alter(draft: TableDraft, actions: Tokens) -> None:
    """Carry out the actions of one ALTER TABLE; raises SchemaError for one that is not known."""
    for action in split_at_commas(actions):
        word = action[0].word if action else ""
        if word in _ACTIONS:
            _ACTIONS[word](draft, action[1:])
        elif word not in _NO_EFFECT:
            raise _unknown(draft, action)


def index_key(tokens: Tokens) -> tuple[str, KeyDraft]:
    """The table of a CREATE INDEX statement, and the index as a key of that table."""
    words = [token.word for token in tokens]
    kind = next((w for w in words if w in ("UNIQUE", "FULLTEXT", "SPATIAL", "INDEX")), "INDEX")
    start, on = words.index("INDEX") + 1, words.index("ON") if "ON" in words else len(words)
    if words[start : start + 3] == ["IF", "NOT", "EXISTS"]:
        start += 3
    name, rest = table_name(tokens[on + 1 :])
    leading = "INDEX" if kind == "INDEX" else f"{kind} INDEX"
    end = closing(rest, 0) + 1 if rest else 0
    sql = f"{leading} {spelled(tokens[start : start + 1])} {spelled(rest[:end])}"
    return name, KeyDraft(kind, sql, tokens[0].line)


def table_name(tokens: Tokens) -> tuple[str, Tokens]:
    """The name at the front (without its database), and the tokens after it."""
    plain = [index for index, token in enumerate(tokens) if token.kind != "comment"]
    words = [tokens[index].word for index in plain[:3]]
    if words == ["IF", "NOT", "EXISTS"]:
        plain = plain[3:]
    elif words[:2] == ["IF", "EXISTS"]:
        plain = plain[2:]
    used = 2 if len(plain) > 2 and tokens[plain[1]].word == "." else 0
    if len(plain) <= used or not tokens[plain[used]].is_name:
        raise SchemaError(
            "a table's name is missing",
            next_step="Write it after the word TABLE, in backticks where it needs quotes.",
        )
    return tokens[plain[used]].name, tokens[plain[used] + 1 :]


def _add(draft: TableDraft, action: Tokens) -> None:
    if action and is_key(action):
        key = read_key(action)
        (draft.altered if key.kind == "FOREIGN" else draft.keys).append(key)
        return
    rest = action[1:] if action and action[0].word == "COLUMN" else action
    if [token.word for token in rest[:3]] == ["IF", "NOT", "EXISTS"]:
        rest = rest[3:]
    listed = bool(rest) and rest[0].word == "("
    for column in split_at_commas(rest[1 : closing(rest, 0)]) if listed else [rest]:
        if not column:
            raise _unknown(draft, action)
        _place(draft, *_positioned(column), len(draft.columns))


def _modify(draft: TableDraft, action: Tokens) -> None:
    rest = action[1:] if action and action[0].word == "COLUMN" else action
    if len(rest) < 2:
        raise _unknown(draft, action)
    column, position = _positioned(rest)
    index = draft.position(column.name)
    before = draft.columns.pop(index)
    # The keys of the column stay, also those written within its old definition.
    words = [token.word for token in before.type.rest]
    if "UNIQUE" in words:
        draft.keys.append(KeyDraft("UNIQUE", f"UNIQUE ({identifier(before.name)})", before.line))
    elif "PRIMARY" in words or "KEY" in words:
        draft.keys.append(
            KeyDraft("PRIMARY", f"PRIMARY KEY ({identifier(before.name)})", before.line)
        )
    _place(draft, replace(column, pii=column.pii or before.pii), position, index)


def _change(draft: TableDraft, action: Tokens) -> None:
    rest = action[1:] if action and action[0].word == "COLUMN" else action
    if len(rest) < 2 or rest[0].name.casefold() != rest[1].name.casefold():
        raise _unknown(draft, action)
    _modify(draft, rest[1:])


def _option(name: str) -> Callable[[TableDraft, Tokens], None]:
    def keep(draft: TableDraft, action: Tokens) -> None:
        values = [token for token in action if token.word != "="]
        if len(values) != 1:
            raise _unknown(draft, action)
        set_option(draft, name, values[0].text)

    return keep


_ACTIONS: dict[str, Callable[[TableDraft, Tokens], None]] = {
    "ADD": _add,
    "MODIFY": _modify,
    "CHANGE": _change,
    "ENGINE": _option("ENGINE"),
    "ROW_FORMAT": _option("ROW_FORMAT"),
}


def _positioned(tokens: Tokens) -> tuple[ColumnDraft, str | None]:
    """A column, and the column it shall follow (the empty string: it shall be the first)."""
    if tokens[-1].word == "FIRST":
        return read_column(tokens[:-1]), ""
    if len(tokens) > 2 and tokens[-2].word == "AFTER":
        return read_column(tokens[:-2]), tokens[-1].name
    return read_column(tokens), None


def _place(draft: TableDraft, column: ColumnDraft, after: str | None, index: int) -> None:
    if after is not None:
        index = draft.position(after) + 1 if after else 0
    draft.columns.insert(index, column)


def _unknown(draft: TableDraft, action: Tokens) -> SchemaError:
    return SchemaError(
        f"table {draft.name!r} is altered in a way that ADMW does not follow: "
        f"{spelled(action[:8])!r}",
        next_step="Write its CREATE TABLE as the table shall be, and remove the alteration.",
        table=draft.name,
    )
