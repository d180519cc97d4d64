"""A parent of two sites with one process each, under accounts that no machine has to make.

`python -m tests.plumbing_host FOLDER`. The process reads its settings and stands; it imports
nothing, since those accounts may not read where this Python lies. Told by SIGUSR1, parent and forks
write which secrets of the test they find in their own memory, which they can always read.
"""

import ctypes
import os
import re
import signal
import sys
import time
from pathlib import Path

import click

import services.__main__
from services.__main__ import Entry
from services.ops.host import command
from services.ops.host.places import HostPlaces, SiteProcess, SystemAccount
from shared.platform.settings import ProcessSettings, load

FIRST = 61_000
_PR_SET_DUMPABLE = 4
SECRET = re.compile(rb"seekret-[0-9a-f]{4}-of-[ab]")
"""The shape of the test's secrets; it does not match itself."""


def account_of(which: SiteProcess) -> SystemAccount:
    """An account for each site; that of whoever runs the tests, where that is not root."""
    if os.geteuid() != 0:
        return SystemAccount(os.getuid(), os.getgid(), os.getgroups())
    user = FIRST + ord(which.site)
    return SystemAccount(user, user, (user, user + 100))


def places_in(folder: Path) -> HostPlaces:
    """The places of the test's machine."""
    words = {"portal": ("stand",)}
    return HostPlaces(folder / "etc", folder / "opt", folder / "run", account_of, words)


def found() -> set[bytes]:
    """The secrets of the test in this process's memory."""
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
    secrets = set[bytes]()
    with Path("/proc/self/maps").open() as maps, Path("/proc/self/mem").open("rb") as memory:
        for line in maps:
            span, rights, *_ = line.split()
            if not rights.startswith("rw") or "[v" in line:
                continue
            start, end = (int(number, 16) for number in span.split("-"))
            memory.seek(start)
            secrets |= set(SECRET.findall(memory.read(end - start)))
    return secrets


def tell(folder: Path) -> None:
    """Writes what is found, under this process's id."""
    told = folder / "told" / str(os.getpid())
    told.with_suffix(".part").write_bytes(b" ".join(sorted(found())))
    told.with_suffix(".part").rename(told)


@click.command()
def stand() -> None:
    """Reads its settings, as every process does first; stands until it is told to end."""
    settings = load(ProcessSettings)
    Path(os.environ["TOLD"], f"stands-{os.getpid()}").touch()
    while settings:  # not `signal.pause`: a signal that came just before it would be heard after it
        time.sleep(0.05)


def main(folder: Path) -> None:
    b"codec".decode("utf-8-sig")  # a codec is imported by who first asks for it
    signal.signal(signal.SIGUSR1, lambda *_: tell(folder))
    commands = {**services.__main__.COMMANDS, "stand": Entry("tests.plumbing_host", "stand", "")}
    services.__main__.COMMANDS = commands
    command.hold(places_in(folder), folder / "fleet.yaml", ("tests.plumbing_host",), ())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
