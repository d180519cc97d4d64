# The checks that every change passes, and the ways to run the system. Start with `make help`.
.DEFAULT_GOAL := help
.PHONY: help setup demo up test unit contract integration e2e check bench fuzz mutants chaos mass house passage removable typography reading dashboards docs pictures office licences release chart-test image-test install-test clean
.NOTPARALLEL:

# What pytest made of a module for its asserts is kept for the stages to come, whatever a machine says.
export PYTHONDONTWRITEBYTECODE :=

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp
LOCKS := requirements-uv.lock requirements-dev.lock pyproject.toml deploy/setup.sh deploy/embedded/jgo.lock.toml deploy/embedded/verapdf.lock.toml deploy/embedded/tessdata/package-lock.json deploy/embedded/web/package-lock.json
DATA ?= .vaguemestre
WHAT ?= sla
SEED ?= 1
# Files of tests at once: each has servers of its own, and waits for them half of its time.
JOBS ?= 2
# Types are checked by as many processes.
export MYPY_NUM_WORKERS := $(JOBS)
# Each file is one worker's; tests/longest_first.py says which begins first.
AT_ONCE := -n $(JOBS) --dist loadfile --no-loadscope-reorder
# What tests have no use for as plugins and would import all the same.
PLAIN := -p no:schemathesis -p no:locust -p no:anyio

help: ## Show this list
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 15

setup: $(STAMP) ## Make .venv and download the servers (once; Python 3.11 and a package registry)

$(STAMP): $(LOCKS)
	@deploy/setup.sh $(PYTHON)
	@touch $@

demo: $(STAMP) ## Play a month of a préfecture's mail on real servers (KEEP=1 leaves them running; CHAPTER=2 plays on to December)
	@CHAPTER=$(CHAPTER) $(BIN)/python -m deploy.demo

up: $(STAMP) ## Run everything on this machine until Ctrl-C (DATA=folder)
	@$(BIN)/vaguemestre up --data $(DATA)

test: check unit contract integration e2e ## Every check and every test, in the order of their cost

check: $(STAMP) ## Lint, format, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(STAMP) ## The quick tests (HYPOTHESIS_PROFILE=thorough hunts for long)
	$(BIN)/pytest $(PLAIN) $(AT_ONCE) tests/unit tests/architecture tests/golden

contract: $(STAMP) ## The doors to the world, in memory and real
integration: $(STAMP) ## Each service on real PostgreSQL and Kafka
e2e: $(STAMP) ## The whole préfecture, as `up` runs it (VAGUEMESTRE_EVERY_WAY=1 passes journeys in both themes both ways)
contract integration e2e:
	$(BIN)/pytest $(PLAIN) $(AT_ONCE) tests/$@

bench: $(STAMP) ## Measure one thing beside the raw limit of this machine (WHAT=sla)
	$(BIN)/python -m tests.bench.$(WHAT)

# Mutants of the awkward mails, and hostile shapes at full size: SEED=1 N=20000 ONLY=(a number)
fuzz: $(STAMP)
	@$(BIN)/python -m tests.fuzz $(or $(SEED),1) $(or $(N),20000) $(ONLY)

# Do the unit tests see wrong clocks, law and calendar? 150 small changes, 20 minutes at most.
mutants: $(STAMP)
	$(BIN)/python -m tests.mutants

# Does a préfecture that breaks everywhere lose or repeat anything? SEED=1 MINUTES=9 FAULT=(all)
chaos: $(STAMP)
	@$(BIN)/python -m tests.chaos

# A mass reply to many, notify killed twice within each minute of it: each address once, or unknown. N=2000
mass: $(STAMP)
	VAGUEMESTRE_MASS=$(or $(N),2000) $(BIN)/pytest -q -s tests/integration/notify/test_mass_reply.py -k killed

# Names, rooms and sizes that should be better, counted; LIST=circles shows what one figure counts.
house: $(STAMP)
	@$(BIN)/python -m tests.house $(LIST)

