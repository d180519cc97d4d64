"""Target × role × action, walked whole: people by pages, what is réservé by pages and commands."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.desk.decider import Decider
from services.desk.domain.decisions import Assign, Reclassify
from services.desk.domain.decisions.closure import Undo
from shared.facts.envelope import ItemId
from shared.facts.origin import SESSION
from shared.facts.vocabulary import Confidentiality
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from tests.desk_browser import TODAY
from tests.desk_builders import an_applied_site
from tests.integration.desk.clocked import items
from tests.integration.desk.targets import OUTLINE, PEOPLE, PROOF, READS, RESERVED, ROLES, TARGETS
from tests.integration.desk.walking import Stand, Walk, everybody, restore, stand

pytestmark = pytest.mark.usefixtures("live_site", "environment")

ELSEWHERE = "ailleurs@prefecture.example"
FIRST, SECOND = "36-2026-A-000001", "36-2026-A-000002"
LAST, WHO = "<the last fact>", "<who acts>"


@pytest.fixture
async def walk(pool: Pool, story_clock: Clock, tmp_path: Path) -> AsyncIterator[Walk]:
    async for found in everybody(pool, story_clock, tmp_path):
        yield found


async def as_it_needs(walk: Walk, act: str, who: str) -> Stand:
    """Where the target stands before an act; an absence to cancel is noted first."""
    async with transaction(walk.pool) as connection:
        if act == "absence cancelled":
            later = TODAY.date() + timedelta(days=30)
            absence = Absence(person=who, first=later, last=later)
            await people_store.add_absence(connection, absence, "tests", TODAY)
        return await stand(connection, who)


def fields_of(act: str, before: Stand, author: str | None) -> tuple[str, dict[str, object]]:
    """The last words of the address, and what is sent."""
    person = before.person
    assert person is not None
    record = {
        name: getattr(person, name) for name in ("first_name", "name", "capacity", "email", "phone")
    }
    return {  # type: ignore[return-value]  # typed by hand
        "into bmi": ("services", {"services": [*person.services, "bmi"]}),
        "into the mail office": ("services", {"services": [*person.services, "courrier"]}),
        "deputy": ("suppleant", {"deputy": "a.gent" if author != "a.gent" else "b.gent"}),
        "deputy of mine": ("suppleant", {"deputy": author or "x.admin"}),
        "absence": ("absence", {"first": "2026-05-12"}),
        "absence cancelled": (f"absence/{max(before.absences, default=0)}/annuler", {}),
        "record": ("fiche", {**record, "phone": "02 99"}),
        "address": ("fiche", {**record, "email": ELSEWHERE}),
        "departure": ("depart", {}),
    }[act]


def happened(act: str, before: Stand, after: Stand) -> str:
    """What the register shows of an act, whatever the page answered."""
    if after.asks > before.asks:
        assert after.person == before.person, "what is asked has changed nothing"
        return "asked"
    was, now = before.person, after.person
    assert was is not None
    done = {
        "into bmi": now is not None and "bmi" in set(now.services) - set(was.services),
        "into the mail office": now is not None and "courrier" in now.services,
        "absence": len(after.absences) > len(before.absences),
        "absence cancelled": len(after.absences) < len(before.absences),
        "departure": now is None,
    }.get(act, now != was)
    return "now" if done else "nothing"


@pytest.mark.parametrize("act", sorted({act for act, _ in PEOPLE}))
async def test_each_role_changes_of_each_person_what_the_table_says(walk: Walk, act: str) -> None:
    wrong = []
    for target, who in TARGETS.items():
        for role, author in ROLES.items():
            before = await as_it_needs(walk, act, who)
            last, fields = fields_of(act, before, author)
            await walk.post(role, f"/personne/{who}/{last}", fields)
            async with transaction(walk.pool) as connection:
                after = await stand(connection, who)
            met = happened(act, before, after)
            if met != PEOPLE[act, target].of(role):
                wrong.append((target, role, met))
            if met != "nothing":
                await restore(walk.pool, who, before)
            if after.person is None:  # a leaver was signed out
                for other, person in ROLES.items():
                    if person == who:
                        await walk.sign_in(other)
    assert not wrong, wrong


@pytest.fixture
async def reserved(walk: Walk) -> Sequence[ItemId]:
    """Two items of bmi that nobody holds, the first réservé."""
    found = await items(walk.pool, "a", "b")
    await as_before(walk.pool, found)
    return found


async def as_before(pool: Pool, both: Sequence[ItemId]) -> None:
    """Undoes what a step did: by whoever may."""
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        rows = await connection.fetch("SELECT * FROM desk.items ORDER BY chrono")
        for row, wanted in zip(
            rows, (Confidentiality.RESERVE, Confidentiality.NORMAL), strict=True
        ):
            by = Decider(
                connection, directory.somebody("s.general"), uuid4(), TODAY, an_applied_site(),
                directory, origin=SESSION, sees=lambda _: True,
            )  # fmt: skip
            item = ItemId(row["item_id"])
            assert item in both
            if row["merged_into"] is not None:
                await by.undo(item, Undo("erreur"))
            holds = row["agent"] or row["signatory"] or row["copies"]
            if row["service"] != "bmi" or holds:
                await by.about(item, Assign("bmi"))
            if row["confidentiality"] != wanted:
                again = Decider(
                    connection, directory.somebody("s.general"), uuid4(), TODAY,
                    an_applied_site(), directory, origin=SESSION, sees=lambda _: True,
                )  # fmt: skip
                await again.about(item, Reclassify(confidentiality=wanted))


async def last_of(pool: Pool) -> int:
    """The number of the last fact of the réservé item: what made it so, after `as_before`."""
    seq = await pool.fetchval(
        "SELECT max(f.seq) FROM desk.facts f JOIN desk.items USING (item_id)"
        " WHERE chrono = $1 AND type = 'ItemReclassified'",
        FIRST,
    )
    return int(seq)


async def touched(pool: Pool, act: str) -> str:
    rows = await pool.fetch("SELECT * FROM desk.items ORDER BY chrono")
    first, second = rows
    done = {
        "lower": first["confidentiality"] == "normal",
        "hand to the mail office": first["service"] == "courrier",
        "move to dre": first["service"] == "dre",
        "undo": first["confidentiality"] == "normal",
        "take": first["agent"] is not None,
        "put in copy": list(first["copies"]) == ["dre"],
        "sign": first["signatory"] is not None,
        "merge": first["merged_into"] is not None,
        "absorb": second["merged_into"] is not None,
    }[act]
    return "now" if done else "nothing"


BY_PAGE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "lower": (f"/courrier/{FIRST}/reclasser", {"confidentiality": "normal"}),
    "hand to the mail office": (f"/courrier/{FIRST}/autre-service", {"service": "courrier"}),
    "move to dre": (f"/courrier/{FIRST}/autre-service", {"service": "dre"}),
    "undo": (f"/courrier/{FIRST}/annuler", {"seq": LAST}),
    "take": (f"/courrier/{FIRST}/prendre", {}),
    "put in copy": (f"/courrier/{FIRST}/copies", {"copy": "dre"}),
    "sign": (f"/courrier/{FIRST}/signature", {"signatory": "c.head"}),
    "merge": (f"/courrier/{FIRST}/fusionner", {"into": SECOND}),
    "absorb": (f"/courrier/{SECOND}/fusionner", {"into": FIRST}),
}
BY_COMMAND: Mapping[str, Sequence[str]] = {
    "lower": ("reclassify", FIRST, "--confidentiality", "normal"),
    "hand to the mail office": ("assign", FIRST, "--service", "courrier"),
    "move to dre": ("assign", FIRST, "--service", "dre"),
    "undo": ("undo", FIRST),
    "take": ("assign", FIRST, "--service", "bmi", "--agent", WHO),
    "put in copy": ("assign", FIRST, "--service", "bmi", "--copy", "dre"),
    "sign": ("in-signature", FIRST, "--with", "c.head"),
    "merge": ("merge", FIRST, "--into", SECOND),
    "absorb": ("merge", SECOND, "--into", FIRST),
}


async def test_each_role_does_by_pages_with_what_is_reserved_what_the_table_says(
    walk: Walk, reserved: Sequence[ItemId]
) -> None:
    wrong = []
    for act, (url, fields) in BY_PAGE.items():
        for role in ROLES:
            last = str(await last_of(walk.pool))
            sent = {name: value.replace(LAST, last) for name, value in fields.items()}
            await walk.post(role, url, sent)
            met = await touched(walk.pool, act)
            if met != RESERVED[act].of(role):
                wrong.append((act, role, met))
            if met == "now":
                await as_before(walk.pool, reserved)
    assert not wrong, wrong


@pytest.mark.parametrize("act", sorted(BY_COMMAND))
async def test_each_role_does_by_commands_with_what_is_reserved_what_the_table_says(
    walk: Walk, reserved: Sequence[ItemId], act: str
) -> None:
    wrong = []
    for role, who in ROLES.items():
        if who is None:
            continue  # the local account is nobody: no command can name it
        words = (*(word.replace(WHO, who) for word in BY_COMMAND[act]), "--as", who)
        said = await asyncio.to_thread(CliRunner().invoke, main, ["desk", *words])
        assert said.exit_code in {0, 1}, said.output
        met = await touched(walk.pool, act)
        if met != RESERVED[act].of(role):
            wrong.append((role, met, said.output))
        if met == "now":
            await as_before(walk.pool, reserved)
    assert not wrong, wrong


async def test_each_role_sees_of_what_is_reserved_what_the_table_says(
    walk: Walk, reserved: Sequence[ItemId]
) -> None:
    del reserved
    wrong = []
    for role in ROLES:
        page = await walk.browsers[role].get(f"/courrier/{FIRST}")
        proof = await walk.browsers[role].get(f"/courrier/{FIRST}/preuve")
        sees = {200: "page"}.get(page.status_code, "nothing")
        noted = await walk.pool.fetchval(
            "SELECT count(*) FROM desk.readings WHERE person = $1", ROLES[role] or ""
        )
        expected = (
            "page" if role in f"{READS} {OUTLINE}".split() else "nothing",
            role in READS.split(),
            role in PROOF.split(),
        )
        if (sees, noted > 0, proof.status_code == 200) != expected:
            wrong.append((role, sees, noted, proof.status_code))
    assert not wrong, wrong


def test_the_table_is_whole() -> None:
    acts = {act for act, _ in PEOPLE}
    assert set(PEOPLE) == {(act, target) for act in acts for target in TARGETS}
    assert len(ROLES) >= 12
    named = {role for met in (*PEOPLE.values(), *RESERVED.values()) for role in met.now.split()}
    named |= {role for met in PEOPLE.values() for role in met.asked.split()}
    assert named <= set(ROLES)
    assert set(BY_PAGE) == set(BY_COMMAND) == set(RESERVED)
