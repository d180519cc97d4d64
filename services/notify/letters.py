"""The context of a text to the public: what the site's template of a kind may say of one item.

What a person wrote comes from the pli of the order, read by kind: a holding reply's text is its
reason (without one, a neutral one), a transfer's first line names the office and the rest how to
reach it (without one, the site's label of the office, else our own phone), a request's lines are
the pieces (without one, their labels), a rectification's lines are `what | before | after`, a
pointer's text says who helps without internet.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, assert_never

from services.notify.domain.calls import Call
from services.notify.domain.item import NotifiedItem
from services.notify.effects import acknowledgement
from services.notify.incomplete import Incomplete
from shared.calendar.local_days import day_of, local_day
from shared.content.plis import NOT_THEIRS, Pli
from shared.content.tokens import answers_ours
from shared.facts.authors import is_application, person_of
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.vocabulary import Confidentiality, NoticeKind
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.services import Service
from shared.site.texts.letters import (
    Agent,
    Correction,
    Correspondence,
    HoldingReply,
    LetterOffice,
    PiecesRequest,
    Pointer,
    ReceiptTexts,
    Rectification,
    Reply,
    Simple,
    Transfer,
    office,
)
from shared.site.texts.pieces_effect import effect_of_pieces

NEUTRAL_REASON = "son examen demande plus de temps que prévu"
"""Of a holding reply whose author gave none: says nothing of people or means (DOMAIN §7)."""
_ABOUT = 120
"""Characters of the sender's own subject that are quoted back."""


@dataclass(frozen=True, slots=True)
class LetterContext:
    """The data from which a text to the public is made: notice, item, pli, people, moment."""

    call: Call
    item: NotifiedItem
    pli: Pli | None
    """What the sender wrote; `None` when it was keyed at the counter."""
    composed: Pli | None
    """What our agent wrote, if the order has a text."""
    applied: AppliedSite
    people: Directory
    now: datetime

    @property
    def today(self) -> date:
        """The local day on which the letter to the public is written."""
        return local_day(self.now, self.applied.site.zone)


def service_of(matter: LetterContext) -> Service:
    """Returns the service in charge of the item, or its successor. Raises Incomplete."""
    service = matter.applied.site.service_now(matter.item.service)
    if service is None:
        raise Incomplete("unknown_service")
    return service


def context(matter: LetterContext) -> Correspondence:  # noqa: C901, PLR0911  (one line a kind)
    """Makes the template values of a text to the public, by its kind. Raises Incomplete."""
    common = _common(matter)
    match matter.call.kind:
        case NoticeKind.RECEIPT:
            return ReceiptTexts(**common)
        case NoticeKind.SIMPLE:
            return Simple(**common)
        case NoticeKind.SVR | NoticeKind.SVA:
            return acknowledgement(matter.item, matter.applied, matter.now, common)
        case NoticeKind.HOLDING_REPLY:
            return _holding(matter, common)
        case NoticeKind.PIECES:
            return _pieces(matter, common)
        case NoticeKind.TRANSFER:
            return _transfer(matter, common)
        case NoticeKind.POINTER:
            return _pointer(matter, common)
        case NoticeKind.REPLY:
            _signed(common)
            return Reply(**common, text=_text(matter))
        case NoticeKind.RECTIFICATION:
            return _rectification(matter, common)
        case NoticeKind.THIRD | NoticeKind.COPY:  # a person composed all of it, or there is none
            raise Incomplete("text_missing")
        case (
            NoticeKind.DIGEST
            | NoticeKind.WEEKLY
            | NoticeKind.ALERT
            | NoticeKind.PERSON_CHANGED
            | NoticeKind.EXERCISE
            | NoticeKind.SURVEY
            | NoticeKind.MEETING
            | NoticeKind.ROOTS
        ):
            raise Incomplete("not_for_the_public")
        case _:
            assert_never(matter.call.kind)


def _common(matter: LetterContext) -> dict[str, Any]:
    site, item = matter.applied.site, matter.item
    return {
        "office": _office(matter),
        "reference": item.registered.chrono,
        "written": matter.today,
        "received": day_of(item.receipt, site.zone),
        "channel": item.registered.channel,
        "agent": _agent(matter),
        "about": _about(matter),
        "emergency_line": site.identity.emergency_line,
    }


def _office(matter: LetterContext) -> LetterOffice:
    """How we present ourselves; « Pour le préfet » over whoever ordered it with a delegation.

    Raises Incomplete where the site asks for one and its author has none.
    """
    call, service = matter.call, service_of(matter)
    identity = matter.applied.site.identity
    author = (person_of(call.order.by) if call.order else None) or ""
    delegated = matter.people.delegation(author, service.id, call.kind, matter.today) is not None
    if call.order and call.kind in identity.delegation_required and not delegated:
        raise Incomplete("no_delegation")
    return office(identity, service, delegated=delegated)


