"""Regimes, confirmations and requests for pieces of the tests of implied decisions."""

from collections.abc import Sequence
from datetime import date, datetime, time
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from shared.calendar.pieces import Pieces
from shared.facts.envelope import EventId, ItemId, On
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import Effect, RegimeStart
from shared.site.tables.regimes import Extension, Period, PeriodUnit, Regime
from shared.values import Checked

PARIS = ZoneInfo("Europe/Paris")
NAMES = UUID("2f0c3a0c-6f0a-4f4c-8f34-0d1b8a2f6b77")
CHECKED = Checked(by="É. Juriste", on=date(2026, 1, 5), why="relu")


def at(day: date, hour: int = 12) -> datetime:
    """A local hour of a day."""
    return datetime.combine(day, time(hour), PARIS)


def period(said: str) -> Period:
    """« 90 days »."""
    n, unit = said.split()
    return Period(n=int(n), unit=PeriodUnit(unit))


def a_regime(
    effect: Effect, lasts: str, start: RegimeStart, extension: str | None = None
) -> Regime:
    return Regime(
        id="regime",
        effect=effect,
        period=period(lasts),
        start=start,
        extension=Extension(period=period(extension), text="un article") if extension else None,
        text="un article",
        appeals="" if effect is Effect.ACCEPTANCE else "recours",
        tribunal="Limoges",
        checked=CHECKED,
    )


def confirmed(
    start: RegimeStart,
    day: date,
    *,
    presumed: bool = False,
    extended: date | None = None,
) -> RegimeConfirmed:
    return RegimeConfirmed(
        event_id=EventId(uuid5(NAMES, "confirmed")),
        item_id=ItemId(uuid5(NAMES, "item")),
        seq=2,
        happened_at=at(day),
        recorded_at=at(day),
        by="person:e.juriste",
        regime="regime",
        start=start,
        received=On(day=day),
        presumed_complete=presumed,
        extended="examen-complexe" if extended else None,
        extended_on=extended,
    )


def pieces(asked: Sequence[tuple[date, date]] = (), came: Sequence[date] = ()) -> Pieces:
    def envelope(name: str, seq: int, day: date) -> dict[str, object]:
        return {
            "event_id": uuid5(NAMES, f"{name}/{seq}"),
            "item_id": uuid5(NAMES, "item"),
            "seq": seq,
            "happened_at": at(day),
            "recorded_at": at(day),
            "by": "person:a.gent",
        }

    requests = [
        PiecesRequested.model_validate({**envelope("asked", 10 + n, day), "until": until})
        for n, (day, until) in enumerate(asked)
    ]
    receptions = [
        PiecesReceived.model_validate(envelope("came", 20 + n, day)) for n, day in enumerate(came)
    ]
    return Pieces(requests, receptions)
