"""Why nothing was taken in of what a program deposits: each kind of problem by its code."""

from collections.abc import Mapping
from typing import Final

from shared.web.problem_details import COMMON, ProblemWords

TYPES: Final = "/api/v1/openapi.json#"
"""What stands before a problem's code in its `type`."""
PROBLEMS: Final[Mapping[str, ProblemWords]] = {
    **COMMON,
    "idempotency-key": ProblemWords(
        400,
        "Un dépôt porte un en-tête Idempotency-Key : de 1 à 100 signes sans espace.",
        "A deposit has a header Idempotency-Key: 1 to 100 characters without blanks.",
    ),
    "no-key": ProblemWords(
        401,
        "Présentez une clé en vigueur qui dépose : Authorization: Bearer vgm_…",
        "Present a key that holds and deposits: Authorization: Bearer vgm_…",
    ),
    "too-large": ProblemWords(
        413,
        "C’est trop volumineux pour être reçu : 15 Mo par fichier et 30 Mo en tout, au plus.",
        "This is too large to be taken in: 15 MB a file and 30 MB together, at most.",
    ),
    "idempotency-other": ProblemWords(
        422,
        "Cet Idempotency-Key a servi à un autre dépôt : donnez-en un à chaque dépôt.",
        "This Idempotency-Key was of another deposit: give each deposit its own.",
    ),
    "busy": ProblemWords(
        503,
        "Trop de dépôts en même temps : réessayez dans {seconds} secondes.",
        "Too many deposits at the same time: try again in {seconds} seconds.",
    ),
    "broken": ProblemWords(
        500,
        "La demande a échoué : renvoyez-la, la même, sous le même Idempotency-Key.",
        "The request failed: send the same again, under the same Idempotency-Key.",
    ),
    "away": ProblemWords(
        503,
        "Ce service ne peut pas le recevoir en ce moment : renvoyez bientôt la même demande, sous"
        " le même Idempotency-Key.",
        "This service can't take it in for now: send the same request again soon, under the same"
        " Idempotency-Key.",
    ),
}
