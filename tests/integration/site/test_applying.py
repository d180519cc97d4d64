from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import asyncpg
import pytest

from shared.calendar.territories import Closure
from shared.errors import Refused
from shared.facts.envelope import At, Chrono, ServiceId
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection, Pool, transaction
from shared.site import store
from shared.site.application import VersionChange, apply, compare
from shared.site.effects import Effects, Moved
from shared.site.load import SiteProposal
from shared.site.staff import people_store
from shared.site.store import NoSite
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.identity import OpeningHours
from shared.site.tables.people import Absence
from shared.values import Checked

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=7)


async def applied(
    pool: Pool, proposal: SiteProposal, now: datetime = NOW, effects: Effects | None = None
) -> VersionChange:
    async with transaction(pool) as connection:
        await store.lock(connection)
        change = await compare(connection, proposal, effects or Effects(), now)
        await apply(connection, proposal, change, "Hélène Marchand", "essai", now)
        return change


def without_service(site: Site, gone: str, heir: str | None = None) -> Site:
    kept = tuple(
        service.model_copy(update={"replaces": (gone,)}) if service.id == heir else service
        for service in site.services.services
        if service.id != gone
    )
    return site.model_copy(update={"services": site.services.model_copy(update={"services": kept})})


def closed_on(site: Site, day: date) -> Site:
    closure = Closure(day=day, decided=Checked(by="Le préfet", on=date(2026, 1, 5), why="pont"))
    calendar = site.calendar.model_copy(update={"closures": (closure,)})
    return site.model_copy(update={"calendar": calendar})


async def test_before_the_first_apply_the_sentence_says_what_to_do(pool: Pool) -> None:
    async with transaction(pool) as connection:
        with pytest.raises(NoSite, match="vaguemestre site apply"):
            await store.current(connection)


async def test_what_was_applied_is_read_back_whole_with_its_days(
    pool: Pool, indre: SiteProposal
) -> None:
    await applied(pool, indre)
    async with transaction(pool) as connection:
        found = await store.current(connection)
    assert found.site == indre.site
    assert (found.version, found.effective_from, found.go_live) == (1, NOW, None)
    assert found.days.add(date(2026, 5, 11), 5) == date(2026, 5, 19)
    assert found.digest == store.digest(found.site, found.days)


async def test_an_identical_folder_changes_nothing(pool: Pool, indre: SiteProposal) -> None:
    await applied(pool, indre)
    again = await applied(pool, indre, LATER)
    assert again.nothing
    async with transaction(pool) as connection:
        assert [version.version for version in await store.versions(connection)] == [1]


async def test_a_closure_makes_a_version_and_the_one_before_still_counts_as_it_did(
    pool: Pool, indre: SiteProposal
) -> None:
    await applied(pool, indre)
    closed = SiteProposal(closed_on(indre.site, date(2026, 5, 15)), indre.people)
    change = await applied(pool, closed, LATER)
    assert "days: 2026-05-15 is no longer worked (fermeture : pont)" in change.lines
    async with transaction(pool) as connection:
        before, now = await store.version(connection, 1), await store.current(connection)
    assert before.days.add(date(2026, 5, 11), 5) == date(2026, 5, 19)
    assert now.days.add(date(2026, 5, 11), 5) == date(2026, 5, 20)
    assert now.version == 2


async def test_a_removed_service_needs_an_heir(pool: Pool, indre: SiteProposal) -> None:
    await applied(pool, indre)
    headless = without_service(indre.site, "sidpc")
    with pytest.raises(Refused, match=r"replaces: \[sidpc\]"):
        await applied(pool, SiteProposal(headless, indre.people), LATER)
    mapped = without_service(indre.site, "sidpc", heir="cabinet")
    change = await applied(pool, SiteProposal(mapped, indre.people), LATER)
    heir = change.after.site.service_now("sidpc")
    assert heir is not None
    assert heir.id == "cabinet"


async def test_the_id_of_a_prefecture_never_changes(pool: Pool, indre: SiteProposal) -> None:
    await applied(pool, indre)
    identity = indre.site.identity.model_copy(update={"id": "cher"})
    renamed = indre.site.model_copy(update={"identity": identity})
    with pytest.raises(Refused, match="put it back"):
        await applied(pool, SiteProposal(renamed, indre.people), LATER)


async def test_nothing_is_applied_without_a_name_and_a_reason(
    pool: Pool, indre: SiteProposal
) -> None:
    async with transaction(pool) as connection:
        change = await compare(connection, indre, Effects(), NOW)
        with pytest.raises(Refused, match="--why"):
            await apply(connection, indre, change, "Hélène", " ", NOW)
    async with transaction(pool) as connection:
        assert await store.versions(connection) == []
        assert (await people_store.people_at(connection, LATER)).people == {}


