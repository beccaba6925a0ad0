"""Both stages with everything in S3 come to what they come to on one machine.

Spark here has no s3:// file system, so its parts are carried by hand; `make rehearse` has one.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from admw_assets.core.ports import Ports
from admw_assets.core.step import STAGE_STEPS, Stage, Status, StepKind, StepRequest, StepResult
from admw_assets.engines.storage.s3_staging import S3Staging
from admw_assets.runtime.aws import open_ports
from admw_assets.runtime.aws_settings import read_aws_settings
from admw_assets.steps.runner import run_step
from tests.aws.account import Account
from tests.aws.tracked import state_of
from tests.final_tables import read_rows
from tests.mariadb_server import MariaDbServer
from tests.orders import CUSTOMERS, ORDERS, open_shop, write_customers, write_orders

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

TABLES = {
    "customer": ("id", "name"),
    "customer_tag": ("customer_id", "tag"),
    "orders": ("id", "customer_id", "amount"),
}
FED = [(CUSTOMERS, "customer"), (CUSTOMERS, "customer_tag"), (ORDERS, "orders")]
CUSTOMER_ROWS = [("1", "Ada", "a;b"), ("2", "Bob" * 10, "c"), ("3", "Eve", "")]
ORDER_ROWS = [("1", "1", "1.50"), ("2", "2", "2.00"), ("3", "3", "x")]


class CarriedParts(S3Staging):
    """Lets Spark read and write on this machine; what it wrote goes to S3, and only there."""

    def to_read(self, file: Path) -> str:
        return f"file:{file.absolute()}"

    def to_write(self, folder: Path) -> str:
        return f"file:{folder.absolute()}"

    def parts(self, folder: Path) -> tuple[Path, ...]:
        return tuple(sorted(folder.glob("part-*")))

    def share(self, folder: Path) -> str:
        reference = super().share(folder)
        shutil.rmtree(folder)
        return reference


@contextmanager
def machine(spark: "SparkSession") -> Iterator[Ports]:
    """A machine that knows nothing of the steps before."""
    settings = read_aws_settings(os.environ)
    with open_ports(settings, lambda: spark) as ports:
        staging = ports.staging
        assert isinstance(staging, S3Staging)
        staging.__class__ = CarriedParts
        yield ports


def run(spark: "SparkSession", account: Account, file: str, table: str) -> list[StepResult]:
    """Each step on a machine of its own."""
    location = f"s3://{account.bucket('landing')}/{file}"
    results = []
    for stage in Stage:
        for step in STAGE_STEPS[stage]:
            with machine(spark) as ports:
                results.append(run_step(StepRequest(location, table, stage, step, "r"), ports))
    return results


def test_both_stages_in_s3_equal_those_of_one_machine(
    account: Account,
    mariadb: MariaDbServer,
    mysql_url: str,
    spark: "SparkSession",
    tmp_path: Path,
) -> None:
    landing = tmp_path / "files"
    for file in (
        write_customers(landing, CUSTOMER_ROWS),
        write_orders(landing, ORDER_ROWS),
    ):
        account.put("landing", file.name, file.read_bytes())

    results = [result for file, table in FED for result in run(spark, account, file, table)]

    with mariadb.fresh_database() as url, open_shop(url, tmp_path / "local") as shop:
        write_customers(shop.landing, CUSTOMER_ROWS)
        write_orders(shop.landing, ORDER_ROWS)
        outcomes = {(o.file, o.table, o.stage): o for o in shop.run("local")}
        for table, columns in TABLES.items():
            rows = sorted(read_rows(mysql_url, table, columns))
            assert rows == sorted(read_rows(url, table, columns))
    for (file, table, stage), outcome in outcomes.items():
        state = state_of(file, table, stage)
        assert state is not None
        assert (state.status, state.counts) == (Status.COMPLETED, outcome.counts)
    assert account.keys("landing") == []
    assert f"{CUSTOMERS}.zip" in account.keys("archive")
    assert [key for key in account.keys("staging") if "part-" in key] == []
    report = json.loads(account.get("reports", f"{ORDERS}/final-orders/report.json"))
    assert report["counts"]["loaded"] == 1
    assert results[-1].archive == f"s3://{account.bucket('archive')}/{ORDERS}.zip"


def test_transform_is_not_repeated_while_its_parts_are_in_s3(
    account: Account, spark: "SparkSession", tmp_path: Path
) -> None:
    file = write_orders(tmp_path, ORDER_ROWS)
    account.put("landing", ORDERS, file.read_bytes())
    location = f"s3://{account.bucket('landing')}/{ORDERS}"
    request = StepRequest(location, "orders", Stage.PRELIMINARY, StepKind.TRANSFORM, "r")

    with machine(spark) as ports:
        first = run_step(request, ports)
    with machine(spark) as ports:
        again = run_step(request, ports)
        assert again.skipped
        ports.staging.free(first.staged or "")
    with machine(spark) as ports:
        assert not run_step(request, ports).skipped
