"""`vaguemestre host`: one process that imports once and forks the small préfectures of a machine.

Needs:  root; /etc/vaguemestre/fleet.yaml whose sites say `under: host`, and of each site what its
        units need (deploy/systemd): accounts, variables, secrets, its link to a release
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from services.ops.fleet import listing
from services.ops.fleet.listing import BadFleet
from services.ops.host import parent
from services.ops.host.children import END_SECONDS
from services.ops.host.control import HostRefused, HostRequest, ProcessLine, Verb, ask
from services.ops.host.places import PROCESSES, HostPlaces
from shared.platform.confinement import hide
from shared.platform.observability import logs

BETWEEN_SECONDS: Final = 0.2
_SITE = click.argument("site")
_PROCESS = click.argument("process", required=False, type=click.Choice(tuple(PROCESSES)))


@click.group("host")
def host_commands() -> None:
    """The small préfectures of this machine as forks of one process."""


@host_commands.command()
@click.option(
    "--fleet",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=listing.DEFAULT,
    show_default=True,
    help="The file that lists the sites.",
)
def run(path: Path) -> None:
    """Hold `run`, `desk serve` and `portal serve` of each site `under: host`, until told to end."""
    if os.geteuid() != 0:
        raise HostRefused("host run is root's: each site has its own account.")
    hold(HostPlaces(), path)


def hold(
    places: HostPlaces,
    path: Path,
    imported: Sequence[str] = parent.IMPORTED,
    drawn: Sequence[str] = parent.DRAWN,
) -> None:
    """Holds the processes of a fleet's sites until told to end; in a fork, runs one of them.

    Args:
        places: of this machine.
        path: of the file that lists the sites.
        imported: the modules that the forks share.
        drawn: the modules that name the folders of pages that they share.

    Raises:
        BadFleet: the file can't be read, or puts no site under a parent.
        PermanentFailure: an imported module started a thread.
    """
    logs.set_up("host")
    hide()
    sites_of(path)
    parent.import_once(imported, drawn)
    parent.prepare(places)
    fork = parent.HostParent(places, lambda: sites_of(path)).run()
    if fork is not None:
        fork.become()


def sites_of(path: Path) -> Sequence[str]:
    """Reads which sites this machine's parent holds.

    Raises BadFleet: the file can't be read, or puts no site of this machine under a parent.
    """
    here = [
        site.site for site in listing.read(path).sites if site.under == "host" and not site.host
    ]
    if not here:
        raise BadFleet(f"{path} has no site of this machine that says `under: host`.")
    return here


@host_commands.command()
def status() -> None:
    """Show each process: its id, since when it stands; exit code 1 when one has ended."""
    lines = ask(HostPlaces(), HostRequest("status"))
    for line in lines:
        click.echo(f"{line.site}  {line.process:<7} {_state(line)}")
    if any((line.wanted or line.refused) and line.pid is None for line in lines):
        raise SystemExit(1)


@host_commands.command()
@_SITE
@_PROCESS
def restart(site: str, process: str | None) -> None:
    """End a site's processes and begin them anew, from the release that its link names."""
    _until_new(HostRequest("restart", site, process))


@host_commands.command()
@_SITE
@_PROCESS
def stop(site: str, process: str | None) -> None:
    """End a site's processes; they stay so until `start`, or until the parent starts anew."""
    _until_new(HostRequest("stop", site, process))


@host_commands.command()
@_SITE
@_PROCESS
def start(site: str, process: str | None) -> None:
    """Begin a site's processes that were stopped, or those of a site that the file now names."""
    _until_new(HostRequest("start", site, process))


def _until_new(request: HostRequest) -> None:
    """Asks, and waits until it is done. Raises HostRefused."""
    places = HostPlaces()
    look = HostRequest("status", request.site, request.process)
    known = request.verb == "start" or ask(places, look)
    before = set() if known is True else {line.pid for line in known}
    ask(places, request)
    until = time.monotonic() + END_SECONDS + 15
    while not _is_done(request.verb, before, ask(places, look)):
        if time.monotonic() > until:
            raise HostRefused(f"{request.site}: not done in time; `host status` says what stands.")
        time.sleep(BETWEEN_SECONDS)


def _is_done(verb: Verb, before: set[int | None], lines: Sequence[ProcessLine]) -> bool:
    if verb == "stop":
        return all(line.pid is None for line in lines)
    return all(line.pid is not None and line.pid not in before for line in lines)


def _state(line: ProcessLine) -> str:
    if line.pid is not None:
        return f"stands for {line.seconds:.0f} s, process {line.pid}"
    if line.refused:
        return "ended by code 3: a person looks why, then `host start`"
    return f"begins again in {line.seconds:.0f} s" if line.wanted else "was stopped"
