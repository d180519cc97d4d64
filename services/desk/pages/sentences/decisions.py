"""Refusals of the decisions about an item, and of what waits without one."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "needs-whole-sight": "{chrono} est réservé : cette décision revient à qui le lit en entier, la"
    " personne qui le suit, le chef ou le directeur du service, ou le secrétaire général.",
    "may-not-decide": "Ce courrier est suivi par un autre service.",
    # What is missing or mistyped.
    "day-to-come": "Le {day} est encore à venir : donnez le jour où cela s’est passé.",
    "day-not-to-come": "Le {day} n’est pas à venir : donnez un jour après aujourd’hui.",
    "day-not-worked": "Le {day} n’est pas travaillé ({off}) : prenez le {following}.",
    "which-date": "Donnez la date annoncée au correspondant.",
    "which-third": "Personne ne sait à quel tiers part cette lettre de {chrono} : prenez-la d’abord"
    " dans les courriers types.",
    "which-office": "Dites à quelle administration le courrier a été transmis.",
    "which-pieces": "Nommez les pièces manquantes : leur liste doit figurer dans la demande"
    " (article L. 114-5 du code des relations entre le public et l’administration).",
    "reason-of-perimeter": "Donnez le motif pour lequel ce courrier est hors périmètre.",
    "no-chrono": "« {text} » n’est pas un numéro de courrier : écrivez-le en entier, ou seulement"
    " ses derniers chiffres.",
    "former-chrono-known": "{chrono} a été donné au courrier qui porte aujourd’hui {known} : le"
    " registre le sait par ce qui a été dit avant la panne, et rien n’y change.",
    "no-such-service": "Ce service n’existe pas ou n’existe plus : choisissez dans la liste.",
    "not-late": "La réponse à {chrono} n’est pas en retard : il n’y a rien à expliquer.",
    "no-such-theme": "Ce thème n’existe pas ou n’existe plus : choisissez dans la liste.",
    "no-such-category": "Cet objet n’existe pas ou n’existe plus : choisissez dans la liste.",
    "no-such-regime": "Ce régime n’existe pas ou n’existe plus : choisissez dans la liste.",
    "no-such-code": "Ce choix n’existe pas ou n’existe plus : choisissez dans la liste.",
    "no-such-message": "Le registre ne connaît pas ce message.",
    "no-such-fact": "Cette ligne n’est pas dans l’histoire du courrier {chrono}.",
    "empty-note": "Écrivez la note : ce que vos collègues doivent savoir.",
    "named-may-not-read": "{person} ne peut pas lire le courrier {chrono} : mettez d’abord son"
    " service en copie, ou ne nommez que des personnes qui le lisent.",
    "opinion-of-reserved": "{chrono} est réservé : aucun autre service ne le lit, on ne peut donc"
    " pas lui demander d’avis.",
    "opinion-of-own": "Ce service suit déjà {chrono} : choisissez-en un autre.",
    "opinion-asked-already": "L’avis de ce service ({service}) est déjà demandé sur {chrono} et"
    " n’est pas encore rendu.",
    "opinion-not-open": "Cet avis sur {chrono} est déjà rendu, ou n’est plus demandé.",
    "nobody": "Cette personne n’est pas, ou n’est plus, de la préfecture.",
    "not-a-member": "{person} ne travaille pas dans ce service ({service}) : choisissez quelqu’un"
    " du service, ou le service seul.",
    "not-on-paper": "Un courriel ou un formulaire s’enregistre tout seul : ici se saisit ce qui est"
    " sur papier.",
    "too-long-ago": "Le {day} est bien ancien : vérifiez l’année.",
    "start-forbidden": "Quand le silence vaut acceptation, le délai ne part jamais de la première"
    " administration saisie (article L. 114-3 du code des relations entre le public et"
    " l’administration), mais de l’administration compétente, et jamais avant que le dossier soit"
    " complet (article L. 114-5).",
    "certificate-without-file": "Ce délai ne part pas d’un dossier complet : laissez vide la date"
    " du récépissé.",
    # What the item is already, or is not.
    "not-as-shown": "Le courrier {chrono} n’est pas, ou n’est plus, tel que la page le montrait :"
    " le voici. Relisez-le, puis décidez.",
    "open-elsewhere": "{person} regarde le courrier {chrono} : passez au suivant, ou choisissez"
    " « Je m’en occupe » pour en décider vous-même.",
    "opened-just-now": "Quelqu’un ouvre le courrier {chrono} en ce moment même : recommencez.",
    "merged": "Le courrier {chrono} est fusionné avec un autre : c’est là qu’il faut décider.",
    "closed": "Le courrier {chrono} est classé : rouvrez-le d’abord.",
    "answered": "Le courrier {chrono} a reçu sa réponse. Si ce n’en était pas une, annulez d’abord"
    " cette réponse.",
    "transferred": "Le courrier {chrono} est transmis et la personne prévenue : ici, il est"
    " terminé.",
    "destroyed": "Le courrier {chrono} a été détruit : il n’en reste que l’histoire.",
    "qualified-already": "Le courrier {chrono} est déjà qualifié : vous pouvez encore l’attribuer"
    " ou le reclasser.",
    "to-qualify-already": "Le courrier {chrono} est déjà à qualifier.",
    "there-already": "Le courrier {chrono} est déjà là : rien ne change.",
    "nothing-changes": "Le courrier {chrono} est déjà tout cela : rien ne change.",
    "closed-already": "Le courrier {chrono} est déjà classé.",
    "not-closed": "Le courrier {chrono} n’est pas classé : il n’y a rien à rouvrir.",
    "transferred-already": "Le courrier {chrono} a déjà été transmis ({office}).",
    "signature-already": "Le courrier {chrono} est déjà à la signature de {person}.",
    "not-in-signature": "Le courrier {chrono} n’est pas à la signature.",
    "no-third": "Le courrier {chrono} n’attend personne d’autre.",
    "third-other": "Le courrier {chrono} attend déjà la réponse d’un autre tiers ({office}) : dites"
    " d’abord qu’il a répondu, ou annulez cette attente.",
    "no-pieces-awaited": "Le courrier {chrono} n’attend pas de pièces : demandez-les d’abord.",
    "received-already": "Le courrier {chrono} est déjà reçu le {day} : rien ne change.",
    "received-after": "Il a été enregistré le {day} : il n’a pas pu arriver plus tard.",
    "label-taken": "L’étiquette {label} est déjà sur un autre courrier : prenez la suivante.",
    "no-period-runs": "Aucun délai ne court pour le courrier {chrono} : cet accusé de réception ne"
    " peut dire aucune date. Il part de lui-même quand les pièces sont reçues.",
    "no-extension": "Aucun texte ne permet de prolonger le délai du courrier {chrono}.",
    "extended-already": "Le délai du courrier {chrono} a déjà été prolongé, le {day} : il ne l’est"
    " qu’une fois.",
    "period-over": "Le délai du courrier {chrono} a pris fin le {limit} : il ne peut plus être"
    " prolongé.",
    "file-once-complete": "Le dossier du courrier {chrono} était complet : demander de nouveau des"
    " pièces ferait repartir tout le délai, ce que seul un responsable du service peut décider.",
    # Replies.
    "holding-too-early": "Le {until} ne va pas au-delà de l’échéance ({limit}) : une réponse"
    " d’attente annonce une date plus tardive.",
    "nothing-seen": "Aucun message envoyé n’attend d’être confirmé pour {chrono}.",
    "reply-ordered": "Une réponse au courrier {chrono} a été confiée à l’envoi le {day} :"
    " annulez-la avant d’en écrire une autre.",
    "no-regime-yet": "Aucune décision implicite ne court pour {chrono} : confirmez d’abord son"
    " régime.",
    "regime-not-allowed": "Ce régime n’est pas celui de l’objet « {category} » : reclassez d’abord"
    " le courrier.",
    "may-not-flag": "Seuls un chef de bureau, un directeur ou le secrétaire général signalent un"
    " courrier.",
    "no-reminder": "Aucun rappel n’attend de réponse pour {chrono}.",
    "answer-too-far": "Le {until} est à plus de {days} jours ouvrés de l’échéance ({limit}) :"
    " écrivez au correspondant, par une réponse d’attente.",
    "to-transmit-already": "{chrono} est déjà noté à transmettre.",
    "not-to-transmit": "{chrono} n’est pas noté à transmettre.",
    # Signature and address.
    "no-mail-address": "Aucune adresse électronique n’est connue pour {chrono} : imprimez, ou"
    " donnez-en une.",
    "unusable-mail-address": "L’adresse électronique de {chrono} est inutilisable : imprimez, ou"
    " donnez-en une autre.",
    "regime-first": "Personne n’a confirmé ce que vaut le silence pour {chrono} : confirmez son"
    " régime, ou abandonnez cet envoi.",
    "rules-first": "Les règles du site ne disent pas ce qu’il faut pour cet envoi de {chrono} :"
    " demandez à l’administrateur de les compléter, ou abandonnez-le.",
    "order-again": "Il manque à cet envoi de {chrono} ce qu’il doit dire : abandonnez-le, puis"
    " demandez-le de nouveau.",
    "unsigned": "Qui a demandé cet envoi de {chrono} n’a pas de délégation de signature :"
    " abandonnez-le, et mettez le courrier à la signature.",
    "no-delegation": "Vous n’avez pas de délégation de signature pour cet envoi : mettez-le à la"
    " signature, par exemple de {person}.",
    "nobody-signs": "Personne n’a aujourd’hui de délégation de signature pour cet envoi : la page"
    " « Délégations de signature » dit qui peut en saisir une.",
    "delegation-misshapen": "Une délégation nomme un arrêté, un premier et un dernier jour, dans"
    " cet ordre, et ce qui peut être signé.",
    "delegation-gone": "Cette délégation n’existe pas, ou elle a déjà pris fin.",
    # What is held.
    "not-held": "Cet envoi n’est plus retenu : quelqu’un en a décidé.",
    "not-live-yet": "La mise en service n’a pas encore eu lieu : rien ne part avant elle.",
    "moot": "La réponse à {chrono} est partie : cet accusé n’a plus d’objet, abandonnez-le.",
    # Letters that come back.
    "no-such-copy": "Cette copie n’est pas revenue : il n’y a rien à en dire.",
    "copy-settled": "Quelqu’un a déjà dit ce qui est fait de cette copie de {chrono}.",
    "no-letter-left": "Aucune lettre de ce genre n’est partie pour {chrono} : saisissez d’abord son"
    " départ.",
    "registered-number": "Ce n’est pas un numéro de recommandé, ou un chiffre en est faux :"
    " recopiez celui de l’étiquette (2C 123 456 7890 5, ou RK 12 345 678 5 FR).",
    "registered-already": "Cette lettre de {chrono} a déjà son numéro de recommandé : annulez-le"
    " d’abord.",
    "no-avis-awaited": "Aucun recommandé de {chrono} n’attend d’avis de réception : saisissez"
    " d’abord son numéro.",
    "returned-already": "Le retour de cette lettre de {chrono} est déjà noté : dites ce qui en est"
    " fait.",
    "returned-before-it-left": "Cette lettre est partie le {day} : elle n’a pas pu revenir avant.",
    "returned-open": "Une lettre de {chrono} est revenue : dites d’abord ce qui en est fait.",
    "nothing-came-back": "Aucune lettre revenue n’attend de suite pour {chrono}.",
    "why-nothing-more": "Dites pourquoi rien de plus n’est fait.",
    "readdressed-already": "L’adresse est déjà corrigée pour {chrono} : saisissez le nouveau"
    " départ.",
    # Undoing, merging, splitting.
    "nothing-to-undo": "Rien de ce qui a été dit de {chrono} ne peut être annulé.",
    "undone-already": "C’est déjà annulé.",
    "it-happened": "Cela s’est passé : on ne l’annule pas, on le corrige par une autre décision.",
    "message-stays": "Un message ne s’annule pas, il serait perdu : séparez-le du courrier.",
    "undo-there": "La fusion s’annule depuis l’autre courrier.",
    "merged-into-itself": "Le courrier {chrono} ne peut pas être fusionné avec lui-même.",
    "survivor-closed": "Le courrier {chrono} est classé : rouvrez-le avant d’y joindre l’autre.",
    "answered-on-its-own": "Le courrier {chrono} a reçu sa propre réponse : il reste à part.",
    # What waits without an item.
    "departure-without-item": "C’est un départ dont le code ne désigne aucun courrier :"
    " enregistrez-le au départ du jour.",
    "not-in-quarantine": "Ce message n’est plus en quarantaine.",
    "waits-no-more": "Quelqu’un s’en est déjà occupé.",
    # People.
    "absence-gone": "Cette absence n’existe pas, ou elle est déjà annulée.",
}
