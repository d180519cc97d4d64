"""Refusals of corrective measures and of the users' committee."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "measure-day-past": "L’échéance d’une mesure est à venir : {day} est passé.",
    "measure-day-far": "L’échéance d’une mesure est à deux ans au plus : vérifiez l’année ({day}).",
    "measure-done": "L’action de cette mesure est faite : rouvrez la mesure pour y revenir.",
    "measure-unchanged": "Rien ne change : donnez une autre date ou un autre responsable.",
    "measure-not-analysed": "Dites d’abord la cause et l’action.",
    "measure-closed": "Cette mesure est close : rouvrez-la pour y revenir.",
    "measure-not-done": "L’action n’est pas faite : aucun effet ne peut être jugé. Une mesure"
    " s’abandonne à tout moment.",
    "effect-not-read": "Un effet est prévu et n’est pas relu : relisez-le d’abord, ou abandonnez la"
    " mesure.",
    "effect-not-established": "Aucun effet n’a été relu : rien ne montre que la mesure est"
    " efficace, ni qu’elle est sans effet. Concluez « faite, effet non établi », ou prévoyez"
    " l’effet et relisez-le.",
    "measure-open": "Cette mesure est ouverte.",
    "measure-open-already": "La mesure n° {number} est ouverte sur la même chose.",
    "measure-owner-unknown": "Choisissez le responsable dans la liste.",
    "no-such-measure": "Aucune mesure ne porte le numéro {number}.",
    "quality-text-long": "Ce texte est trop long : {most} signes au plus.",
    "effect-months": "Une période a d’un à {most} mois.",
    "effect-before-action": "L’action a été faite le {day}, après les mois relus : ils ne disent"
    " rien de son effet. Fixez d’autres mois, ou concluez « faite, effet non établi ».",
    "effect-read-already": "L’effet a déjà été relu, et dit la même chose.",
    "effect-overlap": "Les mois d’après suivent les mois d’avant, sans les toucher.",
    "effect-window-begun": "Les mois d’après se fixent avant qu’ils commencent : choisissez à"
    " partir du {day}.",
    "effect-begun": "Les mois déjà fixés ont commencé : relisez-les avant d’en fixer d’autres.",
    "effect-not-planned": "Aucun effet n’est prévu : fixez d’abord le chiffre et les mois.",
    "effect-month-open": "Le mois {month} n’est pas clos : un effet se lit dans des mois clos.",
    "no-such-member": "Aucun mandat en cours ne porte le numéro {number}.",
    "no-such-group": "Aucun groupe en activité ne porte le numéro {number}.",
    "no-such-meeting": "Aucune réunion ne porte le numéro {number}.",
    "no-such-remark": "Aucune remarque ne porte le numéro {number}.",
    "meeting-past": "Une réunion se convoque pour plus tard : vérifiez le jour et l’heure.",
    "meeting-called": "La réunion n° {number} est déjà convoquée : déplacez-la, ou tenez-la.",
    "meeting-held": "Cette réunion s’est tenue.",
    "nobody-to-invite": "Personne à inviter : tous les membres joignables le sont déjà, ou aucune"
    " adresse n’est connue.",
    "invited-moved": "Les membres à inviter ont changé depuis que vous avez ouvert la page :"
    " relisez la liste, puis invitez.",
    "no-letter-waits": "Aucune lettre n’attend d’être postée.",
    "member-mail-unusable": "Ce n’est pas une adresse de courriel : vérifiez-la.",
    "member-postal-long": "Une adresse a {most} lignes au plus, sous le nom.",
    "meeting-cancelled": "Cette réunion est annulée.",
    "mandate-not-ended": "Aucun mandat terminé, au nom encore connu, ne porte le numéro {number}.",
    "meeting-not-held": "Cette réunion ne s’est pas encore tenue.",
    "meeting-ahead": "Cette réunion est à venir : notez les présences quand elle s’est tenue.",
    "nobody-present": "Cochez au moins un membre présent.",
    "agenda-empty": "Cochez au moins un point.",
    "minutes-approved": "Le compte-rendu de cette réunion est approuvé : il ne change plus.",
    "minutes-moved": "Le compte-rendu a changé depuis que vous l’avez ouvert : relisez-le, puis"
    " approuvez-le.",
    "minutes-are-approved": "Le comité des usagers se prouve par son compte-rendu approuvé : rien"
    " ne se dépose ici.",
    "minutes-published": "Ce compte-rendu est déjà noté diffusé.",
    "minutes-open": "Le compte-rendu s’approuve avant d’être diffusé.",
    "remarks-unanswered": "Chaque observation et chaque question a sa réponse au compte-rendu :"
    " répondez d’abord aux remarques {numbers}.",
    "effect-few": "Moins de dix jugés d’un côté ({before} avant, {after} après) : rien ne peut être"
    " lu.",
}
