"""docs/aws.md says what the rehearsal can and cannot prove of the roles' policies."""

import json

from tests.rehearsal.scenarios.permissions import NOT_PROVABLE, SELDOM, as_table
from tests.rehearsal.server import ROOT

TEXT = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")


def granted() -> list[str]:
    """The actions of every statement of every role, as compiled for an account without a VPC."""
    policies = (ROOT / "tests" / "compiler" / "golden" / "dev" / "policies").glob("*.json")
    return [
        action
        for path in policies
        for statement in json.loads(path.read_text())["Statement"]
        for action in statement["Action"]
    ]


def test_actions_that_are_not_proven_are_documented() -> None:
    _, _, rest = TEXT.partition("<!-- permissions -->")
    documented, _, _ = rest.partition("<!-- /permissions -->")

    assert documented.strip() == as_table()
    assert {*NOT_PROVABLE, *SELDOM} <= set(granted())


def test_documented_number_of_granted_actions_is_that_of_the_policies() -> None:
    assert f"Of {len(granted())} granted actions" in TEXT
