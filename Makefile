# make demo: set up, run the main job on the demo city, print where the reports are
# make test: all tests but the slow ones (at most 10 minutes on 2 cores)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_HOME ?= var/demo
SEED ?= 1
FILES ?= 20000

.PHONY: help setup system demo test test-slow fuzz lint types check docs lock
.DEFAULT_GOAL := help

help:
	@echo "make demo       set up, then run the quarterly cycle on the demo city"
	@echo "make test       run the tests"
	@echo "make test-slow  seeds, fuzz, crash and soak"
	@echo "make fuzz       damage 20,000 files (FILES=...) and read them all"
	@echo "make lint types linters and types"
	@echo "make docs       write the data dictionary from the contracts"
	@echo "make lock       resolve and pin the dependencies again (needs uv)"

setup: $(VENV)/.done system

$(VENV)/.done: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { \
		echo "Python 3.11 or later is needed. Run:  make PYTHON=python3.11 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m pip check --disable-pip-version-check
	@touch $@

# WeasyPrint needs Pango; it is installed where that may be done, otherwise the command is named.
system:
	@if $(BIN)/python -c "import weasyprint" >/dev/null 2>&1; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		apt-get update -qq && apt-get install -y -qq libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 >/dev/null; \
	else \
		echo "The PDF libraries are missing. Run:  sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"; exit 1; \
	fi

demo: setup
	SIKLATIH_HOME=$(DEMO_HOME) SIKLATIH_DEMO_SEED=$(SEED) $(BIN)/siklatih demo

test: setup
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

test-slow: setup
	$(BIN)/python -m pytest -q -m slow

fuzz: setup
	SIKLATIH_FUZZ_FILES=$(FILES) $(BIN)/python -m pytest -q -s tests/test_fuzz.py

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: setup
	$(BIN)/mypy

check: lint types test

# The data dictionary follows from the contracts; a test fails when it is out of date.
docs: setup
	$(BIN)/python -m siklatih.dictionary

lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--python-version 3.11 --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) var build
