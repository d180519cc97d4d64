"""Refusals of the quality system."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "label-day-to-come": "Le {day} est encore à venir : on note ce qui a eu lieu.",
    "label-date-same": "C’est déjà la date du label.",
    "label-needs-why": "Dites pourquoi : un auditeur le lira.",
    "no-such-page": "Cette page n’existe pas : le référentiel en a {pages}.",
    "figure-is-counted": "Un chiffre se compte, il ne se dépose pas.",
    "valid-before-it-begins": "Le document cesserait de valoir avant d’exister.",
    "document-without-file": "Choisissez le document à déposer.",
    "only-documents-end": "Seul un document a sa propre fin de validité : laissez ce jour vide.",
    "proof-shows-nothing": "Joignez un document ou dites ce qui a été vu : un jour ne prouve rien.",
    "nothing-drawn": "Aucun tirage n’a été fait : tirez d’abord, page « Audit ».",
    "which-draw": "Choisissez le tirage qui a été relu ; une autre preuve n’en nomme aucun.",
    "gap-needs-words": "Dites ce qui manque : c’est l’écart.",
    "scope-same": "C’est déjà noté ainsi.",
    "step-held": "Cette étape est déjà notée comme tenue.",
    "finding-lifted": "L’auditeur a déjà levé ce constat.",
    "finding-unanswered": "Répondez d’abord au constat : cause, correction et action.",
    "lifted-too-early": "Levé avant le {day} ? Un constat se lève après sa réponse.",
    "lifting-needs-paper": (
        "Joignez le document de l’auditeur, ou faites noter la levée par une autre personne : qui a"
        " répondu au constat ne le lève pas seul."
    ),
    "withdrawal-by-another": (
        "Une non-conformité est retirée par une autre personne que celle qui l’a notée : demandez"
        " au secrétaire général."
    ),
    "withdrawal-of-the-auditors": (
        "L’auditeur l’a noté dans sa session : un tel constat se lève, il ne se retire pas."
    ),
    "auditor-past": "Le {day} est passé : une session se prépare avant la venue de l’auditeur.",
    "auditor-too-long": "Une session dure {most} jours au plus.",
    "auditor-too-far": "Une session se prépare {most} jours à l’avance au plus.",
    "auditor-confirmed": "Cette session est déjà confirmée.",
    "auditor-not-yours": (
        "Le référent qualité prépare la session d’un auditeur, le secrétaire général la confirme."
    ),
    "no-such-auditor": "La session n° {number} n’existe pas, ou elle est terminée.",
    "label-unreadable": (
        "Une ligne du label est illisible : elle peut dire le contraire. Rien n’est noté tant que"
        " l’administrateur ne l’a pas réparée."
    ),
    "no-such-writing": "Ce texte n’existe pas.",
    "erased-already": "C’est déjà effacé.",
    "erasure-finds-nothing": (
        "Rien n’est effacé : ce texte ou ce document n’est plus là. Une demande qui attend"
        " s’abandonne."
    ),
    "erasure-waits": "L’effacement est déjà demandé : une autre personne le confirme.",
    "nothing-to-erase": "Cette demande n’attend plus : elle est confirmée ou abandonnée.",
    "may-not-erase": "Le référent qualité ou le secrétaire général confirme un effacement.",
    "no-replacement-waits": (
        "Cette demande n’attend plus : elle est confirmée, ou les règles ont changé."
    ),
    "may-not-replace": "Le référent qualité ou le secrétaire général confirme un nombre du label.",
    "audit-unanswered": "Répondez d’abord au constat n° {number} : l’audit se clôt ensuite.",
    "scope-finding": "Le constat n° {number} n’est pas levé : l’engagement n’est pas sans objet.",
    "finding-without-object": "L’engagement est noté sans objet : notez d’abord qu’il s’applique.",
    "nothing-to-withdraw": "Il n’y a rien à retirer : c’est peut-être déjà fait.",
    "no-such-finding": "Aucun constat ne porte le n° {number}.",
    "text-names-agent": "Ce texte nomme {person}. Une cause est une organisation, un outil ou"
    " une règle, jamais une personne : dites ce qui a manqué (une consigne, un relais, un modèle,"
    " du temps).",
    "perimeter-no-service": "Choisissez un service de la liste.",
    "perimeter-too-far": "Au plus tard le {day} : plus loin, nul ne sait ce qui sera vrai.",
    "perimeter-too-early": "Au plus tôt le {day} : avant, rien ne compte dans un taux.",
    "perimeter-names-agent": "Ce motif nomme quelqu’un : dites ce qui change, sans personne.",
    "perimeter-not-asked": "Cette demande n’attend plus : elle a été confirmée ou abandonnée.",
    "perimeter-two-persons": "Il faut deux personnes : qui a demandé ne confirme pas.",
    "perimeter-may-not": "Le référent qualité et le secrétaire général le font ensemble.",
    "perimeter-moved": "Des courriers ont bougé depuis : relisez ce qui changerait.",
}
