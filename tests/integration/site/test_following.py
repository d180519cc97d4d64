import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from shared.errors import TemporaryFailure
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.application import apply, compare
from shared.site.applied_rules import AppliedRules, applied_rules
from shared.site.effects import Effects
from shared.site.load import SiteProposal
from shared.site.store import NoSite
from shared.site.tables.bundle import AppliedSite

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


async def applied(pool: Pool, proposal: SiteProposal, now: datetime) -> None:
    async with transaction(pool) as connection:
        change = await compare(connection, proposal, Effects(), now)
        await apply(connection, proposal, change, "Hélène Marchand", "essai", now)


def quicker(proposal: SiteProposal) -> SiteProposal:
    commitments = proposal.site.commitments.model_copy(update={"target": 0.95})
    site = proposal.site.model_copy(update={"commitments": commitments})
    return SiteProposal(site, proposal.people)


async def test_a_process_does_not_start_without_rules(pool: Pool) -> None:
    with pytest.raises(NoSite):
        await applied_rules(pool)


async def test_a_process_switches_when_a_version_is_applied_and_when_it_goes_live(
    pool: Pool, postgres_url: str, indre: SiteProposal
) -> None:
    await applied(pool, indre, NOW)
    rules = await applied_rules(pool)
    following = asyncio.create_task(rules.follow(SecretStr(postgres_url)))
    try:
        await applied(pool, quicker(indre), NOW + timedelta(hours=1))
        seen = await known(rules, lambda site: site.version == 2)
        assert seen.site.commitments.target == 0.95
        async with transaction(pool) as connection:
            await store.go_live(connection, NOW, "Hélène Marchand", "début", NOW)
        seen = await known(rules, lambda site: site.go_live is not None)
        assert seen.go_live == NOW
    finally:
        following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert rules.health_detail()["version"] == 2


async def known(rules: AppliedRules, expected: Callable[[AppliedSite], bool]) -> AppliedSite:
    async with asyncio.timeout(60):
        while not expected(rules.applied):  # noqa: ASYNC110  (a cache)
            await asyncio.sleep(0.01)
    return rules.applied


async def test_a_connection_that_is_lost_is_made_again(
    pool: Pool, postgres_url: str, indre: SiteProposal
) -> None:
    await applied(pool, indre, NOW)
    rules = await applied_rules(pool)
    following = asyncio.create_task(rules.follow(SecretStr(postgres_url)))
    try:
        await applied(pool, quicker(indre), NOW + timedelta(hours=1))
        await known(rules, lambda site: site.version == 2)
        async with transaction(pool) as connection:
            ended = await connection.fetchval(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                  AND query LIKE '%site.go_live%'
                """
            )
            assert ended >= 1
        await applied(pool, indre, NOW + timedelta(hours=2))
        await known(rules, lambda site: site.version == 3)
    finally:
        following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following


async def test_whoever_decides_sees_what_was_applied_before_and_others_what_was_last_asked(
    pool: Pool, indre: SiteProposal
) -> None:
    rules = AppliedRules()
    async with transaction(pool) as connection:
        assert await rules.if_any(connection) is None
        with pytest.raises(TemporaryFailure, match="No rules were applied yet"):
            await rules.in_transaction(connection)
        with pytest.raises(TemporaryFailure, match="No rules were applied yet"):
            await rules.all_versions(connection)
    assert rules.last is None
    with pytest.raises(NoSite):
        rules.health_detail()

    await applied(pool, indre, NOW)
    async with transaction(pool) as connection:
        first = await rules.in_transaction(connection)
        assert await rules.if_any(connection) is first, "a version is read once"
        book = await rules.all_versions(connection)
        assert await rules.all_versions(connection) is book
    assert (first.version, first.go_live, book.edition) == (1, None, 1)

    await applied(pool, quicker(indre), NOW + timedelta(hours=1))
    assert rules.applied is first, "nobody has asked since"
    async with transaction(pool) as connection:
        await store.go_live(connection, NOW, "q.officer", "tests", NOW)
        second = await rules.in_transaction(connection)
        book = await rules.all_versions(connection)
    assert (second.version, second.go_live) == (2, NOW)
    assert rules.last is rules.applied is second
    assert (book.edition, [site.version for site in book.sites]) == (3, [1, 2])
    assert {site.go_live for site in book.sites} == {NOW}


async def test_a_process_reads_a_version_once_however_often_it_asks(
    pool: Pool, indre: SiteProposal
) -> None:
    await applied(pool, indre, NOW)
    async with transaction(pool) as connection:
        first = await store.current(connection)
    async with transaction(pool) as connection:
        await store.go_live(connection, NOW, "Hélène Marchand", "début", NOW)
        again = await store.current(connection)
        numbered = await store.version(connection, 1)
    assert again.site is first.site is numbered.site
    assert again.days is first.days
    assert (first.go_live, again.go_live) == (None, NOW)
    await applied(pool, quicker(indre), NOW + timedelta(hours=1))
    async with transaction(pool) as connection:
        other = await store.current(connection)
    assert (other.version, other.site.commitments.target) == (2, 0.95)
    assert again.site.commitments.target != other.site.commitments.target
