#!/usr/bin/env bash
# Run the tests of one folder; a folder that has none yet is no failure.
#
# Usage: deploy/run-tests.sh FOLDER [PYTEST_OPTION...]
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift

if [ -z "$(find "$folder" -name 'test_*.py' -print -quit 2>/dev/null)" ]; then
    printf 'no tests in %s yet\n' "$folder"
    exit 0
fi
.venv/bin/pytest "$folder" "$@"
