"""migration.yaml of a new migration: only what needs a decision, each with its comment.

Imports core only.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import DataFileError
from admw_assets.core.preliminary_names import prefixed
from admw_assets.core.schema import Schema, Table, TypeKind

JSON_SCHEMA_FILE = "migration.schema.json"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_PERSONAL = re.compile(
    r"(^|_)(e_?mail|phone|mobile|fax|first_?name|last_?name|middle_?name|full_?name|sur_?name"
    r"|user_?email|birth_?date|birthday|dob|date_of_birth|ssn|passport|iban|tax_?id|password|passwd"
    r"|pass|street|address|address_?[12]|postal_?code|zip|zip_?code|ip|ip_?address)($|_)",
    re.IGNORECASE,
)
_NEVER_PERSONAL = re.compile(r"(^|_)id$|_count$|^is_|_at$", re.IGNORECASE)
_PREFIXES = ("PRE_", "PRELIMINARY_", "ADM_PRE_", "STAGED_")


def configuration_text(name: str, schema: Schema, transforms: Collection[str]) -> str:
    """The text of migration.yaml; `transforms` are tables, in the schema's spelling."""
    return "\n".join([*_head(name, schema), *_files(schema), *_tables(schema, transforms)]) + "\n"


def function_name(table: str) -> str:
    """The name of a table's function in transforms.py."""
    plain = re.sub(r"\W+", "_", table, flags=re.ASCII).strip("_").lower()
    return plain if plain and not plain[0].isdigit() else f"table_{plain}"


def _head(name: str, schema: Schema) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={JSON_SCHEMA_FILE}"
    yield "# What schema.sql cannot say about the files. A file that is not named here feeds the"
    yield "# table of its own name. The schema above tells editors all the keys there are."
    yield f"name: {name}"
    yield 'description: ""'
    yield from _prefixes(schema)
    yield ""
    yield "format:                  # RFC 4180: comma, double quotes; with a header, in UTF-8"
    yield '  null_marker: ""        # an unquoted empty field is NULL, "" is the empty string'
    yield "  quoted_newlines: true  # texts may hold line ends; false reads large files in parallel"
    yield ""
    yield "rejects:                 # more of a file than this, and nothing of it is loaded"
    yield "  percent: 100           # decide: 0 takes only files without a fault"


def _prefixes(schema: Schema) -> Iterator[str]:
    """Another prefix where a preliminary table would be called like one of the target's."""
    names = {name.casefold() for name in schema.tables}
    for prefix in _PREFIXES:
        if not any(prefixed(prefix, name).casefold() in names for name in schema.tables):
            if prefix != _PREFIXES[0]:
                yield f"prefixes: {{table: {prefix}}}  # a table begins with {_PREFIXES[0]} already"
            return


def _files(schema: Schema) -> Iterator[str]:
    """Tables whose name cannot be a file's."""
    renamed = {table: _file_name(table) for table in schema.tables if not _is_entity(table)}
    if renamed:
        yield from ("", "files:                   # names that a file cannot have")
    for table, entity in renamed.items():
        yield f"  {_key(entity)}: {{feeds: [{_value(table)}]}}"


def _is_entity(table: str) -> bool:
    try:
        return parse_data_file_name(f"{table}~20240101.000000.csv").entity == table
    except DataFileError:
        return False


def _file_name(table: str) -> str:
    return re.sub(r"[~/\\\x00-\x1f\x7f]", "_", table).upper()


def _tables(schema: Schema, transforms: Collection[str]) -> Iterator[str]:
    rules: Mapping[str, list[str]] = {
        table.name: [*_rules(table, table.name in transforms)] for table in schema.tables.values()
    }
    if not any(rules.values()):
        yield ""
        yield "# tables:              # transform, other column names, ignored columns, PII, ..."
        return
    yield ""
    yield "tables:"
    for table, lines in rules.items():
        if lines:
            yield f"  {_key(table)}:"
            yield from (f"    {line}" for line in lines)


def _rules(table: Table, transformed: bool) -> Iterator[str]:
    if transformed:
        yield f"transform: {function_name(table.name)}"
    personal = [column.name for column in table.loaded_columns if _looks_personal(column.name)]
    kinds = {column.name: column.type.kind for column in table.columns}
    personal = [name for name in personal if kinds[name] is not TypeKind.BOOLEAN]
    if personal:
        listed = ", ".join(map(_value, personal))
        yield f"pii: [{listed}]  # by their names; reports mask them"


def _looks_personal(name: str) -> bool:
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return bool(_PERSONAL.search(snake)) and not _NEVER_PERSONAL.search(snake)


def _key(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


_value = _key
