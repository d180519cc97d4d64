"""Refusals of places of reception, of their papers, and of the website's pages."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "letter-is-sheet": "Ce texte s’affiche ou se remet à l’accueil : il ne répond à aucun"
    " courrier.",
    "sheet-field": "Une fiche n’a pas de champ entre accolades : les horaires, l’adresse et le"
    " téléphone s’ajoutent d’eux-mêmes.",
    "sheet-offline": "Dites comment faire sans internet, en {most} signes au plus.",
    "sheet-other-empty": "Une seconde langue a un titre, un texte et quelqu’un qui l’a relue.",
    "sheet-long": "Ce texte ne tient pas sur sa page : {most} signes et {lines} lignes au plus par"
    " langue.",
    "sheet-months": "Une fiche se relit tous les 1 à 36 mois.",
    "web-page-moved": "L’adresse de cette page a changé depuis que vous l’avez ouverte :"
    " relisez-la.",
    "places-unreadable": "Une ligne est illisible : rien ne se note tant que l’exploitation ne"
    " l’a pas rendue lisible.",
    "display-changed": "Les horaires ou une fiche ont changé depuis : réimprimez le jeu, puis"
    " notez-le.",
    "no-such-web-page": "Cette page n’est pas dans la liste du site.",
    "no-such-change": "Aucune modification du site ne porte le numéro {number}.",
    "change-done": "La modification n° {number} est terminée.",
    "no-such-reception": "Ce lieu n’est pas dans la liste.",
    "exception-days": "Le dernier jour vient après le premier, et aucun n’est passé.",
    "exception-far": "Une fermeture exceptionnelle est à deux ans au plus : vérifiez l’année.",
    "exception-slots": "Des horaires se suivent sans se toucher : vérifiez les heures.",
    "no-such-exception": "Aucun horaire exceptionnel en cours ne porte le numéro {number}.",
    "no-booking": "Ce lieu n’a pas de page de rendez-vous.",
    "no-such-incident": "Aucun incident ne porte le numéro {number}.",
    "incident-ended": "L’incident n° {number} est terminé.",
    "incident-hours": "Un incident ne finit pas avant d’avoir été vu, ni plus tard que maintenant.",
    "tries-number": "Un nombre d’essais, de 1 à {most}.",
    "no-sheet-in-use": "Cette fiche n’est pas approuvée, ou ne l’est plus.",
    "nothing-to-display": "Aucune fiche approuvée pour ce lieu : rien n’est à afficher.",
    "no-such-tally": "Ce qui se compte ici est dans la liste du lieu.",
    "tally-future": "On ne compte que le jour même.",
}
