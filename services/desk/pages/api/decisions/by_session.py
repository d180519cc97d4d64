"""What no program decides: acts of two persons, what can't be taken back, what leaves in a name."""

from typing import Final, NoReturn

from services.desk.api.domain.keys import KeyScope
from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.decisions.decision import DecisionDocument, SessionDecision
from services.desk.pages.api.endpoint import Body, Endpoint
from shared.web.problem_details import Problem

_PAGE: Final = "/courrier/{chrono}"
_PROOF: Final = f"{_PAGE}/preuve"
DECISIONS: Final = (
    SessionDecision(
        "reply",
        "Send a letter, or have it read and signed: it has the name of whoever signs",
        "Envoyer une lettre : elle porte le nom de qui l’écrit",
        (f"{_PAGE}/repondre/{{letter}}", f"{_PAGE}/lettre/{{letter:uuid}}"),
    ),
    SessionDecision(
        "parapheur",
        "Take a letter back from the parapheur, give it again, or send what was signed",
        "Reprendre une lettre au parapheur, l’y redonner, ou la faire partir une fois signée",
        (
            f"{_PAGE}/parapheur/{{letter:uuid}}/reprendre",
            f"{_PAGE}/parapheur/{{letter:uuid}}/relancer",
            f"{_PAGE}/parapheur/{{letter:uuid}}/partie",
            f"{_PAGE}/parapheur/{{letter:uuid}}/securise",
        ),
    ),
    SessionDecision(
        "secure-mail",
        "Take back a letter that has not left as mail sécurisé, or give it to Pastell again",
        "Reprendre une lettre qui n’est pas partie par mail sécurisé, ou la redonner à Pastell",
        (
            f"{_PAGE}/mail-securise/{{letter:uuid}}/reprendre",
            f"{_PAGE}/mail-securise/{{letter:uuid}}/relancer",
        ),
    ),
    SessionDecision(
        "judge-held",
        "Let a held notice leave, or drop it for good",
        "Laisser partir un envoi retenu, ou l’abandonner",
        (f"{_PAGE}/retenu/{{notice:uuid}}", "/retenus/lot"),
    ),
    SessionDecision(
        "note",
        "Write an internal note, or note a call or a visit: colleagues alone read these",
        "Écrire une note interne, noter un appel ou une visite : seuls des collègues les lisent",
        (f"{_PAGE}/note", f"{_PAGE}/appel-visite"),
    ),
    SessionDecision(
        "give-opinion",
        "Give the opinion that another service asked for: an internal note",
        "Rendre l’avis qu’un autre service demande : une note interne",
        (f"{_PAGE}/avis/{{asked:uuid}}",),
    ),
    SessionDecision(
        "withdraw",
        "Withdraw content: two persons",
        "Retirer un contenu, à deux personnes",
        (f"{_PROOF}/retrait",),
    ),
    SessionDecision(
        "hold",
        "Place a legal hold, which only two persons lift",
        "Conserver pour un juge ; deux personnes le lèvent",
        (f"{_PROOF}/conservation",),
    ),
    SessionDecision(
        "lift-hold",
        "Lift a legal hold: two persons",
        "Lever une conservation, à deux personnes",
        (f"{_PROOF}/conservation/lever",),
    ),
    SessionDecision(
        "leave-perimeter",
        "Put out of the perimeter after its limit: two persons",
        "Sortir du périmètre après l’échéance, à deux personnes",
        (f"{_PROOF}/perimetre",),
    ),
    SessionDecision(
        "destroy",
        "Destroy what is on an approved list",
        "Éliminer ce que porte un bordereau visé",
        (
            "/elimination/proposer",
            "/elimination/{slip}/visa",
            "/elimination/{slip}/executer",
            "/elimination/{slip}/abandonner",
        ),
    ),
    SessionDecision(
        "archive-transfer",
        "Transfer closed items to the archive",
        "Verser aux archives des courriers dont la durée est échue",
        (
            "/versement/proposer",
            "/versement/{number}/visa",
            "/versement/{number}/deposer",
            "/versement/{number}/accuse",
            "/versement/{number}/abandonner",
        ),
    ),
)


async def refuse(_: ApiCall, __: Body) -> NoReturn:
    """Refuses a decision that only a person may take, on a page, whatever its body says.

    Raises Problem.
    """
    raise Problem("by-session-only")


ENDPOINTS: Final = tuple(
    Endpoint(
        f"/items/{{chrono}}/decisions/{decision.name}",
        refuse,
        KeyScope.DECIDE,
        decision.summary,
        decision.words,
        DecisionDocument,
        method="POST",
        name=f"by_session_{decision.name.replace('-', '_')}",
        by_session=True,
    )
    for decision in DECISIONS
)
