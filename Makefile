# One command a job. `make run` opens the school in a box; nothing here needs root, a token, or more than PyPI.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint format bench messages clean

run: $(VENV)/installed
	$(BIN)/muster demo

test: $(VENV)/tested
	$(BIN)/python -m pytest

lint: $(VENV)/tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m locales.catalogue check

format: $(VENV)/tested
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/tested
	$(BIN)/python -m tests.benchmarks

messages: $(VENV)/tested
	$(BIN)/python -m locales.catalogue update

$(VENV)/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
