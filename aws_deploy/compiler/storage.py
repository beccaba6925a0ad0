"""The buckets: encrypted, private, TLS only, with versions and lifecycles; imports nothing else.

The bucket of artifacts is made by the deployment, before the stack that reads from it.
"""

from aws_deploy.compiler.cloudformation import (
    Json,
    Object,
    Resources,
    bucket_arn,
    ref,
    resource,
    sub,
)
from aws_deploy.compiler.names import Bucket, bucket_id, bucket_name, logical
from aws_deploy.compiler.unit import Unit
from aws_deploy.environment import RetentionSettings

KEPT = (Bucket.LANDING, Bucket.ARCHIVE, Bucket.REPORTS)
"""These outlive the stack, and keep replaced and deleted versions for a while."""


def storage(unit: Unit) -> Resources:
    """Every bucket with its policy."""
    resources: Resources = {}
    for bucket in Bucket:
        resources[bucket_id(bucket)] = _bucket(unit, bucket)
        resources[logical(bucket, "BucketPolicy")] = _policy(unit, bucket)
    return resources


def _bucket(unit: Unit, bucket: Bucket) -> Object:
    kept = bucket in KEPT
    properties: Object = {
        "BucketName": sub(bucket_name(unit.prefix, bucket)),
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            ]
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "LifecycleConfiguration": {"Rules": _lifecycle(unit.environment.retention, bucket)},
    }
    if kept:
        properties["VersioningConfiguration"] = {"Status": "Enabled"}
    if bucket is Bucket.LANDING:
        properties["NotificationConfiguration"] = {
            "EventBridgeConfiguration": {"EventBridgeEnabled": True}
        }
    after = "Retain" if kept else "Delete"
    return resource("S3::Bucket", properties, DeletionPolicy=after, UpdateReplacePolicy="Retain")


def _lifecycle(days: RetentionSettings, bucket: Bucket) -> list[Json]:
    rules: list[Json] = [
        {
            "Id": "abandoned-uploads",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
        }
    ]
    if bucket in KEPT:
        rules.append(
            {
                "Id": "replaced-versions",
                "Status": "Enabled",
                "NoncurrentVersionExpiration": {"NoncurrentDays": days.replaced_versions},
            }
        )
    if bucket is Bucket.STAGING:
        rules.append({"Id": "staged", "Status": "Enabled", "ExpirationInDays": days.staging})
    if bucket is Bucket.ARCHIVE:
        rules.append(
            {
                "Id": "seldom-read",
                "Status": "Enabled",
                "Transitions": [
                    {
                        "StorageClass": "GLACIER_IR",
                        "TransitionInDays": days.archive_to_glacier,
                    }
                ],
            }
        )
    return rules


def _policy(unit: Unit, bucket: Bucket) -> Object:
    name = bucket_name(unit.prefix, bucket)
    return resource(
        "S3::BucketPolicy",
        {
            "Bucket": ref(bucket_id(bucket)),
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "OnlyEncryptedConnections",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": [bucket_arn(name), bucket_arn(name, "/*")],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    )
