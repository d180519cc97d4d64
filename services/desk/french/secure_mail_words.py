"""What is said in French of a mail sécurisé: where it is, who has read it, why it failed."""

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.french import labels_fr, parapheur_words
from services.desk.store import secure_mails
from services.desk.store.secure_mails import SecureMailState, StoredSecureMail
from shared.facts.envelope import ItemId
from shared.platform.database import Connection

GIVEN_TO_PASTELL: Final = (
    "La lettre est donnée à Pastell, qui l’envoie en mail sécurisé. Son départ sera noté, et le"
    " délai arrêté, quand Pastell l’aura envoyée."
)
"""Said once a letter is to leave as mail sécurisé."""

_WHY: Final[Mapping[str, str]] = {
    "unreachable": "Pastell ne répond pas",
    "too-slow": "Pastell répond trop lentement",
    "protocol": "la réponse n’est pas celle de Pastell",
    "http-401": "Pastell ne reconnaît pas le compte de Vaguemestre",
    "http-403": "le compte de Vaguemestre n’a pas ce droit dans Pastell",
    "http-404": "le dossier n’est plus dans Pastell\N{NO-BREAK SPACE}: demandez-y s’il est parti",
    "http-400": "Pastell refuse la demande, ou sa messagerie ne répond pas",
    "http-413": "Pastell trouve la lettre ou ses pièces jointes trop lourdes",
    "no-annexes": "Pastell ne prend pas ces pièces jointes",
    "half-sent": "Pastell a commencé l’envoi et ne dit pas l’avoir fini\N{NO-BREAK SPACE}:"
    " regardez-y le dossier, et envoyez-le de là s’il n’est pas parti",
    "other-recipients": "le dossier de Pastell est parti à d’autres adresses",
    "address": "l’adresse n’est pas une adresse électronique",
    "incomplete": "Pastell demande autre chose pour ce type de dossier",
    "not-sent": "Pastell n’a pas accepté l’envoi",
    "modification": "le dossier est resté en brouillon dans Pastell",
    "creation": "le dossier est resté en brouillon dans Pastell",
    "fatal-error": "Pastell a abandonné le dossier\N{NO-BREAK SPACE}: regardez-y pourquoi",
    "transformation-error": "Pastell n’a pas pu préparer le dossier\N{NO-BREAK SPACE}:"
    " relancez-le là",
    "send-mailsec-error": "Pastell n’a pas pu envoyer le mail\N{NO-BREAK SPACE}: relancez-le là",
    "unexpected": "Vaguemestre n’a pas compris la réponse de Pastell",
    "no-file": "la lettre n’a pas pu être lue dans le registre",
    "taken-back": "la lettre a été reprise entre-temps",
    "still-there": "Pastell a peut-être encore le dossier\N{NO-BREAK SPACE}: demandez qu’il y soit"
    " supprimé",
}

_IN_DOUBT: Final = frozenset({"half-sent", "http-404", "other-recipients"})
"""Why nobody here knows whether it left."""


def state(mail: StoredSecureMail, zone: ZoneInfo) -> str:  # noqa: PLR0911  (one a state)
    """Formats in French where a mail sécurisé is: « Déposé dans Pastell », « Lu le … ».

    `zone`: the préfecture's time zone.
    """
    match mail.state:
        case SecureMailState.TO_SEND:
            given = labels_fr.moment(mail.given.given_at, zone)
            return f"à déposer dans Pastell, depuis le {given}"
        case SecureMailState.GIVEN:
            return "déposé dans Pastell, pas encore envoyé"
        case SecureMailState.FAILED if mail.why in _IN_DOUBT:
            return "à vérifier dans Pastell\N{NO-BREAK SPACE}: on ne sait pas s’il est parti"
        case SecureMailState.FAILED:
            return "pas parti\N{NO-BREAK SPACE}: Pastell ne l’a pas envoyé"
        case SecureMailState.TAKEN_BACK:
            at = labels_fr.moment(mail.ended_at or mail.given.given_at, zone)
            if mail.may_leave_yet:
                return f"reprise demandée à Pastell le {at}"
            left = "pas envoyé" if mail.why is None else "peut-être parti"
            return f"repris le {at}, {left}"
        case SecureMailState.SENT:
            left = "" if mail.sent_at is None else labels_fr.moment(mail.sent_at, zone)
            read = mail.read_at[0] if mail.read_at else None
            if read is not None:
                return f"lu le {labels_fr.moment(read, zone)} (envoyé le {left})"
            if mail.returned:
                return f"envoyé le {left}, revenu\N{NO-BREAK SPACE}: l’adresse ne l’a pas reçu"
            return f"envoyé le {left}, pas encore lu"


def readings(
    mail: StoredSecureMail, recipients: Sequence[str], zone: ZoneInfo
) -> Sequence[tuple[str, str]]:
    """Formats in French who has read a mail that left, by address; nothing of one that has not."""
    if mail.state is not SecureMailState.SENT:
        return [(address, "") for address in recipients]
    read = [*mail.read_at, *[None] * len(recipients)]
    return [
        (address, "pas encore lu" if at is None else f"lu le {labels_fr.moment(at, zone)}")
        for address, at in zip(recipients, read, strict=False)
    ]


def why(mail: StoredSecureMail) -> str:
    """Formats in French why the last attempt with Pastell failed; empty: none did."""
    if mail.why is None:
        return ""
    other = f"Pastell dit «\N{NO-BREAK SPACE}{mail.why}\N{NO-BREAK SPACE}»"
    return _WHY.get(mail.why, other)


async def elsewhere(connection: Connection, item_id: ItemId, zone: ZoneInfo) -> Mapping[str, str]:
    """Formats in French where an item's last letters are that went to another server.

    `parapheur`, `secure_mail`; empty: there is none.
    """
    found = await secure_mails.of_item(connection, item_id)
    mailed = {mail.given.signed for mail in found}
    return {
        "parapheur": await parapheur_words.newest(connection, item_id, zone, mailed),
        "secure_mail": state(found[0], zone) if found else "",
    }
