"""The workbench: a migration and its home, opened for looking and trying.

It writes nothing into the home and the database but, on request, a golden case into the migration.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (pandas ships no types, and what pyright infers of it is wrong as often as right)

import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import AdmwError, ConfigurationError
from admw_assets.core.golden_case import find_cases
from admw_assets.core.masking import Fingerprints, Masking, new_fingerprints
from admw_assets.core.personal_columns import personal_columns
from admw_assets.core.ports import Ports
from admw_assets.engines.spark.transform_function import Transform
from admw_assets.runtime.case_making import NewCase, make_cases
from admw_assets.runtime.golden_cases import CaseBench, case_bench
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import VARIABLES, Settings, read_settings
from admw_assets.workbench import overview, reconciliation, trial
from admw_assets.workbench.frames import case_frame
from admw_assets.workbench.reconciliation import Reconciled
from admw_assets.workbench.tolerance import Tolerance
from admw_assets.workbench.trial import Trial

FIRST_RECORDS = 1_000
"""Records of a file that are tried, unless others are asked for."""


@dataclass(slots=True)
class Workbench:
    """One migration with its home; `cases` is a throw-away home and database for trying."""

    settings: Settings
    ports: Ports
    cases: CaseBench
    folder: Path  # for files brought back from the archive
    show_personal: bool = False
    _open: ExitStack = field(default_factory=ExitStack)
    _fingerprints: Fingerprints = field(default_factory=new_fingerprints)

    # ------------------------------------------------------------ files

    def tables(self) -> list[str]:
        """The tables in load order."""
        return [table for wave in self.ports.migration.waves for table in wave]

    def file(self, table: str, name: str | None = None) -> Path:
        """A data file of a table: the one of that name, else the newest.

        It comes from landing, from the archive (brought back into a temporary folder), or where
        there is none yet from the table's first golden case.
        """
        found = self._landed(table) | self._archived(table)
        if name is not None and name not in found:
            known = ", ".join(sorted(found)) or "none"
            raise ConfigurationError(
                f"There is no file {name!r} for table {table!r}. Known: {known}.",
                next_step=f"Put it into {self.settings.landing}.",
            )
        if found:
            newest = max(found, key=lambda n: (parse_data_file_name(n).extracted_at, n))
            place = found[name or newest]
            if parse_data_file_name(name or newest).name == place.name:
                return place
            return self.ports.archiver.restore(str(place), self.folder)
        case = next(iter(find_cases(self.ports.migration, [table])))
        target = self.folder / f"{self.ports.migration.entity_feeding(table)}~20000101.000000.csv"
        shutil.copyfile(case.input, target)
        return target

    def taken_in(self, table: str) -> list[str]:
        """The names of the files of a table that the tracker knows, newest last."""
        wanted = self.ports.migration.table(table).name
        names = {s.file for s in self.ports.tracker.states() if s.table == wanted}
        return sorted(names, key=lambda name: (parse_data_file_name(name).extracted_at, name))

    def _landed(self, table: str) -> dict[str, Path]:
        wanted = self.ports.migration.table(table).name
        found: dict[str, Path] = {}
        for path in self.settings.landing.glob("*~*"):
            try:
                fed = self.ports.migration.tables_fed_by(path.name)
            except AdmwError:  # a stray file in landing is no file of this table
                continue
            if wanted in fed:
                found[path.name] = path
        return found

    def _archived(self, table: str) -> dict[str, Path]:
        names = set(self.taken_in(table))
        return {
            state.file: Path(state.archive)
            for state in self.ports.tracker.states()
            if state.archive and state.file in names
        }

    # ------------------------------------------------------------ transform

    def source(self, table: str) -> str:
        """The text of the table's function in transforms.py, or what stands in its place."""
        return trial.source_of(self.ports.migration, table)

    def current(self, table: str, file: Path) -> Transform:
        """What the pipeline does now, as a function to build a draft upon."""
        return trial.current(self.cases, table, file)

    def try_transform(
        self, table: str, file: Path, draft: Transform | None = None, records: str | None = None
    ) -> Trial:
        """Put records of a file (like `17,23-30`; default: the first 1,000) through the pipeline,
        with a draft in the place of the table's transform."""
        chosen = records or f"1-{FIRST_RECORDS}"
        return trial.try_transform(
            self.cases, self.masking(table, file), table, file, draft, chosen
        )

    def run_cases(self, table: str, draft: Transform | None = None) -> pd.DataFrame:
        """The golden cases of a table, with a draft in the place of its transform: a line for each
        difference, or one for a case that passed."""
        bench = trial.bench_with(self.cases, table, draft)
        return case_frame([bench.run(case) for case in find_cases(self.ports.migration, [table])])

    def save_case(
        self, table: str, file: Path, records: str, name: str, mask: Sequence[str] = ()
    ) -> list[str]:
        """Make a golden case as `admw case new` does; what to look at."""
        made = make_cases(self.settings, NewCase(file, records, table, name, tuple(mask)))
        return [remark for case in made for remark in (str(case.case.folder), *case.remarks)]

    # ------------------------------------------------------------ reconciliation

    def reconcile(self, table: str, file: str | None = None, limit: int = 1_000) -> Reconciled:
        """Hold file, preliminary and final rows against each other, now.

        The file is put through the transform again, so this takes as long as that did. At most
        `limit` rows of either comparison are named.
        """
        names = self.taken_in(table)
        if not names:
            return reconciliation.nothing(self.ports, table)
        name = file or names[-1]
        return reconciliation.reconcile(
            self.ports, self.cases, table, self.file(table, name), self._masking_of(table), limit
        )

    def tolerate(self, differences: pd.DataFrame, tolerances: dict[str, Tolerance]) -> pd.DataFrame:
        """The differences with a column `tolerated`: True where the two values are near enough."""
        return reconciliation.tolerate(differences, tolerances)

    # ------------------------------------------------------------ overview

    def tracker(self) -> pd.DataFrame:
        """Where every stage of every file stands."""
        return overview.tracker_frame(self.ports)

    def summary(self) -> pd.DataFrame:
        """A line for each table: files, records, loaded, rejected, dropped, verdict."""
        return overview.summary_frame(self.ports)

    def rates(self) -> pd.DataFrame:
        """Seconds and rows per second of every step that ended well."""
        return overview.rates_frame(self.ports)

    def open_rejects(self) -> pd.DataFrame:
        """Open rejects by table, stage, rule and column, with an example's message."""
        return overview.rejects_frame(self.ports)

    def failures(self) -> pd.DataFrame:
        """The stages that failed, and what they said."""
        return overview.failures_frame(self.ports)

    # ------------------------------------------------------------

    def masking(self, table: str, file: Path) -> Masking:
        """What may be shown of a file's columns and a table's."""
        migration = self.ports.migration
        opened = self.cases.ports.files.open(str(file), migration.format_of(file.name))
        of_file = personal_columns(migration, file.name, opened.columns)
        return self._hiding(migration.settings(table).pii | of_file)

    def _masking_of(self, table: str) -> Masking:
        return self._hiding(self.ports.migration.settings(table).pii)

    def _hiding(self, columns: frozenset[str]) -> Masking:
        """One value has one mark as long as the workbench is open, so that trials compare."""
        hidden = () if self.show_personal else (name.casefold() for name in columns)
        return Masking(frozenset(hidden), self._fingerprints)

    def close(self) -> None:
        """End Spark and the connections, remove what was temporary."""
        self._open.close()

    def __enter__(self) -> "Workbench":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def open_workbench(
    migration: str | Path | None = None,
    home: str | Path | None = None,
    database_url: str | None = None,
    show_personal: bool = False,
) -> Workbench:
    """Open a migration; what is not given comes from ADMW_MIGRATION, ADMW_HOME, ADMW_DATABASE_URL.

    Without a home it is the nearest `.admw` here or above, or else an empty temporary one. Spark
    starts with the first thing that needs it. Raises ConfigurationError.
    """
    stack = ExitStack()
    with stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="admw-workbench-")))
        if home is None and not os.environ.get(VARIABLES["home"]):
            here = Path.cwd()
            homes = (place / ".admw" for place in (here, *here.parents))
            home = next((place for place in homes if place.is_dir()), folder / "home")
        settings = read_settings(
            os.environ,
            Path(migration).resolve() if migration else None,
            database_url,
            Path(home) if home else None,
        )
        cases = stack.enter_context(case_bench(settings))
        ports = stack.enter_context(open_ports(settings))
        ports = replace(ports, transformer=cases.ports.transformer)
        if settings.database_url == f"sqlite:///{settings.home}/admw.sqlite":
            ports.tables.initialize(ports.migration)  # the embedded one may not be there yet
        return Workbench(settings, ports, cases, folder, show_personal, stack.pop_all())
    raise AssertionError("unreachable")
