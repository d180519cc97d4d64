import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from shared.database import Pool, transaction
from shared.errors import TemporaryFailure
from shared.site import store
from shared.site.applying import apply, compare
from shared.site.bundle import AppliedSite
from shared.site.effects import Effects
from shared.site.following import rules_in_force
from shared.site.load import Proposal
from shared.site.store import NoSite

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


async def applied(pool: Pool, proposal: Proposal, now: datetime) -> None:
    async with transaction(pool) as connection:
        change = await compare(connection, proposal, Effects(), now)
        await apply(connection, proposal, change, "Hélène Marchand", "essai", now)


def quicker(proposal: Proposal) -> Proposal:
    commitments = proposal.site.commitments.model_copy(update={"target": 0.95})
    site = proposal.site.model_copy(update={"commitments": commitments})
    return Proposal(site, proposal.people)


async def test_a_process_does_not_start_without_rules(pool: Pool, postgres_url: str) -> None:
    with pytest.raises(NoSite):
        await rules_in_force(pool, SecretStr(postgres_url))


async def test_a_process_switches_when_a_version_is_applied_and_when_it_goes_live(
    pool: Pool, postgres_url: str, indre: Proposal
) -> None:
    await applied(pool, indre, NOW)
    rules = await rules_in_force(pool, SecretStr(postgres_url))
    switched = asyncio.Queue[AppliedSite]()
    following = asyncio.create_task(rules.follow(switched.put))
    try:
        await applied(pool, quicker(indre), NOW + timedelta(hours=1))
        seen = await asyncio.wait_for(switched.get(), 60)
        assert (seen.version, seen.site.commitments.target) == (2, 0.95)
        async with transaction(pool) as connection:
            await store.go_live(connection, NOW, "Hélène Marchand", "début", NOW)
        seen = await asyncio.wait_for(switched.get(), 60)
        assert seen.go_live == NOW
    finally:
        following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert rules.said()["version"] == 2


async def test_a_switch_that_fails_for_a_moment_is_made_again(
    pool: Pool,
    postgres_url: str,
    indre: Proposal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.site.following.PAUSE_SECONDS", 0.05)
    await applied(pool, indre, NOW)
    rules = await rules_in_force(pool, SecretStr(postgres_url))
    tries = list[int]()
    done = asyncio.Event()

    async def switch(site: AppliedSite) -> None:
        tries.append(site.version)
        if len(tries) == 1:
            assert rules.applied.version == 1
            raise TemporaryFailure("away for a moment")
        done.set()

    following = asyncio.create_task(rules.follow(switch))
    try:
        await applied(pool, quicker(indre), NOW + timedelta(hours=1))
        await asyncio.wait_for(done.wait(), 60)
    finally:
        following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert tries == [2, 2]
