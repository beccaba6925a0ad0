#!/usr/bin/env bash
# Create or bring up to date the virtual environment: setup_venv.sh DIR. Run by `make setup`.
# PYTHON names another Python 3.11 than the one that is found.
set -euo pipefail

venv=$1

fail() {
  printf 'make setup: %s\n' "$@" >&2
  exit 1
}

is_311() {
  command -v "$1" > /dev/null 2>&1 &&
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2> /dev/null
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.11 python3}; do
    if is_311 "$candidate"; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  fail "Python 3.11 was not found (looked for: ${PYTHON:-python3.11 python3})." \
    "Install it with: sudo apt-get install python3.11 python3.11-venv" \
    "Where that package does not exist, install Python 3.11 by other means and name it:" \
    "make setup PYTHON=/path/to/python3.11"
}

python=$(find_python)
if ! "$python" -c 'import ensurepip, venv' 2> /dev/null; then
  fail "$python has no venv module." "Install it with: sudo apt-get install python3.11-venv"
fi

if ! is_311 "$venv/bin/python" || ! "$venv/bin/python" -m pip --version > /dev/null 2>&1; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1
log=$venv/setup.log
echo "Installing pinned dependencies into $venv: about 500 MB to download, a few minutes, once."
# pip names every package in several lines: show the large downloads, keep the rest in the log.
if ! "$venv/bin/python" -m pip install --no-compile --require-hashes -r requirements.lock 2>&1 \
  | tee "$log" | { grep --line-buffered -E '^ERROR|^  Downloading .* MB\)' || true; }; then
  fail "pip could not install requirements.lock; its output is in $log." \
    "Run make setup again to go on."
fi
# pip compiles file by file; this takes all cores. Some packages hold templates that are no Python.
"$venv/bin/python" -m compileall -q -j 0 "$venv/lib" > /dev/null 2>&1 || true
if ! "$venv/bin/python" -m pip install --no-deps --editable . >> "$log" 2>&1; then
  fail "pip could not install this project; its output is in $log."
fi
