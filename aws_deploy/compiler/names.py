"""What everything is called, in the template and in the account; imports core only.

A name in the account begins with the environment's prefix and says stage and step, so that lists in
the console are readable; a logical id in the template says the same in its own spelling.
"""

from enum import StrEnum

from admw_assets.core.step import Stage, StepKind


class Bucket(StrEnum):
    """The buckets of the stack; artifacts lie in one outside of it."""

    LANDING = "landing"
    STAGING = "staging"
    ARCHIVE = "archive"
    REPORTS = "reports"


class Function(StrEnum):
    """The Lambda functions beside those of steps."""

    START = "start"
    TRACKER = "tracker"
    DB_INIT = "db-init"


class Machine(StrEnum):
    """The state machines."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    MIGRATION = "migration"


class Topic(StrEnum):
    """The SNS topics."""

    ALERTS = "alerts"
    SUMMARIES = "summaries"


SECRET = "DatabaseSecret"
QUEUE = "UndeliveredEvents"
LAYER = "DependenciesLayer"
CONNECTION = "GlueConnection"


def logical(*words: str) -> str:
    """A logical id: `logical("final", "db-init", "Role")` is `FinalDbInitRole`."""
    parts = [part for word in words for part in word.replace("_", "-").split("-")]
    return "".join(part[:1].upper() + part[1:] for part in parts)


def step_name(prefix: str, stage: Stage, step: StepKind) -> str:
    """The name of a step's Glue job and of its Lambda function."""
    return f"{prefix}-{stage}-{step}"


def bucket_name(prefix: str, bucket: Bucket) -> str:
    """A bucket's name, for Fn::Sub: names of buckets are taken world-wide."""
    return f"{prefix}-{bucket}-${{AWS::AccountId}}-${{AWS::Region}}"


def machine_id(machine: Machine) -> str:
    """A state machine's logical id, which is also its output's name."""
    return logical(machine, "StateMachine")


def function_id(*words: str) -> str:
    """A function's logical id."""
    return logical(*words, "Function")


def topic_id(topic: Topic) -> str:
    """A topic's logical id, which is also its output's name."""
    return logical(topic, "Topic")


def bucket_id(bucket: Bucket) -> str:
    """A bucket's logical id, which is also its output's name."""
    return logical(bucket, "Bucket")
