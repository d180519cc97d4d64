"""What a text to the public may say: a frozen context for each kind of notice (docs/domain.md §7).

The names of the fields are the variables of the templates. Dates are local days; a template writes
them with the filter `jour`. A context holds personal data: it is built for one rendering and is
never logged, kept or put into a fact.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from shared.calendar.local_days import plain_hour
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import Channel, NoticeKind
from shared.site.tables.identity import Identity, Postal
from shared.site.tables.services import Service


@dataclass(frozen=True)
class LetterOffice:
    """The letterhead of a letter: authority and service, address, email, phone (CRPA R112-5)."""

    authority: str
    signatory: str
    """Above the name of whoever signs: « Pour le préfet… » with a delegation, else the service."""
    service: str
    postal: Postal
    phone: str
    email: str
    opens: str
    closes: str
    website: str
    data_protection: str
    everyday: str = ""
    """The service in everyday words, then by its name: for sentences, where `service` is a head."""
    appointments: str = ""
    """Address of the page on which an appointment with the service is made; empty: none."""


def office(identity: Identity, service: Service, *, delegated: bool = False) -> LetterOffice:
    """Makes the letterhead of a service; what the service lacks comes from the préfecture.

    `delegated`: the signatory has a delegation, so that it says « Pour le préfet ».
    """
    opening = service.opening or identity.opening
    return LetterOffice(
        authority=identity.authority,
        signatory=identity.signatory if delegated else neutral(identity, service),
        service=service.name,
        postal=service.postal or identity.postal,
        phone=service.phone,
        email=service.email,
        opens=plain_hour(opening.opens),
        closes=plain_hour(opening.closes),
        website=identity.website,
        data_protection=identity.data_protection,
        everyday=service.public,
        appointments=service.appointments or "",
    )


def neutral(identity: Identity, service: Service) -> str:
    """Returns the line above the name of a signatory who has no delegation of signature."""
    return identity.neutral_signature or service.name


@dataclass(frozen=True)
class Agent:
    """The agent named in a letter: first name, name, capacity (CRPA L111-2)."""

    first_name: str
    name: str
    capacity: str


@dataclass(frozen=True, kw_only=True)
class Correspondence:
    """The values that the template of any text to the public may use."""

    kind: ClassVar[NoticeKind]
    must_show: ClassVar[tuple[str, ...]] = ("reference",)
    """What the rendered text has to hold, whatever the wording: fields, as dotted names."""
    must_say: ClassVar[tuple[str, ...]] = ()
    """What it has to say in these words of the law."""

    office: LetterOffice
    reference: Chrono
    written: date
    received: date
    channel: Channel
    agent: Agent | None
    """`None` when no person has it yet, or when security justifies anonymity."""
    about: str | None
    """The subject as the sender wrote it; `None` for a third party, to whom nothing is said of the
    person concerned, and for *réservé* items."""
    emergency_line: str
    enclosures: tuple[str, ...] = ()


_RECEIVED = ("reference", "received")
_ACKNOWLEDGED = (
    *_RECEIVED,
    "office.service",
    "office.postal.street",
    "office.postal.postcode",
    "office.postal.town",
    "office.email",
    "office.phone",
)
"""CRPA R112-5 and R112-11-1."""


CONDITIONS = ("sous réserve que la demande soit complète", "décision expresse")
"""CRPA R112-11-1: the date is given « à défaut d'une décision expresse, et sous réserve que la
demande soit complète »."""


@dataclass(frozen=True, kw_only=True)
class ReceiptTexts(Correspondence):
    """The template values of a neutral receipt of registration."""

    kind = NoticeKind.RECEIPT
    must_show = (*_RECEIVED, "emergency_line")


@dataclass(frozen=True, kw_only=True)
class Simple(Correspondence):
    """The template values of an acknowledgement where silence decides nothing."""

    kind = NoticeKind.SIMPLE
    must_show = (*_ACKNOWLEDGED, "emergency_line")


@dataclass(frozen=True, kw_only=True)
class Svr(Correspondence):
    """The template values of an acknowledgement where silence until the end of `limit` rejects."""

    kind = NoticeKind.SVR
    must_show = (*_ACKNOWLEDGED, "limit", "text", "appeals", "tribunal", "missing")
    must_say = CONDITIONS

    limit: date
    text: str
    appeals: str
    tribunal: str
    missing: tuple[str, ...] = ()
    """The pieces that are awaited, as far as they have a name of the site's."""
    suspended: date | None = None
    """Since when the period waits for them: `limit` counts the whole time granted."""
    until: date | None = None
    """By when the missing pieces are expected."""


