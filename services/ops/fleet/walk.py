"""The upgrade of a fleet: one site after the other, each well before the next is touched.

Of each site: it is well; the new program migrates its database and makes its topics, beside the
former program, which runs on; its link is switched; its processes restart, readers first; all say
the new version and are well, twice. A site that is not well ends the walk, and those after it have
not been touched. A site that has passed all of it is passed over, so the same command resumes.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.ops.fleet.listing import Fleet, FleetSite
from services.ops.fleet.machine import CommandOutcome, program_of, run, run_as
from services.ops.fleet.standing import SiteStanding, ask
from shared.errors import PermanentFailure

RELEASE = re.compile(r"([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})(?:[A-Za-z0-9.+-]{0,40})")
"""A release's number, such as `1.3.0`."""
ORDER = ("notify", "sla", "keep", "run", "serve", "ingest", "portal")
"""In which processes restart: who hears before who tells."""
LONG_SECONDS = 24 * 3600.0
"""An index on a large table takes what it takes."""
SHORT_SECONDS = 120.0
BETWEEN_SECONDS = 2.0
LOOKS = 2
"""How often in a row a site has to be well."""


class NotUpgraded(PermanentFailure):
    """Raised when a site could not be upgraded and the walk ended; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class UpgradeStep:
    """Something that was done for a site, and the seconds that it took."""

    site: FleetSite
    what: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Walk:
    """An upgrade of a fleet's sites to an installed release."""

    fleet: Fleet
    release: str
    wait: float
    """Seconds that a site has to become well after its restart."""
    rehearsal: str | None = None
    """The kept rehearsal that `migrate` is told of."""

    async def steps(self, sites: tuple[FleetSite, ...]) -> AsyncIterator[UpgradeStep]:
        """Upgrades the sites in turn, and yields each step when it is done.

        Raises:
            NotUpgraded: a site was not well before or after, or a command failed.
        """
        for site in sites:
            standing = await ask(site)
            if self._is_done(standing):
                yield UpgradeStep(site, f"is at {self.release} and well")
                continue
            if newer := [said for said in standing.versions if is_newer(said, self.release)]:
                raise NotUpgraded(
                    f"{site.site} runs {', '.join(newer)}, and was not touched: a site goes back"
                    " by hand, as the notes of its release say."
                )
            if not standing.is_well and not await self._is_begun(site, standing):
                raise NotUpgraded(
                    f"{site.site} is not well, and was not touched: {standing.why} "
                    "Mend it, then type the same again."
                )
            async for step in self._upgrade(site, tuple(standing.processes or ())):
                yield step

    async def _upgrade(
        self, site: FleetSite, processes: tuple[str, ...]
    ) -> AsyncIterator[UpgradeStep]:
        began = time.monotonic()
        told = () if self.rehearsal is None else ("--rehearsal", self.rehearsal)
        await self._own(site, ("migrate", *told), LONG_SECONDS)
        await self._own(site, ("topics", *self.fleet.topic_words(site)), SHORT_SECONDS)
        yield UpgradeStep(site, "its database has what the release needs", time.monotonic() - began)
        began = time.monotonic()
        link = ("ln", "-sfn", self.release, _link_of(site))
        _well(site, "its link", await run(site, link, seconds=SHORT_SECONDS))
        for process in sorted(processes, key=_place):
            said = await run(site, restart_of(site, process), seconds=SHORT_SECONDS)
            _well(site, process, said, self._back(site))
        yield UpgradeStep(site, "its processes restarted", time.monotonic() - began)
        began = time.monotonic()
        await self._becomes_well(site)
        yield UpgradeStep(site, f"is at {self.release} and well", time.monotonic() - began)

    async def _own(self, site: FleetSite, words: tuple[str, ...], seconds: float) -> None:
        said = await run_as(site, "owner", words, release=self.release, seconds=seconds)
        _well(site, words[0], said, "It goes on with its former program.")

    async def _becomes_well(self, site: FleetSite) -> None:
        until = time.monotonic() + self.wait
        looks = 0
        while True:
            standing = await ask(site)
            looks = looks + 1 if self._is_done(standing) else 0
            if looks == LOOKS:
                return
            if time.monotonic() > until:
                wrong = standing.why or f"it says {', '.join(standing.versions)}."
                raise NotUpgraded(
                    f"{site.site} did not become well within {self.wait:.0f} s: {wrong} "
                    + self._back(site)
                )
            await asyncio.sleep(BETWEEN_SECONDS)

    async def _is_begun(self, site: FleetSite, standing: SiteStanding) -> bool:
        """Whether an earlier walk switched the site already, and its programs are not all back."""
        if self.release in standing.versions:
            return True
        link = await run(site, ("readlink", _link_of(site)), seconds=SHORT_SECONDS)
        return link.out.strip() == self.release

    def _is_done(self, standing: SiteStanding) -> bool:
        return standing.is_well and standing.versions == [self.release]

    def _back(self, site: FleetSite) -> str:
        return (
            "The sites after it were not touched. Look at its journal; to go back, unless the "
            f"release's notes forbid it: ln -sfn FORMER {_link_of(site)} on its "
            "machine, and restart its processes."
        )


def _well(site: FleetSite, what: str, said: CommandOutcome, then: str = "") -> None:
    """Raises NotUpgraded for a command that failed."""
    if said.code:
        raise NotUpgraded(f"{site.site}, {what}: {said.why} {then}".rstrip())


def restart_of(site: FleetSite, process: str) -> tuple[str, ...]:
    """Returns the words that restart a process of a site: of its unit, or of its parent."""
    if site.under == "host":
        return (program_of("current"), "host", "restart", site.site, process)
    return ("systemctl", "restart", f"vaguemestre-{process}@{site.site}")


def _link_of(site: FleetSite) -> str:
    return f"/opt/vaguemestre/site-{site.site}"


def is_newer(version: str, release: str) -> bool:
    """Returns whether a version that a process says is newer than a release; no number is not."""
    ours, theirs = (RELEASE.fullmatch(word) for word in (version, release))
    if ours is None or theirs is None:
        return False
    return tuple(map(int, ours.groups())) > tuple(map(int, theirs.groups()))


def _place(process: str) -> int:
    return ORDER.index(process) if process in ORDER else len(ORDER)


async def has_release(site: FleetSite, release: str) -> bool:
    """Returns whether a release is installed where the site is."""
    found = await run(site, ("ls", "-d", program_of(release)), seconds=SHORT_SECONDS)
    return found.code == 0
