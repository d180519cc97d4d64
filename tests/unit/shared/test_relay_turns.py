"""Whose outbox a relay serves first, after a session that an outbox ended."""

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import SecretStr

from shared.platform.messaging.relay import OutboxLane, OutboxPlace, Relay

ALL = ("ingest", "desk", "sla")


class Rounds:
    """Rounds that only note whose outbox was read; that of one schema can't be."""

    def __init__(self, schema: str, served: list[str]) -> None:
        self.schema = schema
        self.served = served

    async def next(self, *_: object) -> Sequence[int]:
        if self.schema == "ingest":
            raise PermissionError("ingest.outbox_waiting")
        return [1]

    async def publish(self, *_: object) -> None:
        self.served.append(self.schema)


async def session(relay: Any) -> None:
    for lane in relay._leads():  # noqa: SLF001  (a session without Kafka)
        await relay._round(None, None, lane)  # noqa: SLF001  (as above)


async def test_an_outbox_that_can_not_be_read_silences_no_other() -> None:
    served = list[str]()
    relay = Relay(SecretStr("x"), ALL, "nowhere:1", "p.")
    for lane in relay.lanes.values():
        lane.place, lane.rounds = OutboxPlace.LEADER, _noting(lane, served)
    with pytest.raises(PermissionError):
        await session(relay)
    with pytest.raises(PermissionError):
        await session(relay)
    assert served == ["desk", "sla"]


def _noting(lane: OutboxLane, served: list[str]) -> Any:
    return Rounds(lane.schema, served)
