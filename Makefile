# Worldwright: `make run` for a first answer, `make ui` to look at it in Dagster, `make test` before a change.
# Needs Python 3.11 or newer with venv, and make; everything else goes into .venv/ in this folder.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
EXPERIMENT ?= ai-diagnostic-adoption
PORT ?= 3000
VENV := .venv
BIN := $(VENV)/bin
LONG := -q --strict-markers --strict-config --durations=15
SOURCES := pyproject.toml constraints.txt
# Numba's compiled kernels and Dagster's history stay in this folder.
export NUMBA_CACHE_DIR ?= $(CURDIR)/$(VENV)/numba
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.PHONY: help setup run ui docs test test-long lint types contracts unit wheel clean constraints

help: ## What can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: $(VENV)/ready ## Make .venv with everything pinned in it

$(VENV)/ready: $(SOURCES)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Worldwright needs Python 3.11 or newer as '$(PYTHON)' (found: $$($(PYTHON) --version 2>&1))."; \
	  echo "Install one, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments: its 'venv' module is missing."; \
	  echo "On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@echo "Setting up .venv (once; about two minutes and 2.2 GB) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q -c constraints.txt setuptools wheel
	@$(BIN)/pip install -q -c constraints.txt --no-build-isolation -e '.[dagster,dev]'
	@touch $@

run: setup ## Run the flagship experiment through Dagster and show its answer
	@$(BIN)/python -m pipelines.run $(EXPERIMENT)

ui: setup ## Open Dagster on 127.0.0.1:3000; experiments that are not published yet start
	@exec $(BIN)/python -m pipelines.ui --port $(PORT)

test: setup lint types contracts unit ## Lint, types, import contracts and the tests (about ten minutes)

lint:
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types:
	@$(BIN)/pyright

contracts:
	@$(BIN)/lint-imports

unit:
	@$(BIN)/pytest -n 2

test-long: setup ## The long lanes: browser, faults, fuzz, Ray
	@$(BIN)/pytest -o addopts="$(LONG)" -n 2 -m "(faults or fuzz or slow) and not (browser or ray)"
	@$(BIN)/pytest -o addopts="$(LONG)" -m "browser or ray"

docs: setup ## Build the documentation in build/docs/, every link checked
	@$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs && echo build/docs/index.html

wheel: setup ## Build dist/worldwright-*.whl, to be installed elsewhere
	@rm -rf build && $(BIN)/pip wheel -q --no-deps --no-build-isolation -w dist . && ls dist/*.whl

constraints: setup ## Write constraints.txt anew from what is installed
	@{ head -1 constraints.txt; $(BIN)/pip freeze --all --exclude pip --exclude-editable; } > constraints.new
	@mv constraints.new constraints.txt

clean: ## Remove the virtual environment and caches; results in data/ and .dagster/ stay
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .import_linter_cache
