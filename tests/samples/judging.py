"""A second, simple-minded judgement of sample records: which rule each of them breaks."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from admw_assets.core.canonical import file_hash, source_hash
from admw_assets.core.schema import Column, Table, TypeKind
from tests.samples.reading import Row, configuration, file_format, read_records, schema

Found = tuple[int, str, str, str, str]
"""record, table, stage, rule, column"""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one file is found to hold: broken rules, and the sound rows by table."""

    records: int
    broken: list[Found]
    rows: Mapping[str, list[Row]]


def judge(path: Path) -> Judged:
    """Read a file and judge every row that it gives, foreign keys and other files left out."""
    entity = path.name.partition("~")[0]
    rules = configuration().files.get(entity)
    tables = [schema().table(name) for name in (rules.feeds if rules else [entity])]
    header, *records = read_records(path, file_format(entity))
    broken: list[Found] = []
    rows: dict[str, list[Row]] = {table.name: [] for table in tables}
    seen: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for number, record in enumerate(records, start=1):
        rule = (
            ("quote" if not record.well_quoted else "")
            or ("encoding" if not record.well_encoded else "")
            or ("fields" if len(record.fields) != len(header.fields) else "")
        )
        cells = dict(zip(map(str, header.fields), record.fields, strict=False))
        if not rule and not _hash_fits(entity, cells):
            rule = "source_hash"
        if rule:
            column = str(header.fields[-1]) if rule == "source_hash" else ""
            broken += [(number, table.name, "preliminary", rule, column) for table in tables]
            continue
        for table in tables:
            for row in _rows_of(table.name, cells):
                fault = _fault(table, row, seen)
                if fault:
                    broken.append((number, table.name, "preliminary", *fault))
                else:
                    rows[table.name].append(row | {"record": str(number)})
    return Judged(len(records), broken, rows)


def _hash_fits(entity: str, cells: Row) -> bool:
    cells = dict(cells)
    if "admw_source_hash" in cells:
        given = cells.pop("admw_source_hash")
        return given == source_hash(cells.values())
    if "admw_file_hash" in cells:
        columns = configuration().files[entity].source_hash_columns or []
        return cells["admw_file_hash"] == file_hash(cells[name] for name in columns)
    return True


def _rows_of(table: str, cells: Row) -> Iterator[Row]:
    if table == "product_secondary_category":
        listed = cells["secondary_categories"]
        for at, category in enumerate(listed.split(",") if listed else [], start=1):
            of = f"{cells['id']}{at:03d}"
            yield {"id": of, "product_id": cells["id"], "category_id": category.strip()}
        return
    renamed = {"brand_no": "id", "zip": "postal_code"}
    yield {renamed.get(name, name): text for name, text in cells.items()}


def _fault(
    table: Table, row: Row, seen: dict[tuple[str, ...], set[tuple[str, ...]]]
) -> tuple[str, str] | None:
    has_default = ("staff_id", "registered_at", "listed_at")
    for column in table.columns:
        text = row[column.name]
        if text is None:
            if not column.nullable and column.name not in has_default:
                return "not_null", column.name
        elif rule := _broken_rule(table, column, text):
            return rule, column.name
    for columns in (table.primary_key, *(key.columns for key in table.unique_keys)):
        key = tuple(row[name] or "" for name in columns)
        if all(row[name] is not None for name in columns):
            if key in seen[table.name, *columns]:
                return "duplicate_key", ", ".join(columns)
            seen[table.name, *columns].add(key)
    return None


def _broken_rule(table: Table, column: Column, text: str) -> str:
    type_ = column.type
    match type_.kind:
        case TypeKind.INTEGER:
            if not re.fullmatch(r"-?\d+", text):
                return "integer"
            low, high = type_.minimum or 0, type_.maximum or 0
            return "" if low <= int(text) <= high else "range"
        case TypeKind.DECIMAL:
            if not re.fullmatch(r"-?\d+(\.\d+)?", text):
                return "decimal"
            scale = type_.scale or 0
            if abs(Decimal(text)) >= 10 ** ((type_.precision or 0) - scale):
                return "precision"
            return "scale" if round(Decimal(text), scale) != Decimal(text) else ""
        case TypeKind.DOUBLE:
            return "" if re.fullmatch(r"\d+(\.\d+)?", text) else "number"
        case TypeKind.CHAR | TypeKind.VARCHAR:
            if type_.character_set == "ascii" and not text.isascii():
                return "character"
            return "" if len(text.rstrip(" ")) <= (type_.length or 0) else "length"
        case TypeKind.BOOLEAN:
            rules = configuration().tables.get(table.name)
            known = (rules and rules.booleans) or configuration().booleans
            return "" if text.lower() in map(str.lower, known.true + known.false) else "boolean"
        case TypeKind.ENUM:
            return "" if text in type_.members else "enum"
        case TypeKind.SET:
            chosen = text.split(",") if text else []
            return "" if set(chosen) <= set(type_.members) else "set"
        case TypeKind.BINARY:
            return "" if re.fullmatch(r"[0-9A-F]{16}", text) else "binary"
        case TypeKind.YEAR:
            return "" if re.fullmatch(r"(19|20)\d\d", text) else "year"
        case TypeKind.TIME:
            return "" if re.fullmatch(r"[0-2]\d:[0-5]\d:[0-5]\d", text) else "time"
        case TypeKind.DATE:
            return "" if _is_moment(text, "%Y-%m-%d") else "date"
        case TypeKind.DATETIME | TypeKind.TIMESTAMP:
            formats = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z")
            return "" if any(_is_moment(text, form) for form in formats) else "datetime"
        case _:
            return ""


def _is_moment(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)
    except ValueError:
        return False
    return True
