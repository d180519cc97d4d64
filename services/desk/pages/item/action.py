"""What a decision looks like on a page: when it can be taken, what it asks, what it does.

An item's page shows each action that its state and the person's rights allow: one that asks nothing
as a button, one that asks something as a link to its form. Tables: sorting, waiting, answering,
ending; `actions.py` puts them in order.
"""

import unicodedata
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from services.desk.domain.decisions import Command
from services.desk.domain.item import ENDED, Item, ItemStatus
from services.desk.french.names import Names
from services.desk.pages.visit import Visit
from services.desk.reply_address import usable
from services.desk.store.sheets import ItemSheet
from shared.content.plis import Correspondent
from shared.facts.vocabulary import NoticeKind, Way
from shared.site.tables.labels import Labels, OfferedAct
from shared.site.tables.services import Service
from shared.web.forms import Form

Options = Sequence[tuple[str, str]]


class ActionGroup(StrEnum):
    """The heading under which an item's page shows its actions (decisions)."""

    ANSWER = "Répondre"
    WAIT = "Attendre"
    GIVE = "Confier"
    SAY = "Préciser"
    END = "Terminer"


@dataclass(frozen=True, slots=True)
class ActionField:
    """A field of the form by which a decision about an item is taken.

    `boxes`: its options are boxes to tick.
    """

    name: str
    label: str
    kind: str = "text"
    options: Options | None = None
    value: str = ""
    hint: str = ""
    required: bool = False
    empty: str = ""
    boxes: bool = False
    ticked: Collection[str] = ()
    """Of boxes: those that are ticked before anybody touches them."""


@dataclass(frozen=True)
class About:
    """The item that a page shows or acts on, with the visit (request) of the person who decides."""

    visit: Visit
    sheet: ItemSheet
    who: Correspondent | None = None
    """Who writes, as far as a page that asks for it knows."""

    @property
    def item(self) -> Item:
        """The item of this page."""
        return self.sheet.item

    @cached_property
    def state(self) -> ItemStatus:
        """The state of the item, which each action that may be offered asks for."""
        return self.item.state

    @cached_property
    def names(self) -> Names:
        """The French names of people, services and codes for this page."""
        return Names(self.visit.applied.site, self.visit.directory, self.sheet.hidden)

    @property
    def service(self) -> Service | None:
        """The service in charge of the item; `None` when the site no longer has it."""
        return self.visit.applied.site.service_now(self.item.service)

    @property
    def mailable(self) -> bool:
        """Whether an email can reach the item's sender, as far as the register knows."""
        return self.who is None or usable(self.who.address)

    @property
    def open(self) -> bool:
        """Whether the item still waits for its answer."""
        return self.state not in ENDED

    @property
    def in_hand(self) -> bool:
        """Whether the item waits for its answer, or one of its returned letters must be settled."""
        return self.open or self.state is ItemStatus.RETURNED

    @property
    def may_be_answered(self) -> bool:
        """Whether a reply may be sent: a first one, or again after the post returned it."""
        return self.open or (self.in_hand and self.item.came_back(NoticeKind.REPLY) is not None)

    @property
    def there(self) -> bool:
        """Whether any decision about the item is possible: it is neither merged nor destroyed."""
        return self.state not in {ItemStatus.MERGED, ItemStatus.DESTROYED}

    def works_there(self, person: str) -> bool:
        """Returns whether somebody works in the service in charge of the item, or leads it."""
        found = self.visit.acting.person(person)
        if found is None or self.service is None:
            return False
        leads = {self.service.head, self.service.director}
        return self.service.id in found.services or found.id in leads

    async def decide(self, form: Form, command: Command) -> Item:
        """Executes a command about the item of this page. Raises Refused."""
        return await self.visit.decider(form.decision).about(self.item.item_id, command)


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a decision taken on an item's page: the item, and the sentence to show."""

    item: Item
    said: str


