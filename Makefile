SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python

# Only the tests need these: the letters as PDF and as pictures, the pages in a browser.
SYSTEM_PACKAGES ?= 'libreoffice-writer-nogui|libreoffice-writer' poppler-utils chromium fonts-noto-cjk fonts-liberation fonts-arphic-gkai00mp

.DEFAULT_GOAL := help
.PHONY: help install run demo case test test-long lint packages bench format lock

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
	@$(PY) -m api.deployment
	@unset "$${!TEMPORAL_@}"; PYTHONUNBUFFERED=1 exec $(PY) -m api.runner

demo: install ## one whole case in virtual time (JSON=1: a JSON object as the last line)
	@$(PY) -m demo

case: install ## a sample application, opened in what `make run` runs
	@$(PY) -m demo.open

test: lint packages ## lint, then all tests but the long ones
	$(PY) -m pytest -m "not long"

test-long: install packages ## the long tests: more seeds, longer runs
	$(PY) -m pytest -m long

lint: install ## ruff, mypy, import-linter
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	PYTHONPATH=. .venv/bin/lint-imports

packages: ## the system packages of the tests, where they are missing
	@.ci/packages $(SYSTEM_PACKAGES)

bench: install ## benchmarks as a table (ONLY=part, JSON=1)
	@$(PY) -m bench

format: install ## source files in their one format
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

lock: install ## the lock file anew, from pyproject.toml
	.venv/bin/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate -o requirements.lock
