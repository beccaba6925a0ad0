"""Functions and the Glue script as AWS calls them: quick to import, arguments read rightly."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from admw_assets.core.errors import ConfigurationError
from admw_assets.core.step import Stage, StepKind
from admw_assets.engines.notify.sns_notifier import fitting_subject, fitting_text
from admw_assets.runtime.aws_settings import DatabaseTls, read_aws_settings
from aws_deploy.lambdas import db_init
from glue_entrypoints.run_step import main, parse_arguments
from tests.aws.account import Account

ARGUMENTS = [
    *("--JOB_NAME", "admw-load", "--extra-py-files", "s3://x/y", "--enable-metrics", "true"),
    *("--location", "s3://landing/ORDERS~20240101.000000.csv", "--table", "orders"),
    *("--stage", "preliminary", "--step", "load", "--run_id", "run-1"),
    *("--ADMW_MIGRATION", "s3://a/m.zip", "--ADMW_DATABASE_SECRET", "arn"),
    *("--ADMW_DATABASE_TLS", "off", "--ADMW_LANDING", "landing", "--TempDir", "s3://t"),
]
_IMPORT = """
import sys, time
began = time.process_time()
import aws_deploy.lambdas.{name}
seconds = time.process_time() - began
import admw_assets.runtime.aws, admw_assets.steps.runner, admw_assets.engines.database.store
import admw_assets.engines.storage.s3_archive, admw_assets.reporting.report_folder
heavy = [name for name in ("dagster", "pyspark", "numpy", "pandas") if name in sys.modules]
print(seconds, *heavy)
"""


@pytest.mark.parametrize("name", ["start", "tracker", "step", "db_init"])
def test_function_is_imported_in_less_than_a_second_without_spark_or_dagster(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT.format(name=name)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    seconds, *heavy = done.stdout.split()

    assert float(seconds) < 1
    assert heavy == []


def test_glue_arguments_become_a_request_and_settings() -> None:
    request, variables = parse_arguments(ARGUMENTS, {"ADMW_STAGING": "from-environment"})

    assert (request.table, request.run_id) == ("orders", "run-1")
    assert (request.stage, request.step) == (Stage.PRELIMINARY, StepKind.LOAD)
    assert request.file == "ORDERS~20240101.000000.csv"
    settings = read_aws_settings(variables)
    assert (settings.landing, settings.staging) == ("landing", "from-environment")
    assert settings.database_tls is DatabaseTls.OFF


def test_missing_setting_is_named() -> None:
    with pytest.raises(ConfigurationError, match="ADMW_DATABASE_SECRET is not set"):
        read_aws_settings({"ADMW_MIGRATION": "s3://a/m.zip"})


def test_failed_step_ends_the_glue_script_with_its_error(account: Account) -> None:
    arguments = [text for pair in account.variables.items() for text in (f"--{pair[0]}", pair[1])]
    location = f"s3://{account.bucket('landing')}/ORDERS~20240101.000000.csv"
    request = ["--location", location, "--table", "orders", "--stage", "preliminary"]

    with pytest.raises(ConfigurationError, match="needs the preliminary stage's transform"):
        main([*request, "--step", "load", "--run_id", "run-1", *arguments])


def test_glue_script_answers_dagster_by_pipes(account: Account, tmp_path: Any) -> None:
    from dagster_pipes import encode_param

    messages = tmp_path / "messages"
    context = {"asset_keys": None, "code_version_by_asset_key": None, "extras": {}, "run_id": "r"}
    context |= dict.fromkeys(
        (
            "provenance_by_asset_key",
            "partition_key",
            "partition_key_range",
            "partition_time_window",
            "job_name",
            "retry_number",
        )
    )
    account.put("artifacts", "context.json", json.dumps(context).encode())
    account.put("landing", "ORDERS~20240101.000000.csv", b"id,customer_id,amount\n")
    pipes = [
        "--dagster-pipes-context",
        encode_param({"bucket": account.bucket("artifacts"), "key": "context.json"}),
        "--dagster-pipes-messages",
        encode_param({"path": str(messages)}),
    ]
    arguments = [text for pair in account.variables.items() for text in (f"--{pair[0]}", pair[1])]
    request = [f"--location=s3://{account.bucket('landing')}/ORDERS~20240101.000000.csv"]
    request += ["--table=orders", "--stage=preliminary", "--step=load", "--run_id=run-1"]

    with pytest.raises(ConfigurationError):
        main([*request, *arguments, *pipes])

    told = [json.loads(line) for line in messages.read_text().splitlines()]
    assert [message["method"] for message in told] == ["opened", "closed"]
    assert "needs the preliminary" in told[-1]["params"]["exception"]["message"]


@contextmanager
def listening() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Where CloudFormation would wait for a response, and what has come."""
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/answer", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_custom_resource_is_answered_whether_it_worked_or_not(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as (url, got):
        event = {"RequestType": "Create", "ResponseURL": url, "StackId": "s", "RequestId": "r"}
        event["LogicalResourceId"] = "Tables"
        db_init.handler(event)
        monkeypatch.setenv("ADMW_DATABASE_SECRET", "arn:none")
        db_init.handler(event)
        db_init.handler(event | {"RequestType": "Delete"})

    assert [answer["Status"] for answer in got] == ["SUCCESS", "FAILED", "SUCCESS"]
    assert "secret cannot be read" in got[1]["Reason"]


def test_mails_fit_what_sns_takes() -> None:
    assert fitting_subject("Bäcker\n" * 50).isascii()
    assert len(fitting_subject("x" * 500)) < 100
    assert len(fitting_text("word " * 500)) <= 1000
    assert fitting_text("short") == "short"


def test_database_without_tls_is_refused_where_tls_is_required(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMW_DATABASE_TLS", "required")

    with pytest.raises(ConfigurationError, match="SSL"):
        db_init.handler({})
