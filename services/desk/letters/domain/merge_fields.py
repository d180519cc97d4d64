"""A letter filled for one item: pure, one pass, and what has no value stays visible as `{field}`.

What a field brings is text and nothing more: its braces become brackets, so that no sender's name
or subject can name a field of ours.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.desk.domain.days import local_day
from services.desk.domain.item import Item
from services.desk.letters.domain.fields import FIELDS, FieldOrigin, Shape, field_names, fill_fields
from services.desk.letters.domain.library import LetterContent
from shared.calendar.local_days import plain_day
from shared.content.plis import NOT_THEIRS, Pli
from shared.errors import Refused
from shared.facts.vocabulary import Channel, Confidentiality, NoticeKind, Way
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.people import Person
from shared.site.texts.by_way import ANSWER, said_by
from shared.site.texts.letters import Agent, Correspondence, office
from shared.site.texts.templates import TemplateText, frame, opening

CIVILITY: Final = "Madame, Monsieur"
NEUTRAL_REASON: Final = "son examen demande plus de temps que prévu"
"""Proposed to whoever holds on: it says nothing of people or means (DOMAIN §7)."""
APPOINTMENT: Final = "Prenez rendez-vous sur {}"
ANONYMOUS: Final = "L’agent chargé de votre demande"
"""Signs where security keeps the agent's name (CRPA L111-2, second paragraph)."""

_PAPER = frozenset({Channel.LETTER, Channel.REGISTERED_LETTER, Channel.HAND_DELIVERED})
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_BLANK = re.compile(r"\n{3,}")
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class FillContext:
    """The data with which a letter to an item's sender is filled: item, pli, agent, day."""

    item: Item
    pli: Pli | None
    """Content that the sender wrote; `None`: keyed at the counter, or unreadable."""
    applied: AppliedSite
    agent: Person
    """Agent who answers."""
    today: date
    directory: Directory
    """Directory whose delegations say who signs « par délégation »."""
    signatory: Person | None = None
    """Person who is to sign at the parapheur; `None`: the agent signs."""

    @property
    def signer(self) -> Person:
        """The person who signs the letter: the signatory if there is one, else the agent."""
        return self.signatory or self.agent

    def has_delegation(self, kind: NoticeKind) -> bool:
        """Returns whether the signer has a delegation of signature for such a text today."""
        service = self.applied.site.service_now(self.item.service)
        return service is not None and (
            self.directory.delegation(self.signer.id, service.id, kind, self.today) is not None
        )


@dataclass(frozen=True, slots=True)
class Filled:
    """The subject and body of a letter with its fields filled, which a person may still edit."""

    subject: str
    body: str

    @property
    def unfilled(self) -> tuple[str, ...]:
        """The names of the fields that still stand in the text without a value."""
        return tuple(field_names(f"{self.subject}\n{self.body}"))


def fill(
    content: LetterContent, matter: FillContext, asked: Mapping[str, str], way: Way = Way.MAIL
) -> Filled:
    """Fills the fields of a standard letter for an item; `asked` are the agent's values.

    Raises:
        Refused: a field is unknown, or its value is not the agent's to say.
    """
    said = {name: _asked(name, text, matter) for name, text in asked.items()}
    values = known_values(matter, way) | said
    # A text of several lines may be left out on purpose; any other empty field is missing.
    values = {
        name: text for name, text in values.items() if text or FIELDS[name].shape is Shape.TEXT
    }
    body = _BLANK.sub("\n\n", fill_fields(content.body, values)).strip()
    return Filled(" ".join(fill_fields(content.subject, values).split()), said_by(way, body))


def known_values(matter: FillContext, way: Way = Way.MAIL) -> dict[str, str]:
    """Returns the field values that the register knows for an item's letter, by field name.

    An empty value is asked of the agent. Raises Refused when the item's service is gone.
    """
    item, site, agent = matter.item, matter.applied.site, matter.agent
    service = site.service_now(item.service)
    if service is None:
        raise Refused(
            f"Service {item.service} is gone: assign {item.chrono} first.", "no-such-service"
        )
    house = office(site.identity, service)
    category = site.category_now(item.classification.category)
    values = {
        "civilité": CIVILITY,
        "nom": _name(matter),
        "objet": _subject(matter),
        "démarche": category.label if category else "",
        "référence": item.chrono,
        "votre_courrier": "votre courrier" if item.channel in _PAPER else "votre message",
        "date_réception": plain_day(local_day(item.receipt, site.zone)),
        "date": plain_day(matter.today),
        "motif": NEUTRAL_REASON,
        "tiers_depuis": _third_since(matter),
        "agent_prénom": agent.first_name,
        "agent_nom": agent.name,
        "agent_qualité": agent.capacity,
        "agent_téléphone": agent.phone,
        "préfecture": house.authority,
        "service": house.everyday,
        "adresse": f"{house.postal.street}, {house.postal.postcode} {house.postal.town}",
        "téléphone": house.phone,
        "courriel": house.email,
        "horaires": f"du lundi au vendredi, de {house.opens} à {house.closes}",
        "pour_répondre": ANSWER[way],
        "site_internet": house.website,
        "rendez_vous": APPOINTMENT.format(house.appointments) if house.appointments else "",
    }
    return {name: _line(text) for name, text in values.items()}


