"""The settings that jobs and functions run with, once for both; imports nothing else.

Functions get them as environment variables, Glue jobs as arguments (`--ADMW_...`). None is secret:
the database's password is read from Secrets Manager at run time.
"""

from aws_deploy.compiler.cloudformation import Json, Object, arn, get, ref, sub
from aws_deploy.compiler.names import SECRET, Bucket, Machine, Topic, bucket_id, topic_id
from aws_deploy.compiler.unit import Unit


def settings(unit: Unit) -> Object:
    """Every setting with its value."""
    environment = unit.environment
    machines = {
        machine: arn("states", f"stateMachine:{unit.prefix}-{machine}")
        for machine in (Machine.PRELIMINARY, Machine.FINAL)
    }
    table: dict[str, Json] = {
        "ADMW_MIGRATION": sub(unit.artifacts.migration.uri),
        "ADMW_DATABASE_SECRET": get(SECRET, "Id"),
        "ADMW_DATABASE_TLS": environment.database.tls,
        "ADMW_ALERTS_TOPIC": ref(topic_id(Topic.ALERTS)),
        "ADMW_SUMMARIES_TOPIC": ref(topic_id(Topic.SUMMARIES)),
        "ADMW_PRELIMINARY_MACHINE": machines[Machine.PRELIMINARY],
        "ADMW_FINAL_MACHINE": machines[Machine.FINAL],
        "ADMW_FINAL_STAGE": environment.final_stage,
    }
    if unit.artifacts.authority:
        table["ADMW_DATABASE_CA"] = sub(unit.artifacts.authority.uri)
    table |= {f"ADMW_{bucket.value.upper()}": ref(bucket_id(bucket)) for bucket in Bucket}
    return dict(sorted(table.items()))
