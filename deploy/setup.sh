#!/usr/bin/env bash
# Make .venv from the locks, and download what the embedded servers need. Called by `make setup`.
#
# Usage: deploy/setup.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}

refuse() {
    printf '%s\n' "$1" >&2
    exit 1
}

command -v "$python" >/dev/null ||
    refuse "$python is not there: install Python 3.11 or newer, or say make setup PYTHON=/path/to/python3."
"$python" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' ||
    refuse "$python is $("$python" -V): Python 3.11 or newer is needed; say make setup PYTHON=/path/to/python3.11."
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    refuse "$python has no venv module: install it (on Debian: apt-get install python3-venv), then say make setup again."

[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
# Compiled once and for all: else each process that starts would do it again where it may not write.
.venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r requirements-dev.lock
# The lock has the build's own tools too, so nothing is fetched beside it.
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
# deploy/ is no part of the package (docs/decisions/0066): here `vaguemestre up` finds it by this line.
pwd >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/vaguemestre_tree.pth"
.venv/bin/python -m compileall -q services shared deploy
.venv/bin/python -m deploy.embedded.downloads
# Kafka starts with a quarter of the work once Java has learned how.
.venv/bin/python -m deploy.embedded.learn_java
