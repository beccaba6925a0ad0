"""environments.yaml: what is wrong is said with file, key and what to do."""

from pathlib import Path

import pytest

from admw_assets.core.errors import ConfigurationError
from aws_deploy.environment import load_environment, load_environments

LEAST = "dev: {prefix: shop-dev, region: eu-west-1}"


def test_the_shipped_environments_are_right() -> None:
    environments = load_environments()
    assert set(environments) == {"dev", "prod"}
    assert len({environment.prefix for environment in environments.values()}) == 2
    assert environments["prod"].database.tls == "required"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("dev: {region: eu-west-1}", "dev.prefix: is missing"),
        ("dev: {prefix: Shop, region: eu-west-1}", "dev.prefix: String should match pattern"),
        ("dev: {prefix: shop, region: Ireland}", "it is 'Ireland'"),
        (LEAST[:-1] + ", paralel_files: 3}", "dev.paralel_files: there is no such key"),
        (LEAST[:-1] + ", parallel_files: 200}", "dev.parallel_files: Input should be less than"),
        (LEAST[:-1] + ", log_days: 8}", "dev.log_days: CloudWatch knows 1, 3, 5, 7, 14"),
        (LEAST[:-1] + ", database: {kind: aurora}}", "dev.vpc: a database of the stack's own"),
        (
            LEAST[:-1] + ", glue: {flex: true, worker_type: G.4X}}",
            "dev.glue.flex: runs on G.1X or G.2X only",
        ),
        (
            LEAST[:-1] + ", glue: {timeout_minutes: 900}}",
            "dev.execution_hours: one Glue step may take 2280 minutes",
        ),
        (
            LEAST[:-1] + ", notifications: {alerts: [nobody]}}",
            "dev.notifications.alerts.0: String should match pattern",
        ),
        (LEAST[:-1] + ", migration: nowhere}", "dev.migration: there is no folder 'nowhere'"),
        (LEAST[:-1] + ", database: {ca: no.pem}}", "dev.database.ca: there is no file 'no.pem'"),
        ("- dev", "holds no environments"),
        ("dev:", "'dev' has no keys"),
        ("dev: {", "is no YAML"),
    ],
)
def test_what_is_wrong_names_file_key_and_fix(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "environments.yaml"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as refusal:
        load_environment("dev", path)
    assert str(path) in refusal.value.message
    assert expected in refusal.value.message
    assert refusal.value.next_step


def test_an_unknown_environment_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(ConfigurationError, match="It has 'dev', 'prod'"):
        load_environment("staging")


def test_all_wrong_keys_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "environments.yaml"
    path.write_text("dev: {prefix: X, region: y, glue: {workers: 1}}")
    with pytest.raises(ConfigurationError) as refusal:
        load_environments(path)
    for key in ("dev.prefix", "dev.region", "dev.glue.workers"):
        assert key in refusal.value.message
