"""Lines for a collector of logs, as RFC 5424 writes them and RFC 6587 parts them."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform.clock import SystemClock
from shared.platform.observability import syslog
from shared.platform.observability.syslog import Collector

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


@dataclass(frozen=True)
class Listener:
    """A collector that speaks TLS, and what it heard."""

    port: int
    certificate: Path
    heard: "asyncio.Queue[bytes]"


@pytest.fixture
async def listener(tmp_path: Path) -> AsyncIterator[Listener]:
    """By a certificate of its own for `localhost`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "collecteur")])
    begins = SystemClock().now() - timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = tmp_path / "collecteur.pem", tmp_path / "collecteur.key"
    pem.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    heard = asyncio.Queue[bytes]()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.read())
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(hear, "127.0.0.1", 0, ssl=context) as server:
        yield Listener(server.sockets[0].getsockname()[1], pem, heard)


async def test_by_tls_a_collector_gets_whole_messages_once_its_certificate_is_verified(
    listener: Listener,
) -> None:
    to = syslog.collector(f"tls://localhost:{listener.port}", listener.certificate)
    await syslog.send(to, [b"one", b"another"])
    async with asyncio.timeout(30):
        assert await listener.heard.get() == b"3 one7 another", "RFC 5425, 4.3"


@pytest.mark.parametrize(("host", "trusted"), [("localhost", ""), ("127.0.0.1", "its own")])
async def test_by_tls_nothing_is_said_to_a_stranger(
    listener: Listener, host: str, trusted: str
) -> None:
    """Its certificate is of an authority that nobody trusts here, or names another host."""
    authority = listener.certificate if trusted else None
    with pytest.raises(TemporaryFailure, match=r"takes nothing: .*certificate verify failed"):
        await syslog.send(Collector("tls", host, listener.port, authority), [b"one"])
    assert listener.heard.empty()


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
