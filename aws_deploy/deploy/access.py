"""How AWS is reached: profile, region, endpoint; imports boto3."""

from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from aws_deploy.deploy.errors import aws_errors


@dataclass(frozen=True, slots=True)
class Access:
    """Where commands go. The credentials are boto3's business; AWS_ENDPOINT_URL is respected."""

    region: str
    profile: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def client(self, service: str) -> Any:
        """A client, made once; busy answers are tried again, with growing waits."""
        if service not in self._clients:
            with aws_errors("reach AWS"):
                self._clients[service] = self._made(service)
        return self._clients[service]

    def _made(self, service: str) -> Any:
        session = boto3.Session(profile_name=self.profile, region_name=self.region)
        is_lambda = service == "lambda"
        config = Config(
            connect_timeout=10,
            read_timeout=900 if is_lambda else 60,
            retries={"mode": "standard", "max_attempts": 1 if is_lambda else 5},
        )
        return session.client(service, config=config)

    def account(self) -> str:
        """The account's number. Raises DeployError where the credentials are not valid."""
        sts = self.client("sts")
        with aws_errors("find out whose account this is"):
            return sts.get_caller_identity()["Account"]

    @property
    def partition(self) -> str:
        """The first part of every ARN here."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"
