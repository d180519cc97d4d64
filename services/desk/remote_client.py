"""The https client of a server that the site names, and answers of it that are read to a bound.

Shared by the connectors of features that know nothing of each other: each says by errors of its own
what an answer means.
"""

import re
import ssl
from types import TracebackType
from typing import Final, Self

import httpx

from shared.errors import PermanentFailure

PROTOCOL: Final = "protocol"
TOO_LARGE: Final = "too-large"


class UnreadAnswer(PermanentFailure):
    """The error that an answer is not read to its end; text: `protocol` or `too-large`."""


class RemoteClient:
    """The base of a connector: its https client, which `async with` closes; asks nothing yet."""

    def __init__(
        self,
        base_url: str,
        seconds: float,
        transport: httpx.AsyncBaseTransport | None = None,
        auth: httpx.Auth | None = None,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            auth=auth,
            # Small on the wire may be large in memory: nothing compressed is asked for, or read.
            headers={"Accept-Encoding": "identity"},
            timeout=seconds,
            # Those whom the machine trusts, or SSL_CERT_FILE: httpx alone trusts a list of its own.
            verify=ssl.create_default_context(),
            transport=transport,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        await self._client.aclose()


async def octets_of(answer: httpx.Response, most: int) -> bytes:
    """Reads the octets of a streamed answer, `most` at most.

    Raises UnreadAnswer for a longer one or one in an encoding, and what httpx raises.
    """
    if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnreadAnswer(PROTOCOL)
    announced = answer.headers.get("content-length", "")
    if re.fullmatch(r"[0-9]{1,18}", announced) and int(announced) > most:
        raise UnreadAnswer(TOO_LARGE)
    parts = bytearray()
    async for part in answer.aiter_raw():
        parts += part
        if len(parts) > most:
            raise UnreadAnswer(TOO_LARGE)
    return bytes(parts)
