"""`vaguemestre fleet`: all préfectures of shared servers on one screen, and their upgrade.

Typed as root on one of the machines, as the guide's other commands are; it asks each site by the
commands of that site, and has no database, no secret and no state of its own.
"""

import asyncio
import fcntl
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from services.ops.fleet import listing, screen
from services.ops.fleet.listing import Fleet, FleetSite
from services.ops.fleet.machine import run_as
from services.ops.fleet.standing import SiteStanding, ask
from services.ops.fleet.walk import LONG_SECONDS, RELEASE, Walk, has_release, is_newer
from shared.errors import PermanentFailure


class _ReleaseNumber(click.ParamType[str]):
    """The number of a release on the command line; any other word might name another's link."""

    name = "release"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns a release's number as it was typed. Fails for another word."""
        if not RELEASE.fullmatch(value):
            self.fail(f"'{value}' is no release's number, such as 1.3.0.", param, ctx)
        return value


RELEASE_NUMBER = _ReleaseNumber()
AT_ONCE = 8
"""Sites that are asked side by side."""
PLAIN_WIDTH = 160
"""Columns where there is no terminal."""

_FILE = click.option(
    "--fleet",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=listing.DEFAULT,
    show_default=True,
    help="The file that lists the sites.",
)
_SITES = click.option("--site", "names", multiple=True, help="Only this site; may be repeated.")


class OtherFleetCommand(PermanentFailure):
    """Raised when another upgrade of the same fleet runs on this machine."""


@click.group("fleet")
def fleet_commands() -> None:
    """Look at several préfectures together; upgrade them one after the other."""


@fleet_commands.command()
@_FILE
@_SITES
def status(path: Path, names: tuple[str, ...]) -> None:
    """Show how all sites stand, one row each; exit code 1 when one is not well."""
    sites = listing.read(path).only(names)
    standings = asyncio.run(_ask_all(sites))
    screen.show(standings, _console())
    if not all(standing.is_well for standing in standings):
        raise SystemExit(1)


@fleet_commands.command()
@click.argument("release", type=RELEASE_NUMBER)
@_FILE
@_SITES
def plan(release: str, path: Path, names: tuple[str, ...]) -> None:
    """Say what `fleet upgrade RELEASE` would do, site by site; exit code 1 if it would be refused.

    Nothing is changed.
    """
    fleet = listing.read(path)
    sites = fleet.only(names)
    ready = asyncio.run(_planned(fleet, sites, release))
    if not ready:
        raise SystemExit(1)


@fleet_commands.command()
@click.argument("release", type=RELEASE_NUMBER)
@_FILE
@_SITES
@click.option(
    "--wait",
    type=click.FloatRange(min=1),
    default=180.0,
    show_default=True,
    help="Seconds that a site has to be well again after its restart.",
)
@click.option("--rehearsal", help="The kept rehearsal that the upgrade rests on; needs one --site.")
def upgrade(
    release: str, path: Path, names: tuple[str, ...], wait: float, rehearsal: str | None
) -> None:
    """Upgrade the sites in the file's order to an installed release; stop at the first not well.

    Each site is migrated while its former program runs, switched, restarted, and has to be well
    before the next is touched. Typed again, it goes on where it stopped.
    """
    if rehearsal is not None and len(names) != 1:
        raise click.UsageError("--rehearsal is of one site: name it by --site.")
    fleet = listing.read(path)
    with _alone(path):
        asyncio.run(_upgraded(Walk(fleet, release, wait, rehearsal), fleet.only(names)))


@fleet_commands.command(context_settings={"ignore_unknown_options": True})
@_FILE
@_SITES
@click.argument("role")
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED)
def each(path: Path, names: tuple[str, ...], role: str, words: tuple[str, ...]) -> None:
    """Run `vaguemestre-as SITE ROLE WORDS…` for each site in turn; stop at the first that fails.

    `{site}` in a word is the site's short name: `vaguemestre fleet each owner site check
    /etc/vaguemestre/{site}/site`.
    """
    sites = listing.read(path).only(names)
    for site in sites:
        told = [word.replace("{site}", site.site) for word in words]
        said = asyncio.run(run_as(site, role, told, seconds=LONG_SECONDS))
        for line in (said.out + said.error).splitlines():
            click.echo(f"{site.site}  {line}")
        if said.code:
            raise click.ClickException(
                f"{site.site}: {shlex.join(told)} ended by {said.code}; "
                "the sites after it were not asked."
            )


async def _ask_all(sites: Sequence[FleetSite]) -> Sequence[SiteStanding]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def asked(site: FleetSite) -> SiteStanding:
        async with turn:
            return await ask(site)

    return await asyncio.gather(*(asked(site) for site in sites))


async def _planned(fleet: Fleet, sites: Sequence[FleetSite], release: str) -> bool:
    """Says a line for each site; returns whether the walk would be begun at all of them."""
    standings = await _ask_all(sites)
    installed = {site.host: await has_release(site, release) for site in sites}
    ready = True
    for standing in standings:
        here = standing.site
        now = ", ".join(standing.versions) or "?"
        if not installed[here.host]:
            what = f"refused: {release} is not installed on {here.host or 'this machine'}"
        elif any(is_newer(said, release) for said in standing.versions):
            what = "refused: it runs a newer one"
        elif standing.is_well and standing.versions == [release]:
            what = "nothing to do"
        elif not standing.is_well and release not in standing.versions:
            what = f"refused: {standing.why}"
        else:
            topics = " ".join(fleet.topic_words(here))
            what = f"migrate, topics {topics}, restart {len(standing.processes or ())} processes"
        ready = ready and not what.startswith("refused")
        click.echo(f"{here.site}  {now} → {release}  {what}")
    return ready


async def _upgraded(walk: Walk, sites: tuple[FleetSite, ...]) -> None:
    machines = {site.host: site for site in sites}
    for host, site in machines.items():
        if not await has_release(site, walk.release):
            raise PermanentFailure(
                f"{walk.release} is not installed on {host or 'this machine'}: "
                "no site was touched. Install it beside the former one first."
            )
    async for step in walk.steps(sites):
        took = f"  ({step.seconds:.0f} s)" if step.seconds else ""
        click.echo(f"{step.site.site}  {step.what}{took}")
    click.echo(f"All {len(sites)} sites are at {walk.release} and well.")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Holds the fleet's file, so that two upgrades never walk beside each other here."""
    with path.open(encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OtherFleetCommand("Another upgrade of this fleet runs.") from error
        yield


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)
