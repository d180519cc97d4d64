"""A fast SMTP server in a process of its own, which counts what it takes: for benches.

It speaks plain SMTP by asyncio's bare protocol, twenty times as fast as aiosmtpd; takes each mail
whole, up to its final dot, and keeps of it the Message-ID alone. `VRFY 0` is answered by how
many mails it took and by how many Message-IDs; `VRFY 1000` once it took a thousand.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from deploy.embedded.ports import free_port

HOST: Final = "127.0.0.1"
PATIENCE: Final = 600.0
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
ANSWERS: Final = {
    b"EHLO": b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}


class Taken:
    """What was taken by all connections."""

    def __init__(self) -> None:
        self.mails = 0
        self.ids = set[bytes]()
        self._awaited: list[tuple[int, asyncio.Transport]] = []

    def take(self, message_id: bytes) -> None:
        """Counts a mail, and answers those who waited for it."""
        self.mails += 1
        self.ids.add(message_id)
        while self._awaited and self.mails >= self._awaited[0][0]:
            self.answer(*self._awaited.pop(0))

    def answer(self, mails: int, transport: asyncio.Transport) -> None:
        """Says how many were taken, once it is so many: whoever waits asks once."""
        if self.mails < mails:
            self._awaited = sorted([*self._awaited, (mails, transport)], key=lambda of: of[0])
        else:
            transport.write(f"252 {self.mails} {len(self.ids)}\r\n".encode())


class Session(asyncio.Protocol):
    """A connection: commands line by line, a mail up to its final dot."""

    def __init__(self, taken: Taken) -> None:
        self._taken = taken
        self._given = bytearray()
        self._reading = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greets."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answers each command and each mail that is whole."""
        self._given += data
        while self._mail() if self._reading else self._command():
            pass

    def _mail(self) -> bool:
        end = self._given.find(b"\r\n.\r\n")
        if end < 0:
            return False
        found = MESSAGE_ID.search(self._given, 0, end)
        self._taken.take(found[1] if found else b"")
        del self._given[: end + 5]
        self._reading = False
        self._transport.write(b"250 2.0.0 Ok: queued as 4XyZ00001\r\n")
        return True

    def _command(self) -> bool:
        end = self._given.find(b"\r\n")
        if end < 0:
            return False
        verb, asked = bytes(self._given[:4]).upper(), bytes(self._given[5:end])
        del self._given[: end + 2]
        if verb == b"VRFY":
            self._taken.answer(int(asked) if asked.isdigit() else 0, self._transport)
        else:
            self._transport.write(ANSWERS.get(verb, b"250 2.0.0 Ok\r\n"))
        self._reading = verb == b"DATA"
        if verb == b"QUIT":
            self._transport.close()
        return True


@dataclass(frozen=True)
class MailSink:
    """The sink, as its parent sees it."""

    port: int
    pid: int
    host: str = HOST

    async def counts(self, mails: int = 0) -> tuple[int, int]:
        """How many mails it took, and of how many Message-IDs, once it is so many."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        await reader.readline()
        writer.write(b"VRFY %d\r\n" % mails)
        words = (await reader.readline()).split()
        writer.close()
        return int(words[1]), int(words[2])

    async def until(self, mails: int) -> None:
        """Waits until it took so many."""
        async with asyncio.timeout(PATIENCE):
            await self.counts(mails)


@asynccontextmanager
async def sink_process(port: int | None = None) -> AsyncIterator[MailSink]:
    """A block in which the sink takes mails, at this port if one is given."""
    port = port or free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.mail_sink", str(port)), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        yield MailSink(port, process.pid)
    finally:
        process.terminate()
        await process.wait()


async def serve(port: int) -> None:
    """Takes mails until the process is ended."""
    taken = Taken()
    server = await asyncio.get_running_loop().create_server(lambda: Session(taken), HOST, port)
    print("ready", flush=True)  # noqa: T201  (its parent waits for it)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.mail_sink")
    parser.add_argument("port", type=int)
    asyncio.run(serve(parser.parse_args().port))
