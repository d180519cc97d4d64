"""An antivirus in memory, and a small server that speaks clamd's INSTREAM by its documentation."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from shared.platform.antivirus import AntivirusVerdict, Clean, Infected

SIGNATURE = "Eicar-Signature"
EICAR = b"".join(
    # Whole, it would have this very file deleted from a developer's machine.
    (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}", rb"$EICAR-STANDARD-", rb"ANTIVIRUS-TEST-FILE!$H+H*")
)
"""What every antivirus agrees to call a virus (eicar.org)."""
MOST = 1_000_000
"""StreamMaxLength of the server here."""


class FakeAntivirus:
    """An `Antivirus` that knows one signature."""

    async def look(self, content: bytes) -> AntivirusVerdict:
        """See `Antivirus`."""
        return Infected(SIGNATURE) if EICAR in content else Clean()


Answer = Callable[[bytes], bytes]


def answer(content: bytes) -> bytes:
    """What clamd says of a stream."""
    if len(content) > MOST:
        return b"INSTREAM size limit exceeded. ERROR"
    return f"stream: {SIGNATURE} FOUND".encode() if EICAR in content else b"stream: OK"


async def stream(reader: asyncio.StreamReader) -> bytes:
    """What is sent, no longer than clamd listens: above its limit it answers at once and closes."""
    content = b""
    while length := int.from_bytes(await reader.readexactly(4), "big"):
        content += await reader.readexactly(length)
        if len(content) > MOST:
            break
    return content


@asynccontextmanager
async def clamd(socket: Path | None = None, says: Answer = answer) -> AsyncIterator[str]:
    """The address of a server, on a socket of this path or on a port of 127.0.0.1.

    Where `says` has no answer, it hangs until the other side goes away.
    """

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await reader.readuntil(b"\0")
            if asked == b"zPING\0":
                said = b"PONG"
            else:
                assert asked == b"zINSTREAM\0"
                said = says(await stream(reader))
            if not said:
                await reader.read()
                return
            writer.write(said + b"\0")
            await writer.drain()
        finally:
            # Whoever asked may have lost patience: nothing stays open here.
            writer.close()

    if socket is None:
        server = await asyncio.start_server(session, "127.0.0.1", 0)
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(session, socket)
        address = str(socket)
    async with server:
        yield address
