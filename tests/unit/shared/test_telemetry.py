"""What watches a process never holds it."""

import asyncio
import sys
import threading
from types import SimpleNamespace

from shared.platform.observability.telemetry import Telemetry
from tests.silent import silent

TRACED = """
import sys, time
from shared.platform.observability import tracing
provider = tracing.start(sys.argv[1], "test", "indre")
tracer, begun = provider.get_tracer("test"), time.monotonic()
for _ in range(5000):
    tracer.start_span("a letter").end()
print(time.monotonic() - begun)
sys.stdout.flush()
import os
os._exit(0)
"""


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


async def test_a_collector_that_takes_lines_and_never_answers_slows_nothing() -> None:
    async with silent() as address, asyncio.timeout(60):
        traced = await asyncio.create_subprocess_exec(
            sys.executable, "-c", TRACED, f"http://{address}", stdout=asyncio.subprocess.PIPE
        )
        said, _ = await traced.communicate()
    assert float(said) < 10, "more spans than wait anywhere, and none waited"
