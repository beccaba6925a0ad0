"""Sessions of roles: whoever acts with one is held to the policies of that role."""

import hashlib
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from ministack.core.responses import get_account_id, get_region
from ministack.services import sts


@dataclass(frozen=True, slots=True)
class RoleSessions:
    """Makes credentials of a role, and clients that use them, against the emulator at `url`."""

    url: str

    def environment(self, role_arn: str, session: str) -> dict[str, str]:
        """The environment variables of a process that acts as the role."""
        role = role_arn.rpartition("/")[2]
        digest = hashlib.sha256(f"{role_arn}:{session}".encode()).hexdigest()
        key, secret, token = f"ASIA{digest[:16].upper()}", digest, f"token-{digest}"
        sts.register_session(
            key,
            {
                "Arn": f"arn:aws:sts::{get_account_id()}:assumed-role/{role}/{session[:64]}",
                "UserId": f"{role}:{session[:64]}",
                "SecretAccessKey": secret,
                "SessionToken": token,
            },
        )
        return {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_SESSION_TOKEN": token,
            "AWS_REGION": get_region(),
            "AWS_DEFAULT_REGION": get_region(),
            "AWS_ENDPOINT_URL": self.url,
        }

    def client(self, service: str, role_arn: str, session: str) -> Any:
        """A boto3 client that acts as the role; nothing is tried twice."""
        credentials = self.environment(role_arn, session)
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=credentials["AWS_REGION"],
            aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=credentials["AWS_SESSION_TOKEN"],
            config=Config(
                read_timeout=900,
                retries={"max_attempts": 0},
                s3={"addressing_style": "path"},
            ),
        )
