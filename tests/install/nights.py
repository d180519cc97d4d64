"""What an installed préfecture does by itself: nightly commands by their timers, and the drill."""

import time
from collections.abc import Sequence
from typing import Final

from tests.install.containers import awaited
from tests.install.root import CantInstallError, Root

NIGHTLY: Final = ("reconcile", "verify")
_ETC: Final = "/etc/vaguemestre/36"
_SOON: Final = """
at=/run/systemd/system/{timer}.d
mkdir -p $at
cat > $at/soon.conf <<'FIN'
[Timer]
OnCalendar=
OnActiveSec=1
RandomizedDelaySec=0
AccuracySec=1s
FIN
systemctl daemon-reload
systemctl restart {timer}
"""
_AS_BEFORE: Final = (
    "rm -r /run/systemd/system/{timer}.d; systemctl daemon-reload; systemctl restart {timer}"
)


def nights(root: Root) -> None:
    """Each nightly command runs when its timer says so and ends well; one that fails is told.

    Raises:
        CantInstallError: a timer is not set, a command fails, or nobody would hear of a failure.
    """
    for name in NIGHTLY:
        timer = f"vaguemestre-{name}@36.timer"
        if root.run(f"systemctl is-active {timer}", fails=True).strip() != "active":
            raise CantInstallError(f"{timer} is not set")
        due = root.run(f"systemctl show --property NextElapseUSecRealtime --value {timer}").strip()
        took, result = _run_by_its_timer(root, name)
        print(f"{took:6.1f} s  {name} by its timer: {result}; at home it runs {due}")  # noqa: T201  (for a terminal)
        if result != "success":
            raise CantInstallError(_said(root, f"vaguemestre-{name}@36"))
    _a_failure_is_told(root)


def _run_by_its_timer(root: Root, name: str) -> tuple[float, str]:
    """Has the timer of a command ring at once; returns seconds until its end, and its result."""
    timer, unit = (f"vaguemestre-{name}@36.{kind}" for kind in ("timer", "service"))
    ended = f"systemctl show --property ExecMainExitTimestampMonotonic --value {unit}"
    before, began = root.run(ended), time.monotonic()
    root.run(_SOON.format(timer=timer))
    awaited(
        f"{unit} ran", lambda: root.run(ended) not in {before, "0\n"}, lambda: _said(root, unit)
    )
    took = time.monotonic() - began
    result = root.run(f"systemctl show --property Result --value {unit}").strip()
    root.run(_AS_BEFORE.format(timer=timer))
    return took, result


def _a_failure_is_told(root: Root) -> None:
    """With a wrong password of one mailbox reconcile fails: a critical line, and the site's own."""
    kept, unit = f"{_ETC}/secrets/ingest/PASSWORD_PREF_BMI", "vaguemestre-reconcile@36"
    root.run(
        f"printf '#!/bin/sh\\necho told of \"$1\"\\n' > {_ETC}/on-failure\n"
        f"chmod 755 {_ETC}/on-failure\ncp -p {kept} /root/kept && echo wrong > {kept}"
    )
    try:
        root.run(f"systemctl start {unit}.service", fails=True)
        told = f"vaguemestre-failed@{unit}"
        awaited(
            "a failure is told", lambda: f"told of {unit}" in _said(root, told),
            lambda: _said(root, unit) + _said(root, told),
        )  # fmt: skip
        critical = root.run("journalctl --quiet --priority crit --output cat --lines 1").strip()
        print(f"with a wrong password: {critical}")  # noqa: T201  (for a terminal)
        if not critical.startswith(f"{unit} failed"):
            raise CantInstallError(f"no critical line says it:\n{_said(root, told)}")
    finally:
        root.run(f"cp -p /root/kept {kept}; rm -f /root/kept {_ETC}/on-failure")
    root.run(f"systemctl start {unit}.service")


def drilled(root: Root, typed: Sequence[str]) -> None:
    """Types the guide's lines of the drill: the copy must come back whole, and nothing stay.

    The files are encrypted, and the drill has the keys.

    Raises:
        CantInstallError: it does not, or the monthly unit fails where the command did not.
    """
    place, hold = typed
    root.run(place)
    said = root.run(hold)
    print(said.strip())  # noqa: T201  (for a terminal)
    if not said.strip().endswith("The backup came back whole."):
        raise CantInstallError(f"the drill says:\n{said}")
    if "originals are encrypted, and the keyring opens them" not in said:
        raise CantInstallError(f"the drill opened no encrypted file:\n{said}")
    root.run("systemctl start vaguemestre-drill@36.service")
    left = root.run("find /var/lib/vaguemestre/36/drill -mindepth 1 | head").strip()
    tables = root.run(
        "su postgres -c \"psql -tA vaguemestre_indre_drill\" <<'FIN'\n"
        "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text"
        " IN ('desk', 'ingest', 'sla', 'notify', 'site', 'portal');\nFIN"
    ).strip()
    if left or tables != "0":
        raise CantInstallError(f"the drill left {tables} tables and:\n{left}")


def _said(root: Root, unit: str) -> str:
    """The last lines of a unit's journal."""
    return root.run(f"journalctl --quiet --output cat --lines 30 --unit '{unit}'", fails=True)
