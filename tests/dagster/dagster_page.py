"""A running `dg dev` as a test talks to it: over GraphQL, as the page does."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).parents[2]
LOCATION = {"repositoryLocationName": "admw", "repositoryName": "__repository__"}
ENDED = ("SUCCESS", "FAILURE", "CANCELED")

LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}"""
RESUME = """
mutation Resume($params: ReexecutionParams!) {
  launchRunReexecution(reexecutionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}"""
BACKFILL = """
mutation Backfill($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}"""
BACKFILL_STATUS = """
query BackfillStatus($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill { status }
  }
}"""
RUN = """
query Run($id: ID!) {
  runOrError(runId: $id) { ... on Run { status stepStats { stepKey startTime } } }
}"""
ERRORS = """
query Errors($id: ID!) {
  runOrError(runId: $id) {
    ... on Run {
      eventConnection(limit: 1000) {
        events {
          ... on ErrorEvent { error { message causes { message } } }
        }
      }
    }
  }
}"""
CHECKS = """
query Checks($asset: AssetKeyInput!, $check: String!, $partition: String) {
  assetCheckExecutions(assetKey: $asset, checkName: $check, limit: 20, partition: $partition) {
    runId
    status
    partition
    evaluation { success description metadataEntries { label } }
  }
}"""
ASSET = """
query Asset($asset: AssetKeyInput!, $partitions: [String!]) {
  assetOrError(assetKey: $asset) {
    ... on Asset {
      assetMaterializations(limit: 20, partitions: $partitions) {
        runId
        partition
        metadataEntries {
          label
          ... on IntMetadataEntry { intValue }
          ... on PathMetadataEntry { path }
          ... on TextMetadataEntry { text }
          ... on TableMetadataEntry { table { records } }
        }
      }
    }
  }
}"""
LOAD_STATUS = "{ workspaceOrError { ... on Workspace { locationEntries { loadStatus } } } }"
PARTITIONS = """
query Partitions($asset: AssetKeyInput!) {
  assetNodeOrError(assetKey: $asset) { ... on AssetNode { partitionKeys } }
}"""


