#!/bin/sh
# Runs the named checks in order, and stops at the first that fails.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH

lint() { ruff check . && ruff format --check . ; }
types() { mypy; }
architecture() { lint-imports; }
tests() { pytest -n 2 --cov=relevo --cov-report=term:skip-covered --cov-fail-under=85; }
unit_tests() { pytest -n 2 -x tests/unit; }

for check in "$@"; do
    echo "== $check"
    "$(echo "$check" | tr - _)" || {
        echo "make: the step '$check' failed" >&2
        exit 1
    }
done
