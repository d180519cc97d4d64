"""What a request of the API is refused with: each kind of problem by its code."""

from collections.abc import Mapping
from typing import Final

from shared.web.problem_details import COMMON, Problem, ProblemWords

TYPES: Final = "/api/v1/docs#"
"""What stands before a problem's code in its `type`: the page of the API says what it means."""
PROBLEMS: Final[Mapping[str, ProblemWords]] = {
    **COMMON,
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
    "no-such-item": ProblemWords(
        404,
        "Aucun courrier ne porte ce numéro, ou cette clé ne peut pas le connaître.",
        "No item has this number, or this key may not know of it.",
    ),
    "idempotency-key": ProblemWords(
        400,
        "Une décision porte un en-tête Idempotency-Key : de 1 à 100 signes sans espace.",
        "A decision has a header Idempotency-Key: 1 to 100 characters without blanks.",
    ),
    "refused": ProblemWords(409, "{french}", "{english}"),
    "stale": ProblemWords(
        412,
        "Le courrier a changé depuis que vous l’avez lu : relisez-le, puis décidez.",
        "The item changed since you read it: read it again, then decide.",
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
    "query": ProblemWords(
        422,
        "Un paramètre n’existe pas ou n’a pas la forme attendue : voyez « errors ».",
        "A parameter does not exist or has not the form it must have: see `errors`.",
    ),
    "unreadable": ProblemWords(
        500,
        "Une ligne du registre est illisible, et rien n’est donné plutôt qu’une partie ;"
        " l’administrateur en est averti : redemandez quand il l’aura réparée.",
        "A row of the register can't be read, and nothing is given rather than a part; the"
        " administrator is told: ask again once it is repaired.",
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


def status_of(problem: Problem) -> int:
    """Returns the HTTP status with which a problem (error answer) of the API is sent."""
    return PROBLEMS[problem.code].status
