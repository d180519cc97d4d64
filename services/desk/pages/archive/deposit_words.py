"""What is said in French of a package at the archive's own server: where it is, and why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.archive.store import transfers
from services.desk.archive.store.deposits import DepositState, PackageDeposit
from services.desk.archive.store.transfers import NotedReply
from services.desk.french import labels_fr
from services.desk.french.names import Names

_WHY: Final[Mapping[str, str]] = {
    "unreachable": "le serveur du service d’archives ne répond pas",
    "too-slow": "le serveur du service d’archives répond trop lentement",
    "protocol": "la réponse n’est pas celle d’un serveur d’archives",
    "too-large": "la réponse du serveur d’archives est trop longue",
    "reply-elsewhere": "la réponse reçue nomme un autre versement",
    "http-401": "le serveur d’archives ne reconnaît pas le compte de Vaguemestre",
    "http-403": "le compte de Vaguemestre n’a pas ce droit au service d’archives",
    "http-413": "le serveur d’archives trouve le paquet trop volumineux",
    "http-500": "le serveur d’archives a répondu par une erreur",
    "no-pieces": "le serveur d’archives ne prend pas de paquet de plus de 2 Mo",
    "known-already": "le serveur d’archives connaît déjà ce numéro, sans que le paquet soit parti"
    " d’ici\N{NO-BREAK SPACE}: demandez-lui ce que c’est",
    "not-there": "après un jour, le service d’archives ne dit toujours pas s’il l’a"
    "\N{NO-BREAK SPACE}: demandez-le-lui avant de déposer de nouveau",
    "blobs": "les documents n’ont pas pu être lus dans le registre",
    "unexpected": "Vaguemestre n’a pas compris la réponse",
}


_LEADS: Final[Mapping[DepositState, str]] = {
    DepositState.TO_SEND: "paquet en route vers le service d’archives",
    DepositState.IN_DOUBT: "paquet envoyé, à confirmer par le service d’archives",
    DepositState.SENT: "paquet déposé, attend la réponse du service d’archives",
    DepositState.FAILED: "paquet à déposer de nouveau, ou à demander au service d’archives",
}


@dataclass(frozen=True, slots=True)
class DepositShown:
    """A deposit as the page of its transfer shows it, in French."""

    lead: str
    """Where its transfer stands by it, in a few words."""
    stands: str
    why: str
    """Of the last failure; empty: there was none since the last answer."""
    said: str
    """What the archive's server said of it."""
    acknowledged: str
    """When its Acknowledgement was noted; empty: there is none."""
    failed: bool
    """Whether a person may have it deposited again."""
    in_doubt: bool
    """Whether the archive may have it, so that the transfer is not dropped."""


def of(
    deposit: PackageDeposit | None, zone: ZoneInfo, names: Names, *, open_: bool
) -> DepositShown | None:
    """Says in French where a package for the archive's server is; `None`: nobody asked for it.

    `open_`: whether the transfer still waits for its reply.
    """
    if deposit is None:
        return None
    who = f"demandé par {names.person(deposit.asked_by)}"
    asked = f"{who}, {labels_fr.moment(deposit.asked_at, zone)}"
    sent = "" if deposit.sent_at is None else labels_fr.moment(deposit.sent_at, zone)
    match deposit.state:
        case DepositState.TO_SEND:
            stands = f"Dépôt {asked}\N{NO-BREAK SPACE}: en route."
        case DepositState.IN_DOUBT:
            stands = f"Dépôt {asked}\N{NO-BREAK SPACE}: envoyé, pas encore confirmé."
        case DepositState.SENT:
            stands = f"Déposé au service d’archives, {sent}\N{NO-BREAK SPACE}; {who}."
        case DepositState.FAILED:
            stands = f"Dépôt {asked}\N{NO-BREAK SPACE}: il attend une personne."
    why = "" if deposit.why is None or not open_ else deposit.why
    return DepositShown(
        lead=_LEADS[deposit.state],
        stands=stands,
        why=_WHY.get(why, f"le serveur d’archives refuse ({why})") if why else "",
        said=deposit.said if why else "",
        acknowledged=""
        if deposit.acknowledged_at is None
        else labels_fr.moment(deposit.acknowledged_at, zone),
        failed=deposit.state is DepositState.FAILED,
        in_doubt=deposit.state is DepositState.IN_DOUBT,
    )


def note_moment(reply: NotedReply, zone: ZoneInfo, names: Names) -> str:
    """Says in French when a reply of the archive was noted, and by whom."""
    at = labels_fr.moment(reply.noted_at, zone)
    if reply.noted_by == transfers.SERVER:
        return f"{at}, reçue de son serveur"
    return f"{at} par {names.person(reply.noted_by)}"
