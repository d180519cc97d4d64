"""routing.yaml: categories, and the tables by which a machine proposes — never decides.

No regular expressions: words are looked for whole, whatever their case and accents; addresses are
exact, `*@domain` or `*@*.domain`.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from shared.facts.vocabulary import Channel, Confidentiality, Nature, Priority, SenderKind, Theme
from shared.values import NOBODY, Checked, Code, Phrase, Source, Table

UNRECOGNISED: Final = "fallback"
"""What a proposal has for a rule where none recognised the letter."""


class CategoryRow(Table):
    """A category of items: its label, the service that answers, its regime and retention."""

    id: Code
    label: str
    """Neutral: it may stand in a reminder beside the chrono (« titre de séjour »)."""
    service: Code
    perimeter: bool = True
    reason: Code | None = None
    """Why it is out of the perimeter; needed when it is."""
    regime: Code | None = None
    """The regime that a person may confirm for it: proposed first."""
    regimes: tuple[Code, ...] = ()
    """Others that the law gives to some cases of it: the confirming person chooses."""
    transmit_to: Code | None = None
    """The office of labels.yaml that decides it: proposed when it is transmitted (CRPA L114-2)."""
    source: Source | None = None
    """By which text that office decides; needed where there is one."""
    nature: Nature = Nature.UNKNOWN
    teleservice: str | None = None
    retention_months: int = Field(default=36, ge=1)
    final: Literal["archive"] | None = None
    """`archive`: once its time is over it is transferred to the archive of site.yaml, and destroyed
    after that has accepted it; `None`: it is destroyed without being transferred."""
    replaces: tuple[Code, ...] = ()
    """Former categories whose open items become of this one when they are removed."""

    @property
    def allowed(self) -> tuple[Code, ...]:
        """The regimes that a person may confirm for the category, the proposed one first."""
        first = () if self.regime is None else (self.regime,)
        return tuple(dict.fromkeys((*first, *self.regimes)))


class Condition(Table):
    """The condition of a routing rule: every list that is not empty needs a hit in the arrival."""

    mailboxes: tuple[Code, ...] = ()
    scan_folders: tuple[Code, ...] = ()
    channels: tuple[Channel, ...] = ()
    separators: tuple[Code, ...] = ()
    """Service of the separator sheet that stood before the document."""
    themes: tuple[Theme, ...] = ()
    """What the person chose on our public form."""
    from_addresses: tuple[str, ...] = ()
    to_addresses: tuple[str, ...] = ()
    subject: tuple[Phrase, ...] = ()
    words: tuple[Phrase, ...] = ()
    """In the subject or the sender's own text (quoted text left out)."""
    unless: tuple[Phrase, ...] = ()
    """None of these in the subject or the text."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Header → words that its value holds."""


class RoutingOutcome(Table):
    """The outcome that a routing rule proposes; fields that are `None` are left to later rules.

    Category, service, agent, nature, priority, confidentiality; or to set aside, or hold
    notices.
    """

    category: Code | None = None
    service: Code | None = None
    agent: Code | None = None
    nature: Nature | None = None
    priority: Priority | None = None
    confidentiality: Confidentiality | None = None
    set_aside: Code | None = None
    """The reason; the message enters no list but *set aside*."""
    hold: Code | None = None
    """The reason for which nothing may leave before a person's word."""


class Rule(Table):
    """A routing rule; rules are read in order: the first match decides, later ones fill gaps."""

    id: Code
    when: Condition
    then: RoutingOutcome
    certain: Checked | None = None
    """With an author, a date and a reason, the proposal stands without a person's word."""


class SenderRow(Table):
    """A table row that recognises a kind of sender by address or words."""

    kind: SenderKind
    addresses: tuple[str, ...] = ()
    words: tuple[Phrase, ...] = ()
    """In the name, the signature or the letterhead."""


class FormLayout(StrEnum):
    """The layout in which a website writes the fields of its form into a mail."""

    LABELS = "labels"
    """« Nom : Dupont » at the beginning of a line."""
    TABLE = "table"
    """A row of an HTML table: the label in its first cell, the value in the next."""
    KEYS = "keys"
    """« NOM=Dupont » at the beginning of a line."""
    SECTIONS = "sections"
    """« *** Nom *** » or « [Nom] » alone on a line, the value on the lines below."""
    ATTACHED = "attached"
    """A JSON or XML file that is attached; a label is the end of a path (« demandeur.nom »)."""


LONGEST_LABEL = 120
"""Characters of a label, so that a line is read in a bounded time."""


class FormMail(Table):
    """A table row that recognises a website's form which arrives as a robot's mail."""

    id: Code
    from_addresses: tuple[str, ...]
    needs: Literal["pass", "none"] = "pass"
    """The authentication that the relay must have."""
    subject: tuple[Phrase, ...] = ()
    layout: FormLayout | None = None
    """How it is written; `None` as `labels`, which the first release knew alone."""
    fields: dict[Literal["name", "first_name", "email", "subject", "text", "service", "topic"], str]
    """Our field → the label that stands before its value. Where they are found no longer, the mail
    is held as *form-unread* with its whole text."""
    checked_by: str = NOBODY
    """Who has held it against a true mail of that form."""


def _unasked(value: object) -> object:
    return None if value is False else value


class RoutingTable(Table):
    """The table routing.yaml: categories and the rules that judge an arrival."""

    categories: tuple[CategoryRow, ...]
    fallback: Code
    """The category of what no rule knows."""
    rules: tuple[Rule, ...]
    senders: tuple[SenderRow, ...]
    forms: tuple[FormMail, ...] = ()
    danger: tuple[Phrase, ...] = ()
    newsletters: tuple[str, ...] = ()
    """Addresses always set aside as newsletters, beside what List-Id and List-Unsubscribe tell."""
    probe: str | None = None
    """Address from which our own probe mails come."""
    learns: Annotated[Literal[True] | None, BeforeValidator(_unasked)] = None
    """Whether the register learns each night from what its clerks sort, and proposes beside the
    rules; without it, what was learned is deleted. No is as good as nothing: it is not stored, for
    the version before refuses what it does not know."""
