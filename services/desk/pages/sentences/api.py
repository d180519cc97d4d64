"""Refusals about keys of the API."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "key-label": "Dites quelle application aura cette clé, en 80 lettres au plus.",
    "key-scopes": "Cochez au moins une chose que l’application pourra demander.",
    "key-services": "Cochez au moins un service, ou « tous les services ».",
    "key-pace": "Choisissez de 1 à 6000 demandes par minute.",
    "key-days": "Une clé vaut jusqu’à un jour à venir, un an au plus.",
    "key-given-already": "Cette clé vient d’être créée et ne sera plus montrée. Si personne ne l’a"
    " copiée, révoquez-la et créez-en une autre.",
    "key-waits-not": "Aucune clé de ce nom n’attend de confirmation : elle est peut-être déjà"
    " confirmée, ou révoquée.",
    "key-confirmer": "Seules les personnes qui peuvent lire ces courriers confirment cette clé.",
    "key-told-otherwise": "Les adresses auxquelles cette clé fait envoyer ont changé depuis que la"
    " page est ouverte : relisez-les, puis confirmez.",
    "webhook-address": "Donnez une adresse comme https://application.example/vaguemestre.",
    "webhook-https": "Une application n’est prévenue que par https.",
    "webhook-private": "Cette adresse est d’un réseau privé que site.yaml ne nomme pas.",
    "webhook-types": "Nommez des types de faits, ou aucun pour les recevoir tous.",
    "webhook-scope": "La clé doit avoir le droit « items ».",
    "webhook-many": "Une clé a cinq abonnements au plus.",
    "webhook-confirmed": "Qui a confirmé cette clé n’a pas vu cet abonnement : créez une autre clé,"
    " abonnez-la, puis faites-la confirmer.",
    "webhook-given-already": "Ce secret vient d’être créé et ne sera plus montré. Si personne ne"
    " l’a copié, remplacez-le.",
    "webhook-no-failure": "Aucun envoi de cet abonnement n’est en échec.",
    "no-such-webhook": "Aucun abonnement en vigueur ne porte ce nom : il est peut-être terminé.",
    "not-to-print": "Cette lettre n’est pas, ou n’est plus, à imprimer.",
    "not-registered-letter": "Ce numéro est celui d’une lettre recommandée.",
    "no-such-key": "Aucune clé en vigueur ne porte ce nom : elle est peut-être déjà révoquée.",
}
