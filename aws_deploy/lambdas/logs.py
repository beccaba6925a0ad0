"""What functions log; standard library only."""

import logging

CHATTY = ("boto3", "botocore", "s3transfer", "urllib3")


def log_to_cloudwatch() -> None:
    """Let ADMW's own lines pass the runtime's handler from INFO on, others from WARNING on."""
    logging.getLogger().setLevel(logging.INFO)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
