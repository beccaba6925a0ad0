"""docs/migration.schema.json is what the models say; ADMW_REGENERATE=1 writes it anew."""

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from admw_assets.core.configuration import MigrationConfiguration
from admw_assets.core.configuration_yaml import read_yaml
from admw_assets.core.migration_folder import configuration_json_schema

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs/migration.schema.json"


def test_published_schema_is_current() -> None:
    rendered = json.dumps(configuration_json_schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("ADMW_REGENERATE"):
        PUBLISHED.parent.mkdir(exist_ok=True)
        PUBLISHED.write_text(rendered)
    assert rendered == PUBLISHED.read_text(), "run pytest on this file with ADMW_REGENERATE=1"


def test_schema_itself_is_valid() -> None:
    Draft202012Validator.check_schema(configuration_json_schema())


@pytest.mark.parametrize(
    "file",
    [
        *ROOT.glob("admw_assets/migrations/*/migration.yaml"),
        *ROOT.glob("tests/migrations/*/migration.yaml"),
    ],
    ids=lambda path: path.parent.name,
)
def test_migrations_are_valid_for_an_editor(file: Path) -> None:
    data = read_yaml(file.read_text(), file.name).data
    Draft202012Validator(configuration_json_schema()).validate(data)


def test_schema_refuses_what_the_models_refuse() -> None:
    validator = Draft202012Validator(configuration_json_schema())
    for data in ({}, {"name": "Shop"}, {"name": "a", "nam": 1}, {"name": "a", "files": {"A": {}}}):
        assert not validator.is_valid(data)
        with pytest.raises(ValueError, match="validation error"):
            MigrationConfiguration.model_validate(data)
