"""The notebooks: committed as they are generated, and run from the first cell to the last."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from admw_assets.core.migration_folder import load_migration
from admw_assets.runtime.new_migration import NewMigration, new_migration
from admw_assets.runtime.settings import SHIPPED_MIGRATION, Settings
from admw_assets.scaffold.notebooks import Subject, notebooks
from tests.workbench.notebook_run import Kernel, output_texts

REPOSITORY = Path(__file__).parents[2]
NAMES = ("transform_workbench", "reconciliation_workbench", "migration_overview")
SUBJECT = Subject("customer", "city", "product", folder=None)
SPARK = {"ADMW_SPARK_MASTER": "local[2]", "ADMW_SPARK_MEMORY": "1g"}
MUSEUM = REPOSITORY / "tests/scaffold/museum.sql"


def test_shipped_notebooks_are_those_of_the_templates() -> None:
    """ADMW_REGENERATE=1 writes them anew after a change of the templates."""
    made = notebooks(load_migration(SHIPPED_MIGRATION), SUBJECT)
    assert set(made) == {f"notebooks/{name}.ipynb" for name in NAMES}
    for path, text in made.items():
        if os.environ.get("ADMW_REGENERATE"):
            (REPOSITORY / path).write_text(text, encoding="utf-8")
        assert (REPOSITORY / path).read_text(encoding="utf-8") == text


def test_no_committed_notebook_has_outputs() -> None:
    paths = [path for path in REPOSITORY.glob("notebooks/**/*.ipynb") if "." not in path.parts[-2]]
    assert paths
    stripped = [sys.executable, "-m", "nbstripout", "--verify", *map(str, paths)]
    done = subprocess.run(stripped, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_shipped_notebook_runs_on_a_home_with_something_to_see(
    name: str, kernel: Kernel, demo_home: Settings
) -> None:
    document = kernel.run(
        REPOSITORY / f"notebooks/{name}.ipynb", SPARK | {"ADMW_HOME": str(demo_home.home)}
    )
    told = "\n".join(output_texts(document))
    for said in {
        "transform_workbench": ("CUSTOMER~", "customer/local_time", "differs", "not_null"),
        "reconciliation_workbench": ("PRODUCT~", "shifted by +1 h", "all upper case", "final"),
        "migration_overview": ("product_secondary_category", "rejects", "archive"),
    }[name]:
        assert said in told
    page = _page(document)
    assert "<table" in page
    assert page.count("data:image/png") == (4 if name == "migration_overview" else 0)
    assert not [value for value in _personal_values(demo_home) if value in page]


@pytest.mark.spark
@pytest.mark.slow
def test_generated_notebooks_run_before_any_file_has_come(kernel: Kernel, tmp_path: Path) -> None:
    root = tmp_path / "museum"
    new_migration(NewMigration(root, MUSEUM))
    before = sorted(root.rglob("*"))
    told = {
        name: "\n".join(output_texts(kernel.run(root / f"notebooks/{name}.ipynb", SPARK)))
        for name in NAMES
    }
    assert sorted(root.rglob("*")) == before
    assert "first_look" in told["transform_workbench"]
    assert "nothing yet" in told["reconciliation_workbench"]
    assert "no files" in told["migration_overview"]


def _page(document: NotebookNode) -> str:
    page, _ = HTMLExporter().from_notebook_node(document)
    return page


def _personal_values(home: Settings) -> set[str]:
    """E-mail addresses and birthdays of the customers, from the final table's file."""
    with sqlite3.connect(home.home / "admw.sqlite") as connection:
        rows = connection.execute("SELECT email, birth_date, phone FROM customer").fetchall()
    return {str(value) for row in rows for value in row if value and len(str(value)) > 7}
