"""Why a clock stands as it does, in sentences that an auditor can follow: who said what, when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar

from services.desk.domain.clock_history import RungTold, ToldEnd, ToldLimit
from services.desk.domain.clocks import ItemClock
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.french.why_silence import ConfirmedSilence
from services.desk.store.sheets import ItemSheet
from shared.calendar.local_days import day_of, local_day
from shared.calendar.pieces import Pieces, PiecesWait
from shared.facts.clocks import MovedBy, Outcome, RungMove
from shared.facts.items import Items
from shared.facts.items.corrections import ItemAbsorbed, ReceiptCorrected
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.standing import standing
from shared.facts.vocabulary import BY_RECEIPT, Audience, ClockName
from shared.site.tables.bundle import AppliedSite

F = TypeVar("F", bound=Items)

FACTS: Final[Mapping[str, str]] = {
    "ReceiptCorrected": "la date de réception a été corrigée",
    "ItemReclassified": "le courrier a été reclassé",
    "ItemAbsorbed": "un autre courrier a été fusionné",
    "ItemMergedInto": "le courrier a été fusionné avec un autre",
    "ItemTransferred": "le courrier a été transmis à une autre administration",
    "ItemClosed": "le courrier a été classé",
    "ItemReopened": "le courrier a été rouvert",
    "ReplySent": "une réponse est partie",
    "ItemAssigned": "le courrier a changé de service",
    "RegimeConfirmed": "le régime a été confirmé",
    "PiecesRequested": "des pièces ont été demandées",
    "PiecesReceived": "des pièces sont arrivées",
    "HoldingReplySent": "une réponse d’attente est partie",
    "FactWithdrawn": "une décision a été annulée",
    "rules": "d’autres règles ont été appliquées",
}
MOVES: Final[Mapping[MovedBy, str]] = {
    MovedBy.OLD_LIMIT: "la limite a été fixée alors qu’il était passé",
    MovedBy.HOLDER: "le courrier venait de changer de mains",
    MovedBy.ANSWER: "un rappel avait reçu une réponse",
    MovedBy.WAITED: "des pièces étaient attendues",
    MovedBy.STANDS: "il était déjà tombé sous la limite d’avant",
}
TOLD_TO: Final[Mapping[Audience, str]] = {
    Audience.HOLDER: "à qui l’a",
    Audience.HEAD: "à son chef",
    Audience.DIRECTOR: "à son directeur",
    Audience.MAIL_OFFICE: "au bureau du courrier",
    Audience.MAIL_OFFICE_HEAD: "au chef du bureau du courrier",
}


def rung_words(rung: str) -> str:
    """Says in French when a rung of a ladder falls, by its name (« -2 », « given:7 »)."""
    offset = rung.lstrip("+-")
    if offset.isdecimal():
        days = int(rung)
        when = "avant" if days < 0 else "après"
        said = f"{labels_fr.jours_ouvres(abs(days))} {when} la limite"
        return said if days else "le jour de la limite"
    if rung.startswith("given:"):
        return "à qui l’a reçu depuis"
    return "un message vu dans les envois attendait d’être confirmé"


@dataclass(frozen=True, slots=True)
class ClockProof:
    """The explanation in French of one deadline, with the rules that counted it."""

    clock: ItemClock
    sheet: ItemSheet
    applied: AppliedSite
    names: Names

    def reasons(self) -> Sequence[str]:
        """Returns the French sentences that explain day 0, limit, delay and reminders."""
        return [
            *self._day_zero(),
            *self._moves_of_the_limit(),
            *self._silence(),
            *self._waits_of_a_reply(),
            *self._rungs(),
            *self._ends(),
            self._version(),
        ]

    @property
    def silence(self) -> ConfirmedSilence:
        """The item's confirmed regime of implied decision, ready to be explained."""
        said = self._standing(RegimeConfirmed)
        return ConfirmedSilence(said, self._pieces(), self.applied, self.names, self._by)

    def waits(self) -> Sequence[PiecesWait]:
        """Returns the waits for missing pieces that this deadline deducts."""
        if self.clock.clock is ClockName.REPLY:
            return self._pieces().waits(self.applied.site.zone)
        if self.clock.clock is not ClockName.IMPLIED_DECISION:
            return ()
        period = self.silence.period()
        return period.waits if period else ()

    def counted_until(self) -> date | None:
        """Returns the local day that counts as the deadline's end; `None` while it runs."""
        if self.clock.stopped_at is None or self.clock.raw is None:
            return None
        ended = local_day(self.clock.stopped_at, self.applied.site.zone)
        return self.applied.days.first_worked_not_before(ended)

    def _day_zero(self) -> Iterator[str]:
        if self.clock.clock not in BY_RECEIPT:
            return
        zone = self.applied.site.zone
        if corrected := self._last(ReceiptCorrected):
            before = day_of(self.sheet.item.opened.receipt, zone)
            now = day_of(corrected.receipt, zone)
            yield (
                f"Réception corrigée : {labels_fr.long_day(now)}"
                f" au lieu du {labels_fr.long_day(before)} ({self.names.reason(corrected.reason)}),"
                f" {self._by(corrected)}."
            )
        for fact in self._standing(ItemAbsorbed):
            day = labels_fr.long_day(day_of(fact.receipt, zone))
            other = self.names.item(fact.absorbed_chrono)
            yield (
                f"{other[0].upper()}{other[1:]}, reçu le {day}, a été fusionné {self._by(fact)} :"
                " le jour 0 est celui du premier message, la limite la première de celles"
                " qu’auraient les messages."
            )

    def _moves_of_the_limit(self) -> Iterator[str]:
        for told_rung in self.clock.told:
            if isinstance(told_rung, ToldLimit):
                zero = (
                    ""
                    if told_rung.day_zero is None
                    else f", jour 0 {labels_fr.long_day(told_rung.day_zero)}"
                )
                yield (
                    f"Limite : {labels_fr.long_day(told_rung.limit)}"
                    f" au lieu du {labels_fr.long_day(told_rung.before)}{zero}, règles version"
                    f" {told_rung.rules} ; {self._cause(told_rung.why, told_rung.at)}."
                )

    def _silence(self) -> Iterator[str]:
        if self.clock.clock is not ClockName.IMPLIED_DECISION:
            return
        yield from self.silence.sentences()
        period = self.silence.period()
        if period is None:
            return
        for wait in period.waits:
            days = wait.calendar_days(period.day_zero)
            added = labels_fr.amount(days, "jour calendaire ajouté")
            yield f"{self._waited(wait)} : {added} à la limite."

    def _waits_of_a_reply(self) -> Iterator[str]:
        clock = self.clock
        if clock.clock is not ClockName.REPLY or clock.day_zero is None:
            return
        until = self.counted_until()
        for wait in self.waits():
            days = wait.worked_days(self.applied.days, clock.day_zero, until or wait.until)
            yield f"{self._waited(wait)} : {labels_fr.jours_ouvres(days)} hors du délai net."
        if clock.raw is not None and clock.net is not None and clock.net != clock.raw:
            off = clock.raw - clock.net
            yield f"Délai net : {clock.raw} − {off} = {labels_fr.jours_ouvres(clock.net)}."
        if (
            until
            and clock.stopped_at
            and until != local_day(clock.stopped_at, self.applied.site.zone)
        ):
            sent = labels_fr.long_day(local_day(clock.stopped_at, self.applied.site.zone))
            counts = labels_fr.long_day(until)
            yield f"Réponse partie le {sent}, non ouvré : compte pour le {counts}."

    def _rungs(self) -> Iterator[str]:
        for told_rung in self.clock.told:
            if not isinstance(told_rung, RungTold):
                continue
            told = " et ".join(TOLD_TO[hearer] for hearer in told_rung.tell)
            line = (
                "" if not told_rung.collapsed else ", une seule ligne pour tous les rappels passés"
            )
            moved = "".join(f" ; {self._move(move)}" for move in told_rung.moved)
            due = (
                f", prévu le {labels_fr.short_day(told_rung.due)}{moved}"
                if told_rung.due and moved
                else ""
            )
            back = "" if told_rung.back is None else f" ; repris le {self._local(told_rung.back)}"
            day = labels_fr.long_day(told_rung.fell)
            yield f"Rappel du {day} ({rung_words(told_rung.rung)}), {told}{line}{due}{back}."

    def _ends(self) -> Iterator[str]:
        ends = [told_rung for told_rung in self.clock.told if isinstance(told_rung, ToldEnd)]
        if len(ends) < 2:  # noqa: PLR2004  (the one end is the clock's result)
            return
        for end in ends:
            what = "court à nouveau" if end.outcome is None else labels_fr.OUTCOMES[end.outcome]
            delay = (
                "" if end.raw is None else f", {labels_fr.jours_ouvres(end.raw)} (net : {end.net})"
            )
            why = f" ; {self._cause(end.why, end.at)}" if end.why else ""
            born = " à la limite" if end.outcome is Outcome.BORN else ""
            yield f"Dit le {self._local(end.at)} : {what}{born}{delay}{why}."

    def _version(self) -> str:
        since = self._local(self.applied.effective_from)
        days = self.applied.days
        return (
            f"Compté avec les règles version {self.applied.version}, en vigueur depuis le {since},"
            f" et leur calendrier ({days.territory}, {days.library})."
        )

    def _move(self, move: RungMove) -> str:
        fact = next((fact for fact in self.sheet.facts if fact.seq == move.seq), None)
        by = f" ({self._by(fact)})" if fact else ""
        sense = "repoussé" if move.days > 0 else "avancé"
        return f"{sense} de {labels_fr.jours_ouvres(abs(move.days))}, {MOVES[move.why]}{by}"

    def _waited(self, wait: PiecesWait) -> str:
        pieces = self._pieces()
        asked = next(fact for fact in pieces.requested if fact.happened_at == wait.begun)
        received = pieces.reception(asked)
        end = "pas encore reçues"
        if received and received.happened_at == wait.over:
            end = f"reçues, dit {self._by(received)}"
        span = f"du {labels_fr.short_day(wait.since)} au {labels_fr.short_day(wait.until)}"
        return f"Pièces attendues {span} (demandées {self._by(asked)} ; {end})"

    def _cause(self, why: str, at: datetime) -> str:
        said = FACTS.get(why, "un autre fait a été enregistré")
        known = [fact for fact in self.sheet.facts if fact.type == why and fact.recorded_at <= at]
        return f"{said} {self._by(known[-1])}" if known else said

    def _by(self, fact: Items) -> str:
        return f"par {self.names.author(fact.by)} le {self._local(fact.recorded_at)}"

    def _local(self, moment: datetime) -> str:
        return labels_fr.moment(moment, self.applied.site.zone)

    def _pieces(self) -> Pieces:
        return Pieces(self._standing(PiecesRequested), self._standing(PiecesReceived))

    def _last(self, kind: type[F]) -> F | None:
        found = self._standing(kind)
        return found[-1] if found else None

    def _standing(self, kind: type[F]) -> Sequence[F]:
        return [fact for fact in standing(self.sheet.facts) if isinstance(fact, kind)]


def counted_from(clock: ItemClock, facts: Sequence[Items]) -> datetime | None:
    """Returns the moment whose rules count a deadline (CLOCKS, rule 14), or `None`: the latest.

    A stopped clock is counted by the rules in effect when its stop was recorded; a decision that
    was born, by those in effect at its limit.
    """
    if clock.stopped_at is None:
        return None
    stops = [fact.recorded_at for fact in facts if fact.happened_at == clock.stopped_at]
    return max(stops, default=clock.stopped_at)
