"""What AWS refuses, in words with a next step; imports botocore and core."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from admw_assets.core.errors import AdmwError

SIGN_IN = "Sign in again (`aws sso login`), or give another profile with --profile."

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
}
_EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_ACTION = re.compile(r"perform:?\s+([a-z0-9-]+:\w+)(?:.*?on resource:?\s+(\S+))?")


class DeployError(AdmwError):
    """A deployment, or a command to one, cannot go on."""


class StackFailed(DeployError):
    """CloudFormation did not come to a good end; it has rolled back what it could."""


@contextmanager
def aws_errors(doing: str) -> Iterator[None]:
    """Turn what AWS answers into a DeployError; `doing` completes "Could not ..."."""
    try:
        yield
    except ClientError as err:
        raise _refused(doing, err) from err
    except (NoCredentialsError, PartialCredentialsError) as err:
        raise DeployError(
            f"Could not {doing}: there are no AWS credentials.",
            next_step="Sign in (`aws sso login`, `aws configure`), or name a profile with "
            "--profile.",
        ) from err
    except ProfileNotFound as err:
        raise DeployError(
            f"Could not {doing}: {err}.", next_step="`aws configure list-profiles` names them."
        ) from err
    except (TokenRetrievalError, UnauthorizedSSOTokenError) as err:
        raise DeployError(
            f"Could not {doing}: the sign-in has expired.", next_step=SIGN_IN
        ) from err
    except EndpointConnectionError as err:
        raise DeployError(
            f"Could not {doing}: {err}",
            next_step="Look at the network, at --region and at AWS_ENDPOINT_URL.",
        ) from err
    except BotoCoreError as err:
        raise DeployError(f"Could not {doing}: {err}") from err


def _refused(doing: str, err: ClientError) -> DeployError:
    code = err.response["Error"].get("Code", "")
    message = err.response["Error"].get("Message", "")
    if code in _EXPIRED:
        return DeployError(
            f"Could not {doing}: the credentials have expired or are not valid ({code}).",
            next_step=SIGN_IN,
        )
    if code in _DENIED or "not authorized to perform" in message:
        found = _ACTION.search(message)
        what = f"{found[1]}{f' on {found[2]}' if found[2] else ''}" if found else err.operation_name
        return DeployError(
            f"Could not {doing}: these credentials may not do {what}.",
            next_step="Have it allowed for your role, or give another profile with --profile.",
        )
    return DeployError(f"Could not {doing}: {message or code}")
