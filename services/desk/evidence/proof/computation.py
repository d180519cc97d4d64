"""`calcul.json`: how each clock is counted and what left, for a program that does it again."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import orjson

from services.desk.domain.clock_history import RungTold
from services.desk.domain.clocks import ItemClock
from services.desk.evidence.proof.dispatches import dispatches
from services.desk.french import labels_fr
from services.desk.store.sheets import ItemSheet
from shared.calendar.local_days import local_day
from shared.facts.vocabulary import ClockName
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.commitments import Commitment


def computation_json(
    sheet: ItemSheet, applied: Mapping[ClockName, AppliedSite], zone: str
) -> bytes:
    """Returns as JSON how every deadline of an item was computed, and what was sent.

    Each deadline by the version of the site's rules that computed it.
    """
    clocks = [_clock(clock, sheet, applied[name]) for name, clock in sorted(sheet.clocks.items())]
    told = {
        "fuseau": zone,
        "delais": clocks,
        "envois": [
            {
                "fait": dispatch.seq,
                "quoi": dispatch.what,
                "parti_le": dispatch.at.isoformat(),
                "reponse_du_serveur": dispatch.answer,
            }
            for dispatch in dispatches(sheet.facts)
        ],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _clock(clock: ItemClock, sheet: ItemSheet, applied: AppliedSite) -> Mapping[str, Any]:
    promises = {commitment.id: commitment for commitment in applied.site.commitments.commitments}
    promise = promises.get(clock.commitment or "")
    zone = applied.site.zone
    ended = None if clock.stopped_at is None else local_day(clock.stopped_at, zone)
    return {
        "delai": clock.clock.value,
        "nom": labels_fr.CLOCKS[clock.clock],
        "engagement": clock.commitment,
        **_rule(promise),
        "jour_0": _day(clock.day_zero),
        "limite": _day(clock.limit),
        "termine_le": _day(ended),
        "fait_de_fin": _ending(clock, sheet),
        "resultat": None if clock.outcome is None else clock.outcome.value,
        "brut": clock.raw,
        "net": clock.net,
        "regles": applied.version,
        "regles_depuis": applied.effective_from.isoformat(),
        "calendrier": f"{applied.days.territory}, {applied.days.library}",
        "non_ouvres": _off(clock, ended, applied),
        "rappels": [
            {"rappel": rung.rung, "le": rung.fell.isoformat(), "a": list(rung.tell)}
            for rung in clock.told
            if isinstance(rung, RungTold) and rung.back is None
        ],
    }


def _rule(promise: Commitment | None) -> Mapping[str, Any]:
    if promise is None:
        return {"jours": None, "unite": None, "source": None}
    return {
        "jours": promise.days,
        "unite": promise.unit.value,
        "source": f"{promise.source.text} ({promise.source.certainty})",
    }


def _ending(clock: ItemClock, sheet: ItemSheet) -> int | None:
    """The fact that ended it; `None`: none did, or time itself."""
    at = clock.stopped_at
    return next(
        (fact.seq for fact in sheet.facts if at is not None and fact.happened_at == at), None
    )


def _off(clock: ItemClock, ended: date | None, applied: AppliedSite) -> Sequence[Mapping[str, str]]:
    """Days that don't count beside Saturdays and Sundays, from day 0 on, a week too far."""
    if clock.day_zero is None:
        return ()
    last = max(clock.limit, ended or clock.limit) + timedelta(days=7)
    days = (clock.day_zero + timedelta(days=n) for n in range((last - clock.day_zero).days + 1))
    return [
        {"jour": day.isoformat(), "pourquoi": why}
        for day in days
        if day.isoweekday() < 6 and (why := applied.days.why_off(day)) is not None  # noqa: PLR2004  (Saturday)
    ]


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
