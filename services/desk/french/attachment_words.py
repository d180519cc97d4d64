"""What is said of attached files: that they were read, or why one could not be."""

from collections.abc import Mapping
from typing import Final

from shared.facts.items.attachments import AttachmentsRead

_LOCKED = "protégé par un mot de passe, non lu"
_UNREAD: Final[Mapping[str, str]] = {
    "damaged": "fichier abîmé, non lu",
    "locked": _LOCKED,
    "scan-encrypted": _LOCKED,
    "scan-damaged": "fichier abîmé, non lu",
    "scan-too-large": "trop grand, non lu",
    "scan-empty": "fichier vide",
    "scan-truncated": "fichier incomplet, non lu",
    "scan-unknown-type": "format non lu",
    "scan-bomb": "trop grand, non lu",
    "unknown-kind": "format non lu",
    "too-deep": "trop de fichiers les uns dans les autres, non lu",
    "too-many": "trop de fichiers, non lu en entier",
    "late": "trop long, non lu en entier",
    "no-ocr": "image non lue\N{NO-BREAK SPACE}: pas de reconnaissance de texte ici",
    "infected": "non lu",
    "ends-its-reader": "fichier qu’il n’a pas été possible d’ouvrir",
}


def unread(reason: str | None) -> str:
    """Returns in French why an attached file could not be read whole.

    Empty for one that was, and for one that nobody tried to read.
    """
    return "" if reason is None else _UNREAD.get(reason, "non lu")


def sentence(fact: AttachmentsRead) -> str:
    """Formats in French that a message's attachments were read, and how many could not be."""
    read = "Pièces jointes lues"
    if not fact.unread:
        return read
    some = "une n’a" if fact.unread == 1 else f"{fact.unread} n’ont"
    return f"{read}\N{NARROW NO-BREAK SPACE}; {some} pas pu l’être en entier"
