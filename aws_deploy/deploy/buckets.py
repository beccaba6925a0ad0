"""Empties and removes buckets, every version of every object; imports botocore."""

from botocore.exceptions import ClientError

from aws_deploy.deploy.access import Access
from aws_deploy.deploy.errors import DeployError, aws_errors


def empty_bucket(access: Access, name: str) -> None:
    """Delete all objects with all their versions. A bucket that is not there counts as empty."""
    s3 = access.client("s3")
    with aws_errors(f"empty the bucket {name}"):
        try:
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
                objects = [
                    {"Key": each["Key"], "VersionId": each["VersionId"]}
                    for kind in ("Versions", "DeleteMarkers")
                    for each in page.get(kind, ())
                ]
                if not objects:
                    continue
                answer = s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
                if failed := answer.get("Errors"):
                    raise DeployError(
                        f"{name}/{failed[0]['Key']} cannot be deleted: {failed[0].get('Message')}",
                        next_step="Have s3:DeleteObjectVersion allowed, then destroy again.",
                    )
        except ClientError as err:
            if err.response["Error"]["Code"] != "NoSuchBucket":
                raise


def remove_bucket(access: Access, name: str) -> None:
    """Empty a bucket and delete it."""
    empty_bucket(access, name)
    s3 = access.client("s3")
    with aws_errors(f"delete the bucket {name}"):
        try:
            s3.delete_bucket(Bucket=name)
        except ClientError as err:
            if err.response["Error"]["Code"] != "NoSuchBucket":
                raise
