# Everything starts with `make`. The steps themselves are in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast lint bench format clean
MAKEFLAGS += --no-print-directory

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## install the locked dependencies into .venv (nothing to do when they are there)
	@sh scripts/setup.sh

run: setup ## start Relevo with its database at http://localhost:8000; Ctrl-C stops both
	@exec .venv/bin/relevo serve

test: setup ## lint, types, architecture and all tests with coverage
	@sh scripts/test-tools.sh
	@sh scripts/check.sh lint types architecture tests

test-fast: setup ## lint, types and the unit tests: no browser, no Redis
	@sh scripts/check.sh lint types unit-tests

lint: setup ## lint, types and architecture
	@sh scripts/check.sh lint types architecture

bench: setup ## measure Relevo beside a LangGraph swarm; writes docs/benchmarks.md (BENCH=--quick: a short look)
	@sh scripts/bench.sh $(BENCH)

format: setup ## put the code into its one format, and mend what ruff can
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

clean: ## remove what was installed and cached here; data in .relevo stays
	rm -rf .venv .uv .bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov dist
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
