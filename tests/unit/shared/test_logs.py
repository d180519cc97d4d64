"""A log line is one JSON object: an event and its fields."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest

from shared.platform.observability import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where this test's process logs; the root logger is given back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.set_up("sla", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_has_its_time_level_service_and_fields(stream: io.StringIO) -> None:
    logs.Log("relay").warning("relay_interrupted", schema="sla", count=3)
    (line,) = lines(stream)
    assert str(line.pop("time")).endswith("+00:00")
    assert line == {
        "level": "warning",
        "service": "sla",
        "event": "relay_interrupted",
        "schema": "sla",
        "count": 3,
    }


def test_an_error_carries_the_trace_it_is_given(stream: io.StringIO) -> None:
    try:
        raise ZeroDivisionError  # noqa: TRY301  (the trace needs a raise)
    except ZeroDivisionError as error:
        logs.Log("process").error("stopped", trace=error)
    assert "ZeroDivisionError" in str(lines(stream)[0]["trace"])


def test_a_library_that_repeats_itself_is_heard_once(stream: io.StringIO) -> None:
    for attempt in range(100):
        logging.getLogger("aiokafka").error("Unable connect to node with id %s", attempt)
        logs.Log("relay").info("round", attempt=attempt)
    said = [line["event"] for line in lines(stream)]
    assert (said.count("library"), said.count("round")) == (1, 100)


async def test_a_line_says_the_service_of_its_task_where_several_share_a_process(
    stream: io.StringIO,
) -> None:
    async def works(service: str) -> None:
        logs.speak_as(service)
        await asyncio.create_task(asyncio.to_thread(logs.Log("work").info, "done"))

    await asyncio.gather(works("desk keep"), works("notify"))
    logs.Log("work").info("ended")
    assert {line["service"] for line in lines(stream) if line["event"] == "done"} == {
        "desk keep",
        "notify",
    }
    assert lines(stream)[-1]["service"] == "sla"
