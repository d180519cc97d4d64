"""What is said in French of a letter at the parapheur: where it is, why it failed, who signed."""

from collections.abc import Collection, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.french import labels_fr
from services.desk.store import parapheur_letters
from services.desk.store.parapheur_letters import (
    ParapheurLetter,
    ParapheurLetterId,
    ParapheurState,
)
from shared.facts.envelope import ItemId
from shared.platform.database import Connection
from shared.site.tables.people import Person

_WHY: Final[Mapping[str, str]] = {
    "unreachable": "le parapheur ne répond pas",
    "too-slow": "le parapheur répond trop lentement",
    "protocol": "la réponse n’est pas celle d’un parapheur",
    "http-401": "le parapheur ne reconnaît pas le compte de Vaguemestre",
    "http-403": "le compte de Vaguemestre n’a pas ce droit au parapheur",
    "http-404": "le dossier n’y est plus, demandez au parapheur ce qu’il est devenu",
    "http-400": "le parapheur refuse la demande, ou n’est pas atteint derrière Pastell",
    "http-413": "le parapheur trouve la lettre ou ses pièces jointes trop lourdes",
    "no-annexes": "ce circuit du parapheur ne prend pas de pièces jointes\N{NO-BREAK SPACE}:"
    " reprenez la lettre et donnez-la sans elles",
    "no-desk": "le bureau ou l’entité que nomme le site n’existe pas au parapheur",
    "not-started": "le dossier est au parapheur sans être dans son circuit",
    "several": "le dossier du parapheur contient plusieurs documents",
    "reopened": "le dossier a été rouvert dans Pastell après son circuit",
    "transformation-error": "Pastell n’a pas pu la préparer\N{NO-BREAK SPACE}: relancez-la là",
    "send-signature-error": "Pastell n’a pas pu la transmettre\N{NO-BREAK SPACE}: relancez-la là",
    "unexpected": "Vaguemestre n’a pas compris la réponse du parapheur",
    "incomplete": "le parapheur demande autre chose pour ce circuit",
    "not-a-pdf": "ce qui est revenu n’est pas un PDF",
    "unsigned": "le PDF est revenu sans signature",
    "too-large": "le PDF qui revient est trop grand",
    "no-file": "le PDF n’a pas pu être lu dans le registre",
    "erreur-verif-iparapheur": "Pastell n’a pas de nouvelles du parapheur",
    "still-there": "le parapheur a peut-être encore le dossier\N{NO-BREAK SPACE}:"
    " demandez qu’il y soit refusé",
}


def state(letter: ParapheurLetter, zone: ZoneInfo) -> str:  # noqa: PLR0911  (one a state)
    """Formats in French where a letter for the parapheur is, and since when.

    `zone`: the préfecture's time zone.
    """
    at = labels_fr.moment(letter.ended_at or letter.given.given_at, zone)
    match letter.state:
        case ParapheurState.TO_SEND:
            return f"à déposer au parapheur, depuis le {at}"
        case ParapheurState.SENT:
            return f"au parapheur depuis le {at}, pas encore signée"
        case ParapheurState.SIGNED if letter.left_at is not None:
            return f"signée, partie le {labels_fr.moment(letter.left_at, zone)}"
        case ParapheurState.SIGNED:
            return f"signée, revenue le {at}"
        case ParapheurState.REFUSED:
            return f"refusée au parapheur, le {at}"
        case ParapheurState.FAILED if letter.remote is not None:
            return "on ne sait plus ce qu’elle devient au parapheur"
        case ParapheurState.FAILED:
            return "le parapheur ne l’a pas prise"
        case ParapheurState.TAKEN_BACK:
            return f"reprise le {at}"


def why(letter: ParapheurLetter) -> str:
    """Formats in French why the last attempt with the parapheur failed; empty: none did."""
    if letter.why is None:
        return ""
    other = f"le parapheur dit «\N{NO-BREAK SPACE}{letter.why}\N{NO-BREAK SPACE}»"
    return _WHY.get(letter.why, other)


def warning(letter: ParapheurLetter, chosen: Person | None) -> str:
    """Formats a French warning that another signed at the parapheur than was chosen, or none.

    Empty where nobody else signed. `chosen`: the signatory of the letter; `None`: nobody in
    people.yaml any more.
    """
    if letter.signed is None or chosen is None or letter.is_named(chosen):
        return ""
    named = ", ".join(letter.signers)
    says = f"nomme {named}" if named else "ne nomme personne"
    return (
        f"Lisez d’abord\N{NO-BREAK SPACE}: le parapheur {says}, et la lettre est au nom de"
        f" {chosen.first_name} {chosen.name}."
    )


def doubt(chosen: Person | None, day: str) -> str:
    """Formats a French request to check the unknown delegation of a signatory (`None`: unnamed).

    `day`: the day of the signature, in French. Whoever left since, or whose delegation ended, may
    have had one then.
    """
    who = "qui a signé" if chosen is None else f"{chosen.first_name} {chosen.name}"
    return (
        f"Le registre ne connaît pas, ou plus, de délégation de {who} le {day}\N{NO-BREAK SPACE}:"
        " vérifiez l’arrêté avant de noter le départ."
    )


async def newest(
    connection: Connection,
    item_id: ItemId,
    zone: ZoneInfo,
    mailed: Collection[ParapheurLetterId | None] = (),
) -> str:
    """Formats in French where an item's last letter for the parapheur is; empty: there is none.

    `mailed`: the letters that were given to be sent as mail sécurisé.
    """
    found = await parapheur_letters.of_item(connection, item_id)
    if not found:
        return ""
    last = found[0]
    waits = last.state is ParapheurState.SIGNED and last.left_at is None
    read_first = waits and last.given.mail is not None and last.given.letter not in mailed
    return state(last, zone) + (", à relire avant qu’elle parte" if read_first else "")
