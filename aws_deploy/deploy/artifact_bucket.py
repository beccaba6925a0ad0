"""The bucket of artifacts, outside of the stack that reads from it; imports botocore.

Keys say the content's hash, so an artifact that is there is the right one, and an older stack can
be deployed again from what is still there.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from aws_deploy.deploy.access import Access
from aws_deploy.deploy.errors import DeployError, aws_errors

LARGEST_BODY = 51_200
"""Bytes of a template that may come with the request (CloudFormation quotas); else TemplateURL."""


@dataclass(frozen=True, slots=True)
class ArtifactBucket:
    """One environment's artifacts."""

    access: Access
    name: str

    def exists(self) -> bool:
        """Whether it is there. Raises DeployError where it belongs to somebody else."""
        s3 = self.access.client("s3")
        with aws_errors(f"look at the bucket {self.name}"):
            try:
                s3.head_bucket(Bucket=self.name)
            except ClientError as err:
                status = err.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
                if status == 404:
                    return False
                if status == 403:
                    raise DeployError(
                        f"The bucket {self.name} belongs to another account, or may not be read.",
                        next_step="Choose another prefix in environments.yaml, or have "
                        "s3:ListBucket allowed.",
                    ) from err
                raise
        return True

    def ensure(self) -> None:
        """Create it where it is missing: private, encrypted, with versions."""
        s3 = self.access.client("s3")
        if self.exists():
            return
        place = {"LocationConstraint": self.access.region}
        with aws_errors(f"create the bucket {self.name}"):
            if self.access.region == "us-east-1":  # which must not be named (CreateBucket)
                s3.create_bucket(Bucket=self.name)
            else:
                s3.create_bucket(Bucket=self.name, CreateBucketConfiguration=place)
            s3.put_bucket_versioning(
                Bucket=self.name, VersioningConfiguration={"Status": "Enabled"}
            )
            s3.put_public_access_block(
                Bucket=self.name,
                PublicAccessBlockConfiguration={
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
            )

    def upload(self, artifacts: Mapping[str, Path]) -> list[str]:
        """Upload what is not there yet; returns the keys of that."""
        s3 = self.access.client("s3")
        missing = [key for key in sorted(artifacts) if not self._holds(key)]
        for key in missing:
            with aws_errors(f"upload {key} to {self.name}"):
                s3.upload_file(str(artifacts[key]), self.name, key)
        return missing

    def upload_template(self, body: str) -> str:
        """Keep a template that is too large for a request; returns its URL."""
        s3 = self.access.client("s3")
        key = f"templates/{hashlib.sha256(body.encode()).hexdigest()[:16]}/template.json"
        if not self._holds(key):
            with aws_errors(f"upload the template to {self.name}"):
                s3.put_object(Bucket=self.name, Key=key, Body=body.encode())
        endpoint = s3.meta.endpoint_url
        if endpoint.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            scheme, _, host = endpoint.partition("://")
            return f"{scheme}://{self.name}.{host}/{key}"
        return f"{endpoint}/{self.name}/{key}"

    def _holds(self, key: str) -> bool:
        s3 = self.access.client("s3")
        with aws_errors(f"look into the bucket {self.name}"):
            try:
                s3.head_object(Bucket=self.name, Key=key)
            except ClientError as err:
                if err.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
                    return False
                raise
        return True
