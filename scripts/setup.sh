#!/bin/sh
# Installs the locked dependencies into .venv; quick when nothing has changed since.
set -eu
cd "$(dirname "$0")/.."
unset VIRTUAL_ENV CONDA_PREFIX PYTHONHOME PYTHONPATH UV_PROJECT_ENVIRONMENT UV_PROJECT PIP_USER PIP_TARGET PIP_PREFIX

state() {
    pwd
    cat uv.lock pyproject.toml scripts/setup.sh | cksum
}
stamp=.venv/.installed
if [ -x .venv/bin/python ] && state | cmp -s - "$stamp" && .venv/bin/python -c ''; then
    exit 0
fi

if [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" != "$(pwd)" ]; then
    rm -rf .venv # the folder was moved, and programs in a venv name their place
fi

fail() {
    echo "make setup: $1" >&2
    exit 1
}

recent='import sys; sys.exit(sys.version_info < (3, 11))'
if [ -x .venv/bin/python ] && .venv/bin/python -c "$recent" 2>/dev/null; then
    python=$PWD/.venv/bin/python
else
    command -v python3 >/dev/null || fail "Python is missing: sudo apt-get install python3 python3-venv"
    python3 -c "$recent" || fail "Python 3.11 or newer is needed; $(python3 --version) is what python3 is here"
    python=$(python3 -c 'import sys; print(sys.executable)')
fi

if command -v uv >/dev/null; then
    uv=uv
else
    uv=.uv/bin/uv
    wanted='uv==0.13.9'
    if ! "$uv" --version >/dev/null 2>&1; then
        rm -rf .uv
        export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
        if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "Bringing uv into .uv"
            "$python" -m venv .uv
            .uv/bin/python -m pip install --quiet "$wanted"
        elif "$python" -m pip --version >/dev/null 2>&1; then
            echo "Bringing uv into .uv"
            "$python" -m pip install --quiet --target .uv "$wanted"
        else
            fail "this Python has neither venv nor pip: sudo apt-get install python3-venv"
        fi
    fi
fi

# uv trusts its own list of authorities; the system's also knows those that a company has added
system=/etc/ssl/certs/ca-certificates.crt
if [ -f "$system" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$system}"; fi

echo "Installing the locked dependencies into .venv"
UV_PYTHON_DOWNLOADS=never UV_PYTHON=$python UV_LINK_MODE=${UV_LINK_MODE:-copy} \
    "$uv" sync --frozen --all-groups --quiet
state >"$stamp"