@dataclass(frozen=True, kw_only=True)
class Sva(Correspondence):
    """The template values of an acknowledgement where silence until `limit` accepts (L232-3)."""

    kind = NoticeKind.SVA
    must_show = (*_ACKNOWLEDGED, "limit", "text")
    must_say = CONDITIONS

    limit: date
    text: str
    missing: tuple[str, ...] = ()
    """Nothing: it is told of a complete file only. Templates applied before name it."""
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class HoldingReply(Correspondence):
    """The template values of a holding reply: a neutral reason and a new date."""

    kind = NoticeKind.HOLDING_REPLY
    must_show = (*_RECEIVED, "promised", "agent.name")

    promised: date
    reason: str
    """A clause that ends « parce que … »; from the site's list of neutral reasons."""


class EffectOfPieces(StrEnum):
    """The effect of a request for missing pieces on the implied decision (CRPA L114-5)."""

    NONE = "none"
    SUSPENDS = "suspends"
    """Silence rejects, counted from an office: suspended for the time granted."""
    STARTS_REJECTION = "starts_rejection"
    """Silence rejects, counted from the complete file: no period runs until the pieces arrive."""
    RESTARTS_REJECTION = "restarts_rejection"
    """Likewise, and the file had been complete: the whole period is counted anew."""
    STARTS = "starts"
    """Silence accepts: the period starts when the pieces arrive."""
    RESTARTS = "restarts"
    """Silence accepts, and the file had been complete: the whole period is counted anew."""


@dataclass(frozen=True, kw_only=True)
class PiecesRequest(Correspondence):
    """The template values of a request for missing pieces: which, and by when."""

    kind = NoticeKind.PIECES
    must_show = ("reference", "pieces", "until", "office.email", "office.postal.street")

    pieces: tuple[str, ...]
    until: date
    effect: EffectOfPieces


@dataclass(frozen=True, kw_only=True)
class Transfer(Correspondence):
    """The template values of a letter saying that a request was transmitted (CRPA L114-2)."""

    kind = NoticeKind.TRANSFER
    must_show = (*_RECEIVED, "to", "transferred", "to_contact")

    to: str
    to_contact: str
    """Postal address, e-mail or phone of that office, on one line."""
    transferred: date


@dataclass(frozen=True, kw_only=True)
class Pointer(Correspondence):
    """The template values of a letter that points to the teleservice and to help in person."""

    kind = NoticeKind.POINTER
    must_show = ("reference", "procedure", "url", "without_internet")

    procedure: str
    url: str
    without_internet: str
    """Where and how somebody helps: the Point d'Appui Numérique with address and phone."""


@dataclass(frozen=True, kw_only=True)
class Reply(Correspondence):
    """The template values of a reply, written by a person or from a standard letter."""

    kind = NoticeKind.REPLY
    must_show = ("reference", "text", "agent.first_name", "agent.name", "agent.capacity")

    text: str


@dataclass(frozen=True)
class Correction:
    """A line of a letter of rectification: what is corrected, before and after, as printed."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Rectification(Correspondence):
    """The template values of a letter that corrects an acknowledgement."""

    kind = NoticeKind.RECTIFICATION
    must_show = (*_ACKNOWLEDGED, "corrected_notice", "corrections", "appeals")

    corrected_notice: date
    """The day of the message that it corrects."""
    corrections: tuple[Correction, ...]
    kept: date | None = None
    """The date promised before, which stays because it is more favourable."""
    appeals: str = ""
