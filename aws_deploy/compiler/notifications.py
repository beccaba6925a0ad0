"""SNS topics with their subscribers, and the queue of what could not be delivered.

The topics' key is the stack's own: CloudWatch alarms cannot publish to a topic under the key that
AWS manages (AmazonCloudWatch/latest/monitoring, "Notifying users on alarm changes").
"""

from aws_deploy.compiler.cloudformation import Json, Object, Resources, get, ref, resource, sub
from aws_deploy.compiler.events import rule_arns
from aws_deploy.compiler.names import QUEUE, Topic, logical, topic_id
from aws_deploy.compiler.unit import Unit

TITLES = {Topic.ALERTS: "ADMW alerts", Topic.SUMMARIES: "ADMW summaries"}
KEPT_SECONDS = 14 * 24 * 3600


def notifications(unit: Unit) -> Resources:
    """Key, topics, subscriptions, queue."""
    wanted = unit.environment.notifications
    subscribers = {Topic.ALERTS: wanted.alerts, Topic.SUMMARIES: wanted.summaries}
    resources: Resources = {"TopicKey": _key(unit), **_queue(unit)}
    for topic, addresses in subscribers.items():
        name = topic_id(topic)
        resources[name] = resource(
            "SNS::Topic",
            {
                "TopicName": f"{unit.prefix}-{topic}",
                "DisplayName": TITLES[topic],
                "KmsMasterKeyId": ref("TopicKey"),
            },
        )
        resources[f"{name}Policy"] = _topic_policy(name)
        for number, address in enumerate(sorted(set(addresses)), start=1):
            resources[logical(topic, f"Subscriber{number}")] = resource(
                "SNS::Subscription",
                {"TopicArn": ref(name), "Protocol": "email", "Endpoint": address},
            )
    return resources


def _key(unit: Unit) -> Object:
    account = sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
    return resource(
        "KMS::Key",
        {
            "Description": f"Messages of {unit.prefix} on their way to subscribers.",
            "EnableKeyRotation": True,
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Account",
                        "Effect": "Allow",
                        "Principal": {"AWS": account},
                        "Action": "kms:*",
                        "Resource": "*",
                    },
                    {
                        "Sid": "Alarms",
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Resource": "*",
                        "Condition": _from_here(),
                    },
                ],
            },
        },
    )


def _topic_policy(topic: str) -> Object:
    return resource(
        "SNS::TopicPolicy",
        {
            "Topics": [ref(topic)],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Alarms",
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": ref(topic),
                        "Condition": _from_here(),
                    },
                    {
                        "Sid": "OnlyEncryptedConnections",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "sns:Publish",
                        "Resource": ref(topic),
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            },
        },
    )


def _queue(unit: Unit) -> Resources:
    rules: list[Json] = [*rule_arns(unit)]
    return {
        QUEUE: resource(
            "SQS::Queue",
            {
                "QueueName": f"{unit.prefix}-undelivered",
                "MessageRetentionPeriod": KEPT_SECONDS,
                "SqsManagedSseEnabled": True,
            },
        ),
        f"{QUEUE}Policy": resource(
            "SQS::QueuePolicy",
            {
                "Queues": [ref(QUEUE)],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "Rules",
                            "Effect": "Allow",
                            "Principal": {"Service": "events.amazonaws.com"},
                            "Action": "sqs:SendMessage",
                            "Resource": get(QUEUE),
                            "Condition": {"ArnEquals": {"aws:SourceArn": rules}},
                        }
                    ],
                },
            },
        ),
    }


def _from_here() -> Object:
    return {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}}
