"""Alerts as log lines: what there is on a machine without a mail service."""

import logging

log = logging.getLogger(__name__)


class LogNotifier:
    """Implements the Notifier port by logging: failures as errors, the rest as information."""

    def notify(self, subject: str, text: str) -> None:
        """Log one line; a subject that says FAILED becomes an error."""
        level = logging.ERROR if "FAILED" in subject else logging.INFO
        log.log(level, "%s: %s", subject, " | ".join(text.splitlines()))
