"""Lines for a collector of logs, as RFC 5424 writes them and RFC 6587 parts them."""

import asyncio
from datetime import UTC, datetime

import pytest

from shared import syslog
from shared.errors import PermanentFailure, TemporaryFailure
from shared.syslog import Collector

AT = datetime(2026, 11, 25, 8, 0, 0, 123456, tzinfo=UTC)


def test_a_message_is_written_as_the_rfc_says() -> None:
    said = {"person": 'o"neil]\\', "about": "36-2026-A-000012"}
    assert syslog.message(AT, "srv 1", "vaguemestre", "reading", syslog.INFO, said) == (
        b"<110>1 2026-11-25T08:00:00.123+00:00 srv-1 vaguemestre - reading "
        b'[audit@32473 person="o\\"neil\\]\\\\" about="36-2026-A-000012"]'
    )


def test_an_address_is_read_or_refused_in_a_sentence() -> None:
    assert syslog.collector("tls://logs.example") == Collector("tls", "logs.example", 6514)
    assert syslog.collector("udp://[::1]:5140") == Collector("udp", "::1", 5140)
    for wrong in ("http://logs.example", "tcp://", "tcp://logs.example:x", "tcp://a/b"):
        with pytest.raises(PermanentFailure, match="write udp://, tcp:// or tls://"):
            syslog.collector(wrong)


async def test_a_stream_has_the_length_of_each_message_before_it() -> None:
    heard = asyncio.Queue[bytes]()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.read())
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await syslog.send(Collector("tcp", "127.0.0.1", port), [b"one", b"another"])
        async with asyncio.timeout(30):
            assert await heard.get() == b"3 one7 another"
    with pytest.raises(TemporaryFailure, match="takes nothing"):
        await syslog.send(Collector("tcp", "127.0.0.1", port), [b"one"])


async def test_a_datagram_is_one_message() -> None:
    heard = asyncio.Queue[bytes]()

    class Hears(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            del addr
            heard.put_nowait(data)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Hears, local_addr=("127.0.0.1", 0))
    try:
        port = transport.get_extra_info("sockname")[1]
        await syslog.send(Collector("udp", "127.0.0.1", port), [b"one", b"two"])
        async with asyncio.timeout(30):
            assert {await heard.get(), await heard.get()} == {b"one", b"two"}
    finally:
        transport.close()
