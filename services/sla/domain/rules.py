"""The applied rules of a préfecture with their calendar, and the versions that came one by one.

Rule 14: a running clock uses the last applied rules; a stopped one those that were applied when its
stop was recorded, calendar included: an apply never changes a settled outcome.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property

from shared.calendar.local_days import day_of, end_of, local_day
from shared.calendar.working_days import WorkingCalendar
from shared.errors import PermanentFailure
from shared.facts.envelope import Receipt, ServiceId
from shared.facts.vocabulary import ClockName
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.commitments import Commitment, Step


@dataclass(frozen=True)
class ClockRules:
    """The rules of one applied version, with its calendar; knows what a local day is."""

    applied: AppliedSite

    @property
    def calendar(self) -> WorkingCalendar:
        """The working calendar (jours ouvrés) as it was when this version was applied."""
        return self.applied.days

    @property
    def version(self) -> int:
        """The number of the applied version."""
        return self.applied.version

    def day(self, moment: datetime) -> date:
        """The local day of an instant."""
        return local_day(moment, self.applied.site.zone)

    def start(self, day: date) -> datetime:
        """The instant of 00:00 local on a day, in UTC."""
        return datetime.combine(day, time(), self.applied.site.zone).astimezone(UTC)

    def end(self, day: date) -> datetime:
        """The instant of 24:00 local on a day, in UTC: a limit of that day is kept until then."""
        return end_of(day, self.applied.site.zone)

    def morning(self, day: date) -> datetime:
        """The instant at which a day's rungs fall (`day_rung`, 06:00 local by default), in UTC."""
        site = self.applied.site
        return datetime.combine(day, site.identity.day_rung, site.zone).astimezone(UTC)

    def received(self, receipt: Receipt) -> date:
        """Day 0: the local calendar day of receipt."""
        return day_of(receipt, self.applied.site.zone)

    def is_history(self, receipt: Receipt) -> bool:
        """Whether a receipt was before go-live: then no clock runs (docs/domain.md §6)."""
        return self.applied.history(receipt)

    def answering(self, service: ServiceId) -> ServiceId:
        """The service itself, or its successor."""
        now = self.applied.site.service_now(service)
        return ServiceId(now.id) if now else service

    def sources(self, service: ServiceId) -> tuple[str, ...]:
        """The mailboxes and Sent folders in which a reply of this service would be seen."""
        return self._sources.get(service, ())

    def commitments(self, clock: ClockName) -> Sequence[Commitment]:
        """The commitments of one clock, in the order of the file."""
        return self._commitments.get(clock, ())

    def steps(self, commitment: Commitment) -> tuple[Step, ...]:
        """The ladder of a commitment: its steps, one for each rung."""
        return self._steps[commitment.ladder]

    @cached_property
    def _sources(self) -> Mapping[ServiceId, tuple[str, ...]]:
        found: dict[ServiceId, tuple[str, ...]] = {}
        for box in self.applied.site.sources.mailboxes:
            if box.service is not None:
                service = ServiceId(box.service)
                sent = (f"sent:{box.id}",) if box.sent else ()
                found[service] = (*found.get(service, ()), f"mailbox:{box.id}", *sent)
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


class NoRules(PermanentFailure):
    """No version of the rules was ever applied."""


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
        """The versions that were in effect by then; before the first one, the first."""
        if self.last.applied.effective_from <= moment:
            return self
        known = [version for version in self.versions if version.applied.effective_from <= moment]
        return Rulebook(tuple(known) or self.versions[:1])

    def reigns(self, since: datetime) -> Iterator[tuple[ClockRules, datetime | None]]:
        """Each version from the one in effect at `since`, with the moment when it was replaced."""
        first = len(self.until(since).versions) - 1
        nexts = [version.applied.effective_from for version in self.versions[first + 1 :]]
        yield from zip(self.versions[first:], [*nexts, None], strict=True)