@dataclass(frozen=True, slots=True)
class DagsterPage:
    """The page at `url`, served by `process` (an id), with its state in `home`.

    Asset names are as in `final/country`.
    """

    url: str
    process: int
    home: Path

    def query(self, text: str, **variables: object) -> dict[str, Any]:
        """What the page's own requests would get; AssertionError where it is an error."""
        request = urllib.request.Request(
            f"{self.url}/graphql",
            data=json.dumps({"query": text, "variables": variables}).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                answer = json.loads(response.read())
        except urllib.error.HTTPError as err:
            raise AssertionError(err.read().decode()) from err
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]

    def launch_job(self, job: str) -> str:
        """Launch a job without configuration; the run's id."""
        return self._launch({"selector": LOCATION | {"pipelineName": job}, "mode": "default"})

    def materialize(self, assets: Sequence[str], partition: str) -> str:
        """Materialize one partition of these assets in one run; the run's id."""
        selection = [{"path": asset.split("/")} for asset in assets]
        return self._launch(
            {
                "selector": LOCATION | {"pipelineName": "__ASSET_JOB", "assetSelection": selection},
                "mode": "default",
                "executionMetadata": {"tags": [{"key": "dagster/partition", "value": partition}]},
            }
        )

    def resume(self, run: str) -> str:
        """Run a failed run again from its failed step; the new run's id."""
        parameters = {"parentRunId": run, "strategy": "FROM_FAILURE"}
        return self._launched(self.query(RESUME, params=parameters))

    def materialize_files(self, files: Mapping[str, str]) -> str:
        """Materialize one partition of each asset, in lineage order; the backfill's id."""
        parameters = {
            "partitionsByAssets": [
                {
                    "assetKey": {"path": asset.split("/")},
                    "partitions": {"ranges": [{"start": file, "end": file}]},
                }
                for asset, file in files.items()
            ]
        }
        answer = self.query(BACKFILL, params=parameters)["launchPartitionBackfill"]
        assert answer["__typename"] == "LaunchBackfillSuccess", answer
        return answer["backfillId"]

    def require(self, run: str, status: str, seconds: float = 240) -> None:
        """Wait for the end of a run; AssertionError with its errors if it ends otherwise."""
        ended = _wait_for(lambda: self._run(run)["status"], ENDED, seconds)
        if ended != status:
            events = self.query(ERRORS, id=run)["runOrError"]["eventConnection"]["events"]
            errors = [event["error"] for event in events if event.get("error")]
            raise AssertionError(f"run {run} ended as {ended}: {json.dumps(errors, indent=1)}")

    def wait_for_backfill(self, backfill: str, seconds: float = 400) -> str:
        """Wait for the end of a backfill; its status."""

        def status() -> str:
            return self.query(BACKFILL_STATUS, id=backfill)["partitionBackfillOrError"]["status"]

        return _wait_for(status, ("COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED"), seconds)

    def steps(self, run: str) -> list[str]:
        """The keys of the steps that a run has started, in order."""
        started = [step for step in self._run(run)["stepStats"] if step["startTime"]]
        return [s["stepKey"] for s in sorted(started, key=lambda step: step["startTime"])]

    def checks(self, asset: str, names: Sequence[str], partition: str) -> dict[str, Any]:
        """The newest execution of each of these checks for one partition, None without one."""
        path = {"path": asset.split("/")}
        found = {}
        for name in names:
            executions = self.query(CHECKS, asset=path, check=name, partition=partition)
            found[name] = next(iter(executions["assetCheckExecutions"]), None)
        return found

    def materializations(self, asset: str, partition: str) -> list[dict[str, Any]]:
        """The materializations of one partition, newest first."""
        answer = self.query(ASSET, asset={"path": asset.split("/")}, partitions=[partition])
        return answer["assetOrError"].get("assetMaterializations", [])

    def partitions(self, asset: str) -> list[str]:
        """The keys of an asset's partitions."""
        path = {"path": asset.split("/")}
        return self.query(PARTITIONS, asset=path)["assetNodeOrError"]["partitionKeys"]

    def _run(self, run: str) -> dict[str, Any]:
        return self.query(RUN, id=run)["runOrError"]

    def _launch(self, parameters: Mapping[str, object]) -> str:
        return self._launched(self.query(LAUNCH, params=parameters))

    def _launched(self, answer: dict[str, Any]) -> str:
        (outcome,) = answer.values()
        assert outcome["__typename"] == "LaunchRunSuccess", outcome
        return outcome["run"]["runId"]


@contextmanager
def dagster_page(folder: Path, variables: Mapping[str, str]) -> Iterator[DagsterPage]:
    """Run `dg dev` as `make dev` does, with its state in `folder`, and stop it at the end."""
    home = folder / "dagster_home"
    home.mkdir(parents=True)
    shutil.copy(PROJECT / "dagster.local.yaml", home / "dagster.yaml")
    port = _free_port()
    dg = str(Path(sys.executable).with_name("dg"))
    command = [dg, "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    log = folder / "dg_dev.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=os.environ | dict(variables) | {"DAGSTER_HOME": str(home)},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Python keeps an inherited "ignore SIGINT", by which dg stops its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
    page = DagsterPage(f"http://127.0.0.1:{port}", process.pid, home)
    try:
        _wait_until_up(page, process, log)
        yield page
    finally:
        _stop(process)


def _wait_until_up(page: DagsterPage, process: subprocess.Popen[bytes], log: Path) -> None:
    def status() -> str:
        if process.poll() is not None:
            raise AssertionError(f"dg dev has ended:\n{log.read_text()}")
        try:
            entries = page.query(LOAD_STATUS)["workspaceOrError"]["locationEntries"]
        except OSError:
            return "not up yet"
        return ", ".join(entry["loadStatus"] for entry in entries)

    _wait_for(status, ("LOADED",), 120)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, as a service manager would; nothing that it started may live on."""
    started = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(timeout=60)
        _, alive = psutil.wait_procs(started, timeout=30)
        assert not alive, [left.cmdline() for left in alive]
    finally:
        for left in psutil.wait_procs(started, timeout=0)[1]:
            left.kill()
        process.kill()


def _wait_for(status: Callable[[], str], ends: Sequence[str], seconds: float) -> str:
    end = time.monotonic() + seconds
    while (now := status()) not in ends:
        assert time.monotonic() < end, f"still {now} after {seconds} seconds"
        time.sleep(0.5)
    return now


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
