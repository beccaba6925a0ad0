#!/usr/bin/env bash
# Create or bring up to date the AWS emulator's environment: setup_rehearsal.sh DIR. Run by
# `make rehearse` and `make test`. PYTHON names another Python 3.11 than that of .venv.
set -euo pipefail

venv=$1
python=${PYTHON:-.venv/bin/python}
stamp=$venv/.requirements

if [ -f "$stamp" ] && cmp -s requirements-rehearsal.lock "$stamp"; then exit 0; fi

echo "Installing the AWS emulator into $venv: about 20 MB to download, once."
rm -rf "$venv"
"$python" -m venv "$venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1
if ! "$venv/bin/python" -m pip install --quiet --require-hashes \
  -r requirements-rehearsal.lock > "$venv/setup.log" 2>&1; then
  echo "pip could not install requirements-rehearsal.lock; its output is in $venv/setup.log." >&2
  exit 1
fi
cp requirements-rehearsal.lock "$stamp"
