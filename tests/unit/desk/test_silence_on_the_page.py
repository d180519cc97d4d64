"""The page of an item says what silence means now: the clock's limit, or why none runs.

And it proves that limit: from which day, by which text and by whose word.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from services.desk.domain.clocks import ItemClock
from services.desk.domain.decisions import (
    AskPieces,
    ConfirmRegime,
    Decide,
    ExtendPeriod,
    TakePieces,
)
from services.desk.domain.fold import fold
from services.desk.french import clock_count
from services.desk.french.names import Names
from services.desk.pages.item.silence import silence_sentence
from shared.facts.clocks import Holder
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import ClockName, Effect, RegimeStart
from tests.desk_browser import loose
from tests.unit.desk.test_pages import a_sheet
from tests.unit.desk.test_regimes import PEOPLE, SITE, WEDNESDAY, Register

ASK = AskPieces(date(2026, 6, 10), ("passeport",), sent=True)


def said(register: Register, day: date) -> str:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return silence_sentence(fold(register.facts), SITE, now)


def test_nothing_before_a_person_has_said_it() -> None:
    assert said(Register(), WEDNESDAY) == ""


def test_a_demande_without_implied_decision_says_so() -> None:
    register = Register()
    register.decide(ConfirmRegime(None), WEDNESDAY)
    assert said(register, WEDNESDAY) == "il ne décide rien"


def test_a_period_that_runs_says_its_last_day_and_then_that_the_decision_is_born() -> None:
    register = Register()
    register.decide(ConfirmRegime("titre-de-sejour"), WEDNESDAY)
    assert said(register, WEDNESDAY) == "rejet à la fin du vendredi 11 septembre 2026"
    assert said(register, date(2026, 9, 12)) == "rejet, né à la fin du vendredi 11 septembre 2026"


def test_a_suspended_period_says_until_when_and_what_if_the_pieces_came_today() -> None:
    register = Register()
    register.decide(ConfirmRegime("titre-de-sejour"), WEDNESDAY)
    register.decide(ASK, WEDNESDAY)
    assert said(register, date(2026, 5, 20)) == (
        "rejet à la fin du vendredi 9 octobre 2026, délai suspendu depuis le 13/05/2026 jusqu’au"
        " 10/06/2026 au plus tard (le 18/09/2026 si les pièces arrivaient aujourd’hui)"
    )


def test_an_incomplete_file_says_that_silence_decides_nothing() -> None:
    register = Register()
    register.decide(ConfirmRegime("trente-jours"), WEDNESDAY)
    register.decide(ASK, WEDNESDAY)
    assert said(register, date(2026, 7, 1)) == (
        "il ne décide rien : dossier incomplet depuis le 13/05/2026, aucun délai ne court"
    )
    register.decide(TakePieces(), date(2026, 7, 2))
    assert said(register, date(2026, 7, 2)) == "rejet à la fin du samedi 1er août 2026"
    register.decide(ExtendPeriod("examen-complexe"), date(2026, 7, 3))
    assert said(register, date(2026, 7, 3)) == (
        "rejet à la fin du lundi 31 août 2026, délai prolongé"
    )


def test_an_explicit_decision_stands_beside_it() -> None:
    register = Register()
    register.decide(ConfirmRegime("titre-de-sejour"), WEDNESDAY)
    register.decide(Decide(Effect.ACCEPTANCE, date(2026, 5, 20)), date(2026, 5, 20))
    assert said(register, date(2026, 5, 20)).endswith("; décision expresse le 20/05/2026")


def proved(register: Register, day_zero: date, limit: date) -> tuple[str, Sequence[str]]:
    """The sentence of the clock that sla told, and what it rests on but the version."""
    item = fold(register.facts)
    clock = ItemClock(
        item.item_id, ClockName.IMPLIED_DECISION, 1, limit, Holder(service=ServiceId("bmi")),
        day_zero=day_zero,
    )  # fmt: skip
    sheet = replace(
        a_sheet(), facts=register.facts, item=item, clocks={ClockName.IMPLIED_DECISION: clock}
    )
    names = Names(SITE.site, PEOPLE)
    (count,) = clock_count.counts(sheet, {ClockName.IMPLIED_DECISION: SITE}, names, day_zero)
    return count.sentence, [loose(reason) for reason in count.reasons[:-1]]


CONFIRMED = "Régime confirmé par Camille A.gent le 13/05/2026 à 11 h 00 : le délai compte"


def test_the_proof_says_from_which_office_and_day_it_counts() -> None:
    register = Register()
    register.decide(ConfirmRegime("titre-de-sejour"), WEDNESDAY)
    assert proved(register, date(2026, 5, 11), date(2026, 9, 11)) == (
        (
            "Jour 0 : lundi 11 mai 2026. Le silence vaut rejet après 4 mois, comptés de date à date"
            " (CESEDA, art. R. 432-1)."
        ),
        [f"{CONFIRMED} de l’arrivée à la première administration saisie, le lundi 11 mai 2026."],
    )
    register.decide(ConfirmRegime("accord", RegimeStart.COMPETENT_OFFICE), WEDNESDAY)
    assert proved(register, date(2026, 5, 11), date(2026, 9, 11))[1] == [
        (
            f"{CONFIRMED} de l’arrivée à l’administration compétente, le lundi 11 mai 2026, et"
            " jamais avant que le dossier soit complet."
        )
    ]


def test_the_proof_names_the_reception_that_completed_the_file_and_the_extension() -> None:
    register = Register()
    register.decide(ConfirmRegime("trente-jours"), WEDNESDAY)
    register.decide(ASK, WEDNESDAY)
    register.decide(TakePieces(), date(2026, 7, 2))
    days = "Jour 0 : jeudi 2 juillet 2026. Le silence vaut rejet après 30 jours calendaires"
    complete = [
        f"{CONFIRMED} du jour où le dossier est complet (jour donné : lundi 11 mai 2026).",
        (
            "Dossier complet le jeudi 2 juillet 2026 (pièces reçues, dit par Camille A.gent le"
            " 02/07/2026 à 11 h 00) : le délai compte de ce jour."
        ),
    ]
    assert proved(register, date(2026, 7, 2), date(2026, 8, 1)) == (
        f"{days} (CESEDA, art. R. 432-1).",
        complete,
    )
    register.decide(ExtendPeriod("examen-complexe"), date(2026, 7, 3), who="b.head")
    assert proved(register, date(2026, 7, 2), date(2026, 8, 31)) == (
        f"{days}, prolongés de 30 jours calendaires (CESEDA, art. R. 432-1).",
        [
            *complete,
            (
                "Délai prolongé de 30 jours calendaires (R. 421-23) pour le motif « examen"
                " complexe », par Camille B.head le 03/07/2026 à 11 h 00."
            ),
        ],
    )


def test_the_proof_says_that_a_recepisse_presumes_the_file_complete() -> None:
    register = Register()
    register.decide(ConfirmRegime("trente-jours", certificate=date(2026, 5, 12)), WEDNESDAY)
    assert proved(register, date(2026, 5, 12), date(2026, 6, 11))[1] == [
        f"{CONFIRMED} du mardi 12 mai 2026, jour du récépissé, qui présume le dossier complet."
    ]


def test_an_extension_decided_after_the_period_is_said_to_have_no_effect() -> None:
    """The file had been complete earlier than was known when it was decided."""
    register = Register()
    register.decide(ConfirmRegime("trente-jours"), WEDNESDAY)
    register.decide(ExtendPeriod("examen-complexe"), date(2026, 6, 9), who="b.head")
    register.decide(ConfirmRegime("trente-jours", received=date(2026, 5, 4)), date(2026, 6, 10))
    sentence, reasons = proved(register, date(2026, 5, 4), date(2026, 6, 3))
    assert "prolongés" not in sentence
    assert reasons[-1] == (
        "Prolongation décidée par Camille B.head le 09/06/2026 à 11 h 00 : sans effet, le délai"
        " était déjà fini."
    )