# What one ordinary mail enters of the modules on its way, and which of their functions it never does.
passage: $(STAMP)
	@$(BIN)/pytest -q $(PLAIN) -p tests.house.passage \
	  tests/contract/imap/test_mail_source.py::test_fetching_leaves_a_mail_unread \
	  tests/integration/ingest/test_mails_are_kept_once.py::test_every_mail_is_told_once_marked_and_its_octets_kept \
	  tests/integration/shared/test_relay.py::test_facts_of_one_call_keep_their_order_and_their_attributes \
	  tests/integration/shared/test_listening.py::test_facts_of_a_key_are_taken_in_order \
	  tests/integration/desk/test_registering_arrivals.py::test_one_mail_becomes_an_item_that_waits_to_be_qualified \
	  tests/integration/sla/test_hearing_and_waking.py::test_an_item_registered_starts_its_clocks \
	  tests/integration/sla/test_hearing_and_waking.py::test_a_rung_is_told_once_however_often_the_ticker_looks \
	  tests/integration/notify/test_receipts.py::test_a_receipt_leaves_once_however_often_the_fact_is_heard \
	  tests/integration/desk/test_hearing_notices_and_clocks.py::test_a_receipt_that_left_is_a_fact_once

# Does the rest of the register stand without a feature? FEATURE=search, or each in turn (minutes).
removable: $(STAMP)
	@$(BIN)/python -m tests.house.removal $(FEATURE)

# What breaks French typography in pages, letters and sentences; WRITE=1 sets it right.
typography: $(STAMP)
	@$(BIN)/python -m tests.house.typography $(WRITE)

# Thirty public docstrings, drawn by SEED, to be read aloud to a stranger; WHERE=1 shows the files.
reading: $(STAMP)
	@WHERE=$(WHERE) $(BIN)/python -m tests.house.sample $(SEED)

dashboards: $(STAMP) ## Write Grafana's dashboards and docs/dashboards.md anew from their tables
	$(BIN)/python -m deploy.grafana

docs: $(STAMP) ## Write docs/asyncapi.json and docs/metrics.md anew from the code
	$(BIN)/python -m deploy.reference

# Pictures of a running `make demo KEEP=1`: of the README, with CHAPTER=2 of the guide (PASSWORD=as it shows).
pictures: $(STAMP)
	@PASSWORD=$(PASSWORD) $(BIN)/python -m deploy.pictures

# Every text document and print of quality of a running `make demo KEEP=1 CHAPTER=2`, drawn (PASSWORD=as it shows).
office: $(STAMP)
	@PASSWORD=$(PASSWORD) $(BIN)/python -m deploy.office

# The licence of each dependency, as its distribution states it.
licences: $(STAMP)
	@$(BIN)/python -m deploy.licences

# Version, changelog, commit, tag; then wheel, wheelhouse, parts list, sums: VERSION=X.Y.Z BASE=image SINCE=tag
release: $(STAMP)
	$(BIN)/python -m deploy.release $(VERSION) $(if $(BASE),--base $(BASE)) $(if $(SINCE),--since $(SINCE)) $(if $(ONLY),--build-only)

# The chart by Helm's own engine and against the schemas of Kubernetes; a minute, and 100 MB from the registry.
chart-test: $(STAMP)
	$(BIN)/python -m tests.install.chart

# The image of a release, built on a bare Debian and run: RELEASE=dist/X.Y.Z BASE=image. As root, ten minutes.
image-test: $(STAMP)
	$(BIN)/python -m tests.install.image $(if $(RELEASE),--release $(RELEASE)) $(if $(BASE),--base $(BASE))

# The guide followed on a bare Debian root: servers, units, proxies, mails, a form. As root; half an hour.
install-test: $(STAMP)
	$(BIN)/python -u -m tests.install

clean: ## Remove the environment and what the tools left (data of `up` stays)
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