def _agent(matter: LetterContext) -> Agent | None:
    """The person who ordered it, else who deals with it; no one of a neutral receipt.

    What a program ordered by deciding, nobody ordered.
    """
    if matter.call.kind is NoticeKind.RECEIPT:
        return None
    order = matter.call.order
    by = None if order is None or is_application(order.by) else order.by
    author = matter.item.agent if by is None else person_of(by)
    person = matter.people.person(author or "")
    return Agent(person.first_name, person.name, person.capacity) if person else None


def _about(matter: LetterContext) -> str | None:
    """The sender's own subject; nothing to a third party, nothing of what is réservé.

    The subject of a message of ours that they answer says nothing of what they ask; what a clerk
    wrote of a paper, at the counter or in the queue, is a note for colleagues.
    """
    pli = matter.pli
    normal = matter.item.classification.confidentiality is Confidentiality.NORMAL
    if pli is None or pli.on_behalf is not None or not normal or pli.kind in NOT_THEIRS:
        return None
    if answers_ours(pli.subject):
        return None
    return " ".join(pli.subject.split())[:_ABOUT] or None


def _holding(matter: LetterContext, common: dict[str, Any]) -> HoldingReply:
    _signed(common)
    until = matter.call.order.until if matter.call.order else None
    if until is None:
        raise Incomplete("date_missing")
    reason = _text(matter) if matter.composed else NEUTRAL_REASON
    return HoldingReply(**common, promised=until, reason=reason.strip().rstrip("."))


def _pieces(matter: LetterContext, common: dict[str, Any]) -> PiecesRequest:
    order = matter.call.order
    if order is None or order.until is None:
        raise Incomplete("date_missing")
    pieces = _asked(matter, order, matter.composed)
    if not pieces:
        raise Incomplete("text_missing")
    return PiecesRequest(
        **common,
        pieces=pieces,
        until=order.until,
        effect=effect_of_pieces(
            matter.item.regime, matter.item.pieces, matter.applied.site, matter.now
        ),
    )


def _asked(matter: LetterContext, order: NoticeOrdered, composed: Pli | None) -> tuple[str, ...]:
    """The pieces as our agent wrote them, else as the site calls them. Raises Incomplete."""
    if composed is not None:
        return _lines(composed)
    labels = matter.applied.site.labels
    if not labels.pieces.keys() >= set(order.pieces):
        raise Incomplete("label_missing")
    return tuple(labels.piece(code) for code in order.pieces)


def _transfer(matter: LetterContext, common: dict[str, Any]) -> Transfer:
    order = matter.call.order
    code = order.addressee if order and order.addressee else ""
    to, *contact = _lines(matter.composed) or _named(matter, code)
    if not contact:
        # Whoever wonders how to reach it asks us.
        contact = [f"renseignements auprès de nous : {common['office'].phone}"]
    at = order.happened_at if order else None
    day = at.astimezone(matter.applied.site.zone).date() if at else matter.today
    return Transfer(**common, to=to, to_contact=", ".join(contact), transferred=day)


def _named(matter: LetterContext, code: str) -> tuple[str, ...]:
    """Name and contact of an office, by the site's labels. Raises Incomplete."""
    found = matter.applied.site.labels.offices.get(code)
    if found is None:
        raise Incomplete("label_missing")
    return (found.name,) if found.contact is None else (found.name, found.contact)


def _pointer(matter: LetterContext, common: dict[str, Any]) -> Pointer:
    category = matter.applied.site.category_now(matter.item.classification.category)
    if category is None or category.teleservice is None:
        raise Incomplete("no_teleservice")
    return Pointer(
        **common,
        procedure=category.label,
        url=category.teleservice,
        without_internet=_text(matter).strip(),
    )


def _rectification(matter: LetterContext, common: dict[str, Any]) -> Rectification:
    corrections = tuple(
        Correction(*(part.strip() for part in line.split("|")))
        for line in _lines(matter.composed)
        if line.count("|") == 2  # noqa: PLR2004  (what | before | after)
    )
    corrected = matter.item.acknowledged_at
    if not corrections or corrected is None:
        raise Incomplete("text_missing")
    order = matter.call.order
    regime = matter.item.regime
    known = matter.applied.site.regime.get(regime.regime or "") if regime else None
    return Rectification(
        **common,
        corrected_notice=corrected.astimezone(matter.applied.site.zone).date(),
        corrections=corrections,
        kept=order.until if order else None,
        appeals=known.appeals if known else "",
    )


def _signed(common: dict[str, Any]) -> None:
    """CRPA L111-2: first name, name and capacity of whoever writes."""
    if common["agent"] is None:
        raise Incomplete("author_unknown")


def _text(matter: LetterContext) -> str:
    if matter.composed is None or not matter.composed.text.strip():
        raise Incomplete("text_missing")
    return matter.composed.text


def _lines(composed: Pli | None) -> tuple[str, ...]:
    text = composed.text if composed else ""
    return tuple(line.strip(" -") for line in text.splitlines() if line.strip(" -"))
