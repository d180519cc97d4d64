"""Refusals of withdrawal, legal hold, destruction and audits."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "withdrawn-already": "Ce document est déjà retiré.",
    "withdrawal-waits": "Un retrait attend déjà une seconde personne pour {chrono} : faites-le"
    " confirmer, ou annulez-le.",
    "two-persons": "Il faut deux personnes : qui a demandé ne peut pas confirmer.",
    "by-session": "Cette décision se prend sur une page, par une personne identifiée.",
    "may-not-second": "Vous ne pouvez pas confirmer : ce sont le chef et le directeur du service,"
    " le secrétaire général ou le référent qualité, et l’un des deux est le référent qualité.",
    "outside-already": "{chrono} est déjà hors périmètre.",
    "hold-by-two": "La conservation de {chrono} se lève à deux, et ne s’annule pas.",
    "after-the-limit": "L’échéance de {chrono} est passée : le référent qualité le met hors"
    " périmètre avec une seconde personne, sur la page « Preuve ».",
    "late-into-outside": "L’échéance de {chrono} est passée et {into}, hors périmètre ou reçu avant"
    " la mise en service, n’a pas de délai : avant de les joindre, le référent qualité met {chrono}"
    " hors périmètre avec une seconde personne, sur la page « Preuve ».",
    "late-into-history": "L’échéance de {chrono} est passée, et ce qui fut reçu avant la mise en"
    " service n’a pas de délai : avant de corriger ce jour ({day}), le référent qualité met le"
    " courrier hors périmètre avec une seconde personne, sur la page « Preuve ».",
    "long-before-go-live": "Le {day}, avant la mise en service, {chrono} n’aurait plus de délai :"
    " vérifiez l’année. Si ce jour est le bon, mettez d’abord le courrier hors périmètre :"
    " « Reclasser » suffit avant l’échéance, après elle il faut être deux (page « Preuve »).",
    "ask-waits": "Ce changement attend déjà une seconde personne : faites-le confirmer, ou"
    " abandonnez-le.",
    "ask-settled": "Quelqu’un a déjà répondu à cette demande.",
    "may-not-confirm": "Vous ne pouvez pas confirmer ce retrait : ce sont le chef et le directeur"
    " du service, le référent qualité ou le secrétaire général qui le peuvent.",
    "nothing-asked": "Aucun retrait n’est demandé pour {chrono}.",
    "no-legal-hold": "Aucune conservation n’est ordonnée pour {chrono}.",
    "legal-hold": "La conservation de {chrono} est ordonnée : levez-la d’abord.",
    "no-such-slip": "Ce bordereau d’élimination n’existe pas.",
    "content-deleted": "Il n’en reste rien : son contenu a été supprimé six mois après avoir été"
    " mis de côté.",
    "nothing-due": "Aucun courrier n’est échu.",
    "visa-already": "Ce bordereau a déjà son visa.",
    "no-visa": "Rien n’est détruit avant le visa des archives.",
    "nothing-to-transfer": "Aucun courrier n’est à verser.",
    "no-such-transfer": "Ce versement n’existe pas.",
    "transfer-no-visa": "Le paquet se prend une fois le visa des archives noté.",
    "transfer-over": "Ce versement a reçu sa réponse, ou est abandonné.",
    "no-archive": "Le site ne nomme plus de service d’archives (site.yaml).",
    "no-package": "Prenez d’abord le paquet de ce versement : rien n’a encore été remis.",
    "no-deposit": "Le site ne dit pas où déposer le paquet (archive.deposit, dans site.yaml).",
    "deposit-already": "Ce paquet est déjà en route vers le service d’archives, ou déposé.",
    "deposit-in-doubt": "Le service d’archives a peut-être déjà ce paquet : il lui est demandé."
    " Attendez sa réponse avant d’abandonner.",
    "archive-not-xml": "Ce fichier n’est pas la réponse attendue : ce n’est pas du XML.",
    "reply-other": "Ce fichier n’est pas une réponse à un transfert (ArchiveTransferReply), ou elle"
    " ne dit pas à quoi elle répond.",
    "reply-elsewhere": "Cette réponse nomme un autre versement.",
    "slip-done": "Ce bordereau est déjà exécuté.",
    "slip-dropped": "Ce bordereau est abandonné.",
    "may-not-prove": "Le tirage est fait par qui répond de la preuve : le référent qualité ou le"
    " secrétaire général.",
    "no-such-seed": "La graine est une ligne de cent caractères au plus : laissez l’auditeur la"
    " choisir.",
    "no-such-period": "La période finit avant de commencer.",
    "too-many-drawn": "{drawn} courriers seraient tirés, {most} au plus : demandez-en moins.",
    "nothing-to-draw-from": "Rien n’a été reçu dans cette période : il n’y a rien à tirer.",
    "month-before-go-live": "Le mois {month} a fini avant la mise en service : il n’a pas de"
    " chiffres.",
    "month-not-over": "Le mois {month} n’est pas fini : il se clôt à partir du mois suivant.",
    "month-closed-already": "Le mois {month} est déjà clos : les corrections se lisent à côté.",
    "month-empty": "Rien n’a été promis au mois {month} : un mois vide ne se clôt pas.",
    "month-not-yours": "Un mois est clos par le référent qualité, qui en répond, ou par qui en a le"
    " droit.",
    "month-running": "{running} des {n} engagements courent encore, le dernier jusqu’au {last} :"
    " attendez, ou cochez pour clore malgré eux.",
    "month-moved": "Les chiffres ont changé depuis qu’ils vous ont été montrés : les voici tels"
    " qu’ils sont maintenant.",
    "no-such-list": "Aucune liste à tirer ne porte ce numéro.",
    "no-such-draw": "Aucun tirage ne porte ce numéro.",
}
