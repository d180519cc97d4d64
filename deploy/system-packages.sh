#!/usr/bin/env bash
# Install the Debian packages of debian-packages.txt that are missing.
#
# As root on Debian it installs them, without starting the services that they bring; otherwise
# it prints the command for whoever may. The tests that need a missing program say so by its name.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v dpkg-query >/dev/null; then
    printf 'Not a Debian system: install by your own means: %s\n' \
        "$(grep -v '^#' debian-packages.txt | xargs)"
    exit 0
fi

missing=()
while read -r package; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done < <(grep -v '^#' debian-packages.txt)

[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    printf 'Some tests need packages that are missing. As root: apt-get install --no-install-recommends %s\n' \
        "${missing[*]}"
    exit 0
fi

# While this file is there, packages install their services without starting them.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi

units() {
    find /lib/systemd/system/ -maxdepth 1 \( -name '*.service' -o -name '*.socket' \) \
        ! -name '*@*' -printf '%f\n' 2>/dev/null | sort
}

before=$(units)
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -o DPkg::Lock::Timeout=300 update
apt-get -qq -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "${missing[@]}" >/dev/null

# Nor should they start at the next boot: the tests start their own.
if command -v systemctl >/dev/null; then
    comm -13 <(printf '%s\n' "$before") <(units) |
        xargs --no-run-if-empty systemctl disable --quiet 2>/dev/null || true
fi
printf 'installed %s\n' "${missing[*]}"
