"""Glue jobs that really run: the job's script under spark-submit, as the job's role.

The process has what Glue has (Python 3.11, boto3, numpy, Spark 3.5.6) and what the job brings in
`--additional-python-modules`, nothing of the project's own environment.
"""

import contextvars
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from ministack.core.responses import error_response_json, json_response
from ministack.services import glue

from tests.rehearsal.emulator.log_events import put_lines
from tests.rehearsal.emulator.sessions import RoleSessions

_ACTIVE = ("STARTING", "RUNNING", "WAITING", "STOPPING")
_SESSION = "GlueJobRunnerSession"


@dataclass(frozen=True, slots=True)
class GlueSettings:
    """`spark_home`: pyspark's folder; `packages`: a folder with pyspark and numpy to import.

    `jar`: the s3:// file system. `runs`: where a file for each running job tells its process.
    `slots`: how many jobs run at once; others wait, as under job queuing.
    """

    spark_home: str
    packages: str
    jar: str
    java_home: str
    java_options: str
    runs: str
    slots: int = 2

    @classmethod
    def from_json(cls, text: str) -> "GlueSettings":
        """Rebuild what the rehearsal has written with `json.dumps(asdict(...))`."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended; `message` is empty where it ended well."""

    state: str
    message: str = ""
    output: str = ""
    errors: str = ""


def install(sessions: RoleSessions, settings: GlueSettings) -> None:
    """Replace StartJobRun and BatchStopJobRun."""
    executor = GlueExecutor(sessions, settings)
    stock_stop = glue._batch_stop_job_run

    def batch_stop(data: dict[str, Any]) -> Any:
        answer = stock_stop(data)
        executor.stop(data["JobName"], data.get("JobRunIds", []))
        return answer

    glue._start_job_run = executor.start
    glue._batch_stop_job_run = batch_stop


