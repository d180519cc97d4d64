"""Invitations to the survey in French: why somebody is not invited, what became of the mails."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from services.desk.quality.domain.invitations import NotInvited
from services.desk.quality.domain.survey import SurveyCampaign

REASONS: Final[Mapping[NotInvited, str]] = {
    NotInvited.UNFINISHED: "dossier rouvert, ou lettre revenue",
    NotInvited.NO_ADDRESS: "pas d’adresse de courriel éprouvée par notre réponse",
    NotInvited.ANONYMOUS: "anonyme",
    NotInvited.ROBOT: "message d’un automate",
    NotInvited.OFFICIAL: "élu, administration, justice, avocat, presse",
    NotInvited.RESERVED: "courrier réservé, ou catégorie sensible",
    NotInvited.DANGER: "mots de danger, ou priorité particulière",
    NotInvited.EXERCISE: "exercice",
    NotInvited.EVENT: "événement en cours, ou courrier d’un événement",
    NotInvited.MASS: "réponse groupée",
    NotInvited.COMPLAINT: "réclamation",
    NotInvited.APPEAL: "recours, ou décision prise",
    NotInvited.INVITED: "personne déjà invitée",
    NotInvited.NOT_DRAWN: "non tiré au sort",
    NotInvited.UNREADABLE: "dossier illisible",
}
WITHHELD: Final[Mapping[str, str]] = {
    "campaign_stopped": "envoi arrêté",
    "fate_unknown": "sort inconnu : le serveur s’est tu, rien n’est renvoyé",
    "too_late": "trop tard : pas parti dans la semaine",
    "item_changed": "réponse revenue, ou courrier devenu réservé, entre le tirage et l’envoi",
    "no_address": "adresse inutilisable",
    "robot": "adresse d’un automate",
    "address_bounced": "adresse qui n’existe pas",
    "refused": "désinscrit",
    "invited": "personne déjà invitée à cette adresse",
}
"""Why what was drawn did not leave, as notify told it (its `Uninvited`)."""
OTHER: Final = "autre raison"
STATES: Final[Mapping[str, str]] = {
    "failed": "refusés par le serveur",
    "bounced": "revenus",
    "held": "retenus : le serveur s’est tu deux fois",
}
WAITING: Final = frozenset({"drawn", "planned"})


def left_out(campaign: SurveyCampaign) -> Sequence[tuple[str, int]]:
    """Counts answered persons who were not invited to the survey, by reason, over all draws."""
    counted = Counter[str]()
    for fact in campaign.draws:
        counted.update(fact.left_out)
    known = {why.value: REASONS[why] for why in NotInvited}
    told = [(said, counted.pop(code)) for code, said in known.items() if counted[code]]
    rest = sum(counted.values())
    return [*told, (OTHER, rest)] if rest else told


def withheld(outcomes: Mapping[tuple[str, str], int]) -> Sequence[tuple[str, int]]:
    """Counts the drawn survey invitations that did not arrive, by their outcome in French."""
    told = Counter[str]()
    for (state, why), n in outcomes.items():
        if state == "withdrawn":
            told[WITHHELD.get(why, OTHER)] += n
        elif state in STATES:
            told[STATES[state]] += n
    order = [*WITHHELD.values(), OTHER, *STATES.values()]
    return [(said, told[said]) for said in order if told[said]]


def count_waiting(outcomes: Mapping[tuple[str, str], int]) -> int:
    """Counts the survey invitations that are still to be sent."""
    return sum(n for (state, _), n in outcomes.items() if state in WAITING)