def _name(matter: FillContext) -> str:
    """Name of the addressee: the sender, or the third party who is answered."""
    return "" if matter.pli is None else matter.pli.addressee.name


def _subject(matter: FillContext) -> str:
    """The sender's own words; none to a third party, none of what is réservé, none of a paper."""
    pli, what = matter.pli, matter.item.classification
    normal = what.confidentiality is Confidentiality.NORMAL
    if pli is None or pli.on_behalf is not None or not normal or pli.kind in NOT_THEIRS:
        return ""
    return pli.subject[:_LONGEST]


def _asked(name: str, text: str, matter: FillContext) -> str:
    field = FIELDS.get(name)
    if field is None:
        raise Refused(f"There is no field {{{name}}}.", "letter-unknown-field", field=name)
    if field.origin is FieldOrigin.HOUSE:
        raise Refused(
            f"{{{name}}} comes from the register: it is not typed.",
            "letter-house-field",
            field=name,
        )
    match field.shape:
        case Shape.LINE:
            return _line(text)
        case Shape.TEXT:
            return _text(text)
        case Shape.DAY:
            return plain_day(day_of(name, text)) if text.strip() else ""
        case Shape.PIECES:
            return "\n".join(f"- {_piece(line, matter)}" for line in lines_of(text))
        case Shape.OFFICE:
            return _office(text.strip(), matter)


def _third_since(matter: FillContext) -> str:
    asks = matter.item.third_asks
    zone = matter.applied.site.zone
    return plain_day(asks[0].happened_at.astimezone(zone).date()) if asks else ""


def day_of(name: str, text: str) -> date:
    """Parses the value of a letter's date field, YYYY-MM-DD, as a local day. Raises Refused."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            f"{{{name}}} is a day, YYYY-MM-DD, not {text[:20]!r}.", "letter-no-day", field=name
        ) from None


def lines_of(text: str) -> tuple[str, ...]:
    """Splits the list of missing pieces that an agent typed, one a line, without bullets."""
    return tuple(line for raw in text.splitlines() if (line := raw.strip(" -–•\t")))


def _piece(line: str, matter: FillContext) -> str:
    return _line(matter.applied.site.labels.pieces.get(line, line))


def _office(code: str, matter: FillContext) -> str:
    if not code:
        return ""
    found = matter.applied.site.labels.offices.get(code)
    if found is None:
        raise Refused(f"There is no office {code!r} in labels.yaml.", "no-such-code")
    return found.name if found.contact is None else f"{found.name}, {found.contact}"


def as_typed(subject: str, body: str) -> Filled:
    """Normalises a letter that an agent edited: unified line ends, no control characters."""
    return Filled(
        " ".join(_CONTROL.sub(" ", subject).split()),
        _CONTROL.sub(" ", body.replace("\r\n", "\n")).strip(),
    )


def _line(text: str) -> str:
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    plain = _CONTROL.sub(" ", text.replace("\r\n", "\n")).strip()
    return plain.replace("{", "(").replace("}", ")")


def whole_text(
    filled: Filled,
    matter: FillContext,
    kind: NoticeKind,
    way: Way,
    *,
    anonymous: bool,
    enclosures: Sequence[str] = (),
) -> tuple[TemplateText, Correspondence]:
    """Returns a letter's whole text with the site's head and foot, and the signature.

    `enclosures`: the names of the files that leave with it.
    Raises Refused when the item's service is gone, UnusableTemplate.
    """
    agent, item, site = matter.agent, matter.item, matter.applied.site
    service = site.service_now(item.service)
    if service is None:
        raise Refused(
            f"Service {item.service} is gone: assign {item.chrono} first.", "no-such-service"
        )
    context = Correspondence(
        office=office(site.identity, service, delegated=matter.has_delegation(kind)),
        reference=item.chrono,
        written=matter.today,
        received=local_day(item.receipt, site.zone),
        channel=item.channel,
        agent=None if anonymous else Agent(agent.first_name, agent.name, agent.capacity),
        about=None,
        emergency_line=site.identity.emergency_line,
        enclosures=tuple(enclosures),
    )
    head, foot = frame(site.templates, context, way)
    signer = matter.signer
    # Whoever signs at the parapheur names themselves: anonymity is the agent's.
    anonymous = anonymous and matter.signatory is None
    signed = [ANONYMOUS] if anonymous else [f"{signer.first_name} {signer.name}", signer.capacity]
    signature = "\n".join([f"{context.office.signatory},", *signed]).strip()
    body = f"{filled.body.strip()}\n\n{signature}"
    first = opening(site.templates, context, kind, way)
    return TemplateText(filled.subject.strip(), head, body, foot, first), context
