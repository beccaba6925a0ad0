"""A report as JSON with a versioned shape; imports core and pydantic.

The shape is published as docs/report.schema.json. SCHEMA_VERSION grows where a reader of the shape
before would stumble; additions alone do not change it.
"""

import json
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter

from admw_assets.core.reconciliation import ReconciliationReport

SCHEMA_VERSION = 2

_FIELDS = tuple(field.name for field in fields(ReconciliationReport))
_DERIVED: dict[str, dict[str, Any]] = {
    "schema_version": {"const": SCHEMA_VERSION, "description": "The version of this shape."},
    "passed": {"type": "boolean", "description": "True where every check passed."},
    "equation": {"type": "string", "description": "Conservation, with its numbers."},
    "sentences": {
        "type": "array",
        "items": {"type": "string"},
        "description": "What is known of differing rows: notes, then a diagnosis for each column.",
    },
}


def render_json(report: ReconciliationReport) -> str:
    """The whole report as an indented JSON document."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "passed": report.passed,
        "equation": report.equation,
        "sentences": list(report.sentences),
        **TypeAdapter(ReconciliationReport).dump_python(report, mode="json"),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def parse_json(document: str) -> ReconciliationReport:
    """The report that `render_json` wrote, also where an earlier version did."""
    content = json.loads(document)
    known = {name: content[name] for name in _FIELDS if name in content}
    return TypeAdapter(ReconciliationReport).validate_python(known)


def report_json_schema() -> dict[str, Any]:
    """The JSON schema of what `render_json` writes."""
    schema = TypeAdapter(ReconciliationReport).json_schema(mode="serialization")
    fields = schema.pop("properties")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Generated from core/reconciliation.py by reporting/json_report.py.",
        **schema,
        "properties": _DERIVED | fields,
        "required": [*_DERIVED, *fields],
        "additionalProperties": False,
    }
