"""A measure from its facts; its ladder in jours ouvrés; no text that names an agent."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from services.desk.quality.domain import measures
from services.desk.quality.domain.agents import named_person
from services.desk.quality.domain.figures import REPLY, FigureKey, FigureRow
from services.desk.quality.domain.label_facts import fold as label_fold
from services.desk.quality.domain.ladder import reached_rungs
from services.desk.quality.domain.measures import Measure, MeasureState, fold
from services.desk.quality.domain.proposals import (
    below_target,
    found_again,
    last_closed,
    unanswered_proposals,
)
from shared.errors import Refused
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.quality.label import FindingGrade, FindingStated
from shared.facts.quality.measures import (
    ActionStated,
    CauseStated,
    EffectRead,
    MeasureChanged,
    MeasureClosed,
    MeasureDone,
    MeasureFact,
    MeasureReopened,
    MeasureSource,
    MeasureVerdict,
    SourceKind,
)
from shared.site.tables.people import Person
from tests.desk_builders import DAYS
from tests.unit.desk.measures import a_fact, opened, planned

TODAY = date(2026, 6, 12)


def measure(*facts: MeasureFact) -> Measure:
    [found] = fold([opened(), *facts])
    return found


ANALYSED = (a_fact(CauseStated), a_fact(ActionStated))
DONE = (*ANALYSED, a_fact(MeasureDone))
READ = a_fact(EffectRead, k1=1, n1=10, k2=2, n2=10, diff=0.1, low=-0.2, high=0.4)
CLOSED = (*DONE, a_fact(MeasureClosed, verdict=MeasureVerdict.EFFECTIVE))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ((), MeasureState.TO_ANALYSE),
        ((a_fact(CauseStated),), MeasureState.TO_ANALYSE),
        (ANALYSED, MeasureState.RUNNING),
        (DONE, MeasureState.TO_VERIFY),
        (CLOSED, MeasureState.CLOSED),
        ((*CLOSED, a_fact(MeasureReopened)), MeasureState.RUNNING),
    ],
)
def test_the_column_follows_from_the_facts(
    facts: tuple[MeasureFact, ...], state: MeasureState
) -> None:
    assert measure(*facts).state is state


def test_a_day_put_off_twice_is_told_and_counts_anew_once_reopened() -> None:
    first = a_fact(MeasureChanged, due=date(2026, 7, 20))
    second = a_fact(MeasureChanged, due=date(2026, 8, 20))
    sooner = a_fact(MeasureChanged, due=date(2026, 7, 1))
    assert not measure(first, sooner).put_off_often
    assert measure(first, second).put_off_often
    found = measure(first, second, *CLOSED, a_fact(MeasureReopened))
    assert (found.postponed, found.due) == (0, date(2026, 8, 20))


def test_a_new_owner_keeps_the_day() -> None:
    found = measure(a_fact(MeasureChanged, owner=PersonId("b.head")))
    assert (found.owner, found.due, found.postponed) == ("b.head", date(2026, 7, 10), 0)


def test_a_new_plan_waits_for_its_own_reading() -> None:
    assert measure(planned(), READ).reading == READ
    assert measure(planned(), READ, planned()).reading is None


@pytest.mark.parametrize(
    ("what", "facts", "why"),
    [
        (measures.may_be_done, (), "measure-not-analysed"),
        (measures.may_be_done, DONE, "measure-done"),
        (measures.may_analyse, CLOSED, "measure-done"),
        (measures.may_reopen, ANALYSED, "measure-open"),
    ],
)
def test_what_makes_no_sense_yet_is_refused(
    what: Callable[[Measure], None], facts: tuple[MeasureFact, ...], why: str
) -> None:
    with pytest.raises(Refused) as refused:
        what(measure(*facts))
    assert refused.value.why == why


@pytest.mark.parametrize(
    ("facts", "verdict", "why"),
    [
        (CLOSED, MeasureVerdict.GIVEN_UP, "measure-closed"),
        (ANALYSED, MeasureVerdict.EFFECTIVE, "measure-not-done"),
        ((*DONE, planned()), MeasureVerdict.UNPROVEN, "effect-not-read"),
        (DONE, MeasureVerdict.EFFECTIVE, "effect-not-established"),
        (DONE, MeasureVerdict.WITHOUT_EFFECT, "effect-not-established"),
    ],
)
def test_no_verdict_before_its_time(
    facts: tuple[MeasureFact, ...], verdict: MeasureVerdict, why: str
) -> None:
    with pytest.raises(Refused) as refused:
        measures.may_close(measure(*facts), verdict)
    assert refused.value.why == why


def test_a_measure_may_be_given_up_at_any_time() -> None:
    measures.may_close(measure(), MeasureVerdict.GIVEN_UP)
    measures.may_close(measure(*DONE, planned()), MeasureVerdict.GIVEN_UP)
    measures.may_close(measure(*DONE), MeasureVerdict.UNPROVEN)
    measures.may_close(measure(*DONE, planned(), READ), MeasureVerdict.EFFECTIVE)


def test_what_is_done_and_can_not_be_read_is_not_established() -> None:
    measures.may_close(measure(*DONE, planned()), MeasureVerdict.UNPROVEN, readable=False)
    with pytest.raises(Refused) as refused:
        measures.may_close(measure(*DONE, planned()), MeasureVerdict.EFFECTIVE, readable=False)
    assert refused.value.why == "effect-not-established"


@pytest.mark.parametrize(
    ("due", "day", "rung"),
    [
        # 14 May 2026 is Ascension Day; the bridge of Friday 15 is a jour ouvré.
        (date(2026, 5, 20), date(2026, 5, 11), ""),
        (date(2026, 5, 20), date(2026, 5, 12), "-5"),
        (date(2026, 5, 20), date(2026, 5, 20), "-5"),
        (date(2026, 5, 13), date(2026, 5, 14), "-5"),
        (date(2026, 5, 13), date(2026, 5, 15), "+1"),
        (date(2026, 5, 13), date(2026, 5, 18), "+1"),
        (
            date(2026, 5, 13),
            date(2026, 5, 19),
            "+1 +3",
        ),  # the owner's rung stays: the owner may be new
        # Monday 25 May is Whit Monday.
        (date(2026, 5, 13), date(2026, 5, 28), "+1 +3"),
        (date(2026, 5, 13), date(2026, 5, 29), "+1 +10"),
    ],
)
def test_the_ladder_counts_jours_ouvres(due: date, day: date, rung: str) -> None:
    [found] = fold([opened(due=due)])
    assert " ".join(fallen.name for fallen in reached_rungs(found, day, DAYS)) == rung


def test_no_rung_of_what_is_done() -> None:
    assert reached_rungs(measure(*DONE), date(2027, 1, 4), DAYS) == ()


def test_a_slip_of_the_year_is_refused() -> None:
    measures.may_open(date(2028, 6, 12), TODAY)
    for day in (date(2028, 6, 13), date(2062, 7, 10)):
        with pytest.raises(Refused) as refused:
            measures.may_open(day, TODAY)
        assert refused.value.why == "measure-day-far"


def test_what_is_opened_again_forgets_the_effect_of_the_first_action() -> None:
    found = measure(*DONE, planned(), READ, a_fact(MeasureReopened))
    assert (found.plan, found.reading) == (None, None)


PERSON = Person(
    id="l.petit",
    name="Petit",
    first_name="Léa",
    services=("bmi",),
    capacity="agente",
    email="lea.petit@prefecture.example",
    phone="02 00 00 00 01",
)


@pytest.mark.parametrize(
    "text",
    [
        "Erreur de Mme Petit",
        "erreur de mme petit",
        "Léa Petit n’a pas transmis",
        "PETIT LÉA",
        "lea petit était absente",
        "oubli de l’agent petit",
        "l.petit a oublié",
        "Petit n’a pas transmis.",
    ],
)
def test_a_text_that_names_an_agent_is_seen(text: str) -> None:
    assert named_person(text, [PERSON]) is PERSON


@pytest.mark.parametrize(
    "text",
    [
        "Aucun relais pendant l’absence, délai trop petit",
        "Le modèle est trop petit pour être lu",
        "Les petits dossiers attendent",
        "Le renouvellement tarde",
    ],
)
def test_a_text_that_names_nobody_passes(text: str) -> None:
    assert named_person(text, [PERSON]) is None


def test_three_closed_months_in_a_row_are_read_together() -> None:
    months = [date(2026, month, 1) for month in (2, 3, 4, 5)]
    assert last_closed(months) == months[1:]
    assert last_closed([date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]) != ()
    assert last_closed([date(2026, 1, 1), date(2026, 3, 1), date(2026, 4, 1)]) == ()
    assert last_closed(months[:2]) == ()


def test_what_is_wholly_below_its_target_is_proposed_until_somebody_opens() -> None:
    months = [date(2026, month, 1) for month in (3, 4, 5)]
    low = FigureRow(FigureKey(REPLY, "bmi"), 50, 93)
    few = FigureRow(FigureKey(REPLY, "dre"), 2, 9)
    within = FigureRow(FigureKey(REPLY), 80, 93)
    [proposal] = below_target([low, few, within], 0.9, months)
    assert proposal.source == MeasureSource(
        kind=SourceKind.FIGURE,
        code=REPLY,
        first=months[0],
        last=months[-1],
        service=ServiceId("bmi"),
    )
    earlier = proposal.source.model_copy(update={"first": date(2026, 2, 1), "last": months[1]})
    assert unanswered_proposals([proposal], fold([opened()])) == [proposal]
    assert unanswered_proposals([proposal], fold([opened(source=earlier)])) == []
    given_up = a_fact(MeasureClosed, verdict=MeasureVerdict.GIVEN_UP)
    assert unanswered_proposals([proposal], fold([opened(source=earlier), given_up])) == [proposal]
    assert unanswered_proposals([proposal], fold([opened(source=proposal.source), given_up])) == []


def test_what_two_audits_found_of_one_engagement_is_proposed() -> None:
    found = label_fold(
        [
            finding(1, "telephone", "audit-interne", 1),
            finding(2, "telephone", "audit-interne", 1),  # of the same audit: one of them
            finding(3, "courriers", "audit-interne", 2),
            finding(4, "telephone", "audit-interne", 2),
            finding(5, "courriers", "suivi", 1, FindingGrade.STRENGTH),
        ]
    ).findings.values()
    [proposal] = found_again(found)
    assert proposal.source == MeasureSource(kind=SourceKind.FINDING, number=4)
    assert unanswered_proposals([proposal], fold([opened(source=proposal.source)])) == []


def finding(
    number: int, engagement: str, step: str, occurrence: int,
    grade: FindingGrade = FindingGrade.MINOR,
) -> FindingStated:  # fmt: skip
    return a_fact(
        FindingStated, subject_id=UUID(int=number), seq=number, number=number,
        engagement=engagement, grade=grade, step=step, occurrence=occurrence, on=date(2026, 5, 1),
    )  # fmt: skip
