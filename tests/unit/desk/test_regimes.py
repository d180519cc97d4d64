"""What a person may confirm of silence: what the category and the law allow (DOMAIN §3)."""

from datetime import UTC, date, datetime
from uuid import uuid5

import pytest

from services.desk.domain import registration
from services.desk.domain.decisions import (
    AskPieces,
    Command,
    ConfirmRegime,
    DecisionContext,
    ExtendPeriod,
    ReleaseHeld,
    TakePieces,
    decide,
)
from services.desk.domain.fold import fold
from services.desk.domain.stamp import Stamp
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId, NoticeId, On, PersonId
from shared.facts.items import Items
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import Effect, NoticeKind, RegimeStart
from shared.site.staff.directory import Directory
from shared.site.tables.regimes import Extension, Period, PeriodUnit, Regimes
from tests.desk_builders import (
    MONDAY,
    SPACE,
    a_category,
    a_person,
    an_applied_site,
    an_arrival,
    certain,
    some_people,
)

PEOPLE = Directory({PersonId(person.id): person for person in some_people().people}, (), {})
THIRTY = Period(n=30, unit=PeriodUnit.DAYS)
BASE = an_applied_site()
FIRST = BASE.site.regimes.regimes[0]
REGIMES = Regimes(
    regimes=(
        FIRST,
        FIRST.model_copy(
            update={
                "id": "trente-jours",
                "period": THIRTY,
                "start": RegimeStart.COMPLETE_FILE,
                "extension": Extension(period=THIRTY, text="R. 421-23"),
            }
        ),
        FIRST.model_copy(
            update={
                "id": "accord",
                "effect": Effect.ACCEPTANCE,
                "appeals": "",
                "start": RegimeStart.COMPLETE_FILE,
            }
        ),
    )
)
ROW = a_category(
    "titre-de-sejour", "bmi", regime="titre-de-sejour", regimes=("trente-jours", "accord")
)
SITE = BASE.model_copy(
    update={
        "site": BASE.site.model_copy(
            update={
                "regimes": REGIMES,
                "routing": BASE.site.routing.model_copy(
                    update={"categories": (ROW, a_category("autre", "courrier"))}
                ),
            }
        )
    }
)


class Register:
    """One item received on Monday 11 May, about which decisions pile up day by day."""

    def __init__(self) -> None:
        arrival = an_arrival("a", routing=certain())
        reading = registration.reading(arrival, SITE.site, doubtful=False)
        stamp = Stamp(ItemId(uuid5(SPACE, "item a")), 0, arrival.event_id, "source:x", MONDAY)
        self.facts: list[Items] = registration.facts(
            arrival, reading, Chrono("36-2026-A-000001"), SITE.site, stamp
        )

    def decide(self, command: Command, day: date, who: str = "a.gent") -> Items:
        now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        decision = uuid5(SPACE, str(len(self.facts)))
        ground = DecisionContext(
            PEOPLE.person(who) or a_person(who), decision, now, SITE, PEOPLE, {}
        )
        stated = decide(fold(self.facts), command, ground)
        self.facts += stated
        return stated[0]

    def refuses(self, command: Command, day: date, code: str, who: str = "a.gent") -> str:
        with pytest.raises(Refused) as caught:
            self.decide(command, day, who)
        assert caught.value.why == code
        return str(caught.value)


WEDNESDAY = date(2026, 5, 13)


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.mark.parametrize("code", ["titre-de-sejour", "trente-jours", "accord"])
def test_a_person_chooses_among_the_regimes_of_the_category(register: Register, code: str) -> None:
    confirmed = register.decide(ConfirmRegime(code), WEDNESDAY)
    assert isinstance(confirmed, RegimeConfirmed)
    assert confirmed.regime == code
    assert confirmed.start is SITE.site.regime[code].start


def test_an_acceptance_at_the_first_office_is_refused_with_its_article(
    register: Register,
) -> None:
    command = ConfirmRegime("accord", RegimeStart.FIRST_OFFICE)
    assert "L114-3" in register.refuses(command, WEDNESDAY, "start-forbidden")
    register.decide(ConfirmRegime("accord", RegimeStart.COMPETENT_OFFICE), WEDNESDAY)


