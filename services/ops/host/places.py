"""Where a site's files lie on a machine, and as whom its processes run; as in deploy/systemd."""

import os
import pwd
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from shared.errors import PermanentFailure
from shared.platform.settings import PREFIX

PROCESSES: Final[Mapping[str, Sequence[str]]] = {
    "run": ("run",),
    "serve": ("desk", "serve"),
    "portal": ("portal", "serve"),
}
"""The words after `vaguemestre` of each process of a small préfecture."""
_LINE: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_OURS: Final = Path(sys.prefix).resolve()
"""The release that this process runs, whatever a link names later."""
_ALWAYS: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/",
    f"{PREFIX}DATA": "/nonexistent",
}


class SiteProcess(NamedTuple):
    """A process of a site: the site's short name, and `run`, `serve` or `portal`."""

    site: str
    process: str


class SystemAccount(NamedTuple):
    """An account of the machine: user, first group and all groups, by number."""

    user: int
    group: int
    groups: Sequence[int]


def account_of(which: SiteProcess) -> SystemAccount:
    """Finds a process's account: `vgm-36`, of the portal `vgm-36-portal`.

    Raises KeyError: the machine has no such account.
    """
    name = f"vgm-{which.site}" + ("-portal" if which.process == "portal" else "")
    found = pwd.getpwnam(name)
    return SystemAccount(found.pw_uid, found.pw_gid, os.getgrouplist(name, found.pw_gid))


@dataclass(frozen=True, slots=True)
class HostPlaces:
    """The folders of a machine, and what says which account a process has."""

    etc: Path = Path("/etc/vaguemestre")
    releases: Path = Path("/opt/vaguemestre")
    state: Path = Path("/run/vaguemestre-host")
    """With the parent's socket and, while a process runs, what it alone reads of its secrets."""
    account: Callable[[SiteProcess], SystemAccount] = account_of
    processes: Mapping[str, Sequence[str]] = field(default_factory=lambda: PROCESSES)
    """The processes of each site, and the words of each."""

    @property
    def socket(self) -> Path:
        """The socket on which the parent answers."""
        return self.state / "socket"

    def credentials(self, which: SiteProcess) -> Path:
        """Returns the folder of the copies of a process's secrets."""
        return self.state / f"credentials-{which.site}-{which.process}"

    def secrets(self, which: SiteProcess) -> Path:
        """Returns the folder of a process's secrets, which root alone reads."""
        return self.etc / which.site / "secrets" / which.process

    def program(self, site: str) -> Path:
        """Returns the program of the release that a site's link names."""
        return self.releases / f"site-{site}" / "bin/vaguemestre"

    def is_ours(self, site: str) -> bool:
        """Whether a site's link names the release that this process runs."""
        try:
            return (self.releases / f"site-{site}").resolve() == _OURS
        except (OSError, RuntimeError):  # a link that names itself
            return False

    def variables(self, which: SiteProcess) -> dict[str, str]:
        """Reads the whole environment of a process, from the site's file and its own.

        Raises:
            OSError: the site's file can't be read.
            PermanentFailure: a line is one that a unit might read otherwise.
        """
        own = self.etc / which.site / f"{which.process}.env"
        found = _ALWAYS | _read(self.etc / which.site / "env")
        return found | _read(own) if own.exists() else found


def _read(path: Path) -> dict[str, str]:
    """Reads a file of variables as systemd does, or not at all."""
    found = dict[str, str]()
    for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
        said = line.strip()
        # systemd before 254 goes on with a comment that ends in a backslash.
        if not said or (said[0] in "#;" and not said.endswith("\\")):
            continue
        named = _LINE.fullmatch(said)
        value = None if named is None else _unquoted(named[2].strip())
        if named is None or value is None:
            raise PermanentFailure(
                f"{path.parent.name}/{path.name}:{number} is not read by a parent of many sites: "
                "write NAME=value on one line, without a backslash."
            )
        found[named[1]] = value
    return found


def _unquoted(value: str) -> str | None:
    """Takes off quotes around the whole; `None`: a value of several parts, or with a backslash."""
    if "\\" in value:
        return None
    if value[:1] not in ("'", '"'):
        return value
    inside = value[1:-1]
    return inside if len(value) > 1 and value[-1] == value[0] and value[0] not in inside else None
