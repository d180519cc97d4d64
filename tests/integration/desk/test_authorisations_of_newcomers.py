"""Target × role × action, the rest of it: newcomers, second persons, delegations, opening hours."""

from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path
from uuid import uuid4

import pytest

from services.desk.accounts.store import person_asks
from services.desk.accounts.store.person_asks import Ask
from shared.facts.envelope import PersonId
from shared.facts.items.directory import PersonChange
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site.staff import delegations_store, people_store
from shared.site.tables.people import Person
from tests.desk_browser import TODAY
from tests.desk_builders import a_site
from tests.integration.desk.targets import (
    AGREES,
    DELEGATIONS,
    GIVES_UP,
    HOURS,
    NEWCOMERS,
    NOBODY,
    ROLES,
    TARGETS,
    Met,
)
from tests.integration.desk.walking import Walk, everybody, restore, stand

pytestmark = pytest.mark.usefixtures("live_site")

NEW = "nouvelle@prefecture.example"
COLLEAGUE = "b.gent@prefecture.example"
ELSEWHERE = "ailleurs@prefecture.example"
RECORD = {"first_name": "Camille", "name": "Neuve", "capacity": "adjointe", "phone": "02 99"}
ARRIVES = {
    "nowhere": {"services": "", "email": NEW},
    "bmi": {"services": "bmi", "email": NEW},
    "the mail office": {"services": "courrier", "email": NEW},
    "a colleague's address": {"services": "", "email": COLLEAGUE},
}


@pytest.fixture
async def walk(pool: Pool, story_clock: Clock, tmp_path: Path) -> AsyncIterator[Walk]:
    async for found in everybody(pool, story_clock, tmp_path):
        yield found


async def people(pool: Pool) -> dict[PersonId, Person]:
    async with transaction(pool) as connection:
        return dict((await people_store.people_at(connection, TODAY)).people)


async def test_each_role_adds_newcomers_where_the_table_says(walk: Walk) -> None:
    wrong = []
    for where, fields in ARRIVES.items():
        for role in ROLES:
            before = await people(walk.pool)
            await walk.post(role, "/personnes/nouvelle", {**RECORD, **fields})
            new = {id_: one for id_, one in (await people(walk.pool)).items() if id_ not in before}
            met = "now" if new else "nothing"
            if met != NEWCOMERS[where].of(role):
                wrong.append((where, role, met))
            for person in new.values():
                assert list(person.services) == [fields["services"]] * bool(fields["services"])
                async with transaction(walk.pool) as connection:
                    await people_store.set_person(connection, person, "tests", TODAY, gone=True)
    assert not wrong, wrong


def asked(act: str, who: str) -> Ask:
    """What waits of somebody, and who asked it."""
    change, value, by = {
        "deputy": (PersonChange.DEPUTY, "b.gent", "person:c.lerk"),
        "deputy who answers": (PersonChange.DEPUTY, "c.head", "person:c.lerk"),
        "address": (PersonChange.MAILBOX, ELSEWHERE, "person:c.head"),
        "address asked by nobody": (PersonChange.MAILBOX, ELSEWHERE, "account:local"),
    }[act]
    return Ask(uuid4(), PersonId(who), change, value, by, TODAY)


async def answered(walk: Walk, ask: Ask, role: str, answer: str) -> str:
    """What became of a request that somebody answers: `agreed`, `refused` or `nothing`."""
    async with transaction(walk.pool) as connection:
        before = await stand(connection, ask.person)
        await person_asks.put(connection, ask)
    await walk.post(role, f"/personne/{ask.person}/demande/{ask.ask}", {"reponse": answer})
    async with transaction(walk.pool) as connection:
        after = await stand(connection, ask.person)
    changed = after.person != before.person
    if changed:
        assert after.person is not None
        assert ask.value in {after.person.deputy, after.person.email}
    met = "nothing" if after.asks else ("agreed" if changed else "refused")
    assert not (changed and after.asks)
    await restore(walk.pool, ask.person, before)
    return met


