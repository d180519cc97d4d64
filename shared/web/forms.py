"""What was typed: read within a limit, and believed only when our own page sent it."""

import hmac
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from shared.errors import Refused
from shared.web import bodies

CSRF: Final = "jeton"
DECISION: Final = "decision"
AGAIN: Final = "page"
"""The address of the page that holds the form: shown again when the decision is refused."""
OFFER: Final = "offre"
"""What a list of the page offered, signed (services/desk/pages/offers.py)."""
HIDDEN: Final = frozenset({CSRF, DECISION, AGAIN, OFFER})

_LONGEST_NAME = 100
_UNWANTED = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff<>:\"|?*]")
_UNKEPT: Final = re.compile(r"[\x00-\x08\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BREAKS: Final = re.compile(r"[\x0b\x0c]")
YEARS: Final = range(1900, 2200)
MOST_FIELDS = 2000
MOST_FILES = 50
UNREADABLE: Final = (
    "Votre envoi ne peut pas être lu : il est incomplet, ou compte trop de fichiers. Revenez à la"
    " page précédente, ce que vous avez écrit y est encore, et joignez moins de fichiers à la fois."
)

E = TypeVar("E", bound=StrEnum)


class Mistyped(Refused):
    """Raised for a form field that was filled wrongly; the French sentence is shown with it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Refusal:
    """The sentence that says why a form was refused, and the values typed into the form."""

    sentence: str
    """Empty: nothing was refused, the page is shown again with what was typed."""
    at: str = ""
    """The field to which the sentence belongs; empty: the whole form."""
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """A submitted form; a missing field is empty, outer spaces are dropped."""

    data: FormData

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> "Form":
        """Makes a form with these values of its fields, as if somebody had typed them."""
        return cls(FormData(fields))

    def text(self, name: str) -> str:
        """Returns the text of a form's field, without forbidden characters.

        "" when it is missing.
        """
        value = self.data.get(name, "")
        return _kept(value) if isinstance(value, str) else ""

    def texts(self, name: str) -> Sequence[str]:
        """Returns the values of a form's field that occurs several times, without empty ones."""
        values = (value for value in self.data.getlist(name) if isinstance(value, str))
        return [text for value in values if (text := _kept(value))]

    def require(self, name: str, sentence: str) -> str:
        """Returns the text of a form's field that must not be empty, else raises Mistyped."""
        if found := self.text(name):
            return found
        raise Mistyped(name, sentence)

    def day(self, name: str) -> date | None:
        """Returns a form's field as a local day, typed in ISO or in French; `None` when empty.

        Raises Mistyped.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            if "/" in text:
                day, month, year = (int(part) for part in text.split("/"))
                found = date(year, month, day)
            else:
                found = date.fromisoformat(text)
        except ValueError:
            raise Mistyped(
                name, f"« {text[:20]} » n’est pas une date : écrivez par exemple 12/05/2026."
            ) from None
        if found.year not in YEARS:
            raise Mistyped(name, f"Vérifiez l’année : {found.year}.")
        return found

    def number(self, name: str) -> int | None:
        """Returns a form's field as a whole number of at most nine digits; `None` when empty.

        Raises Mistyped, for a negative one too.
        """
        text = self.text(name)
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004  (fits an integer column)
            raise Mistyped(name, f"« {text[:20]} » n’est pas un nombre.")
        return int(text)

    def word(self, name: str, among: type[E]) -> E | None:
        """Returns a form's field as a value of an enumeration; `None` when empty.

        Raises Mistyped.
        """
        text = self.text(name)
        try:
            return among(text) if text else None
        except ValueError:
            raise Mistyped(name, "Choisissez dans la liste.") from None

    def is_ticked(self, name: str) -> bool:
        """Whether a checkbox of the form is ticked."""
        return bool(self.text(name))

    def files(self, name: str) -> Sequence[UploadFile]:
        """Returns the uploaded files of a form's field that have a name."""
        found = [
            upload_file
            for upload_file in self.data.getlist(name)
            if isinstance(upload_file, UploadFile)
        ]
        for upload_file in found:
            upload_file.filename = _kept(upload_file.filename or "")
        return [upload_file for upload_file in found if upload_file.filename]

    def again(self, path: str, **fields: str) -> str:
        """Returns the URL of a page with the values of some of the form's fields in its query.

        `fields`: the name in the query, and that of the form's field; empty ones are left out.
        """
        chosen = {word: text for word, field in fields.items() if (text := self.text(field))}
        return f"{path}?{urlencode(chosen)}" if chosen else path

    @property
    def decision(self) -> UUID:
        """The form's decision id (idempotency key). Raises HTTPException 400 when it has none."""
        try:
            return UUID(self.text(DECISION))
        except ValueError:
            raise HTTPException(400, "Ce formulaire est incomplet.") from None

    @property
    def typed(self) -> Mapping[str, Sequence[str]]:
        """The values typed into the form, to show it again; never a password, token or file."""
        return {
            name: self.texts(name)
            for name in self.data
            if name not in HIDDEN and not name.startswith("secret")
        }


def _kept(text: str) -> str:
    """Without what PostgreSQL or XML never takes: control characters, halves of letters.

    The line and page breaks of a word processor become blanks: words stay apart.
    """
    return _BREAKS.sub(" ", _UNKEPT.sub("", text)).strip()


async def read(request: Request, most: int) -> Form:
    """Reads the form in the body of a request.

    Raises HTTPException: 413 beyond `most` octets, 408 when it comes too slowly, 400 if malformed.
    """
    bounded = bodies.bounded_request(request, most)
    try:
        return Form(
            await bounded.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=most)
        )
    except HTTPException as error:
        if error.status_code != HTTPStatus.BAD_REQUEST:
            raise
        raise HTTPException(400, UNREADABLE) from None  # its own sentence is Starlette's English


def safe_name(said: str) -> str:
    """Returns a file name safe to show: no path, no control characters, at most 100 letters.

    Of a longer one the end; « fichier » when nothing is left.
    """
    text = unicodedata.normalize("NFC", said.encode("utf-8", "replace").decode())
    last = re.split(r"[/\\]", text)[-1]
    kept = _UNWANTED.sub("", last).strip(" .")
    return kept[-_LONGEST_NAME:] or "fichier"


def token(secret: str) -> str:
    """Returns the CSRF token for the forms of a session; `secret`: the session's."""
    return hmac.new(secret.encode(), b"csrf", sha256).hexdigest()


def check(request: Request, form: Form, secret: str | None) -> None:
    """Checks that a form was sent by our own page (CSRF). Raises HTTPException 403.

    The browser's Origin or Sec-Fetch-Site must be ours; with a session, the form must also hold its
    token. The public's form has no session, so that a foreign page could do nothing in somebody's
    name.
    """
    origin = request.headers.get("origin")
    elsewhere = (
        request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
        if origin is None
        else origin.partition("://")[2] != request.headers.get("host")
    )
    forged = secret is not None and not hmac.compare_digest(
        form.text(CSRF).encode(), token(secret).encode()
    )
    if elsewhere or forged:
        raise HTTPException(
            403, "Cette page a expiré ou ne vient pas d’ici : rechargez-la, puis recommencez."
        )
