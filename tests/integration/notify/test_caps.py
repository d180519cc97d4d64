"""One address, one domain: how much leaves by itself, and who then hears nothing more."""

import asyncio
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

from services.__main__ import main
from shared.facts.envelope import Digest
from shared.site import store
from shared.site.applied_rules import applied_rules
from shared.site.tables.notices import Caps
from tests.integration.notify.conftest import GO_LIVE, House
from tests.roles import one_transaction, under_role
from tests.unit.notify.builders import MONDAY

FOLDED = ("victim@exemple.fr", "Victim+1@exemple.fr", "victim+deux@EXEMPLE.fr")


async def capped(house: House, postgres_url: str, **caps: int) -> None:
    """The site applied again, with other caps."""
    applied = house.rules.applied
    notices = applied.site.notices.model_copy(update={"caps": Caps(**caps)})
    site = applied.site.model_copy(update={"notices": notices})
    async with one_transaction(postgres_url) as connection:
        await store.keep(connection, site, applied.days, "tests", "tests", GO_LIVE)
    house.rules = await applied_rules(house.pool)


async def write(house: House, *addresses: str, first: int = 1) -> None:
    """Somebody writes from each of these addresses, each time of something else."""
    for number, address in enumerate(addresses, start=first):
        mail = await house.mail(str(number), address, at=house.clock.now())
        await house.hear(mail.model_copy(update={"correspondent": Digest(f"{number:064x}")}))


async def settled(house: House) -> list[str]:
    """Waits until nothing is planned; how each stands in the order in which it was written."""
    async with house.sending(), asyncio.timeout(60):
        while await house.pool.fetchval(  # noqa: ASYNC110  (rows)
            "SELECT count(*) FROM notify.ledger WHERE state NOT IN ('sent', 'held')"
        ):
            await asyncio.sleep(0.02)
    rows = await house.pool.fetch(
        "SELECT coalesce(l.why, l.state) AS stands FROM notify.ledger l"
        " JOIN notify.items i USING (item_id) ORDER BY i.chrono"
    )
    return [row["stands"] for row in rows]


async def test_plus_parts_of_one_address_share_its_cap(house: House, postgres_url: str) -> None:
    await capped(house, postgres_url, address_a_day=2)
    await write(house, *FOLDED)
    assert sorted(await settled(house)) == ["many_today", "sent", "sent"]


async def test_addresses_of_one_domain_share_a_cap_and_those_of_a_provider_do_not(
    house: House, postgres_url: str
) -> None:
    await capped(house, postgres_url, domain_an_hour=2)
    await write(house, *(f"v{n}@cible.example" for n in range(3)))
    await write(house, *(f"v{n}@orange.fr" for n in range(3)), first=4)
    stands = await settled(house)
    assert (sorted(stands[:3]), stands[3:]) == (["domain_full", "sent", "sent"], ["sent"] * 3)


async def test_two_workers_that_claim_many_at_once_hold_each_cap_exactly(
    house: House, postgres_url: str
) -> None:
    """Of one mailbox two, of one domain three, in all seven: those of a batch count as well."""
    await capped(house, postgres_url, address_a_day=2, domain_a_day=3, all_a_day=7)
    site = house.rules.applied.site
    notices = site.notices.model_copy(update={"outgoing_per_minute": 1_000_000})
    async with one_transaction(postgres_url) as connection:
        await store.keep(
            connection,
            site.model_copy(update={"notices": notices}),
            house.rules.applied.days,
            "tests",
            "tests",
            GO_LIVE,
        )
    house.rules = await applied_rules(house.pool)
    await write(house, *FOLDED, *(f"v{n}@cible.example" for n in range(4)))
    await write(house, *(f"v{n}@{n}.example" for n in range(8)), first=8)
    async with house.sending():
        stands = await settled(house)
    assert sorted(stands[:3]) == ["many_today", "sent", "sent"]
    assert stands[3:7].count("sent") <= 3
    assert stands.count("sent") == len(house.sink.taken) == 7
    assert set(stands) <= {"sent", "many_today", "domain_full", "day_full"}


async def test_what_a_full_hour_delays_leaves_by_itself(house: House, postgres_url: str) -> None:
    await capped(house, postgres_url, all_an_hour=1)
    await write(house, "a@un.example", "b@deux.example")
    async with house.sending():
        await house.sink.until(1)
        async with asyncio.timeout(60):
            while await house.pool.fetchval(  # noqa: ASYNC110  (rows)
                "SELECT count(*) FROM notify.ledger WHERE state <> 'sent' AND due_at <= $1", MONDAY
            ):
                await asyncio.sleep(0.02)
        assert len(house.sink.taken) == 1
        house.clock.move(MONDAY + timedelta(minutes=61))
        await house.sink.until(2)
    assert await settled(house) == ["sent", "sent"]


async def at_its_cap(house: House, day: datetime, first: int) -> list[str]:
    """A day on which one address writes three times, of which two are answered."""
    house.clock.move(day)
    await write(house, *FOLDED, first=first)
    return sorted((await settled(house))[first - 1 :])


async def test_who_hit_the_cap_twice_is_silent_until_a_person_says_otherwise(
    house: House, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await capped(house, postgres_url, address_a_day=2)
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", under_role(postgres_url, "notify"))
    monkeypatch.setenv("VAGUEMESTRE_BLOBS", "/nowhere")
    monkeypatch.setenv("VAGUEMESTRE_SECRET", "unused")

    async def said(*words: str) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, main, ["notify", *words])
        return result.output

    full = ["many_today", "sent", "sent"]
    assert await at_its_cap(house, MONDAY, 1) == full
    assert await said("silenced", "list") == "Nobody is silenced.\n"
    assert await at_its_cap(house, MONDAY + timedelta(days=1), 4) == full
    silent = ["correspondent_silent"] * 3
    assert await at_its_cap(house, MONDAY + timedelta(days=30), 7) == silent
    assert await said("silenced", "list") == ("since 2026-05-12 10:00  36-2026-A-000009  5 held\n")
    assert (await said("held", "list")).count("correspondent_silent") == 3
    assert "is not silenced" in await said("silenced", "lift", "77", "--as", "k.haddad")
    lifted = await said("silenced", "lift", "9", "--as", "k.haddad")
    assert lifted == "They may hear from us again.\n"
    assert await said("silenced", "list") == "Nobody is silenced.\n"
    assert await at_its_cap(house, MONDAY + timedelta(days=31), 10) == full
    assert await said("silenced", "list") == "Nobody is silenced.\n"


async def test_another_address_of_the_same_domain_is_not_silenced(
    house: House, postgres_url: str
) -> None:
    await capped(house, postgres_url, address_a_day=2)
    await at_its_cap(house, MONDAY, 1)
    await at_its_cap(house, MONDAY + timedelta(days=1), 4)
    house.clock.move(MONDAY + timedelta(days=2))
    await write(house, "autre@exemple.fr", first=7)
    assert (await settled(house))[-1] == "sent"
