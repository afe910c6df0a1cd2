# Two commands do everything: `make course` and `make test`. Each target calls `scaleml` or pytest; no logic lives here.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
TIER ?= laptop
BIN := .venv/bin
READY := .venv/ready

.PHONY: help setup course test test-all test-nightly sync check book serve lint lock redteam clean

help:           ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make .venv from the hash-locked requirements

$(READY): requirements/course.txt requirements/bootstrap.txt pyproject.toml
	@$(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo 'The course needs Python 3.11 with venv. On Debian: apt-get install python3.11-venv; or: make PYTHON=/path/to/python3.11 …'; exit 2; }
	$(PYTHON) -m venv .venv && date +%s > .venv/started
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements/course.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@git config diff.ipynb.textconv '$(BIN)/jupytext --quiet --to py:percent --output -' 2>/dev/null || true
	@echo $$(($$(date +%s) - $$(cat .venv/started))) > $(READY)

course: setup   ## run, check, release, grade the sample class, build the book (TIER=quick for a short one)
	$(BIN)/scaleml course --tier $(TIER)

test: setup     ## the fast tests
	$(BIN)/pytest -m 'not slow' -n 2 --dist loadscope

test-all: test  ## the fast tests, then the slow ones
	$(BIN)/pytest -m 'slow and not nightly' -n 2 --dist loadscope

test-nightly: setup ## the tests that take minutes: the whole red team, thousands of damaged notebooks
	$(BIN)/pytest -m nightly

sync: setup     ## rebuild notebooks and exercises from their sources
	$(BIN)/scaleml sync

check: setup    ## hold the lessons to the spine, to their sources, and to their reference outputs
	$(BIN)/scaleml check

book: setup     ## build the book
	$(BIN)/scaleml book --tier $(TIER)

serve: setup    ## open the book in a browser
	$(BIN)/scaleml serve

lint: setup     ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: setup     ## resolve requirements/*.in anew, and environment.yml with them
	$(BIN)/python requirements/lock.py

redteam: setup  ## hostile notebooks on nbgrader as it comes and on this grader: points gained, harm done
	$(BIN)/python -m benchmarks.redteam

clean:          ## delete what was built (not .venv)
	rm -rf _build
