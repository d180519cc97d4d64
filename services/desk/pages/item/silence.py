"""What silence means for an item now, in a sentence (shared/site/implied_decision.py)."""

from datetime import datetime
from typing import assert_never

from services.desk.domain.item import Item
from services.desk.french import labels_fr, silence_words
from shared.site.implied_decision import (
    Born,
    Idle,
    NotRunning,
    Runs,
    SilenceState,
    Suspended,
    silence,
)
from shared.site.tables.bundle import AppliedSite


def silence_sentence(item: Item, applied: AppliedSite, now: datetime) -> str:
    """Returns a French sentence on what silence means for an item now.

    Empty while no regime is confirmed.
    """
    confirmed, decision = item.regime, item.decision
    if confirmed is None:
        return ""
    if confirmed.regime is None:
        return "il ne décide rien"
    regime = applied.site.regime.get(confirmed.regime)
    if regime is None:
        return "ce régime n’existe plus : à confirmer de nouveau"
    stands = silence(regime, confirmed, item.pieces, applied.site.zone, now)
    told = _told(
        stands, silence_words.EFFECTS[regime.effect], extended=confirmed.extended_on is not None
    )
    if decision is not None:
        return f"{told} ; décision expresse le {labels_fr.short_day(decision.day)}"
    return told


def _told(stands: SilenceState, effect: str, *, extended: bool) -> str:
    match stands:
        case Runs():
            longer = ", délai prolongé" if extended else ""
            return f"{effect} à la fin du {labels_fr.long_day(stands.limit)}{longer}"
        case Suspended():
            return (
                f"{effect} à la fin du {labels_fr.long_day(stands.limit)}, délai suspendu depuis le"
                f" {labels_fr.short_day(stands.since)} jusqu’au"
                f" {labels_fr.short_day(stands.until)} au plus tard"
                f" (le {labels_fr.short_day(stands.limit_if_resumed)} si les pièces arrivaient"
                " aujourd’hui)"
            )
        case NotRunning(why=Idle.PIECES_AWAITED):
            since = (
                "" if stands.since is None else f" depuis le {labels_fr.short_day(stands.since)}"
            )
            return f"il ne décide rien : dossier incomplet{since}, aucun délai ne court"
        case NotRunning(why=Idle.FORBIDDEN_START):
            return "aucun délai ne court : le régime est à confirmer de nouveau (L. 114-3)"
        case NotRunning():
            return "aucun délai ne court"
        case Born():
            return f"{effect}, né à la fin du {labels_fr.long_day(stands.limit)}"
        case _:
            assert_never(stands)
