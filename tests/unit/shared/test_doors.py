"""The door of those who look after a process: alive, ready and well are three answers."""

import socket
from typing import Any

from shared.platform.http import bind, create_asgi
from shared.platform.observability.health import Health, State, Unwell
from shared.platform.observability.telemetry import Telemetry


async def away() -> State:
    return Unwell("Kafka does not answer.")


async def answer(path: str, *, ready: bool = True) -> tuple[int, bytes]:
    health, sent = Health("sla"), list[Any]()
    health.add({"kafka": away})
    app = create_asgi(health, Telemetry("sla"), ready=lambda: ready)

    async def receive() -> Any:
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "http", "path": path}, receive, send)
    return sent[0]["status"], sent[1]["body"]


async def test_a_server_that_is_away_makes_a_process_unwell_and_neither_dead_nor_unready() -> None:
    assert (await answer("/health"))[0] == 503
    assert await answer("/live") == (200, b"live\n")
    assert await answer("/ready") == (200, b"ready\n")


async def test_a_process_that_starts_or_ends_is_alive_and_not_ready() -> None:
    assert (await answer("/live", ready=False))[0] == 200
    assert (await answer("/ready", ready=False))[0] == 503


async def test_nothing_else_is_there() -> None:
    assert (await answer("/"))[0] == 404
    assert (await answer("/metrics"))[0] == 200


def test_the_end_of_an_answer_waits_for_nobody_to_acknowledge_its_beginning() -> None:
    """Head and body are written apart: by Nagle's algorithm that was 40 ms on a kept connection."""
    with bind("127.0.0.1", 0) as door, socket.create_connection(door.getsockname()):
        taken, _ = door.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
