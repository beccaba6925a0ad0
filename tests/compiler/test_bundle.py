"""The artifacts: reproducible, small, complete, without Spark and Dagster."""

import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from admw_assets.core.errors import ConfigurationError
from aws_deploy.compiler.artifacts import Artifacts
from aws_deploy.compiler.bundle import BUILD, LIBRARIES, build_artifacts
from aws_deploy.compiler.lock_file import closure, read_lock
from aws_deploy.environment import load_environment

PROJECT = Path(__file__).parents[2]
LARGEST_UNZIPPED = 250 * 1024 * 1024
"""Code and layers together (lambda/latest/dg/gettingstarted-limits)."""

HANDLERS = ("start", "tracker", "step", "db_init")
IMPORTED = """
import importlib, sys, time
begun = time.process_time()
handler = importlib.import_module("aws_deploy.lambdas." + sys.argv[1]).handler
import admw_assets.runtime.aws
print(time.process_time() - begun)
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"pyspark", "dagster", "py4j"}))
"""


@pytest.fixture(scope="module")
def artifacts() -> Artifacts:
    return build_artifacts(load_environment("dev"))


@pytest.fixture(scope="module")
def unpacked(artifacts: Artifacts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a function sees: its code in /var/task, its layer in /opt/python."""
    folder = tmp_path_factory.mktemp("lambda")
    for made in (artifacts.functions, artifacts.layer):
        with zipfile.ZipFile(made.source) as archive:
            archive.extractall(folder)
    return folder


@pytest.mark.slow
def test_the_same_sources_give_the_same_bytes(artifacts: Artifacts, tmp_path: Path) -> None:
    for fetched in BUILD.glob("libraries-*"):  # the layer is zipped anew, but not fetched anew
        shutil.copytree(
            fetched, tmp_path / fetched.name, ignore=shutil.ignore_patterns("dependencies.zip")
        )
    again = build_artifacts(load_environment("dev"), tmp_path)
    assert [made.key for made in again.all()] == [made.key for made in artifacts.all()]


@pytest.mark.slow
def test_code_and_layer_fit_into_lambda_and_hold_no_spark_and_no_dagster(
    artifacts: Artifacts,
) -> None:
    names: list[str] = []
    size = 0
    for made in (artifacts.functions, artifacts.layer):
        with zipfile.ZipFile(made.source) as archive:
            names += archive.namelist()
            size += sum(entry.file_size for entry in archive.infolist())
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert size < LARGEST_UNZIPPED
    assert artifacts.functions.source.stat().st_size < 1_000_000
    tops = {name.removeprefix("python/").partition("/")[0] for name in names}
    assert not {"pyspark", "dagster", "py4j", "boto3"} & tops
    assert {"numpy", "pymysql", "zstandard", "admw_assets", "aws_deploy"} <= tops
    assert not [name for name in names if "engines/spark" in name or "/defs/" in name]


@pytest.mark.slow
@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_is_there_within_a_second_without_spark_and_dagster(
    unpacked: Path, handler: str
) -> None:
    def seconds() -> float:
        paths = f"import sys; sys.path[:0] = [{str(unpacked)!r}, {str(unpacked / 'python')!r}]\n"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", paths + IMPORTED, handler],
            capture_output=True,
            text=True,
            cwd=unpacked,
        )
        assert done.returncode == 0, done.stderr
        taken, unwanted = done.stdout.split("\n")[:2]
        assert unwanted == ""
        return float(taken)

    assert min(seconds() for _ in range(3)) < 1


@pytest.mark.slow
def test_everything_that_the_steps_need_is_in_the_layer(unpacked: Path) -> None:
    """All modules of the bundle import with nothing but the bundle (and boto3, the runtime's)."""
    modules = [
        path.relative_to(unpacked).with_suffix("").as_posix().replace("/", ".")
        for path in sorted((unpacked / "admw_assets").rglob("*.py"))
        if path.name != "__init__.py"
    ]
    code = f"""
import importlib, sys
sys.path[:0] = [{str(unpacked)!r}, {str(unpacked / "python")!r}]
for name in {modules!r}:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as err:
        if err.name.partition(".")[0] not in ("boto3", "botocore"):
            print(name, err)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, cwd=unpacked
    )
    assert done.returncode == 0, done.stderr
    # `admw new` alone: what makes migrations stays where migrations are made.
    assert {line.partition(" ")[0] for line in done.stdout.splitlines()} <= {
        "admw_assets.runtime.new_migration"
    }


@pytest.mark.slow
def test_glue_gets_the_project_and_wheels_of_the_locked_versions(artifacts: Artifacts) -> None:
    with zipfile.ZipFile(artifacts.project.source) as wheel:
        names = wheel.namelist()
    assert "glue_entrypoints/run_step.py" in names
    assert "admw_assets/engines/spark/transformer.py" in names
    lock = read_lock(PROJECT / "requirements.lock")
    versions = {name.replace("-", "_"): pinned.version for name, pinned in lock.items()}
    for wheel in artifacts.wheels:
        name, version = wheel.name.split("-")[:2]
        assert versions[name.lower()] == version
    assert not any(wheel.name.startswith(("numpy", "pyspark")) for wheel in artifacts.wheels)


def test_the_lock_says_what_a_package_needs() -> None:
    lock = read_lock(PROJECT / "requirements.lock")
    names = {pinned.name for pinned in closure(lock, LIBRARIES)}
    assert {"pydantic-core", "markupsafe", "cffi", "typing-extensions"} <= names
    assert not {"dagster", "pyspark", "rich", "faker"} & names
    with pytest.raises(ConfigurationError, match="'left-pad'"):
        closure(lock, ["left-pad"])


def test_a_zip_holds_the_same_bytes_in_whatever_order(tmp_path: Path) -> None:
    from aws_deploy.compiler.archive import write_zip

    entries = [("b.txt", b"2"), ("a.txt", b"1")]
    one = write_zip(tmp_path / "one.zip", entries).read_bytes()
    other = write_zip(tmp_path / "other.zip", reversed(entries)).read_bytes()
    assert one == other
    assert zipfile.ZipFile(io.BytesIO(one)).namelist() == ["a.txt", "b.txt"]
