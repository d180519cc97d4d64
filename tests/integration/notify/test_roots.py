"""Each root leaves by three roads, once, in one conversation a day; what leaves is written down."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid5

import pytest
from prometheus_client import CollectorRegistry

from services.desk.evidence.store.roots import by_road
from services.notify import root_mails
from services.notify.metrics import ROOTS, ROOTS_WAIT, NotifyMetrics
from shared.facts.envelope import Digest, ItemId, PersonId
from shared.facts.items.evidence import EvidenceSealed
from shared.facts.notices import NoticeSent
from shared.site.applied_rules import AppliedRules
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from tests.contract.smtp.sink import Taken
from tests.integration.notify.conftest import House
from tests.roles import one_transaction, under_role
from tests.unit.notify.builders import NAMES, event

OFFICER, SECRETARY = "helene.marchand@indre.example", "francoise.lemoine@indre.example"
ARCHIVES = "empreintes@archives.example"
TEN = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
"""10:00 in Châteauroux, on a Tuesday."""
SENT = ("roots", "sent", None)


def sealed(n: int, at: datetime = TEN, day: date = date(2026, 5, 12)) -> EvidenceSealed:
    return EvidenceSealed(
        event_id=event(f"root {n}"), happened_at=at, recorded_at=at, by="service:desk",
        item_id=ItemId(uuid5(NAMES, "register")), seq=n, day=day, root=Digest(f"{n:02}" * 32),
        chains=3,
    )  # fmt: skip


def without_a_road_outside(house: House) -> None:
    applied = house.rules.applied
    identity = applied.site.identity.model_copy(update={"roots_address": None})
    site = applied.site.model_copy(update={"identity": identity})
    house.rules = AppliedRules(applied.model_copy(update={"site": site}))


def by_reader(house: House) -> dict[str, list[Taken]]:
    found: dict[str, list[Taken]] = {}
    for mail in house.sink.taken:
        found.setdefault(mail.recipient, []).append(mail)
    return found


def text(taken: Taken) -> str:
    return " ".join(taken.message.get_content().split())


async def test_a_root_leaves_once_by_three_roads_in_one_conversation_a_day(house: House) -> None:
    house.clock.at = TEN
    await house.hear(sealed(1))
    await house.hear(sealed(1))
    async with house.sending():
        await house.until(*[SENT] * 3)
        house.clock.move(TEN + timedelta(hours=1))
        await house.hear(sealed(2, TEN + timedelta(hours=1)))
        await house.until(*[SENT] * 6)
        night = datetime(2026, 5, 13, 7, 0, tzinfo=UTC)
        house.clock.move(night)
        await house.hear(sealed(3, night, date(2026, 5, 13)))
        await house.until(*[SENT] * 9)
    found = by_reader(house)
    assert found.keys() == {OFFICER, SECRETARY, ARCHIVES}
    for first, second, third in found.values():
        assert f"12 mai 2026, scellée à 10 h 00, 3 histoires : {'01' * 32}" in text(first)
        assert "02" * 32 in text(second)
        assert "01" * 32 not in text(second), "nothing is said twice"
        assert first.message["subject"] == second.message["subject"]
        assert second.message["references"] == first.message["message-id"]
        assert first.message["references"] is None
        assert third.message["references"] is None, "another day, another conversation"
    assert "/preuve" in text(found[OFFICER][0])
    assert "Bonjour" not in text(found[ARCHIVES][0])
    told = [fact for fact in await house.told() if isinstance(fact, NoticeSent)]
    assert {notice_sent.reader for notice_sent in told} == {"h.marchand", "f.lemoine", None}
    assert {notice_sent.item_ids for notice_sent in told} == {()}


async def test_what_waits_for_a_road_leaves_in_one_mail(house: House) -> None:
    """The server was away, or the road is new: older roots are in the last one."""
    house.clock.at = TEN
    with_three = house.rules
    without_a_road_outside(house)
    for n in range(1, 4):
        await house.hear(sealed(n))
    assert await house.states() == [("roots", "planned", None)] * 2
    house.rules = with_three
    for n in range(4, 31):
        await house.hear(sealed(n))
    async with house.sending():
        await house.until(*[SENT] * 3)
    for (taken,) in by_reader(house).values():
        assert "30" * 32 in text(taken)
        assert "07" * 32 in text(taken)
        assert "06" * 32 not in text(taken)
        assert "Et 6 autres, plus anciennes, que la dernière contient." in text(taken)


@pytest.mark.parametrize("became", ["failed", "bounced"])
async def test_what_failed_or_came_back_leaves_again_with_the_next_root(
    house: House, postgres_url: str, became: str
) -> None:
    house.clock.at = TEN
    await house.hear(sealed(1))
    to_officer = """SELECT said.notice_id FROM notify.root_roads said
                    JOIN notify.seals USING (event_id)
                    WHERE road = 'quality_officer' AND night = $1"""
    first = await house.pool.fetchval(to_officer, 1)
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            "UPDATE notify.ledger SET state = CASE notice_id WHEN $1 THEN $2 ELSE 'sent' END",
            first,
            became,
        )
    await house.hear(sealed(1))
    assert await house.pool.fetchval("SELECT count(*) FROM notify.ledger") == 3, "heard twice"
    await house.hear(sealed(2))
    async with house.sending():
        await house.until(("roots", became, None), *[SENT] * 5)
    found = by_reader(house)
    (officer,), (secretary,), (archives,) = (
        found[reader] for reader in (OFFICER, SECRETARY, ARCHIVES)
    )
    assert all(root * 32 in text(officer) for root in ("01", "02"))
    for other in (secretary, archives):
        assert "01" * 32 not in text(other), "by this road it had left"
    assert len(await house.pool.fetch(to_officer, 1)) == 2, "what failed is kept beside it"
    await house.hear(sealed(3))
    async with one_transaction(under_role(postgres_url, "desk")) as desk:
        planned = await desk.fetch("SELECT night FROM notify.roots_left WHERE state = 'planned'")
        assert [row["night"] for row in planned] == [3] * 3, "and once is enough"
        assert {road.waiting for road in await by_road(desk)} == {1}


async def test_the_age_of_what_left_by_each_road_is_a_gauge(house: House) -> None:
    registry = CollectorRegistry()
    voice = NotifyMetrics(registry, house.pool, house.clock, house.rules)

    async def ages() -> list[tuple[str, float | None, float | None]]:
        await voice.scrape()
        return [
            (
                road,
                registry.get_sample_value(ROOTS.name, {"road": road}),
                registry.get_sample_value(ROOTS_WAIT.name, {"road": road}),
            )
            for road in ("quality_officer", "general_secretary", "outside")
        ]

    assert {left for _, left, _ in await ages()} == {None}, "there is no root yet"
    await house.hear(sealed(1))
    house.clock.at = TEN + timedelta(minutes=10)
    assert await ages() == [
        ("quality_officer", 600, 600),
        ("general_secretary", 600, 600),
        ("outside", 600, 600),
    ]
    async with house.sending():
        await house.until(*[SENT] * 3)
    assert await ages() == [
        ("quality_officer", 600, 0),
        ("general_secretary", 600, 0),
        ("outside", 600, 0),
    ]
    await house.hear(sealed(2, TEN + timedelta(minutes=30)), sealed(3, TEN + timedelta(hours=1)))
    await house.pool.execute(
        """
        UPDATE notify.ledger SET state = 'sent' WHERE notice_id IN (
            SELECT notice_id FROM notify.root_roads WHERE road = 'quality_officer')
        """
    )
    house.clock.at = TEN + timedelta(hours=3)
    assert await ages() == [
        ("quality_officer", 2 * 3600, 0),
        ("general_secretary", 3 * 3600, 2.5 * 3600),
        ("outside", 3 * 3600, 2.5 * 3600),
    ]
    without_a_road_outside(house)
    registry = CollectorRegistry()
    voice = NotifyMetrics(registry, house.pool, house.clock, house.rules)
    assert (await ages())[2] == ("outside", None, None)


async def test_what_left_by_each_road_is_kept_and_no_role_changes_it(
    house: House, postgres_url: str
) -> None:
    await house.hear(sealed(1))
    async with one_transaction(under_role(postgres_url, "desk")) as desk:
        rows = await desk.fetch("SELECT road, root, state FROM notify.roots_left ORDER BY road")
    assert [tuple(row) for row in rows] == [
        ("general_secretary", "01" * 32, "planned"),
        ("outside", "01" * 32, "planned"),
        ("quality_officer", "01" * 32, "planned"),
    ]
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        asked = "SELECT has_table_privilege(site.role_of('notify'), 'notify.root_roads', $1)"
        assert not await house.pool.fetchval(asked, right), right


async def test_a_root_reaches_who_is_away_and_no_deputy_that_the_site_did_not_trust(
    house: House, postgres_url: str
) -> None:
    async with one_transaction(postgres_url) as owner:
        people = (await people_store.people_at(owner, TEN)).people
        officer = people[PersonId("h.marchand")].model_copy(update={"deputy": "k.haddad"})
        await people_store.set_person(owner, officer, "tests", TEN)
        absence = Absence(person="h.marchand", first=TEN.date(), last=TEN.date())
        await people_store.add_absence(owner, absence, "tests", TEN)
    house.clock.at = TEN
    await house.hear(sealed(1))
    async with house.sending():
        await house.until(*[SENT] * 3)
    assert by_reader(house).keys() == {OFFICER, SECRETARY, ARCHIVES}


async def test_before_go_live_no_root_leaves_and_after_it_one_mail_has_them(
    house_before: House, postgres_url: str
) -> None:
    await house_before.hear(sealed(1))
    assert await house_before.states() == []
    async with one_transaction(under_role(postgres_url, "notify")) as notify:
        live = house_before.rules.applied.model_copy(update={"go_live": TEN})
        await root_mails.plan(notify, [sealed(2)], live, TEN)
    rows = await house_before.pool.fetch(
        "SELECT road, count(*) AS n FROM notify.root_roads GROUP BY 1"
    )
    assert {row["road"]: row["n"] for row in rows} == {
        "quality_officer": 2,
        "general_secretary": 2,
        "outside": 2,
    }


async def test_what_was_held_by_a_process_that_had_not_heard_of_go_live_leaves(
    house: House,
) -> None:
    """Of a version, say, that asks its cache whether the préfecture is live."""
    sunday = datetime(2026, 5, 17, 8, 0, tzinfo=UTC)
    house.clock.at = sunday  # no digest is made
    await house.hear(sealed(1, sunday, sunday.date()))
    await house.pool.execute(
        "UPDATE notify.ledger SET state = 'held', why = 'not_live' WHERE kind = 'roots'"
    )
    async with house.sending(), house.following():
        await house.until(*[SENT] * 3)
