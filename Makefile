# Verbs of this repository. Nothing but Python 3.11 or later, its venv module and make is assumed.

PYTHON ?= python3
COMPANY ?= params/demo
REPORT ?= monthly_operations
PERIOD ?= last-closed
# Processes of the tests, and further words for pytest: make test ARGS="tests/stats -x"
WORKERS ?= 2
ARGS ?=

BIN := .venv/bin
STAMP := .venv/.stamp
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet install

.DEFAULT_GOAL := help
.PHONY: help report test lint types bench lab docs demo clean

help:  ## name the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

report: $(STAMP) demo  ## make the demonstration company's monthly report and name its page
	@$(BIN)/opsnb run $(REPORT) --company $(COMPANY) --period $(PERIOD)

test: $(STAMP)  ## run the tests
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

lint: $(STAMP)  ## check style and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: $(STAMP)  ## check types
	@$(BIN)/mypy

bench: $(STAMP)  ## measure against what would otherwise be used
	@$(BIN)/python -m benchmarks $(ARGS)

lab: $(STAMP) demo  ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks

docs: $(STAMP)  ## build the documentation and name its first page
	@$(BIN)/python -m sphinx -q -W --keep-going -b html docs build/docs
	@echo build/docs/index.html

demo: $(STAMP)
	@$(BIN)/opsnb demo params/demo > /dev/null

clean:  ## remove the environment and every cache; outputs stay
	rm -rf .venv .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What is locked is installed with its hashes; then the project itself, which fetches nothing.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "opsnb needs Python 3.11 or later; set PYTHON=")'
	@echo "Preparing .venv, which takes a minute or two ..." >&2
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $@
