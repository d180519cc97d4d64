"""The applied rules of a préfecture with their calendar, and the versions that came one by one.

Rule 14: a running clock uses the last applied rules; a stopped one those that were applied when its
stop was recorded, calendar included: an apply never changes a settled outcome.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from shared.calendar.local_days import begin_of, day_of, local_day
from shared.calendar.working_days import WorkingCalendar
from shared.errors import PermanentFailure
from shared.facts.clocks import Holder
from shared.facts.envelope import Receipt, ServiceId
from shared.facts.vocabulary import ClockName
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.commitments import Commitment, Step

R = TypeVar("R")

MOST_KNOWN = 20_000
"""Results that these rules keep: of what depends on a kind of letter and a day."""
MOST_ALIKE = 2_000
"""Plans of clocks that these rules keep, some 3 kB each, for the letters that are alike."""


@dataclass(frozen=True, eq=False)
class ClockRules:
    """The rules of one applied version, with the working calendar and time zone of its clocks.

    Equal to nothing but itself: what is worked out by it is kept under it.
    """

    applied: AppliedSite

    @property
    def calendar(self) -> WorkingCalendar:
        """The working calendar (jours ouvrés) as it was when these rules were applied."""
        return self.applied.days

    @property
    def version(self) -> int:
        """The number of these rules' version; not always the one applied last."""
        return self.applied.version

    def day(self, moment: datetime) -> date:
        """Returns the local day of an instant, in the site's time zone."""
        return local_day(moment, self.applied.site.zone)

    def start(self, day: date) -> datetime:
        """Returns the instant, in UTC, at which a local day begins (00:00)."""
        if (known := self._starts.get(day)) is None:
            known = self._starts[day] = begin_of(day, self.applied.site.zone)
        return known

    def end(self, day: date) -> datetime:
        """Returns the instant, in UTC, at which a local day ends (24:00), as a limit does."""
        return self.start(day + timedelta(days=1))

    def morning(self, day: date) -> datetime:
        """Returns the instant, in UTC, at which a day's reminders fall (06:00 local by default)."""
        if (known := self._mornings.get(day)) is None:
            site = self.applied.site
            known = datetime.combine(day, site.identity.day_rung, site.zone).astimezone(UTC)
            self._mornings[day] = known
        return known

    def receipt_day(self, receipt: Receipt) -> date:
        """Returns the local calendar day of a receipt, day 0 of the clocks."""
        return day_of(receipt, self.applied.site.zone)

    def is_history(self, receipt: Receipt) -> bool:
        """Whether a receipt was before go-live, so that no clock runs (docs/domain.md §6)."""
        return self.applied.history(receipt)

    def successor(self, service: ServiceId) -> ServiceId:
        """Returns the service's id, or that of the service which replaced it."""
        now = self.applied.site.service_now(service)
        return ServiceId(now.id) if now else service

    def sources(self, service: ServiceId) -> tuple[str, ...]:
        """Lists the mailboxes and Sent folders in which a reply of a service would be seen."""
        return self._sources.get(service, ())

    def commitments(self, clock: ClockName) -> Sequence[Commitment]:
        """Lists the commitments of one clock, in the order of commitments.yaml."""
        return self._commitments.get(clock, ())

    def steps(self, commitment: Commitment) -> tuple[Step, ...]:
        """Returns the ladder of a commitment: its steps, one for each reminder."""
        return self._steps[commitment.ladder]

    @cached_property
    def mail_office(self) -> Holder:
        """The holder of every item before a service has it: the mail office."""
        return Holder(service=ServiceId(self.applied.site.identity.mail_office))

    @cached_property
    def _mornings(self) -> dict[date, datetime]:
        """Those that were asked: of the days of a calendar, thousands at most."""
        return {}

    @cached_property
    def _starts(self) -> dict[date, datetime]:
        return {}

    def once(self, key: Hashable, work: Callable[[], R]) -> R:
        """Returns the result of `work()`, which is called once for a `key` as a rule.

        `work` must be a pure function of these rules and of the key.
        """
        return _kept(self._worked_out, MOST_KNOWN, key, work)

    def for_alike(self, key: Hashable, work: Callable[[], R]) -> R:
        """Returns the result of `work()`, which is called once for items that are alike as a rule.

        `key` is theirs (alike.py), with a clock. Apart from `once`, since a plan is large.
        """
        return _kept(self._alike, MOST_ALIKE, key, work)

    @cached_property
    def _worked_out(self) -> dict[Hashable, Any]:
        return {}

    @cached_property
    def _alike(self) -> dict[Hashable, Any]:
        return {}

    @cached_property
    def _sources(self) -> Mapping[ServiceId, tuple[str, ...]]:
        found: dict[ServiceId, tuple[str, ...]] = {}
        for box in self.applied.site.sources.mailboxes:
            if box.service is not None:
                service = ServiceId(box.service)
                sent = (f"sent:{box.id}",) if box.sent else ()
                found[service] = (*found.get(service, ()), *box.watched, *sent)
        return found

    @cached_property
    def _commitments(self) -> Mapping[ClockName, Sequence[Commitment]]:
        every = self.applied.site.commitments.commitments
        return {
            clock: [commitment for commitment in every if commitment.clock is clock]
            for clock in ClockName
        }

    @cached_property
    def _steps(self) -> Mapping[str, tuple[Step, ...]]:
        return {ladder.id: ladder.steps for ladder in self.applied.site.commitments.ladders}


def _kept(known: dict[Hashable, Any], most: int, key: Hashable, work: Callable[[], R]) -> R:
    found: R
    try:
        found = known[key]
    except KeyError:
        if len(known) >= most:
            known.clear()
        found = known[key] = work()
    return found


class NoRules(PermanentFailure):
    """Raised when no version of the rules was ever applied."""


@dataclass(frozen=True)
class Rulebook:
    """All applied versions of the rules, oldest first."""

    versions: tuple[ClockRules, ...]

    def __post_init__(self) -> None:
        if not self.versions:
            raise NoRules("no site was applied yet: run `vaguemestre site apply` first")

    @property
    def last(self) -> ClockRules:
        """The rules in effect now, which running clocks use."""
        return self.versions[-1]

    def until(self, moment: datetime) -> "Rulebook":
        """Returns the versions of the rules that had come into effect by a moment.

        Before the first one did, returns that one.
        """
        if self.last.applied.effective_from <= moment:
            return self
        known = [version for version in self.versions if version.applied.effective_from <= moment]
        return Rulebook(tuple(known) or self.versions[:1])

    @cached_property
    def settled(self) -> datetime:
        """The moment from which on all of these versions are in effect."""
        return max(version.applied.effective_from for version in self.versions)

    def reigns(self, since: datetime) -> Iterator[tuple[ClockRules, datetime | None]]:
        """Yields each version of the rules in effect since a moment, and when it was replaced.

        `None`: it is in effect now.
        """
        first = len(self.until(since).versions) - 1
        nexts = [version.applied.effective_from for version in self.versions[first + 1 :]]
        yield from zip(self.versions[first:], [*nexts, None], strict=True)
