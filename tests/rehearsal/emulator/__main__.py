"""Starts the emulator on a free port of 127.0.0.1 and says in a file where it answers."""

import argparse
import json
import os
import socket
import sys
from pathlib import Path

ACCOUNT = "123456789012"
CALLS_AT_ONCE = 1  # of one function


def main() -> None:
    """Serve until the process is told to end."""
    options = _options()
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": options.region,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "AUTH": "true",
            "SFN_WAIT_SCALE": "0.1",  # what waits before it tries again waits a tenth
            # Two services that would listen on every address.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
    )
    # ministack reads the environment when it is imported.
    from ministack import app

    from tests.rehearsal.emulator import (
        alarms,
        cloudformation,
        glue_jobs,
        lambda_errors,
        lambda_workers,
        state_machines,
        status_changes,
        transport,
    )
    from tests.rehearsal.emulator.sessions import RoleSessions

    sessions = RoleSessions(url)
    glue_jobs.install(sessions, glue_jobs.GlueSettings.from_json(options.glue))
    lambda_errors.install()
    lambda_workers.install(CALLS_AT_ONCE)
    state_machines.install(sessions)
    status_changes.install()
    alarms.install()
    cloudformation.install()
    transport.install()

    announced = options.ready_file.with_suffix(".part")
    announced.write_text(json.dumps({"url": url, "account": ACCOUNT, "region": options.region}))
    announced.replace(options.ready_file)
    sys.argv = ["ministack"]
    app.main()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.rehearsal.emulator")
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--region", default="eu-central-1")
    parser.add_argument("--glue", required=True, help="GlueSettings as JSON")
    return parser.parse_args()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
