"""The check-list of every letter, on exactly the text that would leave.

CRPA L111-2: whoever is answered may know the first name, name, capacity and administrative address
of the agent; a signed letter shows them too. The framework adds telephone, e-mail, reference,
subject and date. Anonymity is the law's own exception, for security: the letter's approved version
says it, and its check then asks for the service instead of the name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.desk.letters.domain.merge_fields import Filled
from shared.calendar.local_days import plain_day
from shared.facts.vocabulary import Way
from shared.site.tables.people import Person
from shared.site.texts.by_way import asks_for_a_mail
from shared.site.texts.letters import Correspondence
from shared.site.texts.templates import TemplateText


class Point(StrEnum):
    """A point of the form check that every letter must pass (name, date, reference …)."""

    FIRST_NAME = "first_name"
    NAME = "name"
    CAPACITY = "capacity"
    SERVICE = "service"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    REFERENCE = "reference"
    SUBJECT = "subject"
    DATE = "date"
    PROMISED = "promised"
    """The date that the register keeps is the one that the text gives."""
    DELEGATION = "delegation"
    """Whoever signs may, where the site asks for a delegation of signature."""
    BODY = "body"
    NO_REPLY_TO_PAPER = "no_reply_to_paper"
    """A paper asks nobody to answer « ce message »."""
    UNFILLED = "unfilled"
    BY_HAND = "by_hand"
    """What no font of ours shows, of a name or an address, is written by a pen."""
    SALUTATION = "salutation"
    CLOSING = "closing"


ADVICE: Final = frozenset({Point.SALUTATION, Point.CLOSING, Point.BY_HAND})
"""Courtesy, and what a pen adds: said, and left to the person who writes."""

_CLOSINGS: Final = ("salutations", "considération", "sentiments", "cordialement", "hommages")


@dataclass(frozen=True, slots=True)
class FormFinding:
    """The result of a letter's form check for one point."""

    point: Point
    holds: bool
    shown: str = ""
    """Text that was found, or the fields that are not filled."""

    @property
    def blocks(self) -> bool:
        """Whether this point keeps the letter from being sent until it is corrected."""
        return not self.holds and self.point not in ADVICE


def check(
    filled: Filled,
    text: TemplateText,
    context: Correspondence,
    agent: Person,
    way: Way,
    *,
    promised: str = "",
    delegated: bool | None = None,
    by_hand: Sequence[str] = (),
) -> Sequence[FormFinding]:
    """Checks a letter's text by every point of the form check, in order.

    `agent` signs it; a letter that names nobody needs no name. `promised`: the date that the letter
    must announce, as French writes it. `delegated`: whether the signatory has the delegation of
    signature that such a letter needs; `None` if it needs none. `by_hand`: the characters of a
    name or an address that paper does not show.
    """
    office = context.office
    whole = _flat(text.whole)
    address = f"{office.postal.street}, {office.postal.postcode} {office.postal.town}"
    named = (
        [
            (Point.FIRST_NAME, agent.first_name),
            (Point.NAME, agent.name),
            (Point.CAPACITY, agent.capacity),
        ]
        if context.agent is not None
        else []
    )
    must = [
        *named,
        (Point.SERVICE, office.service),
        (Point.ADDRESS, address),
        (Point.PHONE, office.phone),
        (Point.EMAIL, office.email),
        (Point.REFERENCE, context.reference),
    ]
    unfilled, on_paper = filled.unfilled, way is Way.PAPER
    return [
        *(FormFinding(point, _holds(value, whole), value) for point, value in must),
        FormFinding(Point.SUBJECT, bool(text.subject), text.subject),
        FormFinding(Point.DATE, _dated(context, whole, way), plain_day(context.written)),
        *(
            [FormFinding(Point.PROMISED, promised in _flat(filled.body), promised)]
            if promised
            else []
        ),
        *([] if delegated is None else [FormFinding(Point.DELEGATION, delegated)]),
        FormFinding(Point.BODY, bool(filled.body.strip())),
        *([FormFinding(Point.NO_REPLY_TO_PAPER, not asks_for_a_mail(whole))] if on_paper else []),
        FormFinding(Point.UNFILLED, not unfilled, ", ".join(f"{{{field}}}" for field in unfilled)),
        *([FormFinding(Point.BY_HAND, holds=False, shown=", ".join(by_hand))] if by_hand else []),
        FormFinding(Point.SALUTATION, _salutes(filled.body)),
        FormFinding(Point.CLOSING, any(word in _flat(filled.body).lower() for word in _CLOSINGS)),
    ]


def _holds(value: str, whole: str) -> bool:
    flat = _flat(value)
    return bool(flat) and flat in whole


def _dated(context: Correspondence, whole: str, way: Way) -> bool:
    """A mail carries its date itself; a paper shows it."""
    return way is Way.MAIL or _flat(plain_day(context.written)) in whole


def _salutes(body: str) -> bool:
    first = next((line.strip() for line in body.splitlines() if line.strip()), "")
    return first.endswith(",") and len(first) <= 60  # noqa: PLR2004  (a line that greets is short)


def _flat(text: str) -> str:
    return " ".join(text.split())
