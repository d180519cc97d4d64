"""Requests for missing pieces and what came of them: which are open, and the time spent waiting.

A request waits from its local day until the pieces arrive or its date passes, whichever is first
(CRPA L114-5; CLOCKS, rule 13); a reception ends every open request. It is *open* until the pieces
are received, even past its date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.calendar.local_days import end_of, local_day
from shared.calendar.working_days import WorkingCalendar
from shared.facts.items.pieces import PiecesReceived, PiecesRequested


@dataclass(frozen=True, slots=True)
class PiecesWait:
    """A period of waiting for missing pieces, as instants and as local days."""

    begun: datetime
    over: datetime
    since: date
    until: date

    def worked_days(self, days: WorkingCalendar, after: date, until: date) -> int:
        """Counts the jours ouvrés of this wait for pieces after one day and up to another."""
        since, last = max(self.since, after), min(self.until, until)
        return days.between(since, last) if since < last else 0

    def calendar_days(self, after: date) -> int:
        """Counts the calendar days of this wait for pieces that lie after a day."""
        return max(self.until - max(self.since, after), timedelta()).days


@dataclass(frozen=True, slots=True)
class Pieces:
    """The requests for missing pieces of one item and their receptions, without withdrawn facts."""

    requested: Sequence[PiecesRequested] = ()
    received: Sequence[PiecesReceived] = ()

    def with_request(self, fact: PiecesRequested) -> "Pieces":
        """Returns a copy with one more request for missing pieces."""
        return Pieces((*self.requested, fact), self.received)

    def with_reception(self, fact: PiecesReceived) -> "Pieces":
        """Returns a copy with one more reception of missing pieces."""
        return Pieces(self.requested, (*self.received, fact))

    def happened_by(self, moment: datetime) -> "Pieces":
        """Returns a copy with only the requests and receptions before a moment."""
        return Pieces(
            [fact for fact in self.requested if fact.happened_at < moment],
            [fact for fact in self.received if fact.happened_at < moment],
        )

    def moments(self) -> Sequence[datetime]:
        """Returns the moments of all requests for pieces and their receptions, in order."""
        return sorted({fact.happened_at for fact in (*self.requested, *self.received)})

    def reception(self, request: PiecesRequested) -> PiecesReceived | None:
        """Returns the first reception of pieces after this request, or `None`."""
        after = [fact for fact in self.received if fact.happened_at >= request.happened_at]
        return min(after, key=lambda fact: (fact.happened_at, fact.seq), default=None)

    def open(self) -> Sequence[PiecesRequested]:
        """Returns the requests whose pieces were not received yet, oldest first."""
        lacking = (request for request in self.requested if self.reception(request) is None)
        return sorted(lacking, key=lambda fact: (fact.happened_at, fact.seq))

    def last_reception(self) -> PiecesReceived | None:
        """Returns the last reception of missing pieces at or after the last request.

        `None` when there is none: that request is open, or nothing was ever received.
        """
        asked = max((fact.happened_at for fact in self.requested), default=None)
        after = [
            reception
            for reception in self.received
            if asked is None or reception.happened_at >= asked
        ]
        return max(after, key=lambda fact: (fact.happened_at, fact.seq), default=None)

    def waits(self, zone: ZoneInfo) -> Sequence[PiecesWait]:
        """Returns the periods of waiting for missing pieces, in order of time.

        Each begins with a request and ends with the next reception, or with the day until
        which pieces were asked for, whichever comes first. Overlapping ones are merged into
        one.
        """
        united = list[PiecesWait]()
        for request in sorted(self.requested, key=lambda fact: fact.happened_at):
            wait = self._wait(request, zone)
            if united and wait.begun <= united[-1].over:
                before = united.pop()
                last = max(before, wait, key=lambda one: one.over)
                united.append(PiecesWait(before.begun, last.over, before.since, last.until))
            else:
                united.append(wait)
        return united

    def _wait(self, request: PiecesRequested, zone: ZoneInfo) -> PiecesWait:
        since = local_day(request.happened_at, zone)
        until = max(since, request.until)
        received = self.reception(request)
        if received and local_day(received.happened_at, zone) <= until:
            day = local_day(received.happened_at, zone)
            return PiecesWait(request.happened_at, received.happened_at, since, day)
        return PiecesWait(request.happened_at, end_of(until, zone), since, until)
