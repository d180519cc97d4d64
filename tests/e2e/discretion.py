"""Where words of senders stand though none may: in logs, metrics, facts and traces of a stack."""

from collections.abc import Sequence

from tests.e2e.collecting import Collector
from tests.e2e.house import SERVICES, TOPICS, House


def in_process(house: House, process: str) -> Sequence[str]:
    """The words of senders that a process's log or metrics have."""
    return _of(house, house.log(process) + house.door(process, "/metrics")[1])


async def in_topic(house: House, topic: str) -> Sequence[str]:
    """The words of senders that a topic, which must have records, has."""
    records = await house.records(topic)
    assert records, topic
    return _of(house, b"\n".join(records).decode(errors="replace"))


def in_traces(house: House, traces: Collector) -> Sequence[str]:
    """The words of senders that the spans, which must be some, have."""
    assert traces.spans
    return _of(house, " ".join(f"{span.name} {span.attributes}" for span in traces.spans))


async def anywhere(house: House, traces: Collector) -> Sequence[str]:
    """Every word of a sender and the place where it stands, at the end of a stack's story."""
    return [
        *(f"{process}: {word}" for process in SERVICES for word in in_process(house, process)),
        *[f"{topic}: {word}" for topic in TOPICS for word in await in_topic(house, topic)],
        *(f"traces: {word}" for word in in_traces(house, traces)),
    ]


def _of(house: House, seen: str) -> Sequence[str]:
    return [word for word in house.strangers if word in seen]