class GlueExecutor:
    """Runs jobs in threads of the emulator, a few at a time."""

    def __init__(self, sessions: RoleSessions, settings: GlueSettings) -> None:
        self._sessions = sessions
        self._settings = settings
        self._slots = threading.Semaphore(settings.slots)
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._unpacking = threading.Lock()

    def start(self, data: dict[str, Any]) -> Any:
        """StartJobRun: refuse or begin; returns at once."""
        name = data.get("JobName", "")
        job = glue._jobs.get(name)
        if job is None:
            message = f"Failed to start job run due to missing metadata: Job {name} not found"
            return error_response_json("EntityNotFoundException", message, 400)
        runs = glue._job_runs.setdefault(name, [])
        limit = int((job.get("ExecutionProperty") or {}).get("MaxConcurrentRuns", 1))
        queued = bool(job.get("JobRunQueuingEnabled"))
        if not queued and sum(run["JobRunState"] in _ACTIVE for run in runs) >= limit:
            message = f"Concurrent runs exceeded for {name}"
            return error_response_json("ConcurrentRunsExceededException", message, 400)
        run = _new_run(job, data)
        runs.insert(0, run)
        arguments = {
            **job.get("DefaultArguments", {}),
            **(data.get("Arguments") or {}),
            **(job.get("NonOverridableArguments") or {}),
        }
        context = contextvars.copy_context()
        threading.Thread(
            target=context.run, args=(self._execute, job, run, arguments), daemon=True
        ).start()
        return json_response({"JobRunId": run["Id"]})

    def stop(self, job_name: str, run_ids: list[str]) -> None:
        """End the processes of these runs."""
        for run in glue._job_runs.get(job_name, []):
            if run["Id"] in run_ids and (process := self._processes.get(run["Id"])):
                run["JobRunState"] = "STOPPING"
                _signal(process, signal.SIGTERM)

    def _execute(self, job: dict[str, Any], run: dict[str, Any], arguments: dict[str, str]) -> None:
        folder = Path(tempfile.mkdtemp(prefix="admw-glue-"))
        with self._slots:
            run["JobRunState"] = "RUNNING"
            begun = time.time()
            try:
                ending = self._submit(job, run, arguments, folder)
            except subprocess.TimeoutExpired:
                ending = Ending("TIMEOUT", "Job run exceeded its timeout")
            except ClientError as err:  # the role may not read the script or a module
                ending = Ending("FAILED", f"LAUNCH ERROR | {err}")
            except Exception as err:
                ending = Ending("FAILED", f"{type(err).__name__}: {err}")
        self._processes.pop(run["Id"], None)
        (Path(self._settings.runs) / f"{run['Id']}.json").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        put_lines("/aws-glue/jobs/output", run["Id"], ending.output)
        put_lines("/aws-glue/jobs/error", run["Id"], ending.errors)
        done = time.time()
        run.update(CompletedOn=done, LastModifiedOn=done, ExecutionTime=int(done - begun))
        if ending.message:
            run["ErrorMessage"] = ending.message
        run["JobRunState"] = ending.state  # last: who polls sees a complete record

    def _submit(
        self, job: dict[str, Any], run: dict[str, Any], arguments: dict[str, str], folder: Path
    ) -> Ending:
        s3 = self._sessions.client("s3", job["Role"], _SESSION)

        def fetched(uri: str) -> Path:
            bucket, _, key = uri.removeprefix("s3://").partition("/")
            target = folder / key.rpartition("/")[2]
            s3.download_file(bucket, key, str(target))
            return target

        modules = self._modules(s3, _listed(arguments, "--additional-python-modules"))
        paths = [str(fetched(uri)) for uri in _listed(arguments, "--extra-py-files")]
        script = fetched(job["Command"]["ScriptLocation"])
        environment = self._environment(job, [*paths, str(modules)], folder)
        command = [*self._spark_submit(run, arguments), str(script)]
        known = {
            **arguments,
            "--JOB_NAME": run["JobName"],
            "--JOB_ID": "j_" + hashlib.sha256(run["JobName"].encode()).hexdigest(),
            "--JOB_RUN_ID": run["Id"],
        }
        command += [str(text) for pair in known.items() for text in pair]
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._processes[run["Id"]] = process
        self._announce(process, run, arguments)
        try:
            output, errors = process.communicate(timeout=run["Timeout"] * 60)
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.communicate()
            raise
        if run["JobRunState"] == "STOPPING":
            return Ending("STOPPED", "", output, errors)
        if process.returncode == 0:
            return Ending("SUCCEEDED", "", output, errors)
        return Ending("FAILED", _error_message(output, errors, process.returncode), output, errors)

    def _modules(self, s3: Any, uris: list[str]) -> Path:
        """What pip install --no-deps would make of these wheels; made once, asked for each time."""
        places = [uri.removeprefix("s3://").partition("/") for uri in uris]
        digest = hashlib.sha256(",".join(uris).encode()).hexdigest()[:16]
        target = Path(self._settings.runs).parent / f"modules-{digest}"
        with self._unpacking:
            if target.exists():
                for bucket, _, key in places:
                    s3.get_object(Bucket=bucket, Key=key, Range="bytes=0-0")
                return target
            being_made = Path(tempfile.mkdtemp(dir=target.parent))
            for bucket, _, key in places:
                wheel = being_made / "wheel"
                s3.download_file(bucket, key, str(wheel))
                with zipfile.ZipFile(wheel) as archive:
                    archive.extractall(being_made)
                wheel.unlink()
            being_made.rename(target)
        return target

    def _spark_submit(self, run: dict[str, Any], arguments: dict[str, str]) -> list[str]:
        settings = {
            "spark.master": "local[2]",
            "spark.app.name": run["JobName"],
            "spark.ui.enabled": "false",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "1g",
            "spark.driver.extraJavaOptions": self._settings.java_options,
            "spark.driver.extraClassPath": self._settings.jar,
            "spark.hadoop.fs.s3.impl": "S3FileSystem",
            "spark.sql.shuffle.partitions": "2",
        }
        for text in re.split(r"\s*--conf\s+", arguments.get("--conf", "")):
            name, equals, value = text.strip().partition("=")
            if equals:
                settings.setdefault(name, value)
        command = [f"{self._settings.spark_home}/bin/spark-submit"]
        for name, value in settings.items():
            command += ["--conf", f"{name}={value}"]
        return command

    def _environment(self, job: dict[str, Any], paths: list[str], folder: Path) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TMPDIR": str(folder),
            "JAVA_HOME": self._settings.java_home,
            "SPARK_HOME": self._settings.spark_home,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
            "PYSPARK_DRIVER_PYTHON": sys.executable,
            "PYTHONPATH": os.pathsep.join([*paths, self._settings.packages]),
            "GLUE_VERSION": job.get("GlueVersion", "5.1"),
            **self._sessions.environment(job["Role"], _SESSION),
        }

    def _announce(
        self, process: subprocess.Popen[str], run: dict[str, Any], arguments: dict[str, str]
    ) -> None:
        """Tell which process a run is, for a rehearsal that ends one."""
        told = {"pid": process.pid, "job": run["JobName"], "arguments": arguments}
        (Path(self._settings.runs) / f"{run['Id']}.json").write_text(json.dumps(told))


def _new_run(job: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    now = time.time()
    return {
        "Id": "jr_" + uuid.uuid4().hex * 2,
        "Attempt": 0,
        "JobName": data["JobName"],
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "Arguments": data.get("Arguments") or {},
        "PredecessorRuns": [],
        "AllocatedCapacity": job.get("NumberOfWorkers", 2),
        "ExecutionTime": 0,
        "Timeout": int(data.get("Timeout") or job.get("Timeout") or 480),
        "WorkerType": job.get("WorkerType", "G.1X"),
        "NumberOfWorkers": job.get("NumberOfWorkers", 2),
        "LogGroupName": "/aws-glue/jobs",
        "GlueVersion": job.get("GlueVersion", "5.1"),
        "ExecutionClass": job.get("ExecutionClass", "STANDARD"),
    }


def _listed(arguments: dict[str, str], name: str) -> list[str]:
    return [text.strip() for text in arguments.get(name, "").split(",") if text.strip()]


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _error_message(output: str, errors: str, code: int) -> str:
    """The last exception, in the words that Glue puts around it."""
    traced = "Traceback (most recent call last)"
    text = output if traced in output else errors  # spark-submit sends Python's errors to stdout
    trace = text[text.rfind(traced) :] if traced in text else ""
    line = (re.findall(r"line (\d+), in <module>", trace) or ["?"])[0]
    named = re.findall(r"^[A-Za-z_][\w.]*(?:: .*)?$", trace, re.MULTILINE)
    last = named[-1] if named else f"exit code {code}"
    message = f"Error Category: UNCLASSIFIED_ERROR; Failed Line Number: {line}; {last}"
    return message[:4000]
