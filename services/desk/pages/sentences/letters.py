"""Refusals of standard letters and of what is composed from them."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "parapheur-already": "Une lettre de ce courrier est déjà au parapheur\N{NO-BREAK SPACE}:"
    " reprenez-la avant d’en donner une autre.",
    "parapheur-changed": "Le courrier {chrono} a changé pendant que sa lettre s’imprimait"
    "\N{NO-BREAK SPACE}: relisez la page, puis recommencez.",
    "parapheur-signatory": "Choisissez qui signe parmi ceux qui ont une délégation pour cette"
    " lettre.",
    "parapheur-merged": "Une lettre du courrier {chrono} est au parapheur\N{NO-BREAK SPACE}:"
    " reprenez-la avant de le rattacher à un autre.",
    "parapheur-none": "Ce site n’a pas de parapheur.",
    "parapheur-unknown": "Cette lettre n’est pas allée au parapheur.",
    "parapheur-ended": "Cette lettre n’en est plus là\N{NO-BREAK SPACE}: relisez la page.",
    "secure-mail-none": "Ce site n’envoie pas de mail sécurisé.",
    "secure-mail-already": "Une lettre de ce courrier est en route par mail sécurisé"
    "\N{NO-BREAK SPACE}: attendez qu’elle soit partie, ou reprenez-la.",
    "secure-mail-changed": "Le courrier {chrono} a changé pendant que vous écriviez"
    "\N{NO-BREAK SPACE}: relisez la page, puis recommencez.",
    "secure-mail-never": "Les règles de la préfecture ne laissent partir cette lettre que sur"
    " papier.",
    "secure-mail-withdrawn": "La lettre reprise est peut-être en train de partir par mail sécurisé"
    "\N{NO-BREAK SPACE}: attendez que Pastell le dise, puis relisez la page.",
    "secure-mail-unknown": "Cette lettre n’est pas un mail sécurisé.",
    "secure-mail-ended": "Cette lettre est partie, ou a été reprise\N{NO-BREAK SPACE}: relisez la"
    " page.",
    "signing-already": "Une lettre de ce courrier est à relire ou à signer\N{NO-BREAK SPACE}:"
    " reprenez-la d’abord.",
    "signing-changed": "Quelqu’un a corrigé ou transmis cette lettre entre-temps. Rien de ce que"
    " vous aviez écrit n’est perdu\N{NO-BREAK SPACE}: comparez, puis recommencez.",
    "signing-elsewhere": "Cette lettre est chez quelqu’un d’autre\N{NO-BREAK SPACE}: relisez la"
    " page.",
    "signing-ended": "Cette lettre n’est plus à relire ni à signer\N{NO-BREAK SPACE}: relisez la"
    " page.",
    "signing-not-here": "Sur ce site, les lettres se signent au parapheur.",
    "signing-same": "Une lettre de ce genre est déjà à relire ou à signer pour ce courrier"
    "\N{NO-BREAK SPACE}: reprenez-la d’abord, sinon deux partiraient.",
    "signing-unread": "Le texte ou une pièce jointe de cette lettre ne peut pas être lu pour"
    " l’instant. Rien n’a été fait\N{NO-BREAK SPACE}: recommencez dans quelques minutes.",
    "signing-no-delegation": "Seul qui a une délégation pour cette lettre la signe"
    "\N{NO-BREAK SPACE}: choisissez parmi eux.",
    # The text of a letter.
    "letter-no-title": "Donnez un titre à ce courrier type.",
    "letter-no-subject": "Écrivez l’objet de la lettre.",
    "letter-no-body": "Écrivez le texte de la lettre.",
    "letter-too-long": "C’est trop long : {size} caractères, {most} au plus.",
    "letter-subject-one-line": "L’objet tient sur une ligne.",
    "letter-lone-brace": "Ligne {line} : une accolade est seule. Un champ s’écrit {{référence}}.",
    "letter-near-field": "Ligne {line} : le champ {{{field}}} n’existe pas. Vouliez-vous écrire"
    " {{{near}}} ?",
    "letter-unknown-field": "Le champ {{{field}}} n’existe pas : choisissez dans la liste des"
    " champs.",
    "letter-no-such-kind": "Choisissez le genre de la lettre dans la liste.",
    "letter-field-needed": "Une lettre de ce genre doit contenir le champ {{{field}}}.",
    "letter-no-heading": "L’en-tête du fichier n’est pas lisible.",
    # The library.
    "no-such-letter": "Ce courrier type n’existe pas.",
    "letter-unchanged": "Ce texte est déjà celui de la version en vigueur.",
    "letter-own": "Vous avez écrit ce texte : c’est à une autre personne de l’approuver, par"
    " exemple {person}.",
    "letter-not-approver": "L’approbation revient à une autre personne, par exemple {person}.",
    "letter-not-writer": "Seuls les agents du service écrivent ses courriers types.",
    "letter-state": "La version {name} n’est pas dans l’état qu’il faut pour cela : la page a"
    " changé entre-temps.",
    "letter-elsewhere": "Ce courrier type est celui d’un autre service : {service}.",
    # Composing.
    "letter-third-paper": "Une lettre à un tiers s’imprime par vous-même, en PDF.",
    "letter-file-empty": "Le fichier « {name} » est vide.",
    "letter-file-type": "Le fichier « {name} » n’est ni un PDF ni une image JPEG ou PNG.",
    "letter-files-many": "Une lettre a {most} fichiers au plus.",
    "letter-files-large": "Les fichiers joints pèsent {most} Mo au plus, tous ensemble.",
    "letter-file-virus": "L’antivirus a trouvé un virus dans « {name} » ({signature})"
    "\N{NO-BREAK SPACE}: ne le joignez pas, et signalez-le au service informatique.",
    "letter-file-unlooked": "L’antivirus ne répond pas\N{NO-BREAK SPACE}: « {name} » n’a pas pu"
    " être examiné. Rien n’est parti\N{NO-BREAK SPACE}: recommencez dans quelques minutes, ou"
    " envoyez la lettre sans ce fichier.",
    "letter-file-too-large": "« {name} » est trop volumineux pour l’antivirus, qui ne l’examine pas"
    "\N{NO-BREAK SPACE}: allégez-le, ou envoyez la lettre sans lui.",
    "letter-copy-address": "« {address} » n’est pas une adresse électronique\N{NO-BREAK SPACE}:"
    " corrigez « Copie à ».",
    "letter-copy-watched": "« {address} » est une boîte suivie par ce registre\N{NO-BREAK SPACE}:"
    " informez plutôt le service, il verra la réponse ici.",
    "letter-copies-many": "Une lettre a {most} copies au plus.",
    "letter-copies-paper": "Les copies partent avec un courriel à la personne\N{NO-BREAK SPACE}:"
    " envoyez la lettre par courriel, ou effacez « Copie à ».",
    "letter-site-text": "Le texte de la préfecture ne convient pas\N{NO-BREAK SPACE}: prenez un"
    " courrier type, et signalez-le à qui tient les règles du registre.",
    "letter-house-field": "Le champ {{{field}}} vient du registre : il ne se saisit pas.",
    "letter-no-day": "Le champ {{{field}}} attend une date.",
    "letter-no-date": "Donnez la date que la lettre annonce.",
    "letter-no-address": "Aucune adresse électronique n’est connue pour le courrier {chrono} :"
    " prenez la lettre en PDF ou en .odt.",
    "letter-incomplete": "La lettre n’est pas complète : voyez la liste de contrôle.",
    "letter-not-printed": "Le texte contient {signs}, qui ne s’imprime pas : retirez-le, ou prenez"
    " la lettre en .odt.",
}
