# `make` lists what there is. Everything is installed into .venv, nothing outside this folder,
# but for MariaDB's packages, which `make test` installs where it may.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

# Override as in: make dev PORT=3001, make test PYTEST_ARGS='-m "not slow"', make lock UPGRADE=1
PORT ?= 3000
PYTEST_ARGS ?=
UPGRADE ?=
PARTS ?=

BIN := .venv/bin
STAMP := .venv/.stamp
DAGSTER_HOME := $(CURDIR)/.dagster
REHEARSAL := .venv-rehearsal

.PHONY: help setup demo dev lab test check rehearse spark4 bench lock clean

help: ## List the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) \
	  | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(STAMP) ## Create .venv with the pinned dependencies (once)
	@echo ".venv is ready. Next: make demo"

$(STAMP): requirements.lock pyproject.toml scripts/setup_venv.sh
	@bash scripts/setup_venv.sh .venv
	@bash scripts/archive_classes.sh .venv
	@touch $@

demo: $(STAMP) ## Migrate generated sample files through both stages into SQLite
	@$(BIN)/admw demo

dev: $(STAMP) ## Serve Dagster's page on http://127.0.0.1:3000 (PORT=...)
	@mkdir -p $(DAGSTER_HOME) && ln -sfn ../dagster.local.yaml $(DAGSTER_HOME)/dagster.yaml
	@if [ -z "$(ADMW_HOME)$(ADMW_MIGRATION)" ] && [ ! -d .admw/landing ]; then \
	  $(BIN)/admw sample --out .admw/landing --rows 1000; \
	fi
	@echo "Launch the job register_files on the page: every file in landing becomes a partition."
	@DAGSTER_HOME=$(DAGSTER_HOME) $(BIN)/dg dev -w workspace.yaml -h 127.0.0.1 -p $(PORT)

lab: $(STAMP) ## Open the notebooks in JupyterLab on 127.0.0.1, over a demo home or yours
	@home="$$ADMW_HOME"; \
	if [ -z "$$home$$ADMW_MIGRATION" ]; then \
	  home=$(CURDIR)/.admw/lab; \
	  [ -e $$home/demo_home_is_complete ] || echo "Making a home with something to see (a minute)"; \
	  $(BIN)/python -m admw_assets.workbench.demo_home $$home || exit 1; \
	fi; \
	ADMW_HOME="$${home:-$(CURDIR)/.admw}" $(BIN)/jupyter lab --ip 127.0.0.1 \
	  --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.news_url=None notebooks

test: $(STAMP) ## Run all tests side by side, MariaDB set up where possible (PYTEST_ARGS=...)
	@bash scripts/setup_test_tools.sh
	@bash scripts/setup_rehearsal.sh $(REHEARSAL) || true
	@$(BIN)/pytest -n auto --dist worksteal $(PYTEST_ARGS)

check: $(STAMP) ## Lint, formatting, types, import contracts
	@failed=; \
	for tool in "ruff check" "ruff format --check" pyright "lint-imports --no-logo"; do \
	  echo "-- $$tool"; $(BIN)/$$tool || failed="$$failed, $$tool"; \
	done; \
	if [ -n "$$failed" ]; then echo "make check: failed: $${failed#, }" >&2; exit 1; fi

rehearse: $(STAMP) ## Deploy to an emulated AWS account and migrate there (PARTS=...)
	@bash scripts/setup_test_tools.sh
	@bash scripts/setup_rehearsal.sh $(REHEARSAL)
	@$(BIN)/python -m tests.rehearsal $(PARTS)

spark4: $(STAMP) ## Run the Spark tests on Spark 4.1, that of Glue 6.0
	@bash scripts/try_spark4.sh .venv-spark4

bench: $(STAMP) ## Measure a million rows through both stages on MariaDB
	@bash scripts/setup_test_tools.sh
	@$(BIN)/python -m benchmarks.million_rows

lock: $(STAMP) ## Pin every dependency in requirements.lock (UPGRADE=1 for the newest)
	@$(BIN)/uv pip compile pyproject.toml --all-extras --quiet $(if $(UPGRADE),--upgrade) \
	  --python-version 3.11 --python-platform linux --generate-hashes --no-strip-extras \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --output-file requirements.lock
	@$(BIN)/uv pip compile requirements-rehearsal.in --quiet $(if $(UPGRADE),--upgrade) \
	  --python-version 3.11 --python-platform linux --generate-hashes --no-strip-extras \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --output-file requirements-rehearsal.lock
	@echo "requirements.lock written. Next: make setup"

clean: ## Remove caches and build output (keeps .venv*, .admw and .dagster)
	@rm -rf build dist artifacts spark-warehouse metastore_db derby.log
	@rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -path "./.venv*" -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
