"""When silence becomes a decision: the one place that counts it (CRPA L231-1 to L231-6).

From what a person confirmed, the regime of the applied site, the requests for pieces and their
receptions, `silence` tells at a moment one of four things:

    Runs         silence decides at the end of `limit`
    Suspended    a rejection waits for pieces (L114-5): until their date, or until they arrive
    NotRunning   no period runs, and why: the file is incomplete, silence decides nothing
                 (CE, 10 October 2024, n° 494718)
    Born         the limit has passed: the decision exists

| effect × start    | counts from                          | pieces asked for            |
|-------------------|--------------------------------------|-----------------------------|
| rejection, office | the first or competent office (L114-3) | suspended, L114-5         |
| rejection, file   | the file is complete                 | no period while a request is open |
| acceptance        | the competent office, and never before the file is complete | likewise |

The register, the clocks, the letters and the pages all ask here, so that no text tells another date
than the clock. Whether it was born is judged by what had happened by the limit (CLOCKS, rule 19):
neither a later request nor a later reception changes it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import assert_never
from zoneinfo import ZoneInfo

from shared.calendar.local_days import day_of, end_of, local_day
from shared.calendar.pieces import Pieces, PiecesWait
from shared.calendar.working_days import add_months
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import Effect, RegimeStart
from shared.site.tables.regimes import Period, PeriodUnit, Regime


class Idle(StrEnum):
    """The reason why no period of implied decision (silence) runs."""

    PIECES_AWAITED = "pieces_awaited"
    """A request for pieces is open, and the period counts from the complete file."""
    FORBIDDEN_START = "forbidden_start"
    """An acceptance was confirmed from the first office (L114-3): it has to be confirmed anew."""


@dataclass(frozen=True, slots=True)
class CountedPeriod:
    """A period of implied decision: its day 0, and the day at whose end silence decides."""

    day_zero: date
    limit: date
    waits: tuple[PiecesWait, ...] = ()
    """The suspensions that it holds."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The state of an implied decision whose period runs: silence decides at the end of `limit`."""

    day_zero: date
    limit: date


@dataclass(frozen=True, slots=True)
class Suspended:
    """The state of an implied decision whose period is suspended for missing pieces.

    `since`: local day from which; `until`: at the latest.
    """

    day_zero: date
    limit: date
    """When silence decides if the time granted runs out."""
    since: date
    until: date
    limit_if_resumed: date
    """When silence decides if the pieces arrive on the day of the question."""


@dataclass(frozen=True, slots=True)
class NotRunning:
    """The state of an implied decision of which no period runs, and why.

    `since`: the local day on which something began to be missing.
    """

    why: Idle
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Born:
    """The state of an implied decision that exists: silence decided at the end of `limit`."""

    day_zero: date
    limit: date


SilenceState = Runs | Suspended | NotRunning | Born


def from_complete_file(effect: Effect, start: RegimeStart) -> bool:
    """Whether a period of silence counts from the complete file, as an acceptance always does.

    See CRPA L114-5.
    """
    return effect is Effect.ACCEPTANCE or start is RegimeStart.COMPLETE_FILE


def is_forbidden(effect: Effect, start: RegimeStart) -> bool:
    """Whether the law forbids a start: an acceptance counted from an office without competence.

    See CRPA L114-3.
    """
    return effect is Effect.ACCEPTANCE and start is RegimeStart.FIRST_OFFICE


def silence(
    regime: Regime, confirmed: RegimeConfirmed, pieces: Pieces, zone: ZoneInfo, now: datetime
) -> SilenceState:
    """Returns the state of an item's implied decision at `now`, by what had happened by then."""
    known = pieces.happened_by(now + timedelta(microseconds=1))
    found = count_period(regime, confirmed, known, zone)
    if isinstance(found, NotRunning):
        return found
    if end_of(found.limit, zone) <= now:
        return Born(found.day_zero, found.limit)
    wait = next((wait for wait in found.waits if wait.begun <= now < wait.over), None)
    if wait is None:
        return Runs(found.day_zero, found.limit)
    today = local_day(now, zone)
    return Suspended(
        found.day_zero,
        found.limit,
        wait.since,
        wait.until,
        found.limit - max(wait.until - max(today, found.day_zero), timedelta()),
    )


def count_period(
    regime: Regime, confirmed: RegimeConfirmed, pieces: Pieces, zone: ZoneInfo
) -> CountedPeriod | NotRunning:
    """Counts an item's period of implied decision by what had happened before its limit.

    Events after the limit of a period that is over do not change it.
    """
    for moment in pieces.moments():
        found = _count(regime, confirmed, pieces.happened_by(moment), zone)
        if isinstance(found, CountedPeriod) and end_of(found.limit, zone) <= moment:
            return found
    return _count(regime, confirmed, pieces, zone)


def may_restart(
    regime: Regime, confirmed: RegimeConfirmed, pieces: Pieces, zone: ZoneInfo, now: datetime
) -> bool:
    """Whether asking for pieces now restarts the period of a file that was complete once."""
    return (
        from_complete_file(regime.effect, confirmed.start)
        and isinstance(silence(regime, confirmed, pieces, zone, now), Runs)
        and (bool(pieces.received) or confirmed.presumed_complete)
    )


def _count(
    regime: Regime, confirmed: RegimeConfirmed, pieces: Pieces, zone: ZoneInfo
) -> CountedPeriod | NotRunning:
    if is_forbidden(regime.effect, confirmed.start):
        return NotRunning(Idle.FORBIDDEN_START)
    given = day_of(confirmed.received, zone)
    if not from_complete_file(regime.effect, confirmed.start):
        return _extended(regime, confirmed, given, tuple(pieces.waits(zone)))
    if confirmed.presumed_complete:
        # A récépissé settles what was asked for until it was delivered.
        late = [
            request for request in pieces.requested if local_day(request.happened_at, zone) > given
        ]
        pieces = Pieces(late, pieces.received)
    lacking = pieces.open()
    if lacking:
        return NotRunning(Idle.PIECES_AWAITED, local_day(lacking[0].happened_at, zone))
    last = pieces.last_reception() if pieces.requested else None
    complete = given if last is None else max(given, local_day(last.happened_at, zone))
    return _extended(regime, confirmed, complete, ())


def _extended(
    regime: Regime, confirmed: RegimeConfirmed, day_zero: date, waits: tuple[PiecesWait, ...]
) -> CountedPeriod:
    """The period; with its extension, if that was decided before the period was over."""
    plain = _suspended(day_zero, after(day_zero, regime.period), waits)
    extension = regime.extension
    if extension is None or confirmed.extended_on is None or confirmed.extended_on > plain.limit:
        return plain
    longer = after(after(day_zero, regime.period), extension.period)
    return _suspended(day_zero, longer, waits)


def _suspended(day_zero: date, limit: date, waits: tuple[PiecesWait, ...]) -> CountedPeriod:
    """The calendar days waited before the limit are added to it (L114-5)."""
    within = list[PiecesWait]()
    for wait in waits:
        if max(wait.since, day_zero) <= limit:
            limit += timedelta(days=wait.calendar_days(day_zero))
            within.append(wait)
    return CountedPeriod(day_zero, limit, tuple(within))


def after(day: date, period: Period) -> date:
    """Returns the last local day of an implied decision's period that starts at a day.

    Months keep the quantième; the last day is not moved to a jour ouvré.
    """
    match period.unit:
        case PeriodUnit.DAYS:
            return day + timedelta(days=period.n)
        case PeriodUnit.MONTHS:
            return add_months(day, period.n)
        case _:
            assert_never(period.unit)
