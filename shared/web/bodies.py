"""The body of a request, read within a limit and within a time: a form, a document, a file."""

import asyncio
import time

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

FIRST_SECONDS = 20.0
LEAST_PACE = 8_000
"""A body comes within these seconds, and one more for each so many octets that came: nobody keeps
it open by sending now and then, and a telephone in the country may send five photographs."""
TOO_LARGE = "C’est trop volumineux pour être reçu."


def bounded_request(request: Request, most: int, least_pace: int = LEAST_PACE) -> Request:
    """Returns a request whose body ends with an HTTPException beyond its limits.

    413 beyond `most` octets, also as its header declares them; 408 when it comes too slowly: behind
    its first seconds, at fewer octets a second than `least_pace`.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > most:
        raise HTTPException(413, TOO_LARGE)
    taken, receive = 0, request.receive
    begun = time.monotonic()

    async def limited() -> Message:
        nonlocal taken
        left = begun + FIRST_SECONDS + taken / least_pace - time.monotonic()
        try:
            async with asyncio.timeout(left):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, "L’envoi est trop lent : il a été arrêté.") from None
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413, TOO_LARGE)
        return message

    return Request(request.scope, limited)


async def read(request: Request, most: int, least_pace: int = LEAST_PACE) -> bytes:
    """Reads the octets of a request's body. Raises HTTPException as `bounded_request` says."""
    return await bounded_request(request, most, least_pace).body()
