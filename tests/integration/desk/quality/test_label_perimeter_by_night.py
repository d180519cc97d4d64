"""A change of the label's perimeter, and the night: nothing differs, closed months stand."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from services.desk.decider import Decider
from services.desk.domain.label_perimeter import SERVICE_OUTSIDE
from services.desk.quality import perimeter_service
from services.desk.quality.store import texts
from services.desk.store import label_perimeter, quality
from services.desk.store.quality import Author
from shared.facts import ids
from shared.facts.envelope import ServiceId
from shared.facts.origin import SESSION
from shared.facts.quality import QUALITY, MonthCorrected
from shared.facts.quality.perimeter import PerimeterAsked, PerimeterChanged
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.integration.desk.proven import FIRST, OTHER, RUNNING, TONIGHT, Proven

WHY = "Le service rejoint une autre préfecture, son accueil n’est plus le nôtre."


async def rows(pool: Pool) -> dict[str, tuple[bool, str | None]]:
    found = await pool.fetch("SELECT chrono, perimeter, outside_service FROM desk.items")
    return {row["chrono"]: (row["perimeter"], row["outside_service"]) for row in found}


async def put_out(month: Proven, since: date, now: datetime, *, inside: bool = False) -> None:
    """The officer asks, the secretary confirms what is shown."""
    service = ServiceId("bmi")
    for name in ("q.officer", "s.general"):
        async with transaction(month.desk) as connection:
            directory = await people_store.people_at(connection, now)
            author = Author("indre", f"person:{name}", now, SESSION)
            acts = perimeter_service.PerimeterService(connection, author, month.applied, directory)
            if name == "q.officer":
                await acts.ask(service, since, WHY, inside=inside)
            else:
                known = await label_perimeter.perimeter(connection)
                asked = known.asked[service]
                found = await perimeter_service.preview(connection, month.applied, asked)
                await acts.confirm(service, asked.event_id, found.digest(asked.event_id))
    await month.passes(now)


async def test_the_night_finds_nothing_and_closed_months_stand_with_corrections_beside_them(
    month: Proven,
) -> None:
    before = await month.desk.fetch("SELECT * FROM desk.closed_months")
    promises = await month.desk.fetch("SELECT * FROM desk.closed_promises ORDER BY item_id, clock")
    now = TONIGHT - timedelta(minutes=30)
    await put_out(month, date(2026, 5, 5), now)  # of May 000004, of June 000005
    assert await rows(month.desk) == {
        **dict.fromkeys((FIRST, "36-2026-A-000002", "36-2026-A-000003"), (True, None)),
        **dict.fromkeys((RUNNING, OTHER), (False, "bmi")),
    }
    report = await month.night()
    assert [str(difference) for difference in report.differences] == []
    assert await month.desk.fetch("SELECT * FROM desk.closed_months") == before
    # The next night says what the month is not any more, by whose word, and holds too.
    tomorrow = TONIGHT + timedelta(days=1)
    await month.seals(tomorrow - timedelta(hours=2))
    assert await month.desk.fetch(
        "SELECT * FROM desk.closed_promises ORDER BY item_id, clock"
    ) == promises  # fmt: skip
    corrections = [
        QUALITY.validate_json(row["payload"])
        for row in await month.desk.fetch(
            "SELECT payload FROM desk.quality_facts WHERE type = 'MonthCorrected' ORDER BY seq"
        )
    ]
    change = await month.desk.fetchval(
        "SELECT event_id FROM desk.quality_facts WHERE type = 'PerimeterChanged'"
    )
    running = await month.item(RUNNING)
    assert {
        (fact.item_id, fact.clock, fact.cause, fact.cause_type, fact.author, fact.at, fact.reason)
        for fact in corrections
        if isinstance(fact, MonthCorrected)
    } == {
        (running, clock, change, "PerimeterChanged", "person:s.general", now, SERVICE_OUTSIDE)
        for clock in ("reply", "services_publics")
    }
    assert all(
        isinstance(fact, MonthCorrected) and fact.after is not None
        and fact.after.result == "excluded"
        for fact in corrections
    )  # fmt: skip
    report = await month.night(tomorrow)
    assert [str(difference) for difference in report.differences] == []


async def test_who_changes_the_perimeter_in_a_table_is_named_in_the_night(month: Proven) -> None:
    await put_out(month, date(2026, 6, 1), TONIGHT - timedelta(minutes=30))
    assert (await month.night()).holds
    await month.sql(
        "UPDATE desk.items SET perimeter = true, outside_service = NULL WHERE item_id = $1",
        chrono=OTHER,
    )
    await month.sql(
        "UPDATE desk.items SET perimeter = false, outside_service = 'bmi' WHERE item_id = $1",
        chrono=FIRST,
    )
    report = await month.night(TONIGHT + timedelta(days=1))
    assert sorted(str(difference) for difference in report.differences) == [
        f"{FIRST}: outside_service: from nothing to bmi",
        f"{FIRST}: perimeter: from true to false",
        f"{OTHER}: outside_service: from bmi to nothing",
        f"{OTHER}: perimeter: from false to true",
    ]


async def test_what_was_written_while_it_was_confirmed_is_put_right(month: Proven) -> None:
    """A transaction that read the perimeter of before commits after the change."""
    now = datetime(2026, 6, 17, 8, 55, tzinfo=UTC)
    await put_out(month, date(2026, 6, 1), now)
    await month.replies(await month.item(OTHER), date(2026, 6, 17))
    assert (await rows(month.desk))[OTHER] == (False, "bmi"), "what is written later is right"
    wrong = "UPDATE desk.items SET perimeter = true, outside_service = NULL WHERE item_id = $1"
    await month.sql(wrong, chrono=OTHER)
    async with transaction(month.desk) as connection:
        later = now + timedelta(seconds=1)
        assert await perimeter_service.settle(connection, month.applied, later) == 0
        assert await perimeter_service.settle(connection, month.applied, None) == 1
        assert await perimeter_service.settle(connection, month.applied, now) == 0
    assert (await rows(month.desk))[OTHER] == (False, "bmi")


async def test_what_is_merged_moves_with_the_others_and_is_counted_by_nobody(
    month: Proven,
) -> None:
    merged, survivor = await month.item(OTHER), await month.item(RUNNING)
    now = TONIGHT - timedelta(minutes=50)
    async with transaction(month.desk) as connection:
        people = await people_store.people_at(connection, now)
        head = people.somebody("b.head")
        decider = Decider(connection, head, uuid4(), now, month.applied, people)
        await decider.merge(merged, survivor)
    await month.passes(now)
    async with transaction(month.desk) as connection:
        author = Author("indre", "person:q.officer", now, SESSION)
        wanted = perimeter_service.draft(author, ServiceId("bmi"), date(2026, 5, 5), inside=False)
        found = await perimeter_service.preview(connection, month.applied, wanted)
    assert (len(found.leaving), found.out, found.back) == (2, 1, 0)
    await put_out(month, date(2026, 5, 5), TONIGHT - timedelta(minutes=30))
    assert (await rows(month.desk))[OTHER] == (False, "bmi")
    assert [str(difference) for difference in (await month.night()).differences] == []


async def test_the_night_names_a_change_that_one_person_made_alone(month: Proven) -> None:
    now = TONIGHT - timedelta(minutes=30)
    subject = ids.quality_id("indre", "perimeter", "bmi")
    alone = Author("indre", "person:q.officer", now, SESSION)
    asked = perimeter_service.draft(alone, ServiceId("bmi"), date(2026, 8, 1), inside=False)
    said = {"service": "bmi", "inside": False, "since": date(2026, 8, 1)}
    async with transaction(month.desk) as connection:
        why = await texts.keep(connection, subject, WHY, now)
        request = await quality.state(connection, alone, subject, PerimeterAsked, **said, why=why)
        for of in (request.event_id, asked.event_id):
            await quality.state(
                connection, alone, subject, PerimeterChanged, **said, why=why, asked=of
            )
    found = [str(difference) for difference in (await month.night()).differences]
    assert found == [
        f"perimeter: change {request.seq + 1} was confirmed by whoever asked",
        f"perimeter: change {request.seq + 2} confirms no request of the same",
    ]
