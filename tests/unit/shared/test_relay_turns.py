"""Whose outbox a relay serves first, after a session that an outbox ended."""

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import SecretStr

from shared.platform.messaging.relay import OutboxLane, OutboxPlace, Relay

ALL = ("ingest", "desk", "sla")


class Base:
    """A connection on which one schema's outbox can't be read."""

    async def fetch(self, statement: str, most: int) -> Sequence[int]:
        if '"ingest"' in statement:
            raise PermissionError("ingest.outbox_waiting")
        return [most]


class Rounds:
    """Rounds that only note whose outbox was read."""

    def __init__(self, schema: str, served: list[str]) -> None:
        self.schema = schema
        self.served = served

    async def publish(self, *_: object) -> None:
        self.served.append(self.schema)


async def session(relay: Any, base: Any) -> None:
    for lane in relay._leads():  # noqa: SLF001  (a session without Kafka)
        await relay._round(base, base, lane)  # noqa: SLF001  (as above)


async def test_an_outbox_that_can_not_be_read_silences_no_other() -> None:
    served = list[str]()
    relay = Relay(SecretStr("x"), ALL, "nowhere:1", "p.")
    for lane in relay.lanes.values():
        lane.place, lane.rounds = OutboxPlace.LEADER, _noting(lane, served)
    with pytest.raises(PermissionError):
        await session(relay, Base())
    with pytest.raises(PermissionError):
        await session(relay, Base())
    assert served == ["desk", "sla"]


def _noting(lane: OutboxLane, served: list[str]) -> Any:
    return Rounds(lane.schema, served)
