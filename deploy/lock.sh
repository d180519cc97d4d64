#!/usr/bin/env bash
# Write the locks anew from pyproject.toml: every package with its hashes, no name of a host.
#
# Usage: deploy/lock.sh [UV_OPTION...]      such as --upgrade, or --upgrade-package NAME
set -euo pipefail
cd "$(dirname "$0")/.."

lock() {
    local into=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --no-header -o "$into" "$@"
}

lock requirements.lock "$@" pyproject.toml
lock requirements-dev.lock --extra embedded --extra dev "$@" pyproject.toml
printf 'uv\n' | lock requirements-uv.lock "$@" -
# What builds the package: as pyproject.toml's [build-system] says, and never fetched beside a lock.
printf 'setuptools>=77\n' | lock requirements-build.lock "$@" -
# What writes the parts list of a release (SBOM); in an environment of its own, never in ours.
printf 'cyclonedx-bom\n' | lock requirements-release.lock "$@" -
# Helm's own engine and the schemas of Kubernetes, for `make chart-test`; likewise apart.
printf 'helm-python-sdk\nkubernetes-validate\n' | lock requirements-chart.lock "$@" -
