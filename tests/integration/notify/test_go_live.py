"""What is held because the préfecture is not live leaves once it is, whoever was there to hear."""

from datetime import datetime, timedelta

import pytest

from services.notify import notice_facts, waker
from services.notify.dead_letter_retry import retry_parked
from services.notify.handlers import hears_items
from services.notify.store.ledger import LedgerRow
from shared.facts.items.directory import PersonChange
from shared.facts.items.notice_orders import NoticeReleased
from shared.facts.vocabulary import Channel, NoticeKind, SenderKind
from shared.platform.database import transaction
from shared.platform.messaging import dead_letters
from shared.site import store
from shared.site.applied_rules import AppliedRules, applied_rules
from tests.integration.notify.conftest import GO_LIVE, House
from tests.integration.notify.test_person_changes import changed
from tests.roles import one_transaction
from tests.unit.notify.builders import MONDAY, fact, ordered, withdrawn

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


async def test_what_is_heard_between_go_live_and_its_news_is_planned(
    house_before: House, postgres_url: str
) -> None:
    """A change of somebody, and what a person of the register released."""
    house = house_before
    house.clock.at = SUNDAY
    await house.hear(changed(1, PersonChange.ARRIVED, at=SUNDAY))
    registration = await house.mail("1", "avant@exemple.fr", at=SUNDAY, sender=SenderKind.COURT)
    await house.hear(registration)
    held = [("alert", "held", "not_live"), ("receipt", "held", "not_live")]
    assert await house.states() == held
    (row,) = await house.pool.fetch("SELECT notice_id FROM notify.ledger WHERE kind = 'receipt'")
    await goes_live(postgres_url)
    before = house.rules.applied
    assert before.go_live is None, "its news is not here yet"
    released = fact(
        NoticeReleased, 9, item=registration.item_id, notice_id=row["notice_id"],
        kind=NoticeKind.RECEIPT,
    )  # fmt: skip
    await house.hear(changed(2, PersonChange.DEPUTY, at=SUNDAY), released)
    assert sorted(await house.states()) == [
        ("alert", "planned", None),
        ("person_changed", "planned", None),
        ("receipt", "planned", None),
    ]
    house.rules = AppliedRules(before)
    async with house.sending():
        await house.sink.until(2)
    assert {mail.recipient for mail in house.sink.taken} >= {
        "avant@exemple.fr", "francoise.lemoine@indre.example",
    }  # fmt: skip


async def test_a_page_that_can_not_be_planned_costs_itself_alone(
    house_before: House, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And hinders no letter behind it; its dead letter brings it back."""
    house = house_before
    house.clock.at = SUNDAY
    await house.hear(await house.mail("1", "avant@exemple.fr", at=SUNDAY))
    await goes_live(postgres_url)
    house.rules = await applied_rules(house.pool)
    pages = [changed(n, PersonChange.ARRIVED, at=SUNDAY) for n in (1, 2)]
    await house.hear(*pages)
    await house.pool.execute(
        "UPDATE notify.ledger SET state = 'held', why = 'not_live' WHERE kind = 'person_changed'"
    )
    plans = notice_facts.tell

    def tells(row: LedgerRow, now: datetime) -> object:
        if row.entry.occasion == str(pages[0].event_id):
            raise RuntimeError
        return plans(row, now)

    monkeypatch.setattr(waker, "tell", tells)
    await house.waker().round()
    assert sorted(await house.states()) == [
        ("person_changed", "parked", "not_live"),
        ("person_changed", "planned", None),
        ("receipt", "planned", None),
    ]
    (kept,) = await dead_letters.list_(house.pool, "notify")
    assert (kept.letter.topic, kept.letter.reason) == ("notice", "RuntimeError")
    monkeypatch.undo()
    await retry_parked(house.pool, kept.id, house.rules.applied, house.clock.now())
    await house.waker().round()
    assert {state for _, state, _ in await house.states()} == {"planned"}


async def test_a_change_from_before_go_live_is_mailed_by_no_repetition_after_it(
    house_before: House, postgres_url: str
) -> None:
    """As when its topic is heard again, or told again by a person."""
    house = house_before
    house.clock.at = SUNDAY
    old = changed(1, PersonChange.ARRIVED, at=SUNDAY)
    await house.hear(old)
    await goes_live(postgres_url)
    await house.hear(old, changed(2, PersonChange.DEPUTY, at=SUNDAY))
    rows = await house.pool.fetch("SELECT occasion, state FROM notify.ledger")
    assert [tuple(row) for row in rows] == [
        (str(changed(2, PersonChange.DEPUTY).event_id), "planned")
    ]


async def test_paper_is_decided_by_the_rules_of_its_transaction(
    house_before: House, postgres_url: str
) -> None:
    """Not by those that this process last heard of: what was held by them would wait anew."""
    house = house_before
    house.clock.at = SUNDAY
    await house.hear(await house.mail("1", at=MONDAY, channel=Channel.LETTER))
    house.clock.at = MONDAY + timedelta(days=10)
    before = house.rules.applied
    await goes_live(postgres_url)
    house.rules = AppliedRules(before)
    await house.waker().round()
    rows = await house.pool.fetch("SELECT state, why FROM notify.ledger WHERE way = 'paper'")
    assert [tuple(row) for row in rows] == [("to_print", None)]
