"""The effect of a request for missing pieces on the implied decision (CRPA L114-5).

    no regime, or silence has decided already     none
    counted from an office                        the period is suspended for the time granted
    rejection, counted from the complete file     no period runs; the whole anew if it was complete
    acceptance                                    likewise

The letters of the desk and those of notify ask here, so that both say the same.
"""

from datetime import datetime

from shared.calendar.pieces import Pieces
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import Effect
from shared.site.implied_decision import Born, from_complete_file, may_restart, silence
from shared.site.tables.bundle import Site
from shared.site.texts.letters import EffectOfPieces


def effect_of_pieces(
    confirmed: RegimeConfirmed | None, pieces: Pieces, site: Site, now: datetime
) -> EffectOfPieces:
    """Returns what a request for pieces sent at `now` does to an item's implied decision.

    `confirmed`: the item's regime, as a person confirmed it; `pieces`: what was asked before.
    """
    regime = None if confirmed is None else site.regime.get(confirmed.regime or "")
    if regime is None or confirmed is None:
        return EffectOfPieces.NONE
    if isinstance(silence(regime, confirmed, pieces, site.zone, now), Born):
        return EffectOfPieces.NONE
    if not from_complete_file(regime.effect, confirmed.start):
        return EffectOfPieces.SUSPENDS
    again = may_restart(regime, confirmed, pieces, site.zone, now)
    match regime.effect:
        case Effect.REJECTION:
            return EffectOfPieces.RESTARTS_REJECTION if again else EffectOfPieces.STARTS_REJECTION
        case Effect.ACCEPTANCE:
            return EffectOfPieces.RESTARTS if again else EffectOfPieces.STARTS
