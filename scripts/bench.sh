#!/bin/sh
# Brings what the benchmark needs into .bench, and runs it; its arguments are those of python -m bench.run.
set -eu
cd "$(dirname "$0")/.."
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH

if ! command -v redis-server >/dev/null; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "make bench: redis-server is missing: sudo apt-get install redis-server" >&2
        exit 1
    fi
    echo "Installing redis-server"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends redis-server >/dev/null
fi

wanted=bench/peer/requirements.txt
if ! cmp -s "$wanted" .bench/venv/.installed; then
    echo "Installing the side that Relevo is compared with into .bench/venv"
    if command -v uv >/dev/null; then uv=uv; else uv=.uv/bin/uv; fi
    system=/etc/ssl/certs/ca-certificates.crt
    if [ -f "$system" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$system}"; fi
    mkdir -p .bench
    rm -rf .bench/venv
    python=$(.venv/bin/python -c 'import sys; print(sys._base_executable)')
    UV_PYTHON_DOWNLOADS=never "$uv" venv --quiet --python "$python" .bench/venv
    VIRTUAL_ENV=$PWD/.bench/venv "$uv" pip install --quiet --requirement "$wanted"
    cp "$wanted" .bench/venv/.installed
fi

exec .venv/bin/python -m bench.run "$@"
