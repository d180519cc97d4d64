"""How the codes of the program itself are said in French: why something waits, or did not leave.

A site's own codes stand in its `labels.yaml`, which may also say any of these better.
"""

from collections.abc import Mapping
from typing import Final

from shared.facts.vocabulary import Theme

REASONS: Final[Mapping[str, str]] = {
    # Why an item counts in no rate (services/desk/domain/label_perimeter.py).
    "service-hors-label": "service hors du périmètre du label",
    # Why a notice is held or never leaves (services/notify/domain).
    "not_live": "la mise en service n’a pas encore eu lieu",
    "stale": "n’est pas parti à temps : à relire avant de l’envoyer",
    "attachments_unread": "les pièces jointes ne sont pas encore lues",
    "no_rule": "aucune règle ne dit s’il peut partir",
    "history": "reçu avant la mise en service",
    "address_bounced": "un message précédent à cette adresse est revenu",
    "regime_not_confirmed": "le régime du silence n’est pas confirmé",
    "file_incomplete": "il manque des pièces : aucun délai ne court, aucune date ne peut être dite",
    "pieces_being_asked": "une demande de pièces est en train de partir",
    "start_forbidden": "le délai d’une acceptation ne part pas de la première administration saisie"
    " (L. 114-3) : confirmez de nouveau le régime",
    "period_over": "le délai est écoulé : la décision implicite est née",
    "thread_told_today": "un message automatique est déjà parti aujourd’hui dans cet échange",
    "many_today": "cette adresse a déjà reçu plusieurs messages aujourd’hui",
    "correspondent_silent": "cette adresse a atteint deux fois sa limite : plus rien d’automatique",
    "domain_full": "ce domaine a déjà reçu beaucoup de messages automatiques",
    "day_full": "la limite de messages automatiques de la journée est atteinte",
    "no_answer_twice": "deux envois sans confirmation du serveur : il est peut-être déjà parti",
    "no_address": "aucune adresse pour répondre",
    "unusable_address": "l’adresse donnée par l’expéditeur est inutilisable",
    "authentication_failed": "l’expéditeur n’a pas pu être authentifié",
    "no_return_path": "l’expéditeur n’accepte pas de réponse",
    "auto-submitted": "message envoyé par un automate",
    "report": "rapport de messagerie",
    "null-return-path": "l’expéditeur n’accepte pas de réponse",
    "bounce-return-path": "l’adresse de retour ne reçoit que des avis de non-remise",
    "loop": "message qui tourne en rond entre serveurs",
    "made-by-a-program": "message produit par un programme",
    "program-attached": "un programme est joint, peut-être sous un faux nom",
    "thanks": "un remerciement pour une réponse déjà partie",
    "bulk": "envoi en nombre",
    "list": "liste de diffusion",
    "auto-response-suppress": "l’expéditeur ne veut pas de réponse automatique",
    "no-sender": "aucun expéditeur lisible",
    "no-reply": "l’adresse de l’expéditeur n’est lue par personne",
    "dmarc-failed": "l’expéditeur n’a pas pu être authentifié",
    "no-address": "aucune adresse pour répondre",
    "no_reply": "l’adresse de l’expéditeur n’est lue par personne",
    "own_domain": "l’adresse est l’une des nôtres",
    "reader_unknown": "le destinataire n’est plus dans l’annuaire",
    "unknown_service": "le service n’existe plus",
    "author_unknown": "l’agent qui signe est inconnu",
    "no_delegation": "qui l’a demandé n’a pas de délégation de signature",
    "unwritable": "n’a pas pu être écrit : l’exploitation en a la trace",
    "text_missing": "le texte manque",
    "date_missing": "la date manque",
    "label_missing": "labels.yaml ne dit pas en français ce qui est demandé",
    "no_teleservice": "aucun téléservice pour cette catégorie",
    "template_unusable": "le modèle de lettre ne convient pas à ce courrier",
    "taken_back": "n’a plus lieu d’être",
    "moot": "sans objet : la réponse est partie avant",
    "bounced": "revenu : l’adresse ne l’a pas reçu",
    "not_delivered": "refusé par le serveur du destinataire",
    "posted": "déjà posté : le départ a été saisi ou numérisé",
    "dropped": "abandonné par un agent",
    # Why nothing may leave before a person's word (services/ingest, services/desk).
    "appeal": "recours : à lire par le bureau juridique",
    **{
        f"sender-{kind}": "expéditeur auquel une personne répond elle-même"
        for kind in (
            *("lawyer", "court", "elected", "ministry", "administration", "press", "defenseur"),
        )
    },
    "split": "séparé d’un autre courrier",
    "two-senders": "deux expéditeurs dans le même message",
    "unread": "message mal formé : l’expéditeur affiché n’est pas prouvé",
    "reply-to-elsewhere": "réponse demandée dans un autre domaine que celui de l’expéditeur",
    "forwarded": "transmis par un collègue : l’expéditeur est celui du message cité",
    "form-not-authenticated": "formulaire dont l’origine n’est pas prouvée",
    "form-unread": "formulaire dont la présentation a changé : lire le texte entier",
    # Why an arrival is set aside or in quarantine (services/ingest).
    "newsletter": "lettre d’information",
    "robot": "message d’un automate",
    "auto-reply": "réponse automatique",
    "spam": "signalé comme indésirable par la messagerie",
    "backscatter": "avis de non-remise d’un message qui n’est pas de nous",
    "read-receipt": "accusé de lecture",
    "exercise": "réponse à un message d’exercice",
    "mail-without-header": "message sans en-tête lisible",
    "mail-structure": "message mal formé",
    "mail-bomb": "message anormal, qui n’a pas été ouvert",
    "scan-unreadable": "document numérisé illisible",
    "scan-truncated": "document numérisé incomplet",
    "scan-empty": "fichier vide",
    "scan-encrypted": "document protégé par un mot de passe",
    "scan-damaged": "document numérisé abîmé",
    "scan-unknown-type": "fichier d’un type inconnu",
    "scan-too-large": "fichier trop volumineux",
    "scan-bomb": "fichier anormal, qui n’a pas été ouvert",
    "scan-infected": "programme malveillant reconnu par l’antivirus",
    "scan-blank": "pages blanches ou trop pâles pour être lues",
    "scan-only-sheets": "feuilles de séparation seules",
    "scan-doubtful-sheet": "feuille de séparation que rien ne prouve",
    "scan-day-sheet-misplaced": "feuille du jour ailleurs qu’en tête du lot",
    "scan-day-sheet-not-of-today": "feuille du jour d’un autre jour",
    "not-judged": "n’a pas pu être analysé",
    "unknown_chrono": "départ dont le numéro ne correspond à aucun courrier",
    "chrono_given_twice": "départ dont le numéro a été donné à deux courriers",
    # Why a statement was taken back (services/desk).
    "not_a_reply": "ce n’était pas une réponse",
    "erreur": "erreur de saisie",
    # Why a content was withdrawn, kept for a judge, or let go (services/desk).
    "erreur-de-destinataire": "envoyé à la mauvaise adresse",
    "donnees-sensibles": "données sensibles sans rapport avec la demande",
    "piece-d-un-tiers": "pièce qui concerne quelqu’un d’autre",
    "demande-de-la-personne": "effacement demandé par la personne",
    "contenu-retire": "tout le contenu a été retiré",
    "contentieux": "contentieux en cours",
    "controle": "contrôle ou audit en cours",
    "contentieux-termine": "contentieux terminé",
    "controle-termine": "contrôle ou audit terminé",
}
"""What an SMTP server said (`5.1.1`) and the program's other codes are shown as they are."""

THEMES: Final[Mapping[str, str]] = {
    Theme.APPOINTMENTS.value: "rendez-vous",
    Theme.WEBSITE.value: "site internet",
    Theme.RECEPTION.value: "accueil sur place",
    Theme.DELAY.value: "délai de réponse",
    Theme.TELEPHONE.value: "téléphone",
    Theme.AGENT.value: "agent",
    Theme.OTHER.value: "autre chose",
}
"""What complaints and suggestions are about: the themes of the public form."""