def nothing(_: About) -> Sequence[ActionField]:
    """Returns no form fields, for an item's action that is one button."""
    return ()


@dataclass(frozen=True, slots=True)
class ItemAction:
    """A decision offered on an item's page: title, condition, form fields, effect."""

    slug: str
    label: str
    group: ActionGroup
    possible: Callable[[About], bool]
    act: Callable[[About, Form], Awaitable[Done]]
    fields: Callable[[About], Sequence[ActionField]] = nothing
    key: str = ""
    hidden: Sequence[tuple[str, str]] = ()
    """What its form says without showing it."""
    intro: str = ""
    """What it does, for whoever hesitates."""
    letter: str = ""
    """The letter that it is: its button opens it, and sending it is the act."""
    already: str = ""
    """Of such an act, the way by which its form notes that the service did it itself."""

    @property
    def at_once(self) -> bool:
        """Whether the action is one button, without fields or confirmation."""
        return self.fields is nothing and not self.intro

    def url(self, chrono: str) -> str:
        """Returns the address to which the action's form is sent, for an item."""
        return f"/courrier/{chrono}/{self.slug}"

    def letter_url(self, chrono: str) -> str:
        """Returns the address of the letter that the action is, for an item."""
        return f"/courrier/{chrono}/repondre/{self.letter}"


NO_ADDRESS = "Aucune adresse électronique n’est connue : imprimez, ou donnez-en une."

WAYS: Options = ((Way.MAIL.value, "par courriel"), (Way.PAPER.value, "sur papier"))
SENT = "deja"
"""Of the choice of a way: the service has written already."""


def way_field(what: str, about: About) -> ActionField:
    """Makes the form field that asks by which way a letter leaves: email, paper, already sent.

    Paper is chosen first when no email address is known.
    """
    return ActionField(
        "way",
        "Envoi",
        value=Way.MAIL.value if about.mailable else Way.PAPER.value,
        hint="" if about.mailable else NO_ADDRESS,
        options=(
            (Way.MAIL.value, f"{what} part par courriel, de notre part"),
            (Way.PAPER.value, f"{what} est imprimée par le bureau du courrier"),
            (SENT, "Le service l’a déjà envoyée lui-même"),
        ),
    )


def way_of(form: Form) -> tuple[Way, bool]:
    """Reads from a form if a letter leaves by email or on paper, and whether it left already."""
    said = form.text("way")
    return (Way.PAPER if said == Way.PAPER.value else Way.MAIL), said == SENT


TOLD = "sait"
"""Of the choice of a way: the person knows already."""
TELLING: Options = (*WAYS, (TOLD, "elle le sait déjà"))
"""How a person hears that their letter was transmitted."""


def told_by(form: Form) -> tuple[Way, bool]:
    """Reads from a form how to tell the sender of a transfer, and whether they know already."""
    said = form.text("way")
    return (Way.PAPER if said == Way.PAPER.value else Way.MAIL), said == TOLD


def offices_of(labels: Labels) -> Options:
    """Returns the choices of other administrations for a form, sorted by name."""
    return by_words((code, labels.office(code)) for code in labels.offices)


def reasons(about: About, which: OfferedAct) -> Options:
    """Returns the choices of reasons for a kind of decision, in the site's order or by name."""
    labels = about.visit.applied.site.labels
    offered = labels.offered.get(which)
    if offered is None:
        return by_words((code, labels.reason(code)) for code in labels.reasons)
    return [(code, labels.reason(code)) for code in offered]


def offices(about: About) -> Options:
    """Returns the choices of other administrations for a form of this item, sorted by name."""
    return offices_of(about.visit.applied.site.labels)


def by_words(options: Iterable[tuple[str, str]]) -> Options:
    """Sorts the choices of a form by their words, as a French reader expects."""
    return sorted(options, key=lambda option: _plain(option[1]))


def _plain(said: str) -> str:
    return unicodedata.normalize("NFKD", said.casefold()).encode("ascii", "ignore").decode()
