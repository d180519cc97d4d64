"""The weekly page: at most three items, and the register's own figures under their names."""

from datetime import date, datetime
from uuid import uuid5

from services.desk.evidence.store import verifications
from shared.facts.vocabulary import Audience
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import body, digests, rung
from tests.roles import one_transaction, under_role
from tests.unit.notify.builders import NAMES


async def test_the_weekly_page_names_at_most_three_items(house: House) -> None:
    late = date(2026, 5, 4)
    await house.hear(*(rung(n, Audience.DIRECTOR, name="+3", limit=late) for n in range(1, 7)))
    monday = datetime.fromisoformat("2026-05-18T09:15:00+02:00")
    taken = await digests(house, 3, at=monday)
    weekly = [mail for mail in taken if "semaine" in str(mail.message["Subject"])]
    assert {mail.recipient for mail in weekly} == {
        "francoise.lemoine@indre.example",
        "helene.marchand@indre.example",
    }
    text = body(weekly[0])
    assert "6 réponses en retard" in text
    assert text.partition("Engagements")[0].count("titre de séjour") == 3


async def test_the_weekly_page_says_the_figures_of_the_register_under_their_names(
    house: House, postgres_url: str
) -> None:
    """By receipt, closed and never answered count; what was answered in the week stands apart."""
    await in_the_register(
        postgres_url,
        # received, limit, result, when it ended
        (date(2026, 5, 4), date(2026, 5, 12), "kept", "2026-05-11T09:00+02:00"),
        (date(2026, 5, 4), date(2026, 5, 12), "late", "2026-05-17T23:59+02:00"),
        (date(2026, 5, 4), date(2026, 5, 12), "closed", "2026-05-07T09:00+02:00"),
        (date(2026, 5, 4), date(2026, 5, 12), None, None),
        (date(2026, 4, 29), date(2026, 5, 7), "kept", "2026-05-10T23:59+02:00"),
        (date(2026, 4, 29), date(2026, 5, 7), "kept", "2026-05-18T00:00+02:00"),
        (date(2026, 4, 29), date(2026, 5, 7), "late", "2026-05-12T09:00+02:00"),
    )
    monday = datetime.fromisoformat("2026-05-18T09:15:00+02:00")
    taken = await digests(house, 2, at=monday)
    weekly = [mail for mail in taken if "semaine" in str(mail.message["Subject"])]
    said = " ".join(body(weekly[0]).replace("\N{NO-BREAK SPACE}", " ").split())
    this, last = "reçus en mai 2026, à ce jour :", "reçus en avril 2026 :"
    assert f"Réponses aux courriers et courriels {this} 25 % (1 sur 4)" in said
    assert f"Réponses aux courriers et courriels {last} 67 % (2 sur 3)" in said
    assert "Réponses parties du 11 mai 2026 au 17 mai 2026 : 33 % (1 sur 3)" in said
    assert "Accusés de réception" not in said


async def test_the_weekly_page_says_that_nothing_can_be_judged_yet(house: House) -> None:
    monday = datetime.fromisoformat("2026-05-18T09:15:00+02:00")
    weekly = [
        digest
        for digest in await digests(house, 2, at=monday)
        if "semaine" in str(digest.message["Subject"])
    ]
    said = " ".join(body(weekly[0]).replace("\N{NO-BREAK SPACE}", " ").split())
    nothing = "rien encore dont on puisse juger"
    assert f"reçus en mai 2026, à ce jour : {nothing}" in said
    assert f"Réponses parties du 11 mai 2026 au 17 mai 2026 : {nothing}" in said


async def in_the_register(url: str, *clocks: tuple[date, date, str | None, str | None]) -> None:
    """Items with the clock of their reply, as the register writes them."""
    async with one_transaction(under_role(url, "desk")) as connection:
        for number, (received, limit, outcome, ended) in enumerate(clocks, start=1):
            item = uuid5(NAMES, f"registered {number}")
            await connection.execute(
                """
                INSERT INTO desk.items (item_id, chrono, seq, state, channel, category, nature,
                    perimeter, priority, confidentiality, service, received_on, received_at,
                    provisional, registered_at)
                VALUES ($1, $2, 1, 'registered', 'email', 'titre-de-sejour', 'request', true,
                    'normale', 'normal', 'bmi', $3::date, $3::date, false, $3::date)
                """,
                item,
                f"36-2026-A-9{number:05}",
                received,
            )
            await connection.execute(
                """
                INSERT INTO desk.clocks (item_id, clock, revision, day_zero, limit_day, holder,
                    rungs, outcome, stopped_at)
                VALUES ($1, 'reply', 1, $2, $3, '{}', '{}', $4, $5)
                """,
                item,
                received,
                limit,
                outcome,
                datetime.fromisoformat(ended) if ended else None,
            )


async def test_the_weekly_page_says_when_the_evidence_was_verified_even_when_all_holds(
    house: House, postgres_url: str
) -> None:
    monday = datetime.fromisoformat("2026-05-18T09:15:00+02:00")
    await verified(postgres_url, monday, differ=0)
    weekly = [
        body(digest)
        for digest in await digests(house, 2, at=monday)
        if "semaine" in str(digest.message["Subject"])
    ]
    said = " ".join(weekly[0].replace("\N{NO-BREAK SPACE}", " ").split())
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
