"""Files for tests/migrations/orders, and what corrects them."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from admw_assets.core.canonical import source_hash
from admw_assets.core.ports import Ports
from admw_assets.core.step import Counts, Stage, StageOutcome
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import Settings
from admw_assets.steps.campaign import plan_tasks, run_tasks
from admw_assets.steps.reject_export import Export, export_rejects
from admw_assets.steps.replay import ReplayOutcome, replay_rejects
from admw_assets.steps.replay_file import open_replay

MIGRATION = Path(__file__).parent / "migrations/orders"
CUSTOMERS = "CUSTOMER~20240101.000000.csv"
ORDERS = "ORDERS~20240101.000000.csv"

Customer = tuple[str, str, str]
"""Id, name, tags."""


def customer_line(customer: Customer, hashed: bool = True) -> str:
    """A record of a CUSTOMER file, with the hash of its texts or with an empty one."""
    texts = [text or None for text in customer]
    return ",".join([*customer, source_hash(texts) if hashed else ""])


def write_customers(folder: Path, customers: Sequence[Customer]) -> Path:
    """A CUSTOMER file; lines end as on Windows."""
    lines = ["id,name,tags,admw_source_hash", *map(customer_line, customers)]
    return _write(folder / CUSTOMERS, lines)


def write_orders(folder: Path, orders: Sequence[tuple[str, str, str]]) -> Path:
    """An ORDERS file: id, customer, amount."""
    return _write(folder / ORDERS, ["id,customer_id,amount", *map(",".join, orders)])


def _write(file: Path, lines: Sequence[str]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes("".join(f"{line}\r\n" for line in lines).encode())
    return file


@dataclass(frozen=True, slots=True)
class Shop:
    """A home with its ports open."""

    settings: Settings
    ports: Ports

    @property
    def landing(self) -> Path:
        return self.settings.landing

    def run(self, name: str, stages: Sequence[Stage] = tuple(Stage)) -> list[StageOutcome]:
        """Bring the landed files through the stages."""
        files = sorted(str(path) for path in self.landing.glob("*~*"))
        return run_tasks(plan_tasks(self.ports.migration, files, stages), self.ports, name)

    def run_again(self, file: str, name: str, restart: bool = False) -> list[StageOutcome]:
        """The same for a file that may be archived."""
        tasks = plan_tasks(self.ports.migration, [str(self.landing / file)], tuple(Stage))
        return run_tasks(tasks, self.ports, name, restart=restart)

    def export(self, file: str, folder: str = "corrections") -> Export:
        """Export the open rejects of a file, of which there are some."""
        done = export_rejects(str(self.landing / file), self.settings.home / folder, self.ports)
        assert done is not None
        return done

    def replay(self, data: Path, name: str) -> ReplayOutcome:
        """Replay corrected records."""
        opened = open_replay(data, None, self.ports)
        return replay_rejects(opened, str(self.landing), self.ports, name)

    def counts(self, file: str, table: str) -> dict[Stage, tuple[int | None, ...]]:
        """Expected, loaded, rejected and dropped by stage, as the tracker has them."""
        found: dict[Stage, tuple[int | None, ...]] = {}
        for stage in Stage:
            state = self.ports.tracker.state(file, table, stage)
            if state is not None:
                assert state.counts.conserved, state
                assert state.counts.mismatched == 0, state
                found[stage] = numbers(state.counts)
        return found


def numbers(counts: Counts) -> tuple[int | None, ...]:
    """Expected, loaded, rejected, dropped."""
    return (counts.expected, counts.loaded, counts.rejected, counts.dropped)


@contextmanager
def open_shop(url: str, home: Path) -> Iterator[Shop]:
    """A home of its own; Spark is the one that is running, or a small one."""
    settings = Settings(MIGRATION, url, home, spark_master="local[2]", spark_memory="1g")
    with open_ports(settings) as ports:
        ports.tables.initialize(ports.migration)
        yield Shop(settings, ports)


def correct(data: Path, corrections: Mapping[str, str]) -> None:
    """Put other lines in the place of lines, which must all be there."""
    content = data.read_bytes().decode()
    for old, new in corrections.items():
        assert f"{old}\r\n" in content, old
        content = content.replace(f"{old}\r\n", f"{new}\r\n" if new else "")
    data.write_bytes(content.encode())


def keep_reasons(reasons: Path, wanted: Callable[[int], bool]) -> None:
    """Delete the lines of other records from a side file."""
    with reasons.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    with reasons.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *(row for row in rows if wanted(int(row[0])))])


def write_replay(folder: Path, file: str, header: str, lines: Mapping[int, str]) -> Path:
    """A file of corrected records with its side file, as an export would be after correction."""
    data = _write(folder / f"{file}.rejects.csv", [header, *(lines[n] for n in sorted(lines))])
    _write(folder / f"{file}.rejects.reasons.csv", ["record,rule", *(f"{n},x" for n in lines)])
    return data
