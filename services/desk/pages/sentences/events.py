"""Refusals of events, their texts and their mass replies."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "event-code": "Un nom court a des lettres minuscules sans accent, des chiffres et des traits"
    " d’union, par exemple crue-2026.",
    "event-end": "La fin est à venir, dans {most} jours au plus : un événement plus long se"
    " demande de nouveau.",
    "event-other": "Le n° {number} est déjà demandé ou ouvert : un seul à la fois, et un exercice"
    " à côté.",
    "event-not-waiting": "Cet événement n’attend pas d’être ouvert.",
    "event-two-persons": "Il faut deux personnes : une autre le confirme, dans sa propre session.",
    "event-past": "La fin prévue est passée : abandonnez cette demande et demandez de nouveau.",
    "event-not-open": "Cet événement n’est pas ouvert.",
    "event-over": "Cet événement est terminé : rien ne s’y écrit plus.",
    "event-other-version": "Une autre version a été écrite depuis : relisez-la avant d’approuver.",
    "event-text-altered": "Ce texte n’est pas celui qui a été écrit : il ne peut pas être"
    " approuvé. Écrivez une version.",
    "event-line-long": "La ligne a de 1 à {most} signes.",
    "event-line-numbers": "La ligne rappelle les numéros d’urgence : il manque {numbers}.",
    "event-reply-long": "La réponse a de 1 à {most} signes.",
    "event-rule-words": "Donnez de 1 à {most} mots ou groupes de mots, un par ligne.",
    "event-rule-since": "Une règle commence dans les {most} derniers jours, et pas plus tard que"
    " maintenant.",
    "event-exercise-items": "Un exercice n’a pas de courriers.",
    "event-list": "Une liste a de 1 à {most} courriers.",
    "event-item-unknown": "Un courrier de cette liste n’est plus là : rouvrez la liste.",
    "event-item-reserved": "Un courrier réservé ou personnel n’entre dans aucun événement : qui le"
    " tient y répond.",
    "no-such-event": "Aucun événement ne porte le numéro {number}.",
    "mass-other": "Une réponse groupée attend ou part déjà.",
    "mass-reply-unapproved": "Cette version n’est plus la réponse approuvée : demandez de nouveau.",
    "mass-list-moved": "La liste a changé depuis que vous l’avez lue : relisez-la.",
    "mass-empty": "Personne ne reste à qui répondre.",
    "mass-n": "Tapez le nombre de réponses qui partiraient : {n}.",
    "mass-not-waiting": "Cette réponse groupée n’attend pas de confirmation.",
    "mass-not-so": "Cette réponse groupée n’est plus dans cet état : rouvrez la page.",
}
