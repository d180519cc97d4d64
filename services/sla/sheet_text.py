"""The computation sheet as a person reads it at a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import assert_never

from services.sla.domain.explain import (
    ClockSheet,
    ComputationSheet,
    CountedDays,
    RemovedClock,
    RungLine,
    Skipped,
    jours_ouvres,
    limit_forgetting,
)
from services.sla.domain.reasons import CountedMessage, CountedWait, Silence, StatedFact, Turn
from services.sla.domain.rules import ClockRules, Rulebook
from shared.facts.clocks import MovedBy, Outcome, RungMove
from shared.facts.vocabulary import ClockName

DAY = "%a %Y-%m-%d"
MOMENT = "%Y-%m-%d %H:%M"
WHY: Mapping[MovedBy, str] = {
    MovedBy.OLD_LIMIT: "its limit was set when it was past",
    MovedBy.HOLDER: "it had changed hands",
    MovedBy.ANSWER: "a reminder was answered",
    MovedBy.WAITED: "pieces were waited for",
    MovedBy.STANDS: "it had fallen under the limit before",
}


def lines(
    sheet: ComputationSheet, rulebook: Rulebook, forgetting: str | None = None
) -> Iterator[str]:
    """Formats a computation sheet as lines of text for a terminal.

    `forgetting`: a holiday; the limit is also given as if it were worked.
    """
    versions = {version.version: version for version in rulebook.versions}
    yield f"{sheet.chrono or 'in quarantine'}  {sheet.service}"
    for clock in sheet.clocks:
        yield ""
        yield from _Printed(sheet, versions[clock.rules]).clock(clock, forgetting)
    for gone in sheet.gone:
        yield ""
        yield from _Printed(sheet, rulebook.last).removal(gone)


class _Printed:
    """One clock of a sheet, in the local time of its rules."""

    def __init__(self, sheet: ComputationSheet, rules: ClockRules) -> None:
        self._facts = {fact.seq: fact for fact in sheet.facts}
        self._rules = rules

    def clock(self, one: ClockSheet, forgetting: str | None) -> Iterator[str]:
        yield f"{one.clock}: {one.promise} ({one.commitment}; {one.source})"
        if one.silence:
            yield f"  regime    {self._regime(one.silence)}"
        for message in one.messages:
            yield f"  message   {self._message(message)}"
        yield f"  day 0     {one.day_zero:{DAY}}"
        yield from _days(one.days)
        for wait in one.waited if one.silence else ():
            yield f"  waited    {self._waited(wait)}: {wait.days} calendar days on the limit"
        yield f"  limit     {one.limit:{DAY}} 24:00"
        if forgetting and (other := limit_forgetting(one, forgetting, self._rules.calendar)):
            told = "the same" if other == one.limit else f"{other:{DAY}}"
            yield f"  (a register that forgets {forgetting.capitalize()} says {told})"
        yield from _days(one.late_days, "late ")
        for wait in () if one.silence else one.waited:
            yield f"  waited    {self._waited(wait)}: {jours_ouvres(wait.days)} off the net delay"
        if len(one.turns) > 1:
            yield from (f"  so since  {self._turn(turn)}" for turn in one.turns)
        for rung in one.rungs:
            yield from self._rung(rung)
        if one.told and not one.rungs:
            yield f"  told      {', '.join(one.told)}"
        yield f"  result    {self._result(one)}"
        since = one.effective_from.astimezone(self._rules.applied.site.zone)
        yield f"  rules     version {one.rules} in effect from {since:{MOMENT}}, {one.calendar}"

    def removal(self, one: RemovedClock) -> Iterator[str]:
        yield f"{one.clock}: taken back, nothing promises it any more"
        yield from (f"  so since  {self._turn(turn)}" for turn in one.turns)
        yield f"  limit     {one.limit:{DAY}} 24:00, as told last"
        if one.told:
            yield f"  told      {', '.join(one.told)}"

    def _regime(self, one: Silence) -> str:
        complete, longer = "", f"; {one.longer}" if one.longer else ""
        certificate = " by its récépissé, which presumes it complete" if one.certificate else ""
        if one.complete is not None:
            complete = f"; the file is complete by {self._by(one.complete)}"
        return (
            f"{one.regime}: {one.effect} after {one.period} ({one.text}), from {one.start}"
            f" on {one.received:{DAY}}{certificate}; {self._by(one.seq)}{complete}{longer}"
        )

    def _message(self, one: CountedMessage) -> str:
        limit = f"limit {one.limit:{DAY}} by {one.commitment}" if one.limit else "no promise"
        gives = [
            *(["day 0"] if one.gives_day_zero else []),
            *(["the limit"] if one.gives_limit else []),
        ]
        decides = f", gives {' and '.join(gives)}" if gives else ""
        return (
            f"{one.chrono} by {one.channel}, received {one.received:{DAY}}, {limit}{decides};"
            f" {self._by(one.seq)}"
        )

    def _turn(self, turn: Turn) -> str:
        at, why = self._local(turn.recorded_at), "other rules"
        if turn.seq is not None:
            why = self._by(turn.seq)
        if turn.day_zero is None or turn.limit is None:
            return f"{at}: not promised; {why}"
        days = f"day 0 {turn.day_zero:{DAY}}, limit {turn.limit:{DAY}}"
        return f"{at}: {days}, rules {turn.rules}; {why}"

    def _waited(self, wait: CountedWait) -> str:
        asked = f"asked {self._by(wait.asked)}" if wait.asked is not None else "asked"
        end = f"received {self._by(wait.received)}" if wait.received is not None else "not received"
        return f"{wait.since:{DAY}} to {wait.until:{DAY}} for pieces ({asked}; {end})"

    def _rung(self, line: RungLine) -> Iterator[str]:
        rung = line.rung
        state = "stands" if line.stands else "ahead" if not line.told else "taken back"
        who = ", ".join(rung.tell)
        yield f"  {f'rung {rung.name}':<9} {rung.fell:{DAY}}  {who} ({state})"
        if rung.moved and rung.due is not None:
            yield f"    moved   from {rung.due:{DAY}}: {'; '.join(map(self._move, rung.moved))}"
        if rung.answered:
            yield f"    answer  {rung.answered.reason}, until {rung.answered.until:{DAY}}"
        if rung.collapsed:
            yield "    one line speaks for every rung that was past"
        if rung.moved and rung.held:
            had = (f"{move.holder.person or move.holder.service} {move.days}" for move in rung.held)
            yield f"    held    {', '.join(had)}"

    def _move(self, move: RungMove) -> str:
        by = f" ({self._by(move.seq)})" if move.seq is not None else ""
        return (
            f"{move.days:+d} {jours_ouvres(abs(move.days)).split(' ', 1)[1]}, {WHY[move.why]}{by}"
        )

    def _result(self, one: ClockSheet) -> str:
        stop = one.stop
        if stop is None:
            silent = one.clock is ClockName.IMPLIED_DECISION
            return "runs; without a decision it is born at the limit" if silent else "runs"
        if stop.outcome is Outcome.BORN:
            return f"the decision was born at the limit, {self._local(stop.at)}"
        ended = f"{stop.outcome} {self._rules.day(stop.at):{DAY}} by {stop.why}"
        if stop.raw is None or stop.net is None:
            return ended
        counted = ""
        if one.counted_until and one.counted_until != self._rules.day(stop.at):
            counted = f", a day off, counts as {one.counted_until:{DAY}}"
        waits = f" ({stop.raw} - {stop.raw - stop.net} waited)" if stop.net != stop.raw else ""
        return f"{ended}{counted}: raw {jours_ouvres(stop.raw)}, net {stop.net}{waits}"

    def _by(self, seq: int) -> str:
        fact = self._facts.get(seq)
        return _named(fact, self._local(fact.recorded_at)) if fact else f"no. {seq}"

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._rules.applied.site.zone):{MOMENT}}"


def _named(fact: StatedFact, at: str) -> str:
    gone = "" if fact.stands else ", taken back since"
    return f"no. {fact.seq} {fact.type} by {fact.by} at {at}{gone}"


def _days(days: Sequence[CountedDays | Skipped], late: str = "") -> Iterator[str]:
    for part in days:
        match part:
            case CountedDays(since, until, first, last) if first == last:
                yield f"  {f'{late}day {first}':<9} {since:{DAY}}"
                del until
            case CountedDays(since, until, first, last):
                yield f"  {f'{late}day {first}-{last}':<9} {since:{DAY}} to {until:{DAY}}"
            case Skipped(day, why):
                yield f"  skipped   {day:{DAY}}  {why}"
            case _:
                assert_never(part)
