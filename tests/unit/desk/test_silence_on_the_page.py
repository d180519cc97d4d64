"""The page of an item says what silence means now: the clock's limit, or why none runs."""

from datetime import UTC, date, datetime

from services.desk.domain.decisions import (
    AskPieces,
    ConfirmRegime,
    Decide,
    ExtendPeriod,
    TakePieces,
)
from services.desk.domain.fold import fold
from services.desk.pages.item.silence import meaning
from shared.facts.words import Effect
from tests.unit.desk.test_regimes import SITE, WEDNESDAY, Register

ASK = AskPieces(date(2026, 6, 10), ("passeport",), sent=True)


def said(register: Register, day: date) -> str:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return meaning(fold(register.facts), SITE, now)


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
        "il ne décide rien : dossier incomplet depuis le 13/05/2026, aucun délai ne court"
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
