"""Before an audit: everything that counts in no rate, how it came there, and how it stood then."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.desk.decider import Decider
from services.desk.domain.decisions import (
    Close,
    Command,
    Declare,
    LeavePerimeter,
    Qualify,
    Reclassify,
)
from services.desk.evidence import draws
from services.desk.evidence.store.audits import AuditDoubt, Sure, Then
from services.desk.store.visibility import ALL
from shared.facts.clocks import ClockStarted
from shared.facts.envelope import ItemId
from shared.facts.origin import SESSION
from shared.facts.vocabulary import Audience, ClockName
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.staff import people_store
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.commitments import Commitment, Commitments, Ladder, Step
from shared.values import Certainty, Source
from tests.desk_builders import GO_LIVE, an_applied_site, certain, proposed
from tests.integration.desk.clocked import clock, items, starts
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

LATER = datetime(2026, 6, 9, 8, 0, tzinfo=UTC)
MAY, JUNE = (date(2026, 5, 1), date(2026, 5, 31)), (date(2026, 6, 1), date(2026, 6, 30))
OUT = Reclassify(perimeter=False, reason="invoice")


def with_a_reminder(at: int = -2) -> AppliedSite:
    """The site of the tests; the holder hears of a reply so many jours ouvrés before its limit."""
    applied = an_applied_site()
    reply = Commitment(
        id="reponse", clock=ClockName.REPLY, days=5, ladder="cinq",
        source=Source(text="à la main", certainty=Certainty.CHOICE),
    )  # fmt: skip
    steps = (Step(at=at, tell=(Audience.HOLDER,)), Step(at=1, tell=(Audience.HEAD,)))
    promises = Commitments(
        target=0.9, ladders=(Ladder(id="cinq", steps=steps),), commitments=(reply,)
    )
    site = applied.site.model_copy(update={"commitments": promises})
    return applied.model_copy(update={"site": site})


async def decide(
    pool: Pool, item: ItemId, *commands: Command, at: datetime = LATER, who: str = "b.head"
) -> None:
    async with transaction(pool) as connection:
        people = await people_store.people_at(connection, at)
        person = people.somebody(who)
        decider = Decider(
            connection, person, uuid4(), at, an_applied_site(), people, origin=SESSION
        )
        for command in commands:
            await decider.about(item, command)


async def leave_late(pool: Pool, item: ItemId, *, at: datetime = LATER) -> None:
    """After the limit it takes two: the quality officer asks, the chef confirms."""
    for who in ("q.officer", "b.head"):
        await decide(pool, item, LeavePerimeter("invoice"), at=at, who=who)


async def outside(
    pool: Pool, period: tuple[date, date]
) -> Sequence[tuple[str, str, Sure | None, Then | None, str | None]]:
    """Of what is out of the perimeter: number, who, whether sure, how it stood, reason."""
    async with transaction(pool) as connection:
        found = await draws.review(connection, *period, with_a_reminder(), ALL)
    return [
        (reply.chrono[-3:], reply.by, reply.sure, reply.then, reply.reason)
        for reply in found
        if reply.doubt is AuditDoubt.OUT_OF_PERIMETER
    ]


async def test_what_a_rule_or_a_proposal_put_out_is_listed_with_whether_somebody_stands_for_it(
    pool: Pool,
) -> None:
    await items(pool, "a", routing=certain("facture", "dre"))
    (_,) = await items(pool, "b", routing=proposed("facture"))
    (confirmed,) = await items(pool, "c", routing=proposed("facture"))
    await decide(pool, confirmed, Qualify(Reclassify()), who="c.lerk")
    assert await outside(pool, MAY) == [
        ("001", "rule:guichet", Sure.RULE, None, "invoice"),
        ("002", "rule:words", Sure.NOBODY, None, "invoice"),
        ("003", "rule:words", Sure.PERSON, None, "invoice"),
    ]


@pytest.mark.parametrize(
    ("day", "then"),
    [(14, None), (15, Then.AT_RISK), (19, Then.AT_RISK), (20, Then.LATE)],
    ids=["the eve of the first reminder", "its day", "the limit", "the day after"],
)
async def test_what_a_person_put_out_says_whether_it_was_late_or_at_risk_on_that_day(
    pool: Pool, day: int, then: Then | None
) -> None:
    """The limit is 19 May, the first reminder two jours ouvrés before it."""
    (item,) = await items(pool, "a")
    await starts(pool, item)
    moment = datetime(2026, 5, day, 8, 0, tzinfo=UTC)
    if then is Then.LATE:
        await leave_late(pool, item, at=moment)
    else:
        await decide(pool, item, OUT, at=moment)
    assert await outside(pool, MAY) == [("001", "person:b.head", Sure.PERSON, then, "invoice")]


async def test_at_risk_is_judged_by_the_ladder_of_the_rules_that_counted(
    pool: Pool, postgres_url: str
) -> None:
    """15 May lies between the reminder of version 2 and that of what runs since, a day before."""
    (item,) = await items(pool, "a")
    before, since = with_a_reminder(at=-2), with_a_reminder(at=-1)
    async with one_transaction(postgres_url) as owner:
        for applied in (before, since):
            number = await store.keep(
                owner, applied.site, applied.days, "q.officer", "essai", GO_LIVE
            )
    assert number == 3
    day = date(2026, 5, 11)
    await clock(pool, ClockStarted, item, 1, commitment="reponse", day_zero=day, rules=2)
    await decide(pool, item, OUT, at=datetime(2026, 5, 15, 8, 0, tzinfo=UTC))
    runs = since.model_copy(update={"version": 3})
    async with transaction(pool) as connection:
        (found, *_) = await draws.review(connection, *MAY, runs, ALL)
    assert (found.doubt, found.then) == (AuditDoubt.OUT_OF_PERIMETER, Then.AT_RISK)
    await pool.execute("UPDATE desk.clocks SET rules = 3")
    async with transaction(pool) as connection:
        (found, *_) = await draws.review(connection, *MAY, runs, ALL)
    assert found.then is None, "by the later ladder nobody had been reminded yet"


async def test_what_was_answered_before_is_late_by_the_day_of_its_answer(pool: Pool) -> None:
    kept, late = await items(pool, "a", "b")
    for item, day in ((kept, 18), (late, 21)):
        await starts(pool, item)
        moment = datetime(2026, 5, day, 8, 0, tzinfo=UTC)
        await decide(pool, item, Declare(date(2026, 5, day)), at=moment)
        await leave_late(pool, item)
    assert [(row[0], row[3]) for row in await outside(pool, JUNE)] == [
        ("001", None), ("002", Then.LATE),
    ]  # fmt: skip


async def test_it_is_listed_in_the_period_in_which_it_was_received_or_put_out(pool: Pool) -> None:
    (item,) = await items(pool, "a")
    await decide(pool, item, OUT)
    assert [len(await outside(pool, period)) for period in (MAY, JUNE)] == [1, 1]
    july = (date(2026, 7, 1), date(2026, 7, 31))
    assert await outside(pool, july) == []


async def test_what_was_put_back_inside_is_not_there_and_the_last_time_out_counts(
    pool: Pool,
) -> None:
    (item,) = await items(pool, "a")
    await decide(pool, item, OUT)
    await decide(pool, item, Reclassify(perimeter=True))
    assert await outside(pool, MAY) == []
    await decide(pool, item, replace(OUT, reason="doublon"), who="q.officer")
    assert await outside(pool, MAY) == [("001", "person:q.officer", Sure.PERSON, None, "doublon")]


async def test_closed_without_reply_lists_what_is_inside_the_perimeter_only(pool: Pool) -> None:
    inside, out = await items(pool, "a", "b")
    await decide(pool, out, OUT)
    for item in (inside, out):
        await decide(pool, item, Close("sans-suite"))
    async with transaction(pool) as connection:
        found = await draws.review(connection, *JUNE, an_applied_site(), ALL)
    closed = [reply.chrono for reply in found if reply.doubt is AuditDoubt.CLOSED]
    assert closed == ["36-2026-A-000001"]


async def test_keyed_proof_and_a_reply_before_its_receipt_are_listed(pool: Pool) -> None:
    (item,) = await items(pool, "a")
    await decide(pool, item, Declare(date(2026, 6, 3)))
    await pool.execute("UPDATE desk.items SET received_on = '2026-06-05'")
    async with transaction(pool) as connection:
        found = await draws.review(connection, *JUNE, an_applied_site(), ALL)
    assert sorted(reply.doubt for reply in found) == [
        AuditDoubt.BACK_DATED, AuditDoubt.BEFORE_RECEIPT, AuditDoubt.DECLARED,
    ]  # fmt: skip


async def test_the_command_says_the_totals_by_reason(pool: Pool) -> None:
    await items(pool, "a", "b", routing=certain("facture", "dre"))
    (item,) = await items(pool, "c")
    await decide(pool, item, replace(OUT, reason="doublon"))
    words = ("audit", "review", "--from", "2026-05-01", "--until", "2026-06-30")
    outcome = await asyncio.to_thread(CliRunner().invoke, main, ["desk", *words])
    assert outcome.exit_code == 0, outcome.output
    assert outcome.output.splitlines()[-1] == "out of the perimeter: 2 invoice, 1 doublon"
