"""How a site stands, as its own `vaguemestre status --json` says; sums only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.ops.fleet.listing import FleetSite
from services.ops.fleet.machine import CommandOutcome, run_as

SECONDS = 60.0
NO_SUCH_OPTION = 2
"""The exit code of a program that does not know `--json`."""


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """The state of one site at one moment; `unknown` says why nothing is known of it."""

    site: FleetSite
    unknown: str = ""
    authority: str = ""
    processes: Mapping[str, str] | None = None
    """By the name of a process, the version that it says it is; "" if it says none."""
    wrong: Sequence[str] = ()
    """What is wrong with the installation, one sentence each."""
    people: Sequence[str] = ()
    """What waits for people, one sentence each: nothing is wrong by it."""
    waiting: int = 0
    """Facts that wait to be told or heard."""
    dead: int = 0
    """Dead letters."""

    @property
    def is_well(self) -> bool:
        """Whether all its processes are known and nothing is wrong."""
        return not self.unknown and bool(self.processes) and not self.wrong

    @property
    def versions(self) -> Sequence[str]:
        """The versions that its processes say, each once, in order."""
        return sorted({said or "?" for said in (self.processes or {}).values()})

    @property
    def why(self) -> str:
        """The reasons why the site is not well, for a person; "" while it is."""
        if self.is_well:
            return ""
        if self.unknown:
            return self.unknown
        return " ".join(self.wrong) or "No process is known: set VAGUEMESTRE_HTTP_PORTS."


async def ask(site: FleetSite) -> SiteStanding:
    """Asks a site how it stands; whatever fails is in the answer."""
    return read(site, await run_as(site, "status", ("status", "--json"), seconds=SECONDS))


def read(site: FleetSite, said: CommandOutcome) -> SiteStanding:
    """Reads what `vaguemestre status --json` printed; whatever fails is in the answer."""
    if said.code == NO_SUCH_OPTION and "--json" in said.error:
        return SiteStanding(site, "Its program is too old to say: upgrade it once by hand.")
    try:
        answer = json.loads(said.out)
        return SiteStanding(
            site,
            authority=str(answer["authority"]),
            processes={str(name): str(version) for name, version in answer["processes"].items()},
            wrong=[str(sentence) for sentence in answer["wrong"]],
            people=[str(sentence) for sentence in answer["people"]],
            waiting=int(answer["waiting"]),
            dead=int(answer["dead"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return SiteStanding(site, said.why)
