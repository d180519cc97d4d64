"""What a page offered: each list says, signed, what it showed as chosen and what could be chosen.

The server believes a choice only when its own page held it, and a decision that confirms what was
proposed compares what the page showed with what stands: a layout, a browser that fills forms again
or a colleague who was quicker can't put another word into a clerk's mouth.
"""

import binascii
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from starlette.exceptions import HTTPException

from shared.web.forms import OFFER, Form, Mistyped

ITEM: Final = "item"
"""Under this name a page says which item it shows."""


@dataclass(frozen=True, slots=True)
class SignedOffer:
    """The choices that a page offered in one list of its form, and which was preselected."""

    shown: str
    """What stood there as chosen before anybody touched it; empty: nothing."""
    values: frozenset[str]


def sign_offer(secret: str, name: str, shown: object, values: Iterable[object]) -> str:
    """Returns the signed value of a hidden field that says which choices a list offered.

    `secret`: the session's secret. A form may then only choose what its own page offered.
    """
    said = [name, "" if shown is None else str(shown), [str(value) for value in values]]
    text = urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode())
    return f"{text.decode()}.{_signature(secret, text)}"


def read(secret: str, form: Form) -> Mapping[str, SignedOffer]:
    """Checks the choices of a submitted form against the signed ones that its page offered.

    Returns the offered choices by field. Raises HTTPException 403 for an offer that no page of this
    session made, Mistyped for a choice that the page did not offer.
    """
    found = {}
    for text in form.texts(OFFER):
        name, offer = _read(secret, text)
        found[name] = offer
        if not offer.values.issuperset(form.texts(name)):
            raise Mistyped(name, "Cette page ne proposait pas ce choix : choisissez dans la liste.")
    return found


def _read(secret: str, sent: str) -> tuple[str, SignedOffer]:
    text, _, signature = sent.partition(".")
    octets = text.encode()
    if not hmac.compare_digest(signature.encode(), _signature(secret, octets).encode()):
        raise HTTPException(403, "Cette page a expiré : rechargez-la, puis recommencez.")
    try:
        name, shown, values = json.loads(urlsafe_b64decode(octets))
    except (ValueError, binascii.Error):
        raise HTTPException(400, "Ce formulaire est incomplet.") from None
    return name, SignedOffer(shown, frozenset(values))


def _signature(secret: str, octets: bytes) -> str:
    return hmac.new(secret.encode(), b"offer:" + octets, sha256).hexdigest()
