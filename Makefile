# The checks that every change passes, and the ways to run the system. Start with `make help`.
.DEFAULT_GOAL := help
.PHONY: help setup test unit check up bench clean

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp
LOCKS := requirements-uv.lock requirements-dev.lock pyproject.toml deploy/embedded/jgo.lock.toml deploy/embedded/tessdata/package-lock.json
DATA ?= .vaguemestre

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

setup: $(STAMP) ## Make .venv and download the servers (once; Python 3.11 and a package registry)

$(STAMP): $(LOCKS)
	@deploy/setup.sh $(PYTHON)
	@touch $@

up: $(STAMP) ## Run everything on this machine until Ctrl-C (DATA=folder)
	@$(BIN)/vaguemestre up --data $(DATA)

test: check $(addprefix test-,unit contract integration e2e) ## Every check and every test, in the order of their cost

unit: test-unit ## The quick tests

test-%: $(STAMP)
	@deploy/run-tests.sh tests/$*

check: $(STAMP) ## Lint, format, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) ## Measure one thing beside the raw limit of this machine (WHAT=sla)
	$(BIN)/python -m tests.bench.$(WHAT)

clean: ## Remove the environment and what the tools left (data of `up` stays)
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
