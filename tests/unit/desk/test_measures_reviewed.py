"""What a hostile reading of measures found: spellings of names, effects, days put off, sources."""

from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from services.desk.quality.domain.agents import named_person
from services.desk.quality.domain.ladder import put_off_far
from services.desk.quality.domain.measures import fold, may_close, open_source
from shared.errors import Refused
from shared.facts.envelope import ItemId
from shared.facts.quality.measures import (
    ActionStated,
    CauseStated,
    EffectRead,
    MeasureChanged,
    MeasureDone,
    MeasureFact,
    MeasureReopened,
    MeasureSource,
    MeasureVerdict,
    SourceKind,
)
from shared.site.tables.people import Person
from tests.desk_builders import DAYS, a_person
from tests.unit.desk.measures import a_fact, opened, planned

PARIS = ZoneInfo("Europe/Paris")


def somebody(first: str, name: str) -> Person:
    return a_person("x.y", "bmi").model_copy(update={"first_name": first, "name": name})


AUBRY = somebody("Catherine", "Aubry")
GOFF = somebody("Yves", "Le Goff")
TOUR = somebody("Anne", "De La Tour")
OEUVRARD = somebody("Luc", "Œuvrard")


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("aubry a oublié", AUBRY),
        ("AuBRY a oublié", AUBRY),
        ("MM. petit et aubry", AUBRY),
        ("Mmes Petit et aubry", AUBRY),
        ("Dr aubry", AUBRY),
        ("Au\N{SOFT HYPHEN}bry a oublié", AUBRY),
        ("Yves LE  GOFF", GOFF),
        ("c’est Le\nGoff", GOFF),
        ("Le\N{NON-BREAKING HYPHEN}Goff", GOFF),
        ("le goff l’a dit", GOFF),
        ("De la Tour", TOUR),
        ("Oeuvrard", OEUVRARD),
        ("oeuvrard", OEUVRARD),
    ],
)
def test_a_name_is_seen_however_it_is_spelt(text: str, person: Person) -> None:
    assert named_person(text, [person]) is person


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Le tour de garde est trop court", TOUR),
        ("un dossier trop petit", somebody("Jeanne", "Petit")),
        ("le marchand ambulant", somebody("Hélène", "Marchand")),
        ("aubryesque", AUBRY),
    ],
)
def test_a_word_of_the_language_names_nobody(text: str, person: Person) -> None:
    assert named_person(text, [person]) is None


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


READ = {
    "k1": 50, "n1": 90, "waiting1": 0, "k2": 80, "n2": 90, "waiting2": 0, "diff": 0.33,
    "low": 0.2, "high": 0.45, "rules": (1,),
}  # fmt: skip


def test_no_verdict_on_an_effect_rests_on_months_before_the_action() -> None:
    """Planned for August to October; done in November."""
    told: list[MeasureFact] = [
        opened(), a_fact(CauseStated), a_fact(ActionStated), planned(),
        a_fact(MeasureDone, happened_at=at(11, 3)), a_fact(EffectRead, **READ),
    ]  # fmt: skip
    [measure] = fold(told)
    assert measure.done_at == at(11, 3)
    for verdict in (MeasureVerdict.EFFECTIVE, MeasureVerdict.WITHOUT_EFFECT):
        with pytest.raises(Refused) as refused:
            may_close(measure, verdict, done_on=date(2026, 11, 3))
        assert refused.value.why == "effect-before-action"
    may_close(measure, MeasureVerdict.UNPROVEN, done_on=date(2026, 11, 3))
    may_close(measure, MeasureVerdict.EFFECTIVE, done_on=date(2026, 10, 31))
    [again] = fold([*told, a_fact(MeasureReopened)])
    assert (again.done_at, again.readings) == (None, 0)
    assert measure.readings == 1


def test_two_measures_are_not_opened_about_one_theme_because_a_complaint_came() -> None:
    one, two = ItemId(uuid4()), ItemId(uuid4())
    source = MeasureSource(kind=SourceKind.THEME, code="delays", items=(one,))
    [measure] = fold([opened(source=source)])
    assert open_source([measure], source.model_copy(update={"items": (one, two)})) is measure
    other = MeasureSource(kind=SourceKind.THEME, code="website", items=(one,))
    assert open_source([measure], other) is None


@pytest.mark.parametrize(
    ("stated", "due", "far"),
    [
        (at(7, 1), date(2026, 7, 31), False),
        (at(7, 1), date(2026, 9, 7), False),  # forty jours ouvrés, without the 14th and 15 August
        (at(7, 1), date(2026, 9, 8), True),
        (at(7, 11), date(2026, 7, 13), True),  # the day after it had passed
        (at(7, 10), date(2026, 7, 13), False),
    ],
)
def test_a_day_put_off_by_very_long_or_after_it_passed_is_told(
    stated: datetime, due: date, *, far: bool
) -> None:
    """Due on 10 July 2026."""
    [measure] = fold([opened(), a_fact(MeasureChanged, due=due, owner=None, happened_at=stated)])
    assert put_off_far(measure, DAYS, PARIS) is far
