"""What stands after the columns of CREATE TABLE: kept, left out with a note, or refused.

Imports core only. Rules: MySQL 8 manual, "CREATE TABLE Statement", table options.
"""

from collections.abc import Sequence

from admw_assets.core.errors import SchemaError
from admw_assets.core.sql_statements import Token
from admw_assets.core.table_draft import TableDraft

TRANSACTIONAL_ENGINES = frozenset({"INNODB", "NDB", "NDBCLUSTER", "ROCKSDB"})
_INNODB_ROW_FORMATS = frozenset({"DEFAULT", "DYNAMIC", "COMPRESSED", "REDUNDANT", "COMPACT"})
_KEPT_OPTIONS = ("ENGINE", "AUTO_INCREMENT", "CHARACTER SET", "COLLATE", "COMMENT", "ROW_FORMAT")
# They change how rows are stored, never which: left out of what ADMW creates.
_STORAGE_OPTIONS = frozenset(
    {"AUTOEXTEND_SIZE", "AVG_ROW_LENGTH", "CHECKSUM", "COMPRESSION", "CONNECTION", "ENCRYPTION"}
    | {"DATA DIRECTORY", "DELAY_KEY_WRITE", "ENGINE_ATTRIBUTE", "INDEX DIRECTORY"}
    | {"INSERT_METHOD", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "PACK_KEYS", "PAGE_CHECKSUM"}
    | {"PASSWORD", "SECONDARY_ENGINE_ATTRIBUTE", "STATS_AUTO_RECALC", "STATS_PERSISTENT"}
    | {"STATS_SAMPLE_PAGES", "STORAGE", "TABLESPACE", "TRANSACTIONAL"}
)


def read_options(draft: TableDraft, tokens: Sequence[Token]) -> None:
    """Put the table options into the draft; raises SchemaError for one that is not known."""
    rest = [token for token in tokens if token.word != ","]
    while rest:
        if rest[0].word == "DEFAULT":
            rest = rest[1:]
            continue
        if rest[0].word == "PARTITION":
            draft.notes.append(
                "its partitions are left out: they do not change which rows it takes"
            )
            return
        used = 1 if rest[0].word not in ("CHARACTER", "DATA", "INDEX") else 2
        name = " ".join(token.word for token in rest[:used])
        name = "CHARACTER SET" if name == "CHARSET" else name
        used += used < len(rest) and rest[used].word == "="
        value = rest[used].text if used < len(rest) else ""
        if not value or name not in (*_KEPT_OPTIONS, *_STORAGE_OPTIONS):
            raise SchemaError(
                f"has the table option {rest[0].text!r}, which ADMW does not know",
                next_step="Remove it, or write the table out as SHOW CREATE TABLE prints it.",
            )
        set_option(draft, name, value)
        rest = rest[used + 1 :]


def set_option(draft: TableDraft, name: str, value: str) -> None:
    """Keep one table option, where it says something about the rows."""
    if name == "ENGINE" and value.strip("`'\"").upper() not in TRANSACTIONAL_ENGINES:
        # Rows could be lost or doubled there: exactly once needs a rollback.
        draft.notes.append(f"it is made with InnoDB, for its engine {value} has no transactions")
        draft.options[name] = "InnoDB"
    elif name == "ROW_FORMAT" and value.upper() not in _INNODB_ROW_FORMATS:
        draft.notes.append(f"its option ROW_FORMAT={value} is left out: InnoDB does not know it")
    elif name in _STORAGE_OPTIONS:
        draft.notes.append(f"its option {name} is left out: it does not change which rows it takes")
    else:
        draft.options[name] = value
