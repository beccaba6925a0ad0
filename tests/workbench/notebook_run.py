"""Executes notebooks as JupyterLab would, several in one kernel so that Spark starts once."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

SECONDS = 300  # for one cell


@dataclass(frozen=True, slots=True)
class Kernel:
    """A running kernel."""

    manager: KernelManager

    def run(self, notebook: Path, variables: Mapping[str, str]) -> NotebookNode:
        """The notebook with its outputs; raises nbclient's CellExecutionError.

        `variables` of ADMW take the place of all others in the kernel's environment.
        """
        document = nbformat.read(notebook, as_version=4)
        start = new_code_cell(
            "%reset -f\nimport os\n"
            f"os.chdir({str(notebook.parent)!r})\n"
            "for name in [n for n in os.environ if n.startswith('ADMW_')]: del os.environ[name]\n"
            f"os.environ.update({dict(variables)!r})"
        )
        document.cells.insert(0, start)
        client = NotebookClient(document, timeout=SECONDS, km=self.manager)
        client.execute(cleanup_kc=False)
        del document.cells[0]
        return document


@contextmanager
def running_kernel() -> Iterator[Kernel]:
    """A Python kernel on local sockets in a folder of its own; it ends with the block."""
    root = str(Path(__file__).parents[2])
    with tempfile.TemporaryDirectory(prefix="admw-kernel-") as sockets:
        manager = KernelManager(kernel_name="python3", transport="ipc", ip=f"{sockets}/kernel")
        manager.start_kernel(env=os.environ | {"PYTHONPATH": root})
        try:
            yield Kernel(manager)
        finally:
            manager.shutdown_kernel(now=True)


def output_texts(document: NotebookNode) -> list[str]:
    """For each code cell what it shows, as text."""
    return [
        "".join(
            output.get("text") or output.get("data", {}).get("text/plain", "")
            for output in cell.outputs
        )
        for cell in document.cells
        if cell.cell_type == "code"
    ]
