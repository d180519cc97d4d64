"""Refusals of the satisfaction survey."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "no-such-form": "Choisissez le questionnaire dans la liste.",
    "survey-names-agent": "Ce questionnaire nomme une personne de la préfecture : aucune question"
    " ne porte sur un agent.",
    "form-frozen": "La campagne n° {number} s’est servie de la version {version} dans d’autres"
    " mots : donnez à cette rédaction un autre numéro de version.",
    "campaign-open": "La campagne n° {number} de ce questionnaire est ouverte : clôturez-la"
    " d’abord.",
    "no-such-campaign": "Aucune campagne ne porte le numéro {number}.",
    "campaign-closed": "Cette campagne est close : elle ne prend plus de réponse.",
    "campaign-incomplete": "Les dernières feuilles ne sont pas encore scellées : revenez dans un"
    " quart d’heure.",
    "campaign-few": "Moins de {least} réponses : rien ne peut en être dit, ni publié, ni prouvé.",
    "campaign-published": "Les résultats de cette campagne sont publiés.",
    "sheets-number": "De une à {most} feuilles.",
    "sheets-day": "Ce jour est à venir.",
    "no-such-place": "Choisissez le lieu dans la liste.",
    "sheet-empty": "Rien n’est répondu sur cette feuille : ne la saisissez pas.",
    "sheet-length": "Une réponse par question : {n} en tout.",
    "sheet-answer": "Une réponse est un chiffre de 0 à 4, ou rien.",
    "sheet-not-chosen": "Cette feuille n’a pas été tirée pour être saisie deux fois, ou ses deux"
    " saisies sont les mêmes : elle ne change pas.",
    "channel-not-typed": "Les feuilles de ce canal ne se saisissent pas.",
    "sheet-sealed": "Cette feuille est scellée : elle ne change plus. Passez à la suivante.",
    "sheets-differ": "Les feuilles des lots {numbers} ne sont plus celles qui ont été scellées :"
    " rien ne peut être publié.",
    "verbatim-names-agent": "Ce texte nomme encore une personne de la préfecture : masquez son"
    " nom.",
    "survey-is-published": "Une enquête se prouve par la publication de ses résultats : rien ne se"
    " dépose ici.",
    "invitations-off": "survey.yaml ne dit rien des courriels d’invitation : le site ne les a pas"
    " autorisés (rubrique mail).",
    "invitations-unreachable": "L’adresse des pages du public n’est pas réglée"
    " (VAGUEMESTRE_PORTAL_URL) : un courriel ne mènerait nulle part.",
    "invitations-opened": "Cette campagne invite déjà par courriel, ou l’a fait : ses règles ne"
    " changent plus.",
    "invitations-share": "De 1 à 100 personnes sur cent.",
    "invitations-start": "Le premier jour est aujourd’hui ou à venir, dans l’année.",
    "invitations-not-running": "Cette campagne n’invite personne en ce moment.",
    "verbatim-settled": "Cette remarque n’attend plus : quelqu’un l’a masquée ou retenue.",
}
