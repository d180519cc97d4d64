"""The closed lists that facts are written with (DOMAIN §6, DESIGN §11).

What a site may extend (categories, reasons, services) is a code of its own tables, a plain string.
"""

from enum import StrEnum
from typing import Annotated, NewType

from pydantic import Field

Category = NewType("Category", str)
"""A line of the site's table: service, perimeter, commitments, regime, neutral label."""


class Channel(StrEnum):
    """The channel by which a message came: email, form, letter, registered letter or by hand."""

    EMAIL = "email"
    FORM = "form"
    LETTER = "letter"
    REGISTERED_LETTER = "registered_letter"
    HAND_DELIVERED = "hand_delivered"

    @property
    def electronic(self) -> bool:
        """Whether the channel is electronic: email or form (CRPA R112-11-1, 5-day commitment)."""
        return self in {Channel.EMAIL, Channel.FORM}


class Nature(StrEnum):
    """The nature of a message: what the sender wants; `UNKNOWN` until somebody says it."""

    UNKNOWN = "unknown"
    INFORMATION = "information"
    REQUEST = "request"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    APPEAL = "appeal"
    PIECES = "pieces"
    CHASER = "chaser"
    FOR_INFORMATION = "for_information"


class Theme(StrEnum):
    """The themes of a message that the public form offers."""

    APPOINTMENTS = "appointments"
    WEBSITE = "website"
    RECEPTION = "reception"
    DELAY = "delay"
    TELEPHONE = "telephone"
    AGENT = "agent"
    OTHER = "other"


class SenderKind(StrEnum):
    """The kinds of senders, by which it is decided what may be sent automatically (DOMAIN §7)."""

    UNKNOWN = "unknown"
    CITIZEN = "citizen"
    ASSOCIATION = "association"
    COMPANY = "company"
    LAWYER = "lawyer"
    COURT = "court"
    ELECTED = "elected"
    MINISTRY = "ministry"
    ADMINISTRATION = "administration"
    PRESS = "press"
    DEFENSEUR = "defenseur"
    INTERNAL = "internal"


class Priority(StrEnum):
    """The priority of an item; `SIGNALEE` is set by hand by the SG, the cabinet or a head."""

    NORMALE = "normale"
    URGENTE = "urgente"
    SIGNALEE = "signalee"


class Confidentiality(StrEnum):
    """The confidentiality of an item: readable by its service, named persons or the addressee."""

    NORMAL = "normal"
    RESERVE = "reserve"
    PERSONAL = "personal"


class AttachmentReading(StrEnum):
    """Whether the automatic answer to a mail waits for the text of its attachments."""

    AWAITED = "awaited"
    """Its own text says little, or names an enclosure: nothing automatic leaves before."""
    BESIDE = "beside"
    """Its own text says what it is about; what is attached is read all the same."""


class Authentication(StrEnum):
    """The DMARC result of an email (pass, none, fail), as a trusted server wrote it."""

    PASS = "pass"  # noqa: S105  (a DMARC result, not a password)
    NONE = "none"
    FAIL = "fail"


class Effect(StrEnum):
    """The effect of a decision, or of the administration's silence: it rejects or accepts."""

    REJECTION = "rejection"
    ACCEPTANCE = "acceptance"


class RegimeStart(StrEnum):
    """The events from which the period of an implied decision may run (CRPA L114-3, L114-5)."""

    FIRST_OFFICE = "first_office"
    COMPETENT_OFFICE = "competent_office"
    COMPLETE_FILE = "complete_file"


class Proof(StrEnum):
    """The kinds of proof that a reply left, strongest first."""

    DELIVERED = "delivered"
    SEEN = "seen"
    SCANNED = "scanned"
    KEYED = "keyed"
    DECLARED = "declared"


class Waiting(StrEnum):
    """The codes of the work lists in which an item or arrival waits until a person acts."""

    TO_QUALIFY = "to_qualify"
    QUARANTINE = "quarantine"
    RECEIPT_TO_CONFIRM = "receipt_to_confirm"
    TO_PRINT = "to_print"
    TO_TRANSMIT = "to_transmit"
    HELD = "held"


class ClockName(StrEnum):
    """The names of the clocks (deadline timers) that one item can carry (DOMAIN §5)."""

    REGISTRATION = "registration"
    RECEIPT = "receipt"
    SERVICES_PUBLICS = "services_publics"
    ACKNOWLEDGEMENT = "acknowledgement"
    REPLY = "reply"
    IMPLIED_DECISION = "implied_decision"
    HOLDING = "holding"
    PIECES = "pieces"
    TRANSMISSION = "transmission"


BY_RECEIPT = frozenset(
    {
        ClockName.RECEIPT,
        ClockName.SERVICES_PUBLICS,
        ClockName.ACKNOWLEDGEMENT,
        ClockName.REPLY,
        ClockName.TRANSMISSION,
    }
)
"""The clocks that count from the receipt of the item's messages (CLOCKS, rule 9)."""


