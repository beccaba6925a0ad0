"""The log file of a home; imports the standard library only."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path


def log_to_file(path: Path) -> None:
    """Send everything that ADMW logs to a rotating file (10 MB, three old ones kept)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger("admw_assets")
    if any(isinstance(h, RotatingFileHandler) for h in logger.handlers):
        return
    handler = RotatingFileHandler(path, maxBytes=10_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    )
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
