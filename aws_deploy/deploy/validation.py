"""Checks a template without AWS; imports cfn-lint where it is installed (the dev packages)."""

from pathlib import Path

from admw_assets.core.errors import ConfigurationError


def template_problems(path: Path, region: str) -> list[str]:
    """What cfn-lint finds wrong, a sentence each. Raises ConfigurationError without cfn-lint."""
    try:
        from cfnlint import ManualArgs, lint_file
    except ImportError as err:
        raise ConfigurationError(
            "cfn-lint is not installed.", next_step="make setup (it is one of the dev packages)."
        ) from err
    config: ManualArgs = {"regions": [region]}
    return [
        f"{match.rule.id} {match.message} (line {match.linenumber})"
        for match in lint_file(path, config=config)
    ]
