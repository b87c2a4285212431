#!/bin/sh
# The two programs of the system that tests use: Chromium and redis-server.
set -eu
missing=
command -v chromium >/dev/null || missing="chromium"
command -v redis-server >/dev/null || missing="$missing redis-server"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "make test: the tests need programs of the system: sudo apt-get install" $missing >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "Installing for the tests:" $missing
apt-get update -qq
apt-get install -y -qq --no-install-recommends $missing >/dev/null
