"""Mails by SNS (port Notifier); imports core and botocore."""

import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from admw_assets.core.errors import ConfigurationError, TransientError

log = logging.getLogger(__name__)

MOST_SUBJECT = 99
"""Characters: SNS takes fewer than 100, ASCII without line ends (Publish, SNS API reference)."""
MOST_TEXT = 1000
"""Characters that a mail may have here, so that a person reads all of it."""
_CUT = " …"
_AGAIN = {"Throttled", "Throttling", "ThrottlingException", "InternalError", "KMSThrottling"}


class SnsNotifier:
    """Publishes to one topic; `client` is a boto3 client that retries by itself."""

    def __init__(self, client: Any, topic: str) -> None:
        self._client = client
        self._topic = topic

    def notify(self, subject: str, text: str) -> None:
        """Publish a mail, cut to what SNS and a reader take.

        Raises TransientError where SNS asks to slow down for too long, ConfigurationError where
        the topic is not there or may not be used.
        """
        try:
            self._client.publish(
                TopicArn=self._topic, Subject=fitting_subject(subject), Message=fitting_text(text)
            )
        except ClientError as err:
            code = str(err.response.get("Error", {}).get("Code", ""))
            if code in _AGAIN:
                raise TransientError(f"SNS is busy: {code}.", next_step="Start again.") from err
            raise ConfigurationError(
                f"Nothing can be published to {self._topic}: {code}.",
                next_step="Check that the topic exists and that the role may publish to it.",
            ) from err
        except BotoCoreError as err:
            raise TransientError(
                f"SNS cannot be reached: {err}.", next_step="Start again."
            ) from err


def fitting_subject(subject: str) -> str:
    """The subject in one line of ASCII, cut where it is too long."""
    line = " ".join(subject.split()).encode("ascii", "replace").decode()
    return line if len(line) <= MOST_SUBJECT else line[: MOST_SUBJECT - 3] + "..."


def fitting_text(text: str) -> str:
    """The text, cut at the end of a line or word where it is too long."""
    if len(text) <= MOST_TEXT:
        return text or "(no text)"
    cut = text[: MOST_TEXT - len(_CUT)]
    end = max(cut.rfind("\n"), cut.rfind(" "))
    return (cut[:end] if end > MOST_TEXT // 2 else cut) + _CUT
