"""Why a clock counts from this day to that one: the facts, versions and waits behind its two days.

Everything is named by the number (`seq`) of the item's fact, so that a reader can look it up, with
its author and time, and count again by hand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.sla.domain.commitments import commitment_for, limit_of
from services.sla.domain.history import ItemHistory
from services.sla.domain.holders import tenures
from services.sla.domain.ladder import Revision, chapters
from services.sla.domain.promises import classification, implied_period, promise
from services.sla.domain.rules import ClockRules, Rulebook
from services.sla.domain.waits import reception, waits
from shared.calendar.pieces import PiecesWait
from shared.facts.envelope import Chrono, Receipt
from shared.facts.items.base import ItemFact
from shared.facts.items.corrections import ItemAbsorbed, ReceiptCorrected
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import BY_RECEIPT, Channel, ClockName, RegimeStart


@dataclass(frozen=True, slots=True)
class StatedFact:
    """A fact of an item as a computation sheet shows it: author and moments."""

    seq: int
    type: str
    by: str
    happened_at: datetime
    recorded_at: datetime
    stands: bool
    """Not taken back since."""


@dataclass(frozen=True, slots=True)
class CountedMessage:
    """A message of an item, or of one merged into it, with its limit (CLOCKS, rule 9)."""

    chrono: Chrono
    channel: Channel
    received: date
    commitment: str | None
    limit: date | None
    seq: int
    """Of the fact that says when it was received."""
    gives_day_zero: bool
    gives_limit: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of a clock's day 0 or limit, as a computation sheet shows it."""

    recorded_at: datetime
    seq: int | None
    """Of the fact that was new; `None`: the rules were."""
    rules: int
    day_zero: date | None
    limit: date | None


@dataclass(frozen=True, slots=True)
class CountedWait:
    """A wait for missing pieces, and by how many days it moves a limit or the net delay."""

    since: date
    until: date
    days: int
    """Jours ouvrés off the net delay; of an implied decision, calendar days on its limit."""
    asked: int | None
    """The number of the first request; `received` of the pieces, `None` while they lack."""
    received: int | None


@dataclass(frozen=True, slots=True)
class Silence:
    """The confirmed regime of an implied decision, as a computation sheet shows it."""

    regime: str
    effect: str
    period: str
    text: str
    start: RegimeStart
    received: date
    """The day that was given with the confirmation."""
    certificate: bool
    """On that day a récépissé was delivered, which presumes a complete file."""
    complete: int | None
    """The number of the reception that completed the file, where it counts from then."""
    longer: str | None
    """The extension that was decided, with its text."""
    seq: int


def stated_facts(known: ItemHistory) -> Sequence[StatedFact]:
    """Lists every fact known of an item, by `seq`, for a computation sheet."""
    standing = {fact.event_id for fact in known.facts}
    return [
        StatedFact(
            fact.seq,
            fact.type,
            fact.by,
            fact.happened_at,
            fact.recorded_at,
            fact.event_id in standing,
        )
        for fact in known.told
    ]


def messages(clock: ClockName, known: ItemHistory, rules: ClockRules) -> Sequence[CountedMessage]:
    """Returns an item's messages and the limit of each; the earliest counts (CLOCKS, rule 9)."""
    made, what = promise(clock, known, rules), classification(known)
    if clock not in BY_RECEIPT or made is None or what is None:
        return ()
    service = tenures(known, rules)[-1].holder.service
    found = list[CountedMessage]()
    for chrono, channel, receipt, fact in _receipts(known):
        line = commitment_for(clock, channel, what, service, rules)
        day = rules.receipt_day(receipt)
        limit = limit_of(line, day, rules) if line else None
        found.append(
            CountedMessage(
                chrono,
                channel,
                day,
                line.id if line else None,
                limit,
                fact.seq,
                day == made.day_zero,
                limit == made.limit,
            )
        )
    return found


def _receipts(known: ItemHistory) -> Iterator[tuple[Chrono, Channel, Receipt, ItemFact]]:
    registered, corrected = known.last(ItemRegistered), known.last(ReceiptCorrected)
    if registered is None:
        return
    own: ItemRegistered | ReceiptCorrected = corrected or registered
    yield registered.chrono, registered.channel, own.receipt, own
    for absorbed in known.every(ItemAbsorbed):
        yield absorbed.absorbed_chrono, absorbed.channel, absorbed.receipt, absorbed


def turns(clock: ClockName, known: ItemHistory, rulebook: Rulebook) -> Sequence[Turn]:
    """Lists each change of a clock's day 0 or limit, including when it began or ceased to exist."""
    found = list[Turn]()
    before: tuple[date, date] | None = None
    for chapter in chapters(known, rulebook):
        made = promise(clock, chapter.known, chapter.rules)
        days = (made.day_zero, made.limit) if made else None
        if days != before:
            day_zero, limit = days or (None, None)
            found.append(
                Turn(chapter.recorded, chapter.seq, chapter.rules.version, day_zero, limit)
            )
            before = days
    return found


def counted_waits(
    clock: ClockName, known: ItemHistory, rules: ClockRules, day_zero: date, until: date
) -> Sequence[CountedWait]:
    """Lists the waits for pieces that count for a clock, each with its days in this period."""
    every: Sequence[PiecesWait] = ()
    if clock is ClockName.REPLY:
        every = waits(known, rules)
    elif clock is ClockName.IMPLIED_DECISION and (period := implied_period(known, rules)):
        every = period.waits
    found = list[CountedWait]()
    asked = {fact.happened_at: fact for fact in known.every(PiecesRequested)}
    for wait in every:
        if clock is ClockName.IMPLIED_DECISION:
            days = wait.calendar_days(day_zero)
        else:
            days = wait.worked_days(rules.calendar, day_zero, until)
        request = asked.get(wait.begun)
        pieces = reception(request, known) if request else None
        ended = pieces.seq if pieces and pieces.happened_at == wait.over else None
        found.append(
            CountedWait(wait.since, wait.until, days, request.seq if request else None, ended)
        )
    return found


def silence(known: ItemHistory, rules: ClockRules) -> Silence | None:
    """Returns the confirmed regime of an item's implied decision for its sheet.

    `None`: none runs.
    """
    confirmed, period = known.last(RegimeConfirmed), implied_period(known, rules)
    regime = rules.applied.site.regime.get(confirmed.regime or "") if confirmed else None
    if confirmed is None or regime is None or period is None:
        return None
    received = rules.receipt_day(confirmed.received)
    complete = None
    if period.day_zero != received:
        complete = next(
            fact.seq
            for fact in known.every(PiecesReceived)
            if rules.day(fact.happened_at) == period.day_zero
        )
    longer = regime.extension if confirmed.extended_on is not None else None
    return Silence(
        regime=regime.id,
        effect=regime.effect.value,
        period=regime.period.words(),
        text=regime.text,
        start=confirmed.start,
        received=received,
        certificate=confirmed.presumed_complete,
        complete=complete,
        longer=f"{longer.period.words()} more ({longer.text})" if longer else None,
        seq=confirmed.seq,
    )


def limit_by(clock: ClockName, told: Sequence[Revision]) -> str:
    """Returns the cause of a clock's present limit and day 0: what moved them last."""
    days, why = None, ""
    for chapter in told:
        made = promise(clock, chapter.known, chapter.rules)
        if made and (made.day_zero, made.limit) != days:
            days, why = (made.day_zero, made.limit), chapter.why
    return why
