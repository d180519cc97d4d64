"""Why a regime counts as it does: from which day, for how long, by which text and whose word."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from services.desk.french import labels_fr, silence_words
from services.desk.french.names import Names
from shared.calendar.local_days import day_of, local_day
from shared.calendar.pieces import Pieces
from shared.facts.items import Items
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import RegimeStart
from shared.site.implied_decision import CountedPeriod, count_period, from_complete_file
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.regimes import Extension, Regime


@dataclass(frozen=True, slots=True)
class ConfirmedSilence:
    """An item's confirmed regime of implied decision, explained in French."""

    stated: Sequence[RegimeConfirmed]
    """What stands, in order; the last one counts."""
    pieces: Pieces
    applied: AppliedSite
    names: Names
    by: Callable[[Items], str]
    """« par Camille Durand le 12/05/2026 à 10 h 03 », of a fact."""

    def regime(self) -> Regime | None:
        """Returns the regime that was confirmed last, or `None`."""
        return self.applied.site.regime.get(self.stated[-1].regime or "") if self.stated else None

    def period(self) -> CountedPeriod | None:
        """Returns the period of silence as counted, or `None`."""
        return self._counted(self.stated[-1]) if self.stated else None

    def extension(self) -> Extension | None:
        """Returns the extension of the period of silence, or `None`.

        `None` too when it was decided after the period's end.
        """
        regime = self.regime()
        if regime is None or self.stated[-1].extended_on is None:
            return None
        plain = self._counted(self.stated[-1].model_copy(update={"extended_on": None}))
        return None if plain == self.period() else regime.extension

    def sentences(self) -> Iterator[str]:
        """Yields French sentences: who confirmed the regime, its start, its extension."""
        if not self.stated:
            return
        last, period, extending = self.stated[-1], self.period(), self._extending()
        confirming = [fact for fact in self.stated if fact is not extending] or [last]
        confirmed = f"Régime confirmé {self.by(confirming[-1])}"
        if period is None:
            yield f"{confirmed}."
            return
        given = day_of(last.received, self.applied.site.zone)
        yield f"{confirmed} : le délai compte {self._start(given)}."
        if period.day_zero != given:
            yield self._completed(period.day_zero)
        if extending:
            yield self._extended(extending)

    def _start(self, given: date) -> str:
        last, day, regime = self.stated[-1], labels_fr.long_day(given), self.regime()
        if last.presumed_complete:
            return f"du {day}, jour du récépissé, qui présume le dossier complet"
        match last.start:
            case RegimeStart.FIRST_OFFICE:
                return f"de l’arrivée à la première administration saisie, le {day}"
            case RegimeStart.COMPETENT_OFFICE:
                file = regime is not None and from_complete_file(regime.effect, last.start)
                never = ", et jamais avant que le dossier soit complet" if file else ""
                return f"de l’arrivée à l’administration compétente, le {day}{never}"
            case RegimeStart.COMPLETE_FILE:
                return f"du jour où le dossier est complet (jour donné : {day})"
            case _:
                assert_never(last.start)

    def _completed(self, day: date) -> str:
        zone = self.applied.site.zone
        on_it = [fact for fact in self.pieces.received if local_day(fact.happened_at, zone) == day]
        last = max(on_it, key=lambda one: (one.happened_at, one.seq))
        return (
            f"Dossier complet le {labels_fr.long_day(day)} (pièces reçues, dit {self.by(last)}) :"
            " le délai compte de ce jour."
        )

    def _extended(self, extending: RegimeConfirmed) -> str:
        longer, by = self.extension(), self.by(extending)
        if longer is None:
            return f"Prolongation décidée {by} : sans effet, le délai était déjà fini."
        why = ""
        if extending.extended:
            why = f" pour le motif « {self.names.reason(extending.extended)} »"
        return (
            f"Délai prolongé de {silence_words.period(longer.period)} ({longer.text}){why}, {by}."
        )

    def _extending(self) -> RegimeConfirmed | None:
        """The statement that decided the extension; later ones of the regime repeat it."""
        last = self.stated[-1]
        if last.extended_on is None:
            return None
        what = (last.regime, last.extended_on)
        return next(fact for fact in self.stated if (fact.regime, fact.extended_on) == what)

    def _counted(self, confirmed: RegimeConfirmed) -> CountedPeriod | None:
        regime = self.regime()
        if regime is None:
            return None
        found = count_period(regime, confirmed, self.pieces, self.applied.site.zone)
        return found if isinstance(found, CountedPeriod) else None
