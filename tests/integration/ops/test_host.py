"""One parent holds two sites, each as its own account with its own secrets, and starts them again.

What stands for a site's process (tests/plumbing_host.py) reads its settings, and waits.
"""

import os
import re
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.ops.host.control import HostRefused, HostRequest, Verb, ask
from services.ops.host.places import SiteProcess
from tests.architecture.test_anatomy import PROJECT
from tests.plumbing_host import account_of, places_in

PATIENCE = 120.0
SITES = ("a", "b")


class Machine:
    """A machine of two sites, and the parent that runs there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = places_in(folder)
        self.secrets = {site: f"seekret-{secrets.token_hex(2)}-of-{site}" for site in SITES}
        self.parent: subprocess.Popen[bytes] | None = None
        lines = "".join(f"- {{site: {site}, under: host}}\n" for site in SITES)
        (folder / "fleet.yaml").write_text(f"topics: --replication 1\nsites:\n{lines}")
        (folder / "told").mkdir()
        (folder / "told").chmod(0o777)
        for site in SITES:
            self._install(site)

    def _install(self, site: str) -> None:
        etc = self.folder / "etc" / site
        (etc / "secrets/portal").mkdir(parents=True, mode=0o700)
        (etc / "env").write_text(f"TOLD={self.folder / 'told'}\n")
        url = f"postgresql://nobody:{self.secrets[site]}@127.0.0.1:1/letters\n"
        (etc / "secrets/portal/DATABASE_URL").write_text(url)
        self.link(site, Path(sys.prefix))

    def link(self, site: str, release: Path) -> None:
        """Switches a site to a release."""
        link = self.folder / "opt" / f"site-{site}"
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(release)

    def start(self) -> None:
        """Starts the parent, as its unit does."""
        with (self.folder / "log").open("ab") as log:
            self.parent = subprocess.Popen(  # noqa: S603  (a program of ours)
                [sys.executable, "-m", "tests.plumbing_host", self.folder], cwd=PROJECT, stderr=log
            )

    def log(self) -> str:
        """What the parent and its forks wrote."""
        return (self.folder / "log").read_text()

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits until something holds."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def stand(self) -> None:
        """Waits until the processes of both sites have read their settings."""
        self.until(self._stand)

    def _stand(self) -> bool:
        try:
            pids = [self.pid(site) for site in SITES]
        except HostRefused:  # the parent imports
            return False
        return all((self.folder / f"told/stands-{pid}").exists() for pid in pids)

    def pid(self, site: str) -> int | None:
        """The process id of a site's portal; `None`: it does not stand."""
        (line,) = ask(self.places, HostRequest("status", site))
        return line.pid

    def asks(self, verb: Verb, site: str) -> None:
        """Types a command of `host`."""
        ask(self.places, HostRequest(verb, site))

    def in_memory_of(self, pid: int) -> set[str]:
        """The secrets in a process's memory, as it says itself."""
        told = self.folder / "told" / str(pid)
        os.kill(pid, signal.SIGUSR1)
        self.until(told.exists)
        return set(told.read_text().split())


@pytest.fixture
def machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="vaguemestre-host-") as name:
        Path(name).chmod(0o711)
        made = Machine(Path(name))
        yield made
        if made.parent is not None and made.parent.poll() is None:
            made.parent.terminate()
            made.parent.wait(PATIENCE)


def status_of(pid: int, name: str) -> str:
    """A line of what the kernel says of a process."""
    text = Path(f"/proc/{pid}/status").read_text()
    (found,) = re.findall(rf"^{name}:\s*(.*)$", text, re.MULTILINE)
    return str(found)


def ended(pid: int) -> Callable[[], bool]:
    """Makes the question whether a process that runs now has ended since."""
    watch = os.pidfd_open(pid)
    return lambda: bool(select.select([watch], [], [], 0)[0])


def test_each_site_has_its_account_and_its_secrets_and_the_parent_none(machine: Machine) -> None:
    machine.start()
    machine.stand()
    assert machine.parent is not None
    pids = {site: machine.pid(site) or 0 for site in SITES}
    for site, pid in pids.items():
        account = account_of(SiteProcess(site, "portal"))
        assert status_of(pid, "Uid").split() == [str(account.user)] * 4
        assert status_of(pid, "Gid").split() == [str(account.group)] * 4
        groups = {int(group) for group in status_of(pid, "Groups").split()}
        assert groups == set(account.groups)
        for capabilities in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            assert int(status_of(pid, capabilities), 16) == 0
        assert status_of(pid, "NoNewPrivs") == "1"
        (copy,) = machine.places.credentials(SiteProcess(site, "portal")).iterdir()
        assert (copy.stat().st_uid, copy.stat().st_mode & 0o777) == (account.user, 0o400)
        assert machine.in_memory_of(pid) == {machine.secrets[site]}
        log = str(machine.folder / "log")
        files = {int(file.name): str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()}
        assert {file: files[file] for file in (0, 2)} == {0: "/dev/null", 2: log}
        assert files.keys() == {0, 1, 2}, "the parent's socket, or a file of another"
    assert machine.in_memory_of(machine.parent.pid) == set()

    # Who is killed begins again, and only that one.
    os.kill(pids["a"], signal.SIGKILL)
    machine.until(lambda: machine.pid("a") not in (None, pids["a"]))
    machine.stand()
    # Stopped, it leaves nothing of its secrets; begun again, it is of the release that it names.
    machine.asks("stop", "a")
    machine.until(lambda: machine.pid("a") is None)
    assert not machine.places.credentials(SiteProcess("a", "portal")).exists()
    other = machine.folder / "opt/2.0.0/bin"
    other.mkdir(parents=True)
    (other / "vaguemestre").write_text("#!/bin/sh\nexec sleep 3600\n")
    (other / "vaguemestre").chmod(0o755)
    machine.link("a", other.parent)
    machine.asks("start", "a")
    machine.until(lambda: machine.pid("a") is not None)
    new = machine.pid("a") or 0
    machine.until(lambda: b"sleep" in Path(f"/proc/{new}/cmdline").read_bytes())
    assert status_of(new, "Uid").split()[0] == str(account_of(SiteProcess("a", "portal")).user)
    assert machine.pid("b") == pids["b"]
    machine.link("a", Path(sys.prefix))

    # Killed itself, it takes its forks along; its unit starts it, and it ends as it is asked.
    gone = [ended(new), ended(pids["b"])]
    machine.parent.kill()
    machine.parent.wait()
    machine.until(lambda: all(is_gone() for is_gone in gone))
    machine.start()
    machine.stand()
    machine.parent.terminate()
    assert machine.parent.wait(PATIENCE) == 0
    assert list(machine.places.state.iterdir()) == []
