"""The history of a letter at the parapheur: who signed, and why somebody refused (XML, UTF-8).

It comes from outside: what is no text, has a document type or does not parse says nothing.
"""

import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final
from xml.etree import ElementTree as ET

MOST_SIGNERS: Final = 20
MOST_NAME: Final = 200
"""Letters of the name of a signer."""
_SIGNS: Final = frozenset({"signe", "signatairepapier", "signature", "external_signature"})
"""Statuses of an entry, in i-Parapheur 4 and 5."""
_REFUSES: Final = ("rejet", "reject")
_NO_LETTERS: Final = frozenset({"Cc", "Cf", "Cs"})
"""Categories of Unicode: controls, marks of no width and of direction, halves of a pair."""


def signers_of(history: bytes) -> tuple[str, ...]:
    """Returns who signed, by the parapheur's history (XML), each once; none if it says nothing.

    An entry is whatever has a `nom` and a `status`; without a `timestamp` it is still to come.
    """
    names = [said("nom") for said in _entries(history) if said("status").lower() in _SIGNS]
    return tuple(dict.fromkeys(name[:MOST_NAME] for name in names if name))[:MOST_SIGNERS]


def refusal_of(history: bytes) -> str:
    """Returns what the last person to refuse wrote, by the parapheur's history; empty: nothing."""
    said = [
        entry("annotation")
        for entry in _entries(history)
        if entry("status").lower().startswith(_REFUSES)
    ]
    return next((reason for reason in reversed(said) if reason), "")


def without_controls(said: str) -> str:
    """Strips a text of others of control and invisible characters, except tabs and line ends."""
    return "".join(
        letter
        for letter in said
        if letter in "\t\n\r" or unicodedata.category(letter) not in _NO_LETTERS
    )


def _entries(history: bytes) -> Sequence[Callable[[str], str]]:
    """What happened so far: each entry says its parts by their names; no document type is read."""
    try:
        text = history.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            return ()
        # As text: an encoding that it declares itself is not believed.
        root = ET.fromstring(text)  # noqa: S314  (without a document type, as just seen)
    except (ET.ParseError, ValueError, LookupError):
        return ()
    found = [entry for entry in root.iter() if (entry.findtext("timestamp") or "").strip()]
    return [partial(_part, entry) for entry in found]


def _part(entry: ET.Element, name: str) -> str:
    return " ".join(without_controls(entry.findtext(name) or "").split())
