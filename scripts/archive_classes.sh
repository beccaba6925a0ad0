#!/usr/bin/env bash
# Archive the classes that Spark loads, so that it starts sooner: archive_classes.sh DIR, with the
# virtual environment in DIR. Run by `make setup`. Where it cannot be done, all works without.
set -euo pipefail

venv=$1
mapfile -t found < <("$venv/bin/python" -m admw_assets.engines.spark.class_archive 2> /dev/null)
if [ ${#found[@]} != 2 ]; then exit 0; fi  # no Java; the first command that needs one says so
java=${found[0]} archive=${found[1]}
if [ -f "$archive" ]; then exit 0; fi

echo "Archiving Spark's classes, so that it starts sooner: half a minute, once."
# The archive stands on one of Java's own classes, which the wheel's Java comes without.
case $java in
  "$(realpath "$venv")"/*)
    if [ ! -f "$java/lib/server/classes.jsa" ]; then
      "$java/bin/java" -Xshare:dump > /dev/null 2>&1 || true
    fi
    ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$(dirname "$archive")"
mkdir -p "$(dirname "$archive")"
for name in "${!ADMW_@}"; do unset "$name"; done
export SPARK_SUBMIT_OPTS="-XX:ArchiveClassesAtExit=$work/spark.jsa -Xlog:cds*=off"
"$venv/bin/admw" sample --out "$work/landing" --rows 20 --table customer > /dev/null || exit 0
# The JVM writes the archive after the command has ended; the pipe is open until it has.
"$venv/bin/admw" run --stage preliminary --landing "$work/landing" --home "$work" \
  --database-url "sqlite:///$work/admw.sqlite" 2>&1 | cat > "$venv/archive.log" || true
if [ -s "$work/spark.jsa" ]; then
  mv "$work/spark.jsa" "$archive.new"
  mv "$archive.new" "$archive"
else
  echo "This Java makes no archive: Spark will take some seconds longer to start."
fi
