"""A portal and an ingest that share no disk, as an operator runs them; each is killed."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from deploy.embedded.ports import free_port
from shared.content import spool
from shared.content.spool import FormDeposit
from tests.deposit_door import NOW, SECRET
from tests.integration.ingest.prefecture import PATIENCE, Prefecture, until
from tests.own_processes import OwnProcess, begin
from tests.roles import under_role

FORMS = 150
PAPER = b"%PDF-1.7 " + b"x" * 40_000


@pytest.fixture
def door(prefecture: Prefecture) -> str:
    """Opens the door of the préfecture's ingest; where it answers."""
    port = free_port()
    prefecture.environment |= {
        "VAGUEMESTRE_DEPOSITS_SECRETS": json.dumps({"portal": [SECRET]}),
        "VAGUEMESTRE_DEPOSITS_PORT": str(port),
    }
    return f"http://127.0.0.1:{port}"


@asynccontextmanager
async def portal(
    prefecture: Prefecture, door: str, near: Path
) -> AsyncIterator[tuple[OwnProcess, httpx.AsyncClient]]:
    """`portal serve` with a disk of its own, and its health; killed at the end."""
    port = free_port()
    given = {
        "DATABASE_URL": under_role(prefecture.environment["VAGUEMESTRE_DATABASE_URL"], "portal"),
        "SPOOL": str(near),
        "HTTP_PORT": str(free_port()),
        "HEALTH_PORT": str(port),
        "DEPOSITS_URL": door,
        "DEPOSITS_SECRET": SECRET,
    }
    environment = os.environ | {f"VAGUEMESTRE_{name}": value for name, value in given.items()}
    process = await begin(
        prefecture.start, "portal", "serve", environment=environment, log=Path(os.devnull)
    )
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE
        ) as looks:
            yield process, looks
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def put(near: Path) -> None:
    for number in range(FORMS):
        file = spool.spool_file("piece.pdf", "application/pdf", PAPER)
        form = FormDeposit(
            id=UUID(int=number + 1), at=NOW + timedelta(seconds=number),
            text=f"Message {number}", files=(file,),
        )  # fmt: skip
        spool.deposit(near, form, [PAPER])


async def test_whoever_is_killed_on_the_way_nothing_is_lost_and_nothing_twice(
    prefecture: Prefecture, door: str, tmp_path: Path
) -> None:
    near = tmp_path / "near"
    await asyncio.to_thread(put, near)

    async def at_most(left: int) -> bool:
        return len(await asyncio.to_thread(spool.waiting_folders, near)) <= left

    async with portal(prefecture, door, near) as (sending, looks):
        async with prefecture.running() as taking:
            await until(lambda: at_most(FORMS - 10))
            taking.kill()
            await taking.wait()

        async def says_that_they_wait() -> bool:
            checks = (await looks.get("/health")).json()["checks"]
            return not checks["jobs"]["ok"] and checks["deposits"]["detail"]["waits"] > 0

        await until(says_that_they_wait)
        gauges = (await looks.get("/metrics")).text
        assert "vaguemestre_unsent_deposits_oldest_seconds{" in gauges
        left = len(await asyncio.to_thread(spool.waiting_folders, near))
        async with prefecture.running():
            await until(lambda: at_most(left - 1))
            sending.kill()
            await sending.wait()
            assert not await at_most(0), "it was killed on the way"
            async with portal(prefecture, door, near):

                async def all_kept_and_told() -> bool:
                    whole = await prefecture.kept() >= FORMS and await at_most(0)
                    return whole and await prefecture.all_told()

                await until(all_kept_and_told)
    facts = await prefecture.told()
    assert len({fact.arrival_id for fact in facts}) == FORMS == await prefecture.kept()
    assert len({fact.event_id for fact in facts}) == FORMS
    assert spool.waiting_folders(tmp_path / "spool") == []
