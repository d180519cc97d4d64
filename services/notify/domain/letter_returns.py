"""What a digest says of letters that came back, and to whom, until somebody acts (ADR 0021)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from services.notify.domain import digest_sections
from services.notify.domain.digest_sections import RungContext
from services.notify.domain.item import NotifiedItem
from shared.calendar.local_days import day_of
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import NoticeKind, ReturnReason
from shared.site.texts.pages import DigestLine, Section

HEAD_AFTER: Final = 4
"""Jours ouvrés after which the head hears of it too, as of a reply that nobody confirms."""
TITLE: Final = "Lettres revenues : à renvoyer, ou à clore"
WHY: Final[Mapping[ReturnReason, str]] = {
    ReturnReason.UNKNOWN_AT_ADDRESS: "n’habite pas à l’adresse indiquée",
    ReturnReason.REFUSED: "refusée par la personne",
    ReturnReason.UNCLAIMED: "recommandé non réclamé",
    ReturnReason.OTHER: "autre motif",
}

_ACKNOWLEDGEMENT: Final = "accusé de réception"
WHAT: Final = defaultdict(
    lambda: "envoi",
    {
        NoticeKind.REPLY: "réponse",
        NoticeKind.HOLDING_REPLY: "réponse d’attente",
        NoticeKind.PIECES: "demande de pièces",
        NoticeKind.TRANSFER: "avis de transmission",
        NoticeKind.SIMPLE: _ACKNOWLEDGEMENT,
        NoticeKind.SVR: _ACKNOWLEDGEMENT,
        NoticeKind.SVA: _ACKNOWLEDGEMENT,
    },
)


def hearers(item: NotifiedItem, known: RungContext) -> Sequence[PersonId]:
    """Returns whom to tell of an item's returned letter: the agent, else the head.

    Both are told after four jours ouvrés.
    """
    service = known.site.service_now(item.service)
    head = None if service is None else PersonId(service.head)
    days = [
        known.days.between(_day(fact.happened_at, known), known.today) for fact in item.returned
    ]
    climbs = bool(days) and max(days) >= HEAD_AFTER
    found = [item.agent or head, head if climbs else None]
    return list(dict.fromkeys(person_id for person_id in found if person_id is not None))


def section(items: Iterable[NotifiedItem], known: RungContext) -> tuple[Section, ...]:
    """Makes the digest section about letters returned by the post, oldest first, at most 25.

    Empty without such letters; the rest is counted.
    """
    lines = [line for item in items for line in _lines(item, known)]
    return (digest_sections.section(TITLE, lines),) if lines else ()


def _lines(item: NotifiedItem, known: RungContext) -> Iterable[DigestLine]:
    category = known.site.category_now(item.classification.category)
    for fact in item.returned:
        readdressed = fact.event_id in item.readdressed
        yield DigestLine(
            chrono=item.registered.chrono,
            label=category.label if category else "à qualifier",
            received=day_of(item.receipt, known.site.zone),
            limit=_day(fact.happened_at, known),
            left=None,
            url=digest_sections.item_url(known.site, item.registered.chrono),
            what=f"lettre revenue ({WHAT[fact.kind]}) le",
            note="adresse corrigée : à renvoyer" if readdressed else WHY[fact.reason],
        )


def _day(at: datetime, known: RungContext) -> date:
    return at.astimezone(known.site.zone).date()
