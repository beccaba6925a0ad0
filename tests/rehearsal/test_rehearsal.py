"""A small part of the rehearsal, for every test run; all of it is `make rehearse`.

Two files, where one waits for the other's rows; a broken one; deploying again.
"""

from collections.abc import Iterator

import pytest
from rich.console import Console

from admw_assets.core.step import Stage, Status
from admw_assets.samples import generate
from tests.mariadb_server import mariadb_missing
from tests.rehearsal.__main__ import opened_account
from tests.rehearsal.account import Account
from tests.rehearsal.scenarios import deployment, failures
from tests.rehearsal.server import emulator_missing
from tests.rehearsal.timeline import Timeline

pytestmark = [pytest.mark.rehearsal, pytest.mark.slow]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """An account with the deployed stack and two files on their way."""
    if missing := emulator_missing() or mariadb_missing():
        pytest.skip(missing)
    with opened_account(Timeline(Console())) as opened:
        deployment.deploy_from_nothing(opened)
        landing = opened.folder / "landing"
        generate(landing, 50)
        opened.upload(next(landing.glob("BRAND~20240101*")), next(landing.glob("COUNTRY~*")))
        yield opened


def test_files_go_through_both_stages_by_themselves(account: Account) -> None:
    for file in ("BRAND~20240101.000000.csv", "COUNTRY~20240101.000000.csv"):
        state = account.wait_for(file, Stage.FINAL, Status.COMPLETED, Status.FAILED)
        assert state.status is Status.COMPLETED, state.message
        assert state.counts.conserved
        assert state.archive is not None


def test_unchanged_stack_is_left_alone_and_a_broken_one_rolled_back(account: Account) -> None:
    deployment.deploy_again(account)
    deployment.plan_worker_type(account)
    deployment.deploy_broken(account)


def test_broken_file_is_told_of_and_completes_once_corrected(account: Account) -> None:
    made = account.folder / "made"
    made.mkdir()
    failures.wrong_name(account, made)
    failures.broken_file(account, made)
