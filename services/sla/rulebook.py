"""The versions of the rules that are applied, as clocks are planned by them."""

from dataclasses import dataclass

from services.sla.domain.rules import ClockRules, Rulebook
from shared.platform.database import Connection
from shared.site.applied_rules import AllVersions, AppliedRules


@dataclass(frozen=True)
class Edition:
    """All applied versions of the rules, numbered: items of a lower number are planned again."""

    number: int
    rulebook: Rulebook


class Editions:
    """A cache of all applied versions of the rules for sla."""

    def __init__(self) -> None:
        self._rules = AppliedRules()
        self._made: tuple[AllVersions, Edition] | None = None

    async def __call__(self, connection: Connection) -> Edition:
        """Returns the current versions of the rules. Raises TemporaryFailure when there is none."""
        versions = await self._rules.all_versions(connection)
        if self._made is None or self._made[0] is not versions:
            book = Rulebook(tuple(ClockRules(site) for site in versions.sites))
            self._made = versions, Edition(versions.edition, book)
        return self._made[1]
