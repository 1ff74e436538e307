# Every verb prints itself: `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
PORT ?= 8000
DATA ?= var/demo
SEED ?= 7
RATE ?= 1

.PHONY: help install lock demo demo-real test unit lint format types schema examples explorer bench bench-quick bench-compare clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.installed: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Casefold needs Python 3.11 or newer (PYTHON=...)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what is pinned in requirements/dev.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/.installed ## a virtual environment with everything that is pinned

lock: ## pin the newest versions again, with hashes
	@$(PYTHON) -m venv .cache/lock && .cache/lock/bin/pip install --quiet --disable-pip-version-check uv
	@for group in run dev; do \
	  flags=$$([ $$group = dev ] && echo "--group dev"); \
	  .cache/lock/bin/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --no-emit-index-url \
	    --no-emit-find-links --universal --python-version 3.11 pyproject.toml $$flags -o requirements/$$group.txt; done

demo: $(VENV)/.installed ## the gateway with simulated systems behind it (PORT, DATA, SEED, RATE)
	@$(BIN)/casefold demo --port $(PORT) --data $(DATA) --seed $(SEED) --rate $(RATE)

demo-real: $(VENV)/.installed ## the gateway before a real Tryton, installed and seeded on first use (PORT, DATA)
	@$(BIN)/python -m tests.upstreams.demo --port $(PORT) --data $(DATA)-real

test: lint types unit ## everything that has to hold: lint, types, import rules, tests

unit: $(VENV)/.installed ## the tests alone
	@$(BIN)/python -m pytest -n auto --dist loadfile -q || { test $$? -eq 1 && \
	  echo "Those that failed once more, one by one: a busy machine is late once, a fault is there each time." && \
	  $(BIN)/python -m pytest --last-failed --last-failed-no-failures none -q; }

lint: $(VENV)/.installed ## ruff and the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache | tail -n 12

format: $(VENV)/.installed ## let ruff put the code in order
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

types: $(VENV)/.installed ## mypy, strict
	@$(BIN)/mypy

schema: $(VENV)/.installed ## write the schema, the OpenAPI document and who sees what again
	@$(BIN)/casefold schema > resolvers/schema.graphql
	@$(BIN)/python -m sources.canonical.openapi > docs/canonical-source.openapi.json
	@$(BIN)/python -m events.schemas > docs/events.schema.json
	@$(BIN)/python -m resolvers.who_sees_what > docs/who-sees-what.md
	@$(BIN)/python -m app.http.openapi > docs/openapi.json

examples: $(VENV)/.installed ## write what is made of examples/operations again, TypeScript's types too (needs Node.js)
	@$(BIN)/python -m examples.derived
	@cd examples/typescript && npm ci --ignore-scripts --silent && npm run --silent types

explorer: examples ## build what /graphiql serves again (needs Node.js)
	@cd web/graphiql && npm ci --silent && npm run --silent build

bench: $(VENV)/.installed ## limits, Casefold and peers on the same work; SAVE=name writes docs/performance.md
	@$(BIN)/python -m bench race $(if $(SAVE),--save $(SAVE))

bench-quick: $(VENV)/.installed ## the same in under three minutes
	@$(BIN)/python -m bench race --quick $(if $(SAVE),--save $(SAVE))

bench-compare: $(VENV)/.installed ## this tree against a commit (BASE), ratios
	@$(BIN)/python -m bench compare --base $(or $(BASE),$(error which commit? make bench-compare BASE=...))

clean: ## remove what was built; keeps data under var/
	@rm -rf $(VENV) .cache build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
