"""How each clock counts, day by day, and who had the item for how long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from services.desk.domain.clocks import ANSWER, ItemClock
from services.desk.french import labels_fr, silence_words
from services.desk.french.names import Names
from services.desk.french.why import ClockProof
from services.desk.store.sheets import ItemSheet
from shared.calendar.local_days import day_of, local_day
from shared.calendar.working_days import WorkingCalendar
from shared.facts.items import Items
from shared.facts.items.routing import ItemAssigned, ReplyInSignature, SignatureReturned, WaitEnded
from shared.facts.standing import standing
from shared.facts.vocabulary import ClockName, Waiting
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.commitments import Commitment, Unit

LONGEST = 45
"""Calendar days that a reader can take in as a strip; longer ones are told in spans."""


@dataclass(frozen=True, slots=True)
class CountLine:
    """A calendar day in the day-by-day count of a deadline."""

    day: date
    number: int | None
    """The jour ouvré that it is, counted from day 0; `None` when it does not count."""
    why: str | None
    today: bool
    limit: bool
    late: bool = False
    """After the limit."""
    waited: bool = False
    """A jour ouvré spent waiting for pieces: off the net delay."""


@dataclass(frozen=True, slots=True)
class Count:
    """The count of one deadline of an item day by day, explained in French."""

    name: str
    sentence: str
    source: str
    limit: date
    runs: bool
    late: bool
    result: str
    days: Sequence[CountLine]
    """From the day after day 0 to the limit, or to the end that came after it."""
    spans: Sequence[str]
    """The same in words, where they are too many for a strip."""
    reasons: Sequence[str]
    """Who stated what, and when; then the version of rules and calendar that counted."""


def _place(clock: ItemClock) -> tuple[bool, bool, date, ClockName]:
    return clock.clock not in ANSWER, not clock.runs, clock.limit, clock.clock


def counts(
    sheet: ItemSheet,
    applied: Mapping[ClockName, AppliedSite],
    names: Names,
    today: date,
) -> Sequence[Count]:
    """Returns the day-by-day count of each deadline of an item: the answer's first, then by limit.

    `applied`: for each clock, the rules that counted it.
    """
    clocks = sorted(sheet.clocks.values(), key=_place)
    return [
        _count(ClockProof(clock, sheet, applied[clock.clock], names), today) for clock in clocks
    ]


def _count(proof: ClockProof, today: date) -> Count:
    clock, applied = proof.clock, proof.applied
    promises = {commitment.id: commitment for commitment in applied.site.commitments.commitments}
    promise = promises.get(clock.commitment or "")
    silent = clock.clock is ClockName.IMPLIED_DECISION
    days = _each_day(proof, promise, today)
    short = len(days) <= LONGEST
    return Count(
        name=labels_fr.CLOCKS[clock.clock],
        sentence=_sentence(clock.day_zero, promise, _silence(proof) if silent else ""),
        source="" if promise is None else promise.source.text,
        limit=clock.limit,
        runs=clock.runs,
        late=clock.runs and clock.limit < today,
        result=_result(clock, applied.days, today),
        days=days if short else (),
        spans=() if short else _spans(days),
        reasons=proof.reasons(),
    )


def _in_worked_days(promise: Commitment | None) -> bool:
    return promise is not None and promise.unit is Unit.JOURS_OUVRES and promise.days is not None


def _silence(proof: ClockProof) -> str:
    """What silence means by the confirmed regime, in how long and by which text."""
    regime, longer = proof.silence.regime(), proof.silence.extension()
    if regime is None:
        return ""
    period = silence_words.period(regime.period, longer.period if longer else None)
    return f"Le silence vaut {silence_words.EFFECTS[regime.effect]} après {period} ({regime.text})."


def _sentence(zero: date | None, promise: Commitment | None, silence: str) -> str:
    start = "" if zero is None else f"Jour 0 : {labels_fr.long_day(zero)}. "
    if silence:
        return f"{start}{silence}"
    if promise is None or promise.days is None:
        return f"{start}La limite est la fin du jour indiqué."
    if promise.unit is Unit.JOURS:
        return f"{start}La limite est la fin du {labels_fr.ordinal(promise.days)} jour calendaire."
    return f"{start}La limite est la fin du {labels_fr.ordinal(promise.days)} jour ouvré."


def _result(clock: ItemClock, days: WorkingCalendar, today: date) -> str:
    if clock.outcome is not None:
        raw = "" if clock.raw is None else f", en {labels_fr.jours_ouvres(clock.raw)}"
        net = "" if clock.net in (None, clock.raw) else f" (net : {clock.net})"
        return f"{labels_fr.OUTCOMES[clock.outcome].capitalize()}{raw}{net}"
    paused = ""
    if clock.paused_since is not None:
        until = f" jusqu’au {labels_fr.short_day(clock.paused_until)}" if clock.paused_until else ""
        paused = f" ; suspendu depuis le {labels_fr.short_day(clock.paused_since)}{until}"
    left = labels_fr.days_left(today, clock.limit, days)
    return f"{left[0].upper()}{left[1:]}{paused}"


def _each_day(proof: ClockProof, promise: Commitment | None, today: date) -> Sequence[CountLine]:
    """Each day from day 0 to the limit, and on to the answer or to this day where that is later."""
    zero, limit, days = proof.clock.day_zero, proof.clock.limit, proof.applied.days
    if zero is None or not _in_worked_days(promise):
        return ()
    until = today if proof.clock.runs else proof.counted_until() or limit
    waits = proof.waits()
    numbered = list[CountLine]()
    number = 0
    for offset in range(1, (max(limit, until) - zero).days + 1):
        day = zero + timedelta(days=offset)
        why = days.why_off(day)
        number += why is None
        waited = why is None and any(wait.since < day <= wait.until for wait in waits)
        numbered.append(
            CountLine(
                day, None if why else number, why, day == today, day == limit, day > limit, waited
            )
        )
    return numbered


def _spans(days: Sequence[CountLine]) -> Sequence[str]:
    """Days in a row as one sentence each; every day that does not count has its own."""
    found = list[str]()
    for kind, group in groupby(days, key=lambda one: (one.number is None, one.late, one.waited)):
        run = list(group)
        if kind[0]:
            found += [f"{labels_fr.long_day(day.day)} : {day.why}" for day in run]
            continue
        first, last = run[0], run[-1]
        marks = "".join([", après la limite" * kind[1], ", en attente de pièces" * kind[2]])
        if first is last:
            found.append(f"{labels_fr.long_day(first.day)} : jour ouvré {first.number}{marks}")
        else:
            span = f"du {labels_fr.long_day(first.day)} au {labels_fr.long_day(last.day)}"
            found.append(f"{span} : jours ouvrés {first.number} à {last.number}{marks}")
    return found


@dataclass(frozen=True, slots=True)
class Had:
    """The number of jours ouvrés for which a person or service had the item."""

    who: str
    days: int


def holders(sheet: ItemSheet, applied: AppliedSite, names: Names, today: date) -> Sequence[Had]:
    """Returns who had an item for how many jours ouvrés, from receipt to reply or today."""
    zone, item = applied.site.zone, sheet.item
    office = names.service(applied.site.identity.mail_office)
    since, who = day_of(item.receipt, zone), office
    end = today
    if item.reply is not None:
        end = min(today, local_day(item.reply.happened_at, zone))
    had = list[Had]()
    for changed, holder in _changes(sheet, names, zone):
        day = min(max(changed, since), end)
        had.append(Had(who, applied.days.between(since, day)))
        since, who = day, holder
    had.append(Had(who, max(0, applied.days.between(since, end))))
    return _together(had)


def _changes(sheet: ItemSheet, names: Names, zone: ZoneInfo) -> Sequence[tuple[date, str]]:
    opened = sheet.item.opened
    holder = _holder(names, opened.service, opened.agent)
    changes = list[tuple[date, str]]()
    if opened.qualified:
        changes.append((local_day(opened.recorded_at, zone), holder))
    for fact in standing(sheet.facts):
        holder, shown = _after(fact, holder, names)
        if shown is not None:
            changes.append((local_day(fact.happened_at, zone), shown))
    return changes


def _after(fact: Items, holder: str, names: Names) -> tuple[str, str | None]:
    """The holder a signature returns to, and who has the item from this fact on."""
    match fact:
        case ItemAssigned():
            holder = _holder(names, fact.service, fact.agent)
            return holder, holder
        case WaitEnded(waiting=Waiting.TO_QUALIFY) | SignatureReturned():
            return holder, holder
        case ReplyInSignature():
            return holder, f"signature, {names.person(fact.signatory)}"
        case _:
            return holder, None


def _holder(names: Names, service: str, agent: str | None) -> str:
    name = names.service(service)
    return f"{name}, {names.person(agent)}" if agent else name


def _together(had: Sequence[Had]) -> Sequence[Had]:
    """Neighbours who are the same count as one; nobody is shown with nothing but the last."""
    joined = list[Had]()
    for tenure in had:
        if joined and joined[-1].who == tenure.who:
            joined[-1] = Had(tenure.who, joined[-1].days + tenure.days)
        else:
            joined.append(tenure)
    return [one for n, one in enumerate(joined) if one.days or n == len(joined) - 1]
