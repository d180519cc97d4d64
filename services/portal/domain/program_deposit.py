"""What a program deposits: the fields of the form under names of their own, as one document. Pure.

What it says is put into the form's fields and judged there, so that a deposit is the same whichever
way it came.
"""

import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from services.portal.domain.deposit import (
    LONGEST_LINE,
    LONGEST_POSTAL,
    LONGEST_TEXT,
    MOST_EMAIL,
    MOST_FILES,
    PAGE,
    Wish,
)
from shared.facts.envelope import Digest
from shared.facts.vocabulary import Theme
from shared.web.forms import Form, Mistyped

SPACE: Final = UUID("5b1c7f0e-94a3-5d08-8f2e-6d1a3c9b7e42")
"""Of the ids of what programs deposit, which follow from secret and idempotency key."""
NOT_BASE64: Final = "not-base64"


class DepositNature(StrEnum):
    """The kinds of messages, as programs say them."""

    REQUEST = "request"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"


class FileBody(BaseModel):
    """A file of a deposit, its octets in base64."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=250)]
    content: Annotated[str, Field(json_schema_extra={"contentEncoding": "base64"})]


class DepositBody(BaseModel):
    """A message for the préfecture, as a teleservice or another form hands it in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nature: DepositNature
    message: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    subject: Annotated[str, Field(max_length=LONGEST_LINE)] = ""
    name: Annotated[str, Field(max_length=LONGEST_LINE, description="Of whoever writes.")] = ""
    email: Annotated[str, Field(max_length=MOST_EMAIL, description="Where the receipt goes.")] = ""
    postal: Annotated[str, Field(max_length=LONGEST_POSTAL)] = ""
    service: Annotated[str, Field(max_length=63, description="Its id; empty: it is sorted.")] = ""
    theme: Theme | None = None
    about_agent: Annotated[bool, Field(description="It speaks of somebody of ours: réservé.")] = (
        False
    )
    files: Annotated[tuple[FileBody, ...], Field(max_length=MOST_FILES)] = ()


class DepositDocument(BaseModel):
    """The receipt of a deposit: what the page says to whoever sent the form."""

    deposit: Annotated[str, Field(description="Its id, also the end of `follow`.")]
    number: Annotated[str, Field(description="To be told to whoever wrote.")]
    follow: Annotated[str, Field(description="The page on which whoever wrote follows it.")]


_WISHES: Final[Mapping[DepositNature, Wish]] = {
    DepositNature.REQUEST: Wish.REQUEST,
    DepositNature.COMPLAINT: Wish.COMPLAINT,
    DepositNature.SUGGESTION: Wish.SUGGESTION,
}
FIELDS: Final[Mapping[str, str]] = {
    "nature": "nature",
    "message": "message",
    "objet": "subject",
    "nom": "name",
    "courriel": "email",
    "adresse": "postal",
    "service": "service",
    "theme": "theme",
    "fichiers": "files",
}
"""The form's fields, and how programs call them."""


def deposit_id(digest: str, idempotency: str) -> UUID:
    """Returns the id that stands for a key and its Idempotency-Key, as a page's does in the form.

    `digest`: that of the key's secret, so that nobody guesses the id from the Idempotency-Key.
    """
    return uuid5(SPACE, hmac.new(digest.encode(), idempotency.encode(), sha256).hexdigest())


def digest_of(digest: str, said: DepositBody, files: Sequence[tuple[str, bytes]]) -> Digest:
    """Computes the digest of a program's deposit, by which a repeated request is recognised.

    `digest`: that of the key's secret, so that a short text is not guessed back from the disk.
    """
    told = said.model_dump_json(exclude_unset=True, exclude={"files"})
    octets = [f"{name}\n{sha256(content).hexdigest()}" for name, content in files]
    whole = "\n".join((told, *octets)).encode()
    return Digest(hmac.new(digest.encode(), whole, sha256).hexdigest())


def form_of(said: DepositBody, page: UUID) -> Form:
    """Makes the web form that is equivalent to a program's JSON document."""
    return Form.of(
        {
            PAGE: str(page),
            "nature": _WISHES[said.nature].value,
            "message": said.message,
            "objet": said.subject,
            "nom": said.name,
            "courriel": said.email,
            "adresse": said.postal,
            "service": said.service,
            "theme": said.theme or "",
            "agent": "oui" if said.about_agent else "",
        }
    )


def contents(said: DepositBody) -> list[tuple[str, bytes]]:
    """Returns the names and octets of a document's files. Raises Mistyped for what is no base64."""
    found = []
    for file in said.files:
        try:
            found.append((file.name, b64decode(file.content, validate=True)))
        except ValueError:  # binascii.Error is one
            raise Mistyped("fichiers", NOT_BASE64) from None
    return found
