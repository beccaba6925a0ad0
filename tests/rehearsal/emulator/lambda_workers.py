"""Functions start sooner: their code is unpacked once, and few of them run at a time.

Stock ministack unpacks code and layers for each of its workers and starts a worker for each call
that comes meanwhile, as AWS does with machines enough.
"""

import hashlib
import tempfile
import threading
import types
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

_unpacking = threading.Lock()
_CACHE = Path(tempfile.gettempdir()) / "functions"


class _SharedZip(zipfile.ZipFile):
    """Unpacks into a folder that is shared by all who ask for the same bytes."""

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        target = Path(path)
        with Path(str(self.filename)).open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()[:16]
        shared = _CACHE / digest
        with _unpacking:
            if not shared.exists():
                _CACHE.mkdir(exist_ok=True)
                being_made = Path(tempfile.mkdtemp(dir=_CACHE))
                super().extractall(being_made, members, pwd)
                being_made.rename(shared)
        target.rmdir()
        target.symlink_to(shared)


def install(calls_at_once: int) -> None:
    """Share what is unpacked; let calls of one function wait for each other."""
    lambda_runtime.zipfile = types.SimpleNamespace(
        ZipFile=_SharedZip,
        BadZipFile=zipfile.BadZipFile,
        LargeZipFile=zipfile.LargeZipFile,
        LargeFileError=zipfile.LargeZipFile,
    )
    slots: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(calls_at_once))
    stock_execute = lambda_svc._execute_function_warm

    def execute(function: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        configuration = function.get("config") or function
        with slots[configuration["FunctionName"]]:
            return stock_execute(function, *args, **kwargs)

    lambda_svc._execute_function_warm = execute
