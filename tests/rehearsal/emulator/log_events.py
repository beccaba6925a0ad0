"""Writes lines into CloudWatch Logs of the emulator."""

import time

from ministack.services import cloudwatch_logs as logs


def put_lines(group: str, stream: str, text: str) -> None:
    """Append the lines of `text` to a log stream, which is made where it is missing."""
    logs._create_log_group({"logGroupName": group})
    logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in text.splitlines() if line]
    if events:
        logs._put_log_events({"logGroupName": group, "logStreamName": stream, "logEvents": events})
