"""Préfectures of a bench under one parent, as `vaguemestre host` holds them.

Whoever starts the bench as root gives the parent an account of its own that may read every file:
no process of a site is root, and the accounts of a machine may not read where a bench's Python
lies. All sites have that account here; that each has its own is tried elsewhere.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from deploy.embedded.ports import free_port
from services.ops.host import command
from services.ops.host.control import HostRefused, HostRequest, Verb, ask
from services.ops.host.places import PROCESSES, HostPlaces, SiteProcess, SystemAccount
from shared.platform.settings import PREFIX
from tests.bench.memory import Program, answers, until

USER: Final = 61_900
_SECRET: Final = ("DATABASE_URL", "PASSWORD_", "SECRET")


def _own_account(_: SiteProcess) -> SystemAccount:
    return SystemAccount(os.geteuid(), os.getegid(), os.getgroups())


def places_in(folder: Path) -> HostPlaces:
    """The places of a bench's machine."""
    return HostPlaces(folder / "etc", folder / "opt", folder / "run", _own_account)


class OneParent:
    """The parent of all préfectures of the bench, and what was written for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "host"
        self._places = places_in(self._folder)
        self._looks: dict[str, list[int]] = {}
        self._parent: asyncio.subprocess.Process | None = None

    def install(self, site: str, programs: Sequence[Program], owned: Path) -> Mapping[str, int]:
        """Writes what an operator writes for a site; returns the ports of its pages, by name."""
        etc, link = self._places.etc / site, self._places.releases / f"site-{site}"
        pages, self._looks[site] = dict[str, int](), list[int]()
        for directory in (etc, link.parent, self._places.state):
            directory.mkdir(parents=True, exist_ok=True)
        link.symlink_to(sys.prefix)
        (etc / "env").touch()
        for name, argv, variables in programs:
            process = next(known for known, words in PROCESSES.items() if argv[-1:] == words[-1:])
            if "portal" in argv:
                process = "portal"
            look, page = free_port(), free_port()
            if process != "run":
                pages[name] = page
            own = dict(variables) | {
                f"{PREFIX}HTTP_PORT": str(look if process == "run" else page),
                f"{PREFIX}HEALTH_PORT": str(look),
            }
            self._looks[site].append(look)
            self._write(etc, process, own)
        _give(owned)
        return pages

    @staticmethod
    def _write(etc: Path, process: str, variables: Mapping[str, str]) -> None:
        secrets = etc / "secrets" / process
        secrets.mkdir(parents=True)
        lines = []
        for name, value in variables.items():
            bare = name.removeprefix(PREFIX)
            if bare.startswith(_SECRET):
                (secrets / bare).write_text(value)
            else:
                lines.append(f"{name}={value}\n")
        (etc / f"{process}.env").write_text("".join(lines))

    async def start(self) -> None:
        """Starts the parent with all sites, and waits until every process is ready."""
        sites = "".join(f"- {{site: {site}, under: host}}\n" for site in self._looks)
        (self._folder / "fleet.yaml").write_text(f"topics: --replication 1\nsites:\n{sites}")
        _give(self._folder)
        words = [sys.executable, "-m", "tests.bench.hosting_parent", str(self._folder)]
        if os.geteuid() == 0:
            rights = ("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search")
            user = ("--reuid", str(USER), "--regid", str(USER), "--clear-groups")
            words = [shutil.which("setpriv") or "setpriv", *user, *rights, *words]
        with (self._folder / "log").open("wb") as log:
            self._parent = await asyncio.create_subprocess_exec(*words, stderr=log)
        for site in self._looks:
            await self.ready(site)

    async def ready(self, site: str) -> None:
        """Waits until the processes of a site say that they are ready."""
        for port in self._looks[site]:
            await until(partial(answers, port, "/ready"), f"{site} is not ready: {self._said()}")

    async def asks(self, verb: Verb, site: str) -> None:
        """Types a command of `host`, and waits until its processes are as it says."""
        await asyncio.to_thread(ask, self._places, HostRequest(verb, site))
        if verb == "stop":
            await until(partial(self._stopped, site), f"{site} does not end: {self._said()}")
        else:
            await self.ready(site)

    async def _stopped(self, site: str) -> bool:
        lines = await asyncio.to_thread(ask, self._places, HostRequest("status", site))
        return all(line.pid is None for line in lines)

    @property
    def pid(self) -> int:
        """The process id of the parent; all others are its forks, and their children."""
        assert self._parent is not None
        return self._parent.pid

    def _said(self) -> str:
        return (self._folder / "log").read_text()[-2000:]

    async def stop(self) -> None:
        """Ends the parent, and so all of its forks."""
        if self._parent is not None and self._parent.returncode is None:
            with suppress(ProcessLookupError):
                self._parent.terminate()
            await self._parent.wait()


def _give(folder: Path) -> None:
    """Gives a folder and all in it to the account of the parent."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, USER, USER, follow_symlinks=False)


if __name__ == "__main__":
    there = Path(sys.argv[1])
    try:
        command.hold(places_in(there), there / "fleet.yaml")
    except HostRefused as error:
        raise SystemExit(str(error)) from None
