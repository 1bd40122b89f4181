# One command a job. `make run` opens the school in a box; nothing here needs root, a token, or more than PyPI.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint format bench soak image-check messages clean

run: $(VENV)/installed
	$(BIN)/muster demo

test: $(VENV)/tested
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -ll -r bot handlers integrations locales
	$(BIN)/python -m locales.catalogue check

format: $(VENV)/tested
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/tested
	$(BIN)/python -m tests.benchmarks

# 20 events a second for 30 minutes; SECONDS=180 for a short one, DATABASE=postgresql for the other one.
soak: $(VENV)/tested
	$(BIN)/python -m tests.soak --seconds $(or $(SECONDS),1800) --database $(or $(DATABASE),sqlite)

# Needs root and Debian's package debootstrap.
image-check: $(VENV)/tested
	$(BIN)/python -m tests.image.check

messages: $(VENV)/tested
	$(BIN)/python -m locales.catalogue update

$(VENV)/installed: pyproject.toml constraints.txt
	@echo "Installing Muster into $(VENV): about 0.5 GB, some minutes. Only the first time."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/tested: $(VENV)/installed
	@echo "Installing what the tests need into $(VENV): some minutes more."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
