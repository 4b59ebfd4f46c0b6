SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python
# So many processes share the tests, whole files each: they wait more than they compute.
WORKERS ?= 2

# Only the tests need these: the letters as PDF and as pictures, the pages in a browser, the README's tour.
SYSTEM_PACKAGES ?= 'libreoffice-writer-nogui|libreoffice-writer' poppler-utils chromium fonts-noto-cjk fonts-liberation fonts-arphic-gkai00mp curl jq

.DEFAULT_GOAL := help
.PHONY: help install run demo case sample crash test test-long lint packages bench format coverage settings lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.ok: requirements.lock uv.lock.txt
	@command -v $(PYTHON) >/dev/null || { echo 'yekuo needs Python 3.11 or later, and there is no "$(PYTHON)": install it, or name yours: make PYTHON=python3.12 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "yekuo needs Python 3.11 or later, and $(PYTHON) is $$($(PYTHON) --version 2>&1): name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo '$(PYTHON) cannot make virtual environments: install its venv module (Debian, Ubuntu: python3-venv)' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/pip install -q --require-hashes --no-deps -r uv.lock.txt
	VIRTUAL_ENV=.venv .venv/bin/uv pip sync -q --require-hashes requirements.lock
	@touch $@

install: .venv/.ok ## everything that the other commands need, into .venv

# The run's own server, whatever Temporal set-up this shell may name.
run: install ## Temporal with its Web UI, the worker and the API, until Ctrl-C
	@$(PY) -m api.preflight
	@$(PY) -m api.deployment --keep
	@unset "$${!TEMPORAL_@}"; PYTHONUNBUFFERED=1 exec $(PY) -m api.runner

demo: install ## a story in virtual time (SCENARIO=10kv, 110kv-bay, outage-conflict, shortage, withdrawn; START=, JSON=1)
	@$(PY) -m demo

case: install ## a sample application, opened in what `make run` runs
	@$(PY) -m demo.open

sample: install ## a company with thirty officers and forty cases, in what `make run` runs
	@$(PY) -m demo.company

crash: install ## ten cases over HTTP while everything is killed and begun again (SEED=, KILLS=, DATABASE=postgresql)
	@$(PY) -m tests.crash

test: lint packages ## lint, then all tests but the long ones
	$(PY) -m pytest -m "not long" -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-long: install packages ## the long tests: more seeds, longer runs
	$(PY) -m pytest -m long

lint: install ## ruff, mypy, import-linter, and the files of the containers
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	PYTHONPATH=. .venv/bin/lint-imports
	.venv/bin/check-jsonschema -q --builtin-schema vendor.compose-spec docker-compose.yml
	@# Reads and resolves only; it asks podman for its version, which needs none.
	.venv/bin/podman-compose --podman-path /bin/echo -f docker-compose.yml config >/dev/null
	.venv/bin/hadolint Dockerfile

packages: ## the system packages of the tests, where they are missing
	@.ci/packages $(SYSTEM_PACKAGES)

bench: install ## benchmarks as a table (ONLY=part, JSON=1)
	@$(PY) -m bench

format: install ## source files in their one format
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

coverage: install ## docs/bpmn-coverage.md and its models anew, from the suite of elements
	@$(PY) -m tests.bpmn.suite

settings: install ## docs/settings.md anew, from the classes of settings
	@$(PY) -m api.settings_table > docs/settings.md.new && mv docs/settings.md.new docs/settings.md

LOCKED := .venv/bin/uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate

# The images take what runs in production, in the same versions that everything is tested with.
lock: install ## the lock files anew, from pyproject.toml
	$(LOCKED) --group run --group dev -o requirements.lock
	$(LOCKED) --constraint requirements.lock -o requirements.runtime.lock
