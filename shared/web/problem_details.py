"""Problem details (RFC 9457), by which programs are refused: a code, its words in two languages."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import TemporaryFailure

MEDIA_TYPE: Final = "application/problem+json"
FRENCH, ENGLISH = "fr", "en"
_HTTP: Final = {405: "method", 408: "slow", 413: "too-large"}


class ProblemWords(NamedTuple):
    """The status of a kind of problem, and its sentence in both languages."""

    status: int
    french: str
    english: str


COMMON: Final[Mapping[str, ProblemWords]] = {
    "not-found": ProblemWords(404, "Il n’y a rien à cette adresse.", "Nothing has this address."),
    "method": ProblemWords(
        405, "Cette adresse ne prend pas cette méthode.", "This address does not take this method."
    ),
    "slow": ProblemWords(
        408, "L’envoi est trop lent : il a été arrêté.", "The request came too slowly."
    ),
    "too-large": ProblemWords(
        413, "C’est trop volumineux pour être reçu.", "This is too large to be taken in."
    ),
    "body": ProblemWords(
        422,
        "Un champ manque, n’existe pas ou n’a pas la forme attendue : voyez « errors ».",
        "A field is missing, does not exist or has not the form it must have: see `errors`.",
    ),
    "pace": ProblemWords(
        429,
        "Trop de demandes en une minute : attendez {seconds} secondes.",
        "Too many requests in a minute: wait for {seconds} seconds.",
    ),
    "broken": ProblemWords(
        500, "La demande a échoué ; rien n’a été changé.", "The request failed; nothing changed."
    ),
}
"""Whatever address is asked."""


@dataclass
class Problem(Exception):  # noqa: N818  (RFC 9457 calls it so)
    """The error that ends a program's request: a problem's code, and what its sentence names."""

    code: str
    said: Mapping[str, Any] | None = None
    errors: Sequence[Mapping[str, str]] = ()
    """Of parameters: field and what is wrong with it."""
    headers: Mapping[str, str] | None = None
    why: str = ""
    """Of a decision that was refused: the word of its refusal."""


@dataclass(frozen=True)
class ProblemAnswers:
    """The error answers (RFC 9457) of a set of addresses for programs, for every exception."""

    words: Mapping[str, ProblemWords]
    types: str
    """What stands before a code in a problem's type: the page that says what it means."""

    @property
    def handlers(self) -> dict[Any, Callable[[Request, Exception], Awaitable[Response]]]:
        """The handler of each kind of exception, for Starlette."""
        return {
            Problem: self._problem,
            HTTPException: self._http_error,
            TemporaryFailure: self.says("away"),
            Exception: self.says("broken"),
        }

    def says(self, code: str) -> Callable[[Request, Exception], Awaitable[Response]]:
        """Makes the handler of a kind of exception that is always answered by one problem."""

        async def handler(request: Request, _: Exception) -> Response:
            return self._answer(request, Problem(code))

        return handler

    async def _problem(self, request: Request, error: Exception) -> Response:
        return self._answer(request, error if isinstance(error, Problem) else Problem("broken"))

    async def _http_error(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        headers = error.headers if isinstance(error, HTTPException) else None
        return self._answer(request, Problem(_HTTP.get(status, "not-found"), headers=headers))

    def _answer(self, request: Request, problem: Problem) -> Response:
        tongue = preferred_language(request.headers.get("accept-language"))
        words = self.words[problem.code]
        said = (words.french if tongue == FRENCH else words.english).format_map(problem.said or {})
        document = {
            "type": f"{self.types}{problem.code}",
            "title": said,
            "status": words.status,
            "code": problem.code,
            **({"errors": list(problem.errors)} if problem.errors else {}),
            **({"why": problem.why} if problem.why else {}),
        }
        return Response(
            orjson.dumps(document),
            words.status,
            {**(problem.headers or {}), "content-language": tongue},
            MEDIA_TYPE,
        )


def fields_problem(code: str, error: ValidationError) -> Problem:
    """Makes the Problem, for the caller to raise, that names each wrong field, not its value."""
    faults = error.errors(include_url=False, include_input=False)
    return Problem(
        code,
        errors=[
            {"field": ".".join(map(str, fault["loc"][:1])), "error": fault["type"]}
            for fault in faults
        ],
    )


def response(description: str) -> Mapping[str, Any]:
    """Describes an error answer for an OpenAPI document that has `schema`."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}


def schema(words: Mapping[str, ProblemWords]) -> Mapping[str, Any]:
    """Describes the error answers of these codes, as the JSON Schema of an OpenAPI document."""
    return {
        "type": "object",
        "description": "Why a request was refused (RFC 9457).",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "enum": sorted(words)},
            "why": {"type": "string", "description": "Of `refused`: the word of the refusal."},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "error": {"type": "string"}},
                },
            },
        },
    }


def preferred_language(accept_language: str | None) -> str:
    """Returns the language that an Accept-Language header prefers; French where it says nothing."""
    best, found = 0.0, FRENCH
    for part in (accept_language or "").split(","):
        tag, _, weight = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        quality = _quality(weight)
        if language in {FRENCH, ENGLISH} and quality > best:
            best, found = quality, language
    return found


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
