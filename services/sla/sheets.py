"""The computation sheet as a person reads it at a terminal."""

from collections.abc import Iterator
from typing import assert_never

from services.sla.domain.endings import Stop
from services.sla.domain.explain import (
    ClockSheet,
    Days,
    RungLine,
    Sheet,
    Skipped,
    limit_forgetting,
)
from services.sla.domain.rules import Rulebook, Rules
from shared.facts.clocks import Outcome

DAY = "%a %Y-%m-%d"


def lines(sheet: Sheet, rulebook: Rulebook, forgetting: str | None = None) -> Iterator[str]:
    """The whole sheet; `forgetting` names a holiday that another register does not know."""
    versions = {one.version: one for one in rulebook.versions}
    yield f"{sheet.chrono or 'in quarantine'}  {sheet.service}"
    for one in sheet.clocks:
        rules = versions[one.rules]
        yield ""
        yield f"{one.clock}: {one.promise} ({one.commitment}; {one.source})"
        yield from _counting(one)
        if forgetting and (other := limit_forgetting(one, forgetting, rules.calendar)):
            told = "the same" if other == one.limit else f"{other:{DAY}}"
            yield f"  (a register that forgets {forgetting.capitalize()} says {told})"
        for since, until in one.waited:
            yield f"  waited    {since:{DAY}} to {until:{DAY}} for pieces"
        for rung in one.rungs:
            yield _rung(rung)
        if one.told and not one.rungs:
            yield f"  told      {', '.join(one.told)}"
        yield f"  result    {_result(one.stop, rules)}"
        yield f"  rules     version {one.rules}, {one.calendar}"


def _counting(one: ClockSheet) -> Iterator[str]:
    yield f"  day 0     {one.day_zero:{DAY}}"
    for part in one.days:
        match part:
            case Days(since, until, first, last) if first == last:
                yield f"  day {first:<5} {since:{DAY}}"
                del until
            case Days(since, until, first, last):
                yield f"  {f'day {first}-{last}':<9} {since:{DAY}} to {until:{DAY}}"
            case Skipped(day, why):
                yield f"  skipped   {day:{DAY}}  {why}"
            case _:
                assert_never(part)
    yield f"  limit     {one.limit:{DAY}} 24:00"


def _rung(line: RungLine) -> str:
    rung = line.rung
    state = "stands" if line.stands else "ahead" if not line.told else "taken back"
    who = ", ".join(rung.tell)
    return f"  {f'rung {rung.name}':<9} {rung.fell:{DAY}}  {who} ({state})"


def _result(stop: Stop | None, rules: Rules) -> str:
    if stop is None:
        return "runs"
    if stop.outcome is Outcome.BORN:
        return "the decision is born at the limit"
    ended = f"{stop.outcome} {rules.day(stop.at):{DAY}} by {stop.why}"
    if stop.raw is None:
        return ended
    return f"{ended}: raw {stop.raw}, net {stop.net} jours ouvrés"
