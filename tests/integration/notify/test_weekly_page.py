"""The weekly page: what the register stated of the week, at most three items and decisions."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid5

from services.desk.evidence.store import verifications
from shared.facts.envelope import ServiceId
from shared.facts.quality.figures import FiguresStated
from shared.facts.vocabulary import Audience
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import body, digests, rung, whole
from tests.roles import one_transaction, under_role
from tests.unit.notify.builders import NAMES, event

MONDAY = datetime.fromisoformat("2026-05-18T09:15:00+02:00")


async def weeklies(house: House, count: int, at: datetime = MONDAY) -> dict[str, str]:
    """The text of each weekly page that has left, by whom it is for."""
    taken = await digests(house, count, at=at)
    return {
        mail.recipient: " ".join(body(mail).replace("\N{NO-BREAK SPACE}", " ").split())
        for mail in taken
        if "semaine" in str(mail.message["Subject"])
    }


def figure(k: int, n: int, *services: str, basis: str = "received", **more: Any) -> dict[str, Any]:
    """A stated figure of replies, of May unless said otherwise."""
    first, last = (date(2026, 5, 1), date(2026, 5, 18))
    if basis == "settled":
        first, last = (date(2026, 5, 11), date(2026, 5, 17))
    ends = {"low": 0.6372, "high": 0.9081}
    said = {"code": "reponse", "first": first, "last": last, "services": services}
    return {"basis": basis, "k": k, "n": n, **said, **ends, **more}


def stated(*figures: dict[str, Any], decisions: Sequence[dict[str, Any]] = ()) -> FiguresStated:
    """What the register stated on that Monday."""
    return FiguresStated.model_validate(
        {
            "event_id": event(f"figures {len(figures)} {len(decisions)}"),
            "subject_id": uuid5(NAMES, "week"),
            "seq": 1,
            "happened_at": MONDAY,
            "recorded_at": MONDAY,
            "by": "service:desk",
            "week": "2026-05-11",
            "counted_on": "2026-05-18",
            "target": 0.9,
            "figures": figures,
            "decisions": decisions,
        }
    )


async def test_the_weekly_page_names_at_most_three_items(house: House) -> None:
    late = date(2026, 5, 4)
    await house.hear(stated(figure(25, 31)))
    await house.hear(*(rung(n, Audience.DIRECTOR, name="+3", limit=late) for n in range(1, 7)))
    texts = await weeklies(house, 6)
    assert texts.keys() == {
        "francoise.lemoine@indre.example",
        "helene.marchand@indre.example",
        "isabelle.fontaine@indre.example",
        "antoine.gauthier@indre.example",
        "stephane.delorme@indre.example",
    }
    text = texts["francoise.lemoine@indre.example"]
    assert "6 réponses en retard" in text
    assert text.partition("Engagements")[0].count("titre de séjour") == 3


async def test_the_weekly_page_says_what_the_register_stated_and_counts_nothing(
    house: House,
) -> None:
    await house.hear(
        stated(
            figure(25, 31, waiting=3, late=4, overdue=1, unanswered=1),
            figure(2, 3, first=date(2026, 4, 1), last=date(2026, 4, 30)),
            figure(7, 9, basis="settled", late=1, unanswered=1),
        )
    )
    said = (await weeklies(house, 5))["helene.marchand@indre.example"]
    assert (
        "reçus en mai 2026, à ce jour : 25 sur 31, soit 81 % (entre 64 et 91 %, quoi que deviennent"
        " les 3 pas encore jugés), pour un objectif de 90 % ; 4 parties en retard, 1 classée sans"
        " réponse, 1 sans réponse, limite passée" in said
    )
    assert "reçus en avril 2026 : 2 sur 3, trop peu pour un taux" in said
    assert (
        "Réponses échues du 11 mai 2026 au 17 mai 2026 : 7 sur 9, trop peu pour un taux ;"
        " 1 partie en retard, 1 classée sans réponse" in said
    )
    assert "78 %" not in said
    assert "Chiffres arrêtés le 18 mai 2026" in said


async def test_a_director_reads_of_their_services_alone(house: House) -> None:
    await house.hear(
        stated(
            figure(25, 31),
            figure(18, 22, "bmi", "bre", "bcl", "pan", "juridique", "pan-emeraude"),
            figure(11, 14, "bmi"),
            figure(3, 4, "cabinet"),
            decisions=[
                {"kind": "late_measure", "number": 3, "due": "2026-05-12", "service": "cabinet"},
                {"kind": "late_measure", "number": 7, "due": "2026-05-13", "service": "bmi"},
            ],
        )
    )
    late = date(2026, 5, 4)
    await house.hear(
        rung(1, Audience.DIRECTOR, name="+3", limit=late),
        rung(2, Audience.DIRECTOR, name="+3", limit=late, service=ServiceId("cabinet")),
    )
    texts = await weeklies(house, 7)
    said = texts["isabelle.fontaine@indre.example"]
    assert "reçus en mai 2026, à ce jour (BMI) : 11 sur 14" in said
    assert "reçus en mai 2026, à ce jour : 18 sur 22" in said
    assert "11 sur 14, soit 79 % (entre 64 et 91 %)" in said
    assert "25 sur 31" not in said
    assert "Mesure n° 7 (BMI) : son action devait être faite le 13 mai 2026" in said
    assert "Mesure n° 3" not in said
    assert "36-2026-A-000001" in said
    assert "36-2026-A-000002" not in said
    assert "25 sur 31" in texts["francoise.lemoine@indre.example"]
    assert "aucune réponse de vos services" in texts["antoine.gauthier@indre.example"]


async def test_a_director_whose_services_changed_since_monday_is_told_so(house: House) -> None:
    await house.hear(stated(figure(25, 31), figure(18, 22, "bmi", "bre"), figure(11, 14, "bmi")))
    texts = await weeklies(house, 5)
    assert "vos services ont changé depuis lundi" in texts["isabelle.fontaine@indre.example"]
    assert "depuis lundi" not in texts["francoise.lemoine@indre.example"]


async def test_three_decisions_at_most_stand_on_the_page_the_most_urgent_first(
    house: House,
) -> None:
    source = {"kind": "theme", "code": "appointments", "items": [str(uuid5(NAMES, "a"))] * 3}
    await house.hear(
        stated(
            figure(25, 31),
            decisions=[
                {"kind": "late_measure", "number": 3, "due": "2026-05-12", "service": "bmi"},
                {"kind": "late_measure", "number": 9, "due": "2026-05-13", "service": "bmi"},
                {"kind": "late_measure", "number": 4, "due": "2026-05-14", "service": "bmi"},
                {"kind": "finding_due", "number": 2},
                {"kind": "proposed_measure", "source": source},
            ],
        )
    )
    texts = await weeklies(house, 5)
    said = texts["francoise.lemoine@indre.example"]
    assert "- et 2 autres : " in said
    assert said.partition("- et 2 autres : ")[2].split()[0].endswith("/qualite/semaine")
    assert "Mesure n° 3" in said
    theirs = texts["isabelle.fontaine@indre.example"]
    assert "Mesure n° 4" in theirs
    assert "autres :" not in theirs
    assert "Constat d’audit n° 2 : il attend une réponse" in said
    assert "/qualite/label/constats/2" in said
    assert "Mesure proposée : 3 réclamations du thème" in said
    assert "Mesure n° 9" not in said


async def test_without_stated_figures_the_page_waits_a_quarter_of_an_hour_then_says_so(
    house: House,
) -> None:
    house.clock.at = MONDAY.replace(minute=5)
    await house.hear(*whole(MONDAY.replace(hour=6, minute=0)))
    await house.waker().round()
    assert [row for row in await house.states() if row[0] == "weekly"] == []
    said = (await weeklies(house, 5, MONDAY.replace(minute=20)))["helene.marchand@indre.example"]
    assert "le registre n’a pas encore dit ses chiffres de la semaine" in said
    assert "sur" not in said.partition("Engagements tenus")[2].partition("Preuve")[0].split()


async def test_figures_told_again_stay_what_they_were(house: House) -> None:
    await house.hear(stated(figure(25, 31)))
    await house.hear(stated(figure(31, 31), figure(31, 31, basis="settled")))
    said = (await weeklies(house, 5))["helene.marchand@indre.example"]
    assert "25 sur 31" in said
    assert "31 sur 31" not in said


async def test_the_weekly_page_says_when_the_evidence_was_verified_even_when_all_holds(
    house: House, postgres_url: str
) -> None:
    await verified(postgres_url, MONDAY, differ=0)
    said = (await weeklies(house, 5))["helene.marchand@indre.example"]
    assert "vérifiée le 18 mai 2026 : rien ne diffère (5 courriers relus, 10 délais" in said


async def test_the_officer_and_the_secretary_hear_the_same_morning_that_the_proof_does_not_hold(
    house: House, postgres_url: str
) -> None:
    """On a Tuesday, with nothing else to say: two persons, so that one is another."""
    tuesday = datetime.fromisoformat("2026-05-19T09:15:00+02:00")
    await verified(postgres_url, tuesday, differ=3)
    told = await digests(house, 2, at=tuesday)
    assert {mail.recipient for mail in told} == {
        "francoise.lemoine@indre.example",
        "helene.marchand@indre.example",
    }
    for mail in told:
        assert "La preuve du registre ne tient pas" in body(mail)
        assert "3 écarts" in body(mail).replace("\N{NO-BREAK SPACE}", " ")


async def verified(url: str, at: datetime, *, differ: int) -> None:
    async with one_transaction(under_role(url, "desk")) as desk:
        await verifications.keep(desk, (at.date(), at), (5, 10, differ), {}, [], [])
