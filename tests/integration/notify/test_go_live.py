"""What is held because the préfecture is not live leaves once it is, whoever was there to hear."""

from datetime import timedelta

from services.notify.handlers import hears_items
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import transaction
from shared.site import store
from shared.site.applied_rules import applied_rules
from tests.integration.notify.conftest import GO_LIVE, House
from tests.roles import one_transaction
from tests.unit.notify.builders import MONDAY, ordered, withdrawn

SUNDAY = MONDAY - timedelta(days=1)
"""No digest is made beside what a test looks for."""


async def test_before_go_live_everything_is_held_and_leaves_after_it(
    house_before: House, postgres_url: str
) -> None:
    house = house_before
    house.clock.at = SUNDAY
    before = await house.mail("1", "avant@exemple.fr", at=SUNDAY - timedelta(days=20))
    after = await house.mail("2", "apres@exemple.fr", at=SUNDAY)
    async with house.sending(), house.following():
        await house.hear(before, after)
        assert await house.states() == [
            ("receipt", "held", "not_live"),
            ("receipt", "held", "not_live"),
        ]
        await goes_live(postgres_url)
        await house.sink.until(1)
    assert [mail.recipient for mail in house.sink.taken] == ["apres@exemple.fr"]
    assert sorted(await house.states()) == [
        ("receipt", "sent", None),
        ("receipt", "withdrawn", "history"),
    ]


async def test_what_a_batch_holds_that_was_open_while_the_site_went_live_leaves_too(
    house_before: House, postgres_url: str
) -> None:
    house = house_before
    house.clock.at = SUNDAY
    fact = await house.mail("1", "pendant@exemple.fr", at=SUNDAY)
    async with house.sending(), house.following():
        async with transaction(house.pool) as batch:
            await hears_items(house.rules)(batch, [fact], SUNDAY)
            await goes_live(postgres_url)
            await house.knows_go_live()
        await house.sink.until(1)
        await house.until(("receipt", "sent", None))


async def test_what_was_held_leaves_though_notify_was_down_when_the_site_went_live(
    house_before: House, postgres_url: str
) -> None:
    house = house_before
    house.clock.at = SUNDAY
    await house.hear(await house.mail("1", "avant@exemple.fr", at=SUNDAY))
    await goes_live(postgres_url)
    house.rules = await applied_rules(house.pool)
    async with house.sending(), house.following():
        await house.sink.until(1)
        await house.until(("receipt", "sent", None))


async def test_an_order_that_was_undone_before_go_live_leaves_what_the_machine_planned(
    house_before: House, postgres_url: str
) -> None:
    house = house_before
    house.clock.at = SUNDAY
    registration = await house.mail(at=SUNDAY)
    order = ordered(NoticeKind.RECEIPT).model_copy(update={"item_id": registration.item_id})
    undone = withdrawn(order).model_copy(update={"item_id": registration.item_id})
    await house.hear(registration)
    await house.hear(order)
    await house.hear(undone)
    assert await house.states() == [("receipt", "held", "not_live")]
    async with house.sending(), house.following():
        await goes_live(postgres_url)
        await house.until(("receipt", "sent", None))


async def goes_live(url: str) -> None:
    async with one_transaction(url) as owner:
        await store.go_live(owner, GO_LIVE, "tests", "tests", SUNDAY)