def test_a_recepisse_presumes_a_complete_file_and_gives_the_start(register: Register) -> None:
    confirmed = register.decide(
        ConfirmRegime("trente-jours", certificate=date(2026, 5, 12)), WEDNESDAY
    )
    assert isinstance(confirmed, RegimeConfirmed)
    assert (confirmed.start, confirmed.received) == (
        RegimeStart.COMPLETE_FILE,
        On(day=date(2026, 5, 12)),
    )
    assert confirmed.presumed_complete


def test_a_recepisse_says_nothing_of_a_period_that_needs_no_file(register: Register) -> None:
    command = ConfirmRegime("titre-de-sejour", certificate=date(2026, 5, 12))
    register.refuses(command, WEDNESDAY, "certificate-without-file")


def test_a_period_is_extended_once_with_its_reason_and_before_its_end(
    register: Register,
) -> None:
    register.refuses(ExtendPeriod("examen-complexe"), WEDNESDAY, "no-extension")
    register.decide(ConfirmRegime("trente-jours"), WEDNESDAY)
    last_day = date(2026, 6, 10)
    register.refuses(ExtendPeriod("examen-complexe"), date(2026, 6, 11), "period-over")
    extended = register.decide(ExtendPeriod("examen-complexe"), last_day)
    assert isinstance(extended, RegimeConfirmed)
    assert (extended.extended, extended.extended_on) == ("examen-complexe", last_day)
    register.refuses(ExtendPeriod("examen-complexe"), last_day, "extended-already")


def test_a_regime_without_extension_is_not_extended(register: Register) -> None:
    register.decide(ConfirmRegime("titre-de-sejour"), WEDNESDAY)
    register.refuses(ExtendPeriod("examen-complexe"), WEDNESDAY, "no-extension")


def test_saying_the_start_again_keeps_the_extension(register: Register) -> None:
    register.decide(ConfirmRegime("trente-jours"), WEDNESDAY)
    register.decide(ExtendPeriod("examen-complexe"), WEDNESDAY)
    again = register.decide(ConfirmRegime("trente-jours", received=date(2026, 5, 12)), WEDNESDAY)
    assert isinstance(again, RegimeConfirmed)
    assert again.extended == "examen-complexe"
    other = register.decide(ConfirmRegime("accord"), WEDNESDAY)
    assert isinstance(other, RegimeConfirmed)
    assert other.extended is None


def test_asking_again_of_a_file_that_was_complete_is_a_chief_s(register: Register) -> None:
    ask = AskPieces(date(2026, 6, 10), ("passeport",), sent=True)
    register.decide(ConfirmRegime("trente-jours"), WEDNESDAY)
    register.decide(ask, WEDNESDAY)
    register.decide(ask, date(2026, 5, 18))  # still open: nothing restarts
    register.decide(TakePieces(), date(2026, 5, 20))
    register.refuses(ask, date(2026, 5, 22), "file-once-complete")
    register.decide(ask, date(2026, 5, 22), "b.head")


def test_an_acknowledgement_without_a_date_to_tell_is_not_released(register: Register) -> None:
    held = ReleaseHeld(NoticeId(uuid5(SPACE, "notice")), NoticeKind.SVR, "file_incomplete")
    register.decide(ConfirmRegime("trente-jours"), WEDNESDAY)
    register.decide(AskPieces(date(2026, 6, 10), ("passeport",), sent=True), WEDNESDAY)
    register.refuses(held, date(2026, 5, 18), "no-period-runs")
    register.decide(TakePieces(), date(2026, 5, 20))
    assert register.decide(held, date(2026, 5, 20)).type == "NoticeReleased"


def test_asking_again_where_the_period_is_only_suspended_is_anybody_s(
    register: Register,
) -> None:
    ask = AskPieces(date(2026, 6, 10), ("passeport",), sent=True)
    register.decide(ConfirmRegime("titre-de-sejour"), WEDNESDAY)
    register.decide(ask, WEDNESDAY)
    register.decide(TakePieces(), date(2026, 5, 20))
    register.decide(ask, date(2026, 5, 22))
