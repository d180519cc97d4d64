"""Health is 200 when every part is well, else 503 and why."""

import asyncio
import importlib.metadata
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.errors import TemporaryFailure
from shared.platform.observability import health as health_module
from shared.platform.observability import telemetry as telemetry_module
from shared.platform.observability.health import Health, State, Unwell, Well
from shared.platform.observability.telemetry import Telemetry

PATIENCE = 60.0


async def well() -> State:
    return Well({"items": 0})


async def unwell() -> State:
    return Unwell("Kafka does not answer.")


async def breaks() -> State:
    raise ZeroDivisionError


async def is_refused() -> State:
    raise TemporaryFailure("PostgreSQL is away.")


@asynccontextmanager
async def frozen(goes_on: asyncio.Event) -> AsyncIterator[None]:
    """What a server hinders from ending, such as a transaction that PostgreSQL is to roll back."""
    try:
        yield
    finally:
        await goes_on.wait()


async def test_all_well_is_200() -> None:
    health = Health("sla")
    health.add({"listening": well})
    status, body = await health.answer()
    assert (status, json.loads(body)) == (
        200,
        {
            "status": "ok",
            "service": "sla",
            "version": importlib.metadata.version("vaguemestre"),
            "checks": {"listening": {"ok": True, "detail": {"items": 0}}},
        },
    )


async def test_one_part_unwell_is_503_and_says_why() -> None:
    health = Health("sla")
    health.add({"listening": well, "kafka": unwell, "rules": breaks})
    status, body = await health.answer()
    checks = json.loads(body)["checks"]
    assert status == 503
    assert checks["kafka"] == {"ok": False, "why": "Kafka does not answer."}
    assert checks["rules"] == {"ok": False, "why": "The check failed: ZeroDivisionError."}
    assert checks["listening"]["ok"]


async def test_a_failure_that_has_a_sentence_is_said_by_it() -> None:
    health = Health("sla")
    health.add({"rules": is_refused})
    assert await health.states() == {"rules": Unwell("PostgreSQL is away.")}


async def test_no_answer_waits_for_the_end_of_what_was_cut_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health_module, "CHECK_SECONDS", 1.0)
    monkeypatch.setattr(telemetry_module, "SCRAPE_SECONDS", 1.0)
    goes_on, ended = asyncio.Event(), asyncio.Event()

    async def check() -> State:
        async with frozen(goes_on):
            await asyncio.Event().wait()
        return Well()

    async def question() -> None:
        try:
            async with frozen(goes_on):
                await asyncio.Event().wait()
        finally:
            ended.set()

    health, telemetry = Health("sla"), Telemetry("sla", site="indre")
    health.add({"rules": check, "listening": well})
    telemetry.on_scrape(question)
    async with asyncio.timeout(PATIENCE):
        states, (text, _) = await asyncio.gather(health.states(), telemetry.exposition())
    assert states == {
        "rules": Unwell("No answer within 1 seconds."),
        "listening": Well({"items": 0}),
    }
    assert 'vaguemestre_scrape_failures_total{site="indre"} 1.0' in text.decode()
    assert not ended.is_set()
    goes_on.set()
    async with asyncio.timeout(PATIENCE):
        await ended.wait()
    await telemetry.close()
