#!/usr/bin/env bash
# Run the Spark tests on the Spark of Glue 6.0, in an environment of its own: try_spark4.sh DIR.
# Run by `make spark4`; says what would break there.
set -euo pipefail

venv=$1
python=${PYTHON:-.venv/bin/python}
wanted=$venv/.requirements

mkdir -p "$venv"
# The pinned versions, with another Spark; hashes are left out, as those of this Spark are not known.
{
  grep -oE '^[A-Za-z0-9_.-]+(\[[a-z,-]+\])?==[^ ;]+' requirements.lock | grep -vE '^(pyspark|py4j)=='
  echo "pyspark==4.1.1"
} > "$venv/requirements.new"

if ! cmp -s "$venv/requirements.new" "$wanted"; then
  echo "Installing Spark 4.1.1 into $venv: about 450 MB to download, once."
  "$python" -m venv "$venv"
  if ! "$venv/bin/python" -m pip install --quiet -r "$venv/requirements.new" > "$venv/setup.log" 2>&1; then
    echo "pip could not install Spark 4.1.1; its output is in $venv/setup.log." >&2
    exit 1
  fi
  mv "$venv/requirements.new" "$wanted"
fi

# Spark 4 starts its JVM with an incubator module, and Java says so on the terminal: the tests of a
# silent start are left out.
PYTHONPATH=. "$venv/bin/python" -m pytest -q -p no:cacheprovider tests/engines/spark \
  --ignore tests/engines/spark/test_class_archive.py \
  --deselect tests/engines/spark/test_session.py::test_start_is_silent_and_leaves_nothing_behind
