"""What a digest says of letters that came back, and to whom, until somebody acts (ADR 0021)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from services.notify.domain import pages
from services.notify.domain.item import Item, received_on
from services.notify.domain.pages import Known
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import NoticeKind, ReturnReason
from shared.site.pages import DigestLine, Section

HEAD_AFTER: Final = 4
"""Jours ouvrés after which the head hears of it too, as of a reply that nobody confirms."""
TITLE: Final = "Lettres revenues : à renvoyer, ou à clore"
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


def hearers(item: Item, known: Known) -> Sequence[PersonId]:
    """Whoever has the item: the agent, else the head; the head as well when it goes on for days."""
    service = known.site.service_now(item.service)
    head = None if service is None else PersonId(service.head)
    days = [known.days.between(_day(one.happened_at, known), known.today) for one in item.returned]
    climbs = bool(days) and max(days) >= HEAD_AFTER
    found = [item.agent or head, head if climbs else None]
    return list(dict.fromkeys(one for one in found if one is not None))


def section(items: Iterable[Item], known: Known) -> tuple[Section, ...]:
    """The lines, the oldest first; none without any."""
    lines = [line for item in items for line in _lines(item, known)]
    return (pages.section(TITLE, lines),) if lines else ()


def _lines(item: Item, known: Known) -> Iterable[DigestLine]:
    category = known.site.category_now(item.classification.category)
    for one in item.returned:
        readdressed = one.event_id in item.readdressed
        yield DigestLine(
            chrono=item.registered.chrono,
            label=category.label if category else "à qualifier",
            received=received_on(item.receipt, known.site.zone),
            limit=_day(one.happened_at, known),
            left=None,
            url=pages.item_url(known.site, item.registered.chrono),
            what=f"lettre revenue ({WHAT[one.kind]}) le",
            note="adresse corrigée : à renvoyer" if readdressed else WHY[one.reason],
        )


def _day(at: datetime, known: Known) -> date:
    return at.astimezone(known.site.zone).date()
