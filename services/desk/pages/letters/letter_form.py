"""What was typed into the form of a letter: its fields, its text, and whose text that is."""

import hashlib
from collections.abc import Mapping
from typing import Final

from services.desk.letters.domain.copies import read_copies
from services.desk.letters.domain.fields import (
    FIELDS,
    THIRD_MAIL,
    THIRD_POSTAL,
    FieldOrigin,
    LetterField,
    Shape,
    field_names,
)
from services.desk.letters.domain.library import LetterVersion
from services.desk.letters.domain.merge_fields import FillContext, Filled, as_typed
from shared.facts.vocabulary import NoticeKind
from shared.web.forms import Form, Mistyped

PIECES_BESIDE: Final = "autres"
"""The field of pieces that have no code."""
COPIES: Final = "copies"
"""The field of addresses that get a copy."""


def fields_of(version: LetterVersion) -> list[LetterField]:
    """Returns what the agent may say of this letter, in the order of its text."""
    named = field_names(f"{version.content.subject}\n{version.content.body}")
    if is_to_third(version):
        named = tuple(dict.fromkeys((*named, THIRD_MAIL, THIRD_POSTAL)))
    known = [FIELDS[name] for name in named if name in FIELDS]
    return [field for field in known if field.origin is not FieldOrigin.HOUSE]


def is_to_third(version: LetterVersion) -> bool:
    """Whether a letter goes to a third party, and not to the item's sender."""
    return version.content.notice is NoticeKind.THIRD


def first_lacking(version: LetterVersion, values: Mapping[str, str]) -> str:
    """Returns the field where whoever opens the page begins, which nobody knows yet; or `""`."""
    lacking = (field.name for field in fields_of(version) if not values.get(field.name))
    return next(lacking, "")


def propose_answers(version: LetterVersion, about: FillContext) -> dict[str, str]:
    """Returns what a letter says before anybody typed: who decides such a matter, if known."""
    row = about.applied.site.category.get(about.item.classification.category)
    to = row.transmit_to if row is not None else None
    asks = version.content.notice is NoticeKind.TRANSFER
    return {"administration": to} if asks and to else {}


def answers_of(
    version: LetterVersion, about: FillContext, form: Form, *, again: bool
) -> dict[str, str]:
    """Reads what the agent says, by field; `again`: after a refusal, leaves out what is wrong.

    Raises Mistyped.
    """
    asked: dict[str, str] = {}
    for field in fields_of(version):
        match field.shape:
            case Shape.PIECES:
                lines = [*form.texts(field.name), *form.text(PIECES_BESIDE).splitlines()]
                value = "\n".join(line for raw in lines if (line := raw.strip()))
            case Shape.DAY:
                value = _day(form, field.name, again=again)
            case Shape.OFFICE:
                value = form.text(field.name)
                known_one = not value or value in about.applied.site.labels.offices
                if not known_one and not again:
                    raise Mistyped(field.name, "Choisissez dans la liste.")
                value = value if known_one else ""
            case _:
                value = form.text(field.name)
        if value:
            asked[field.name] = value
    return asked


def _day(form: Form, name: str, *, again: bool) -> str:
    try:
        day = form.day(name)
    except Mistyped:
        if again:
            return ""
        raise
    return "" if day is None else day.isoformat()


def copies_of(form: Form, addressee: str, about: FillContext) -> tuple[str, ...]:
    """Reads to whom copies of a letter to this address go. Raises Refused."""
    watched = {box.address.lower() for box in about.applied.site.sources.mailboxes}
    return read_copies(form.text(COPIES), addressee, watched)


def text_of(form: Form) -> Filled:
    """Reads the letter's subject and body from its form."""
    return as_typed(form.text("subject"), form.text("body"))


def kept_text(form: Form | None) -> Filled | None:
    """Reads the text that the agent changed, which stays theirs; `None`: the letter's own."""
    if form is None or form.text("faire") == "reprendre":
        return None
    text = text_of(form)
    return None if is_untouched(form, text) else text


def is_untouched(form: Form, text: Filled) -> bool:
    """Whether a text is the one with which the page was drawn."""
    return form.text("rempli") == digest_of(text)


def digest_of(filled: Filled) -> str:
    """Returns what tells a text that nobody changed, whatever a browser did to its lines."""
    words_ = " ".join(f"{filled.subject} {filled.body}".split())
    return hashlib.sha256(words_.encode()).hexdigest()
