"""Reading a migration folder: everything that is wrong with it is reported at once.

`load_migration` is what everyone calls. Imports core, yaml and pydantic only.
"""

from pathlib import Path

from pydantic import ValidationError

from admw_assets.core.configuration import MigrationConfiguration
from admw_assets.core.configuration_problem import Problem, validation_problems
from admw_assets.core.configuration_yaml import YamlDocument, read_yaml
from admw_assets.core.ddl import parse_schema
from admw_assets.core.errors import ConfigurationError, SchemaError
from admw_assets.core.migration import CONFIGURATION_FILE, SCHEMA_FILE, Migration
from admw_assets.core.migration_checks import check
from admw_assets.core.schema import Schema


def load_migration(folder: Path) -> Migration:
    """Read schema.sql and migration.yaml of a folder and check them against each other.

    Raises ConfigurationError with a line for each problem; `context["problems"]` lists them. A
    schema.sql that alone is at fault is a SchemaError.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ConfigurationError(
            f"There is no migration folder {str(root)!r}.",
            next_step=f"Give the folder that holds {SCHEMA_FILE} and {CONFIGURATION_FILE}.",
            folder=str(root),
        )
    schema, schema_error = _read_schema(root)
    document, problems = _read_document(root)
    configuration = None
    if not problems:
        configuration, problems = _validated(document)
    if schema_error is not None:
        if not problems:
            raise schema_error
        problems = [Problem("", str(schema_error), ""), *problems]
    if schema is None or configuration is None or problems:
        raise _error(root, problems)
    migration = Migration(root, configuration, schema)
    if problems := check(migration, document.lines):
        raise _error(root, problems)
    return migration


def configuration_json_schema() -> dict[str, object]:
    """The JSON schema of migration.yaml, for editors.

    It is published as docs/migration.schema.json; an editor with the YAML language server finds it
    by the first line of a migration.yaml: `# yaml-language-server: $schema=<path to it>`.
    """
    schema: dict[str, object] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Generated from core/configuration.py. In the first line of migration.yaml: "
        "# yaml-language-server: $schema=<path to this file>",
    }
    return schema | MigrationConfiguration.model_json_schema()


def _read_text(path: Path) -> str:
    """The text of a file; raises ConfigurationError where there is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as err:
        raise SchemaError(f"{path.name} is missing in {str(path.parent)!r}.") from err
    except (OSError, UnicodeDecodeError) as err:
        raise SchemaError(f"{path.name} cannot be read: {err}.") from err


def _read_schema(root: Path) -> tuple[Schema | None, SchemaError | None]:
    try:
        return parse_schema(_read_text(root / SCHEMA_FILE), SCHEMA_FILE), None
    except SchemaError as err:
        return None, err


def _read_document(root: Path) -> tuple[YamlDocument, list[Problem]]:
    try:
        text = _read_text(root / CONFIGURATION_FILE)
    except ConfigurationError as err:
        return YamlDocument(None, {}), [
            Problem("", err.message, "Create it, in UTF-8, with at least `name: ...`.")
        ]
    document = read_yaml(text, CONFIGURATION_FILE)
    return document, list(document.problems)


def _validated(document: YamlDocument) -> tuple[MigrationConfiguration | None, list[Problem]]:
    if not document.is_mapping:
        problem = Problem(CONFIGURATION_FILE, "holds no keys.", "Begin with `name: ...`.", line=1)
        return None, [problem]
    try:
        return MigrationConfiguration.model_validate(document.data), []
    except ValidationError as err:
        problems = validation_problems(err, CONFIGURATION_FILE, document.lines)
        return None, sorted(problems, key=lambda problem: problem.line or 0)


def _error(root: Path, problems: list[Problem]) -> ConfigurationError:
    texts = [str(problem).removeprefix(": ") for problem in problems]
    if len(texts) == 1:
        message = f"Migration {root.name!r}: {texts[0]}"
    else:
        listed = "\n".join(f"- {text}" for text in texts)
        message = f"Migration {root.name!r} has {len(texts)} problems:\n{listed}"
    return ConfigurationError(message, folder=str(root), problems=texts)
