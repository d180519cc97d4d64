"""What watches a process never holds it."""

import asyncio
import threading
from types import SimpleNamespace

from shared.telemetry import Telemetry


async def test_a_collector_that_hangs_keeps_no_process_from_ending() -> None:
    telemetry, answered = Telemetry("test"), threading.Event()
    hangs = SimpleNamespace(shutdown=lambda: answered.wait(200))
    telemetry._tracing = hangs  # noqa: SLF001  (a real one is the whole process's)
    try:
        async with asyncio.timeout(60):
            await telemetry.close()
        assert not answered.is_set()
    finally:
        answered.set()


async def test_every_series_carries_its_site() -> None:
    telemetry = Telemetry("sla", site="indre")
    telemetry.heard.records("items", 3)
    text, _ = await telemetry.exposition()
    lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
    assert lines
    assert all('site="indre"' in line for line in lines)
    assert 'vaguemestre_records_total{site="indre",topic="items"} 3.0' in lines
