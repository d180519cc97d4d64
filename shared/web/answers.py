"""Answers that every set of pages gives alike: after a refusal, an error, or a page that hangs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from shared.errors import TemporaryFailure
from shared.site.applied_rules import AppliedRules
from shared.site.tables.identity import Identity
from shared.web.forms import Refusal

T = TypeVar("T")

SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422
PAGE_SECONDS: Final = 120.0
"""So long a page may take, its form once read: a large export, on a busy day."""

_SAID: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.NOT_FOUND: "Cette page n’existe pas.",
    HTTPStatus.FORBIDDEN: "Cette page est réservée à d’autres fonctions que la vôtre.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Cette adresse s’ouvre autrement, revenez à la page d’avant.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Cette page a échoué ; rien n’a été changé.",
}
_AWAY: Final = "{what} ne répond pas en ce moment ; réessayez bientôt."
_LOST: Final = (
    "Votre envoi n’est peut-être pas enregistré",
    (
        "{what} ne répond pas. Revenez à la page précédente, ce que vous avez écrit y est encore,"
        " et envoyez de nouveau dans quelques minutes ; rien ne sera fait deux fois."
    ),
)


async def within(answer: Awaitable[T]) -> T:
    """Awaits a page's answer for at most 120 seconds.

    Raises TemporaryFailure when it takes longer.
    """
    try:
        async with asyncio.timeout(PAGE_SECONDS):
            return await answer
    except TimeoutError as error:
        raise TemporaryFailure("A page took too long.") from error


def html(text: str, refusal: Refusal | None, status: int = 200) -> HTMLResponse:
    """Makes the HTTP response of a page: status 422 when a form was refused, else `status`."""
    refused = refusal is not None and bool(refusal.sentence)
    return HTMLResponse(text, UNPROCESSABLE if refused else status)


@dataclass(frozen=True)
class ErrorAnswers:
    """The error pages of a set of pages, in French, in the look of the applied site."""

    rules: AppliedRules
    draw: Callable[[str, str, Identity | None], str]
    """Makes a page of a sentence and of what to do, of the préfecture as far as it is known."""
    what: str
    """What does not answer while its database is away: « Le registre »."""

    @property
    def handlers(self) -> dict[Any, Callable[[Request, Exception], Awaitable[Response]]]:
        """The handler of each kind of exception, for Starlette."""
        return {
            HTTPException: self._http_error,
            TemporaryFailure: self._away,
            Exception: self._broken,
        }

    def page(self, status: HTTPStatus, sentence: str, then: str = "") -> HTMLResponse:
        """Makes an error page with a sentence; `then`: what the visitor can do."""
        known = self.rules.last
        identity = None if known is None else known.site.identity
        return HTMLResponse(self.draw(sentence, then, identity), status_code=status)

    async def _http_error(self, _: Request, error: Exception) -> Response:
        status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
        detail = error.detail if isinstance(error, HTTPException) else ""
        said = detail if detail and detail != status.phrase else _SAID.get(status, status.phrase)
        return self.page(status, said)

    async def _broken(self, _: Request, error: Exception) -> Response:
        del error  # Starlette raises it again after this answer, for the log
        broken = HTTPStatus.INTERNAL_SERVER_ERROR
        return self.page(broken, _SAID[broken])

    async def _away(self, request: Request, error: Exception) -> Response:
        del error
        sentences = _LOST if request.method == "POST" else (_AWAY, "")
        said, then = (sentence.format(what=self.what) for sentence in sentences)
        return self.page(HTTPStatus.SERVICE_UNAVAILABLE, said, then)
