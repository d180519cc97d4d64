"""Answers of a server behind a parapheur's connector: asked by https, bounded, told by a code.

What a status means is one table for all connectors: away and to be asked again, refused for good,
or refused as it also is while what is behind it is away.
"""

import re
from typing import Any, Final

import httpx
import orjson

from services.desk.parapheur.signature_book import BookAway, BookRefuses, BookUnsure, RemoteId
from services.desk.remote_client import PROTOCOL, TOO_LARGE, UnreadAnswer, octets_of

MOST_PDF: Final = 50 * 1024 * 1024
"""Octets of what comes back signed."""
MOST_TOLD: Final = 1024 * 1024
"""Octets of any other answer, and of a history; a longer history says nothing."""
NOT_THERE: Final = "http-404"
TOO_HEAVY: Final = "http-413"
_ANSWERS_LATER: Final = frozenset({401, 403, 408, 425, 429})
"""Also of an account that somebody has still to mend: the letter waits meanwhile."""
_SAYS_OF_ANYTHING: Final = frozenset({400, 409})
"""Also that what is behind it, such as the parapheur of Pastell, is away."""
_HTTP_ERROR: Final = 400
_SERVER_ERROR: Final = 500


class TooLarge(BookRefuses):
    """The refusal to read an answer to its end; text: a code."""


async def ask(
    client: httpx.AsyncClient, method: str, path: str, most: int = MOST_TOLD, **more: Any
) -> bytes:
    """Asks a server one question; returns the octets of its answer, `most` at most.

    `more`: as httpx takes it. Raises BookAway, BookRefuses (TooLarge among them), BookUnsure.
    """
    try:
        async with client.stream(method, path, **more) as answer:
            status = answer.status_code
            if status in _ANSWERS_LATER or status >= _SERVER_ERROR:
                raise BookAway(f"http-{status}")
            if status in _SAYS_OF_ANYTHING:
                raise BookUnsure(f"http-{status}")
            if status >= _HTTP_ERROR:
                raise BookRefuses(f"http-{status}")
            if not answer.is_success:
                raise BookAway("protocol")
            return await _octets(answer, most)
    except httpx.TimeoutException as error:
        raise BookAway("too-slow") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise BookAway("unreachable") from error


async def ask_json(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> Any:
    """Asks a server one question; returns its answer, parsed from JSON.

    Raises as `ask`, and BookAway where the answer is no JSON, or larger than `MOST_TOLD`.
    """
    try:
        return orjson.loads(await ask(client, method, path, **more))
    except (orjson.JSONDecodeError, TooLarge):
        raise BookAway("protocol") from None


def id_of(said: object) -> RemoteId:
    """Returns an id as it may stand in an address. Raises BookAway for any other answer."""
    if not isinstance(said, str | int) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", str(said)):
        raise BookAway("protocol")
    return RemoteId(str(said))


async def _octets(answer: httpx.Response, most: int) -> bytes:
    try:
        return await octets_of(answer, most)
    except UnreadAnswer as unread:
        if str(unread) == TOO_LARGE:
            raise TooLarge(TOO_LARGE) from unread
        raise BookAway(PROTOCOL) from unread
