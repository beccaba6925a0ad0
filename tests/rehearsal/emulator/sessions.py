"""Sessions of roles: whoever acts with one is held to the policies of that role."""

import hashlib
import threading
from dataclasses import dataclass
from functools import cache
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
        told = {
            "Arn": f"arn:aws:sts::{get_account_id()}:assumed-role/{role}/{session[:64]}",
            "UserId": f"{role}:{session[:64]}",
            "SecretAccessKey": secret,
            "SessionToken": token,
        }
        with _one_at_a_time:
            sts.register_session(key, told)
        return {
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_SESSION_TOKEN": token,
            "AWS_REGION": get_region(),
            "AWS_DEFAULT_REGION": get_region(),
            "AWS_ENDPOINT_URL": self.url,
        }

    def client(self, service: str, role_arn: str, session: str) -> Any:
        """A boto3 client that acts as the role, the same at each call; nothing is tried twice."""
        credentials = self.environment(role_arn, session)
        with _one_at_a_time:
            return _client(service, *(credentials[name] for name in _PARAMETERS))


_PARAMETERS = (
    "AWS_ENDPOINT_URL",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
# Neither ministack's sessions nor boto3's own session stand two threads at once.
_one_at_a_time = threading.Lock()


@cache
def _client(service: str, url: str, region: str, key: str, secret: str, token: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(
            read_timeout=900,
            max_pool_connections=32,
            retries={"max_attempts": 0},
            s3={"addressing_style": "path"},
        ),
    )
