"""What a request of the API is refused with: problem details (RFC 9457), in French or English."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson
from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"
TYPES: Final = "/api/v1/docs#"
"""What stands before a problem's code in its `type`: the page of the API says what it means."""
FRENCH, ENGLISH = "fr", "en"


class ProblemWords(NamedTuple):
    """The status of a kind of problem, and its sentence in both languages."""

    status: int
    french: str
    english: str


PROBLEMS: Final[Mapping[str, ProblemWords]] = {
    "no-key": ProblemWords(
        401,
        "Présentez une clé en vigueur : Authorization: Bearer vgm_…",
        "Present a key that holds: Authorization: Bearer vgm_…",
    ),
    "scope": ProblemWords(
        403,
        "Cette clé n’a pas le droit « {scope} ».",
        "This key does not have the scope {scope}.",
    ),
    "unconfirmed": ProblemWords(
        403,
        "Cette clé attend d’être confirmée par une deuxième personne.",
        "This key waits for its confirmation by a second person.",
    ),
    "not-yours": ProblemWords(
        403,
        "Cette décision revient à un autre service, ou à qui lit ce courrier en entier.",
        "Another service decides this, or whoever reads this item whole.",
    ),
    "by-session-only": ProblemWords(
        403,
        "Une personne le décide, sur une page, après s’être identifiée : aucune clé ne le peut.",
        "A person decides this, on a page, signed in: no key does.",
    ),
    "not-found": ProblemWords(404, "Il n’y a rien à cette adresse.", "Nothing has this address."),
    "no-such-item": ProblemWords(
        404,
        "Aucun courrier ne porte ce numéro, ou cette clé ne peut pas le connaître.",
        "No item has this number, or this key may not know of it.",
    ),
    "method": ProblemWords(
        405, "Cette adresse ne prend pas cette méthode.", "This address does not take this method."
    ),
    "idempotency-key": ProblemWords(
        400,
        "Une décision porte un en-tête Idempotency-Key : de 1 à 100 signes sans espace.",
        "A decision has a header Idempotency-Key: 1 to 100 characters without blanks.",
    ),
    "slow": ProblemWords(
        408, "L’envoi est trop lent : il a été arrêté.", "The request came too slowly."
    ),
    "refused": ProblemWords(409, "{french}", "{english}"),
    "stale": ProblemWords(
        412,
        "Le courrier a changé depuis que vous l’avez lu : relisez-le, puis décidez.",
        "The item changed since you read it: read it again, then decide.",
    ),
    "too-large": ProblemWords(
        413, "C’est trop volumineux pour être reçu.", "This is too large to be taken in."
    ),
    "idempotency-other": ProblemWords(
        422,
        "Cet Idempotency-Key a servi à une autre demande : donnez-en un à chaque décision.",
        "This Idempotency-Key was of another request: give each decision its own.",
    ),
    "if-match": ProblemWords(
        428,
        "Dites par If-Match l’étiquette du courrier que vous avez lu, ou * si elle n’importe pas.",
        "Say by If-Match the tag of the item that you read, or * for any.",
    ),
    "body": ProblemWords(
        422,
        "Un champ manque, n’existe pas ou n’a pas la forme attendue : voyez « errors ».",
        "A field is missing, does not exist or has not the form it must have: see `errors`.",
    ),
    "query": ProblemWords(
        422,
        "Un paramètre n’existe pas ou n’a pas la forme attendue : voyez « errors ».",
        "A parameter does not exist or has not the form it must have: see `errors`.",
    ),
    "pace": ProblemWords(
        429,
        "Trop de demandes en une minute : attendez {seconds} secondes.",
        "Too many requests in a minute: wait for {seconds} seconds.",
    ),
    "unreadable": ProblemWords(
        500,
        "Une ligne du registre est illisible, et rien n’est donné plutôt qu’une partie ;"
        " l’administrateur en est averti : redemandez quand il l’aura réparée.",
        "A row of the register can't be read, and nothing is given rather than a part; the"
        " administrator is told: ask again once it is repaired.",
    ),
    "broken": ProblemWords(
        500, "La demande a échoué ; rien n’a été changé.", "The request failed; nothing changed."
    ),
    "busy": ProblemWords(
        503,
        "Trop de demandes en même temps : réessayez dans {seconds} seconde.",
        "Too many requests at the same time: try again in {seconds} second.",
    ),
    "away": ProblemWords(
        503,
        "Le registre ne répond pas en ce moment ; réessayez bientôt.",
        "The register does not answer for now; try again soon.",
    ),
}
"""Each kind of problem by its code."""


@dataclass
class Problem(Exception):  # noqa: N818  (RFC 9457 calls it so)
    """The error that ends a request of the API: the code of a problem, with what its words name."""

    code: str
    said: Mapping[str, Any] | None = None
    errors: Sequence[Mapping[str, str]] = ()
    """Of parameters: field and what is wrong with it."""
    why: str = ""
    """Of a decision that was refused: the word of its refusal."""
    headers: Mapping[str, str] | None = None

    @property
    def status(self) -> int:
        """The HTTP status of the problem."""
        return PROBLEMS[self.code].status


def answer(problem: Problem, tongue: str) -> Response:
    """Makes the response that says a problem in a language (`fr` or `en`)."""
    words = PROBLEMS[problem.code]
    said = (words.french if tongue == FRENCH else words.english).format_map(problem.said or {})
    document = {
        "type": f"{TYPES}{problem.code}",
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


def preferred(accept_language: str | None) -> str:
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
