"""The deposit that a form makes: cleaned, bounded, and the same when it is sent twice."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

from shared.content.addresses import UnusableAddress, one_address
from shared.content.follow_codes import FollowCode
from shared.content.spool import FollowedNumber, FormDeposit, SpoolFile
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import Theme
from shared.site.tables.bundle import Site
from shared.web.forms import Form, Mistyped

PAGE: Final = "depot"
"""The id of the page that was opened: what is sent twice from it is one deposit."""
TRAP: Final = "site"
LONGEST_TEXT = 20_000
MOST_FILES: Final = 5
LONGEST_LINE = 150
LONGEST_POSTAL = 500
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_EMAIL = re.compile(r"[^@\s<>,;\"()]{1,64}@[^@\s<>,;\"()]+\.[^@\s<>,;\"().]{2,63}")
MOST_EMAIL = 254


class Wish(StrEnum):
    """The kind of message that a person chose on the form: complaint, suggestion, request."""

    COMPLAINT = "reclamation"
    SUGGESTION = "suggestion"
    REQUEST = "demande"


def wish_of(form: Form) -> Wish:
    """Reads the kind of message from the public's form. Raises Mistyped when none is chosen."""
    found = form.word("nature", Wish)
    if found is None:
        raise Mistyped("nature", "Dites si c’est une réclamation, une suggestion ou une demande.")
    return found


def deposit_of(form: Form, files: Sequence[SpoolFile], site: Site, now: datetime) -> FormDeposit:
    """Makes the deposit from a submitted form. Raises Mistyped for a wrong field.

    Its id follows from the opened page and the entered content (idempotency): the same content sent
    twice is one deposit, other content is another one.
    """
    if form.text(TRAP):
        raise Mistyped(TRAP, "Laissez ce champ vide : il n’est là que pour les robots.")
    wish, theme = wish_of(form), form.word("theme", Theme)
    text = _message(form, needed=True)
    entered = FormDeposit(
        id=UUID(int=0),
        at=now,
        files=tuple(files),
        name=_line(form, "nom", "Votre nom"),
        email=_email(form),
        postal=_postal(form),
        subject=_line(form, "objet", "L’objet"),
        text=text,
        service=_service(form, site),
        complaint=wish is Wish.COMPLAINT,
        suggestion=wish is Wish.SUGGESTION,
        theme=theme,
        about_agent=form.is_ticked("agent"),
    )
    return entered.model_copy(update={"id": _identity(_token(form), entered)})


def addition_of(
    form: Form,
    files: Sequence[SpoolFile],
    code: FollowCode,
    now: datetime,
    *,
    answered: bool,
) -> FormDeposit:
    """Makes the deposit of what is added to a letter. Raises Mistyped when nothing is.

    `answered`: a reply has left, and the person says that it is none. Sent twice it is one deposit.
    """
    text = _message(form, needed=not files)
    said = "Ce n’est pas répondu" if answered else "Suite de la demande"
    entered = FormDeposit(
        id=UUID(int=0),
        at=now,
        files=tuple(files),
        subject=f"{said} {code.chrono}",
        text=text or "(Documents sans message.)",
        follows=FollowedNumber(chrono=code.chrono, code=code.code),
    )
    return entered.model_copy(update={"id": _identity(_token(form), entered)})


def _message(form: Form, *, needed: bool) -> str:
    text = _clean(form.text("message"))
    if needed and not text:
        raise Mistyped("message", "Écrivez votre message.")
    if len(text) > LONGEST_TEXT:
        raise Mistyped(
            "message", "Votre message dépasse 20 000 signes : joignez plutôt un document."
        )
    return text


def _token(form: Form) -> UUID:
    """Of the page that was opened. Raises Mistyped."""
    try:
        return UUID(form.text(PAGE))
    except ValueError:
        raise Mistyped(PAGE, "Cette page est incomplète : rechargez-la.") from None


def _identity(token: UUID, entered: FormDeposit) -> UUID:
    content = entered.model_dump_json(exclude={"id", "at"}).encode()
    return uuid5(token, sha256(content).hexdigest())


def _clean(text: str) -> str:
    """Text without what hides or commands; a line ends as on this system."""
    said = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", unicodedata.normalize("NFC", said)).strip()


def _line(form: Form, name: str, what: str) -> str:
    text = " ".join(_clean(form.text(name)).split())
    if len(text) > LONGEST_LINE:
        raise Mistyped(name, f"{what} dépasse {LONGEST_LINE} signes.")
    return text


def _email(form: Form) -> str:
    text = _clean(form.text("courriel"))
    if text and not _is_answered(text):
        raise Mistyped(
            "courriel", "Cette adresse est incomplète : écrivez par exemple nom@exemple.fr."
        )
    return text


def _is_answered(address: str) -> bool:
    """Also whoever writes to it must take it: else no receipt would ever leave."""
    try:
        one_address(address)
    except UnusableAddress:
        return False
    return len(address) <= MOST_EMAIL and _EMAIL.fullmatch(address) is not None


def _postal(form: Form) -> str:
    text = _clean(form.text("adresse"))
    if len(text) > LONGEST_POSTAL:
        raise Mistyped("adresse", f"L’adresse dépasse {LONGEST_POSTAL} signes.")
    return text


def _service(form: Form, site: Site) -> ServiceId | None:
    wanted = ServiceId(form.text("service"))
    if not wanted:
        return None
    if wanted not in site.service:
        raise Mistyped("service", "Choisissez un service dans la liste.")
    return wanted
