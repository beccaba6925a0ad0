"""docs/aws.md lists what the rehearsal cannot prove of the roles' policies."""

from tests.rehearsal.scenarios.permissions import as_table
from tests.rehearsal.server import ROOT


def test_actions_that_are_not_proven_are_documented() -> None:
    text = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("<!-- permissions -->")
    documented, _, _ = rest.partition("<!-- /permissions -->")

    assert documented.strip() == as_table()