class Audience(StrEnum):
    """The roles told of a reminder: holder, head, director, mail office, its head.

    The people are looked up when it is sent.
    """

    HOLDER = "holder"
    HEAD = "head"
    DIRECTOR = "director"
    MAIL_OFFICE = "mail_office"
    MAIL_OFFICE_HEAD = "mail_office_head"


class NoticeKind(StrEnum):
    """The kinds of notices: receipt, acknowledgement, reply, digest and so on (DOMAIN §7)."""

    RECEIPT = "receipt"
    """Neutral registration receipt (1)."""
    SIMPLE = "simple"
    SVR = "svr"
    SVA = "sva"
    """Acknowledgements: no implied decision, silence rejects, silence accepts (2)."""
    HOLDING_REPLY = "holding_reply"
    PIECES = "pieces"
    TRANSFER = "transfer"
    POINTER = "pointer"
    THIRD = "third"
    """To a third party (town hall, other administration, expert) whose answer an item waits for."""
    REPLY = "reply"
    DIGEST = "digest"
    WEEKLY = "weekly"
    RECTIFICATION = "rectification"
    ALERT = "alert"
    COPY = "copy"
    """A copy of a letter to the sender, to somebody else whom its author named."""
    PERSON_CHANGED = "person_changed"
    """To one of ours: something of theirs was changed in the people's pages."""
    EXERCISE = "exercise"
    """Of an exercise of module 7: to an entry of the site's exercise list, about no item."""
    SURVEY = "survey"
    """An invitation to the satisfaction survey, some days after a reply; of no item's story."""
    MEETING = "meeting"
    """To a member of the users' committee: a meeting is called, moved or cancelled; of no item."""
    ROOTS = "roots"
    """The roots of the evidence, by one of three roads: to two of ours, and outside the house."""


ACKNOWLEDGEMENTS = frozenset({NoticeKind.SIMPLE, NoticeKind.SVR, NoticeKind.SVA})
AUTOMATIC = frozenset({NoticeKind.RECEIPT}) | ACKNOWLEDGEMENTS
"""What may leave without a person having asked for it; moot once the reply left (docs/clocks.md,
20)."""


ServerAnswer = Annotated[
    str, Field(pattern=r"^\d{3}( [245]\.\d{1,3}\.\d{1,3})?( [A-Za-z0-9][A-Za-z0-9.-]{3,63})?$")
]
"""What is kept of a mail server's answer: reply code, enhanced code, its own queue number."""


class Way(StrEnum):
    """The ways by which a notice leaves: email or paper."""

    MAIL = "mail"
    PAPER = "paper"


class LateCause(StrEnum):
    """The causes for which a person says that a reply was late: of the work, never of anybody."""

    ABSENCE = "absence"
    PIECES = "pieces"
    THIRD = "third"
    """Another administration's opinion was awaited."""
    ROUTING = "routing"
    """It was given to the wrong service, or went round."""
    SIGNATURE = "signature"
    VOLUME = "volume"
    COMPLEXITY = "complexity"
    TOOL = "tool"
    """An application or the network did not work."""
    UNKNOWN = "unknown"


class ReturnReason(StrEnum):
    """The reasons for which the post returned a letter of ours, as its sticker says."""

    UNKNOWN_AT_ADDRESS = "unknown_at_address"
    """NPAI: n'habite pas à l'adresse indiquée, pli non distribuable."""
    REFUSED = "refused"
    UNCLAIMED = "unclaimed"
    """A registered letter that nobody fetched in time."""
    OTHER = "other"


class Settled(StrEnum):
    """The ways in which a letter returned by the post was settled."""

    SENT_AGAIN = "sent_again"
    """In a way that no departure shows: by hand, by a bailiff."""
    ADDRESS_CORRECTED = "address_corrected"
    """The mail office has done its part: the service has to send it again."""
    NOTHING_MORE = "nothing_more"


class NoteKind(StrEnum):
    """The kinds of what a colleague notes about an item: a note, a telephone call, a visit."""

    NOTE = "note"
    CALL = "call"
    VISIT = "visit"


class TwoPersonAct(StrEnum):
    """The acts on an item that need a second person, signed in like the first."""

    LIFT_HOLD = "lift_hold"
    LEAVE_PERIMETER = "leave_perimeter"
    """Although its limit has passed."""


class SurveyChannel(StrEnum):
    """The way by which a sheet of the survey was filled; what is asked by us is typed by us."""

    POSTER = "poster"
    """The public page, by the code of a poster."""
    COUNTER = "counter"
    PAPER = "paper"
    """A sheet that was handed out or sent, typed when it came back."""
    TELEPHONE = "telephone"
    MAIL = "mail"
    """The public page, by the link of a mail after a reply, the same link for everybody."""
