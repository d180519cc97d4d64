"""Every date in every rendered text is the clock's at that moment, or no date stands there.

Over effect × start × unit × asked × received × merged × corrected × taken back: what notify would
write is compared with what sla plans from the same facts.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import event as seen
from hypothesis import given, note, settings
from hypothesis import strategies as st

from services.notify.domain.acknowledgements import WITH_EFFECT
from services.notify.domain.calls import Call
from services.notify.domain.fold import fold
from services.notify.domain.item import NotifiedItem
from services.notify.domain.policy import Circumstances, SendNow, judge
from services.notify.incomplete import Incomplete
from services.notify.item_notices import calls_of
from services.notify.letters import LetterContext, context
from services.sla.domain.plan import ClockPlan, plan
from services.sla.domain.rules import ClockRules, Rulebook
from shared.facts.envelope import At, Chrono, On
from shared.facts.items import Items
from shared.facts.items.corrections import (
    FactWithdrawn,
    ItemAbsorbed,
    ItemMergedInto,
    ReceiptCorrected,
)
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import Channel, ClockName, Effect, NoticeKind, RegimeStart, Way
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.regimes import Extension, Period, PeriodUnit, Regimes
from shared.site.texts.templates import render
from tests.unit.notify.builders import ITEM, fact, registered
from tests.unit.notify.test_texts_that_the_law_asks_for import PLI, indre

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
)
DATE = re.compile(rf"\b(1er|\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})\b")
RECEIVED = datetime(2026, 5, 11, 8, tzinfo=UTC)
PERIODS = (
    Period(n=1, unit=PeriodUnit.MONTHS),
    Period(n=4, unit=PeriodUnit.MONTHS),
    Period(n=30, unit=PeriodUnit.DAYS),
    Period(n=90, unit=PeriodUnit.DAYS),
)
Draw = Callable[..., Any]


def dates_in(text: str) -> set[date]:
    flat = re.sub(r"\s+", " ", text)
    return {
        date(int(year), MONTHS.index(month) + 1, 1 if day == "1er" else int(day))
        for day, month, year in DATE.findall(flat)
    }


def test_dates_are_found_however_a_line_is_cut() -> None:
    assert dates_in("le 1er\nmai 2026, puis le 29 février\n2028") == {
        date(2026, 5, 1),
        date(2028, 2, 29),
    }


def under(effect: Effect, period: Period) -> AppliedSite:
    """The example préfecture with one regime, `regime`."""
    applied, _ = indre()
    base = applied.site.regimes.regimes[0]
    changed = base.model_copy(
        update={
            "id": "regime",
            "effect": effect,
            "period": period,
            "extension": Extension(period=period, text="un article"),
        }
    )
    site = applied.site.model_copy(update={"regimes": Regimes(regimes=(changed,))})
    return applied.model_copy(update={"site": site})


def _confirms(draw: Draw, seq: int, at: datetime) -> Items:
    day = RECEIVED.date() + timedelta(days=draw(st.integers(-20, 20)))
    extended = draw(st.booleans())
    said: Items = fact(
        RegimeConfirmed,
        seq,
        at=at,
        regime="regime",
        start=draw(st.sampled_from(RegimeStart)),
        received=draw(st.sampled_from([On(day=day), At(instant=RECEIVED)])),
        presumed_complete=draw(st.booleans()),
        extended="examen-complexe" if extended else None,
        extended_on=at.date() if extended else None,
    )
    return said


def _asks(draw: Draw, seq: int, at: datetime) -> Items:
    until = (at + timedelta(days=draw(st.integers(0, 40)))).date()
    return fact(PiecesRequested, seq, at=at, until=until)  # type: ignore[no-any-return]  # the builder gives what it is asked for


def _orders(draw: Draw, seq: int, at: datetime) -> Items:
    until = (at + timedelta(days=draw(st.integers(1, 40)))).date()
    order = fact(
        NoticeOrdered,
        seq,
        at=at,
        kind=NoticeKind.PIECES,
        way=Way.MAIL,
        until=until,
        pieces=("passeport",),
    )
    return order.model_copy(update={"by": "person:k.haddad"})  # type: ignore[no-any-return]  # the builder gives what it is asked for


def _receives(_: Draw, seq: int, at: datetime) -> Items:
    return fact(PiecesReceived, seq, at=at)  # type: ignore[no-any-return]  # the builder gives what it is asked for


def _corrects(draw: Draw, seq: int, at: datetime) -> Items:
    day = RECEIVED.date() - timedelta(days=draw(st.integers(0, 9)))
    return fact(ReceiptCorrected, seq, at=at, receipt=On(day=day), reason="tampon")  # type: ignore[no-any-return]  # the builder gives what it is asked for


def _absorbs(_: Draw, seq: int, at: datetime) -> Items:
    return fact(  # type: ignore[no-any-return]  # the builder gives what it is asked for
        ItemAbsorbed,
        seq,
        at=at,
        absorbed=ITEM,
        absorbed_chrono=Chrono("36-2026-A-000002"),
        receipt=At(instant=RECEIVED - timedelta(days=3)),
        channel=Channel.EMAIL,
    )


def _merges(_: Draw, seq: int, at: datetime) -> Items:
    return fact(  # type: ignore[no-any-return]  # the builder gives what it is asked for
        ItemMergedInto, seq, at=at, survivor=ITEM, survivor_chrono=Chrono("36-2026-A-000003")
    )


ACTS: Mapping[str, Callable[[Draw, int, datetime], Items]] = {
    "confirms": _confirms,
    "asks": _asks,
    "orders": _orders,
    "receives": _receives,
    "corrects": _corrects,
    "absorbs": _absorbs,
    "merges": _merges,
}
LIKELY = (*("asks", "receives", "orders") * 3, "confirms", "corrects", "absorbs", "merges", "takes")


@st.composite
def histories(draw: Draw) -> list[Items]:
    """A mail or letter whose regime a person confirms, then up to seven other facts."""
    channel = draw(st.sampled_from([Channel.EMAIL, Channel.LETTER]))
    facts: list[Items] = [registered(channel=channel, at=RECEIVED, qualified=True)]
    at = RECEIVED + timedelta(hours=2)
    facts.append(_confirms(draw, 2, at))
    for seq in range(3, 3 + draw(st.integers(0, 7))):
        at += timedelta(hours=draw(st.integers(1, 24 * 30)))
        act = draw(st.sampled_from(LIKELY))
        taken = [fact for fact in facts[2:] if isinstance(fact, PiecesRequested | PiecesReceived)]
        if act != "takes":
            facts.append(ACTS[act](draw, seq, at))
        elif taken:
            back = draw(st.sampled_from(taken))
            facts.append(
                fact(
                    FactWithdrawn,
                    seq,
                    at=at,
                    fact=back.event_id,
                    fact_type=back.type,
                    reason="erreur",
                )
            )
    return facts


def moments(facts: Sequence[Items]) -> Iterator[tuple[Sequence[Items], datetime]]:
    """What was known just after each fact, and some days later."""
    for index, one in enumerate(facts):
        following = facts[index + 1].recorded_at if index + 1 < len(facts) else None
        for later in (timedelta(), timedelta(days=9), timedelta(days=45)):
            now = one.recorded_at + later
            if following is None or now < following:
                yield facts[: index + 1], now


def clock_of(facts: Sequence[Items], applied: AppliedSite) -> ClockPlan | None:
    """The clock of the implied decision, as sla plans it from the same facts."""
    planned = plan(facts, Rulebook((ClockRules(applied),)))
    every = (clock for clock in planned.clocks if clock.clock is ClockName.IMPLIED_DECISION)
    return next(every, None)


def known_dates(facts: Sequence[Items], item: NotifiedItem, now: datetime) -> set[date]:
    """The dates that a text may tell beside the one of silence: of receipt, letters, requests."""
    zone = indre()[0].site.zone
    given = {now.astimezone(zone).date()}
    match item.receipt:
        case At(instant=instant):
            given.add(instant.astimezone(zone).date())
        case On(day=day):
            given.add(day)
    for stated in facts:
        if isinstance(stated, PiecesRequested):
            given |= {stated.happened_at.astimezone(zone).date(), stated.until}
        if isinstance(stated, NoticeOrdered) and stated.until:
            given.add(stated.until)
    return given


def texts(call: Call, item: NotifiedItem, applied: AppliedSite, now: datetime) -> Iterator[str]:
    """As it would be written now, by mail and on paper; nothing when it can't be written."""
    matter = LetterContext(call, item, PLI, None, applied, indre()[1], now)
    try:
        letter = context(matter)
    except Incomplete:
        return
    for way in Way:
        text = render(applied.site.templates, letter, way)
        yield f"{text.subject}\n{text.whole}"


@settings(deadline=None)
@given(histories(), st.sampled_from(Effect), st.sampled_from(PERIODS))
def test_no_text_tells_another_date_of_silence_than_the_clock(
    facts: list[Items], effect: Effect, period: Period
) -> None:
    applied = under(effect, period)
    for known, now in moments(facts):
        item = fold(known)
        assert item is not None
        clock = clock_of(known, applied)
        limit = {clock.limit} if clock else set()
        for call in calls_of(item, applied, now):
            if call.kind is NoticeKind.ALERT:
                continue
            for text in texts(call, item, applied, now):
                note(f"{now} {call.kind}: {text}")
                told = dates_in(text)
                assert told <= known_dates(known, item, now) | limit
                if call.kind in WITH_EFFECT:
                    assert limit <= told
                    assert limit
                    seen(f"{call.kind} tells a date")
            leaves = isinstance(judge(call, item, applied, Circumstances(), now), SendNow)
            if call.kind in WITH_EFFECT and leaves:
                assert limit
                seen(f"{call.kind} leaves")
