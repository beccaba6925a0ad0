"""The resource that gives ops their ports: opened for a run, Spark only when a step needs it."""

import os
import threading
from contextlib import ExitStack
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from admw_assets.core.ports import Ports
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.log_file import log_to_file
from admw_assets.runtime.settings import Settings, read_settings


class AdmwResource(dg.ConfigurableResource[None]):
    """Where ADMW works; what is empty comes from the environment (ADMW_HOME, ...).

    With the in-process executor all ops of a run share one instance, and so one Spark and one
    pool of connections; both end with the run.
    """

    migration: str = ""
    database_url: str = ""
    home: str = ""

    _opened: Ports | None = PrivateAttr(default=None)
    _until_end: ExitStack = PrivateAttr(default_factory=ExitStack)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    def settings(self) -> Settings:
        """The settings that the ports are opened with."""
        return read_settings(
            os.environ,
            Path(self.migration) if self.migration else None,
            self.database_url or None,
            Path(self.home) if self.home else None,
        )

    def ports(self) -> Ports:
        """The ports of this run, with all tables created; raises what opening them raises."""
        with self._lock:
            if self._opened is None:
                settings = self.settings()
                log_to_file(settings.log_file)
                ports = self._until_end.enter_context(open_ports(settings))
                ports.tables.initialize(ports.migration)
                self._opened = ports
            return self._opened

    def location_of(self, file: str) -> str:
        """Where a data file lies as long as it is not archived."""
        return str(self.settings().landing / file)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Close what the run has opened."""
        self._opened = None
        self._until_end.close()
