"""What the database refuses is told without the values that its message quotes."""

import traceback

import pytest

from admw_assets.core.errors import AdmwError, LoadError
from tests.engines.database.conftest import TargetOf
from tests.engines.database.staging import Target

SQL = "CREATE TABLE T (id INT NOT NULL, name VARCHAR(20) NOT NULL, PRIMARY KEY (id))"


def everything_of(err: BaseException) -> str:
    """What a log or a page would print of an error, causes included."""
    context = str(err.context) if isinstance(err, AdmwError) else ""
    return "".join(traceback.format_exception(err)) + context


def refused(target: Target, statement: str) -> str:
    with pytest.raises(LoadError) as caught:
        target.execute(statement)
    lines = everything_of(caught.value).splitlines()
    return "\n".join(line for line in lines if "target.execute" not in line)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO T (id, name) VALUES (1, 'canary')",
        "INSERT INTO T (id, name) VALUES (2, 'o''canary')",
        "INSERT INTO T (id, name) VALUES (2, 'x') 'canary'",
    ],
)
def test_no_value_travels_with_an_error(target_of: TargetOf, statement: str) -> None:
    target = target_of(SQL)
    target.execute("CREATE UNIQUE INDEX name_once ON T (name)")
    target.execute("INSERT INTO T (id, name) VALUES (1, 'canary'), (3, 'o''canary')")
    assert "canary" not in refused(target, statement)


def test_no_value_travels_with_a_type_error(mysql_target_of: TargetOf) -> None:
    assert "canary" not in refused(mysql_target_of(SQL), "INSERT INTO T VALUES ('canary', 'x', '')")


def test_warnings_of_a_load_hold_no_value(mysql_target_of: TargetOf) -> None:
    target = mysql_target_of(SQL)
    target.execute("ALTER TABLE PRE_T MODIFY pre_name INT")
    rows = [["1", "canary"]]
    with pytest.raises(LoadError, match="Incorrect integer value") as caught:
        target.preliminary("T~20240101.000000.csv", "T", rows)
    assert "canary" not in everything_of(caught.value)