@pytest.mark.parametrize("act", sorted(GIVES_UP))
async def test_each_role_answers_as_the_second_person_where_the_table_says(
    walk: Walk, act: str
) -> None:
    wrong = []
    for (asks, target), agrees in AGREES.items():
        for role in ROLES if asks == act else ():
            may = agrees.of(role) == "now"
            ask = asked(act, TARGETS[target])
            if (met := await answered(walk, ask, role, "oui")) != ("agreed" if may else "nothing"):
                wrong.append((target, role, "oui", met))
            may = may or role == GIVES_UP[act]
            ask = asked(act, TARGETS[target])
            if (met := await answered(walk, ask, role, "non")) != ("refused" if may else "nothing"):
                wrong.append((target, role, "non", met))
    assert not wrong, wrong


async def standing(pool: Pool, who: str) -> list[int]:
    async with transaction(pool) as connection:
        found = await delegations_store.standing(connection, TODAY, TODAY.date())
    return [given.number for given in found if given.person == who]


async def test_each_role_gives_and_ends_delegations_where_the_table_says(walk: Walk) -> None:
    wrong = []
    fields = {"reference": "arrêté n° 36-2026-05-04-00001", "last": "2026-12-31"}
    for target, who in TARGETS.items():
        for role in ROLES:
            await walk.post(role, "/delegations", {**fields, "person": who})
            met = "now" if (given := await standing(walk.pool, who)) else "nothing"
            if met != DELEGATIONS["given", target].of(role):
                wrong.append(("given", target, role, met))
            if not given:
                async with transaction(walk.pool) as connection:
                    one = delegations_store.read(
                        who, "arrêté", (TODAY.date(), TODAY.date()), (), (), a_site()
                    )
                    given = [await delegations_store.give(connection, one, "tests", TODAY)]
            await walk.post(role, f"/delegations/{given[0]}/fin", {})
            met = "nothing" if await standing(walk.pool, who) else "now"
            if met != DELEGATIONS["ended", target].of(role):
                wrong.append(("ended", target, role, met))
            if met == "nothing":
                async with transaction(walk.pool) as connection:
                    await delegations_store.end(connection, given[0], "tests", TODAY)
    assert not wrong, wrong


async def test_each_role_changes_opening_hours_where_the_table_says(walk: Walk) -> None:
    wrong, minute = [], 0
    for service, expected in HOURS.items():
        for role in ROLES:
            minute += 1
            opens = time(7 + minute // 60, minute % 60)
            fields = {"opens": f"{opens:%H:%M}", "closes": "18:00"}
            await walk.post(role, f"/service/{service}/ouverture", fields)
            async with transaction(walk.pool) as connection:
                directory = await people_store.people_at(connection, TODAY)
            met = "now" if directory.opening(a_site(), service).opens == opens else "nothing"
            if met != expected.of(role):
                wrong.append((service, role, met))
    assert not wrong, wrong


def test_the_tables_are_whole() -> None:
    services = {row.id for row in a_site().services.services}
    assert set(NEWCOMERS) == set(ARRIVES)
    assert set(HOURS) == services
    assert set(DELEGATIONS) == {(act, target) for act in ("given", "ended") for target in TARGETS}
    named = set(TARGETS) - {"agent"}  # of whom the site doesn't name, no deputy needs two
    assert {one for act, one in AGREES if act.startswith("deputy")} == named
    assert {one for act, one in AGREES if act.startswith("address")} == set(TARGETS)
    assert {act for act, _ in AGREES} == set(GIVES_UP)
    tables: list[Met] = [*NEWCOMERS.values(), *AGREES.values(), *DELEGATIONS.values()]
    tables += HOURS.values()
    assert {role for met in tables for role in met.now.split()} <= set(ROLES)
    assert NEWCOMERS["a colleague's address"] == NOBODY