async def test_the_clocks_that_move_are_shown_before(pool: Pool, indre: SiteProposal) -> None:
    moved = Moved(Chrono("36-2026-A-000001"), ClockName.REPLY, date(2026, 5, 19), date(2026, 5, 20))

    async def moves(
        connection: Connection, before: AppliedSite, after: AppliedSite
    ) -> Sequence[Moved]:
        del connection
        assert (before.version, after.version) == (1, 2)
        return [moved]

    await applied(pool, indre)
    closed = SiteProposal(closed_on(indre.site, date(2026, 5, 15)), indre.people)
    change = await applied(pool, closed, LATER, Effects(moves=moves))
    assert change.moved == [moved]


@pytest.mark.parametrize("table", ["versions", "people", "absences"])
@pytest.mark.parametrize("verb", ["UPDATE site.{} SET author = 'x'", "DELETE FROM site.{}"])
async def test_rows_stand_for_ever(pool: Pool, indre: SiteProposal, table: str, verb: str) -> None:
    await applied(pool, indre)
    async with transaction(pool) as connection:
        with pytest.raises(asyncpg.RaiseError, match="stand for ever"):
            await connection.execute(verb.format(table))


async def test_people_are_as_they_were_at_the_moment_asked(pool: Pool, indre: SiteProposal) -> None:
    await applied(pool, indre)
    async with transaction(pool) as connection:
        then = await people_store.people_at(connection, NOW)
        head = then.person("c.aubry")
        assert head is not None
        moved = head.model_copy(update={"services": ("dcl",), "deputy": "i.fontaine"})
        await people_store.set_person(connection, moved, "Le bureau", LATER)
        await people_store.set_person(connection, head, "Le bureau", LATER, gone=False)
        leaver = then.person("k.haddad")
        assert leaver is not None
        await people_store.set_person(connection, leaver, "Le bureau", LATER, gone=True)
        assert (await people_store.people_at(connection, NOW)).person("k.haddad") == leaver
        assert (await people_store.people_at(connection, LATER)).person("k.haddad") is None
        assert (await people_store.people_at(connection, LATER)).person("c.aubry") == head


async def test_an_absence_can_be_cancelled_once(pool: Pool, indre: SiteProposal) -> None:
    await applied(pool, indre)
    away = Absence(person="c.aubry", first=date(2026, 6, 1), last=date(2026, 6, 5))
    async with transaction(pool) as connection:
        number = await people_store.add_absence(connection, away, "Catherine Aubry", NOW)
        found = await people_store.people_at(connection, NOW)
        assert found.is_away("c.aubry", date(2026, 6, 3))
        await people_store.cancel_absence(connection, number, "Catherine Aubry", LATER)
        found = await people_store.people_at(connection, LATER)
        assert not found.is_away("c.aubry", date(2026, 6, 3))
        with pytest.raises(Refused):
            await people_store.cancel_absence(connection, number, "Catherine Aubry", LATER)


async def test_opening_hours_of_the_desk_replace_those_of_the_rules(
    pool: Pool, indre: SiteProposal
) -> None:
    await applied(pool, indre)
    hours = OpeningHours(opens=time(10), closes=time(15))
    async with transaction(pool) as connection:
        await people_store.set_hours(connection, ServiceId("bmi"), hours, "Le bureau", LATER)
        before = await people_store.people_at(connection, NOW)
        after = await people_store.people_at(connection, LATER)
    assert before.opening(indre.site, "bmi").opens == time(9)
    assert after.opening(indre.site, "bmi") == hours


async def test_going_live_divides_history_from_the_rest_and_stands(
    pool: Pool, indre: SiteProposal
) -> None:
    await applied(pool, indre)
    async with transaction(pool) as connection:
        assert (await store.current(connection)).history(At(instant=NOW))
        await store.go_live(connection, NOW, "Hélène Marchand", "début", NOW)
        live = await store.current(connection)
        assert live.history(At(instant=NOW - timedelta(seconds=1)))
        assert not live.history(At(instant=NOW))
        with pytest.raises(Refused, match="live since"):
            await store.go_live(connection, LATER, "Hélène Marchand", "encore", LATER)


async def test_a_head_who_left_is_named_before_anything_is_applied(
    pool: Pool, indre: SiteProposal
) -> None:
    await applied(pool, indre)
    async with transaction(pool) as connection:
        found = await people_store.people_at(connection, NOW)
        head = found.person("n.salmon")
        assert head is not None
        await people_store.set_person(connection, head, "Le bureau", NOW, gone=True)
    closed = SiteProposal(closed_on(indre.site, date(2026, 5, 15)), indre.people)
    with pytest.raises(Refused, match=r"head of pan: 'n\.salmon' has left"):
        await applied(pool, closed, LATER)
