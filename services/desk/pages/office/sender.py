"""Who writes, in the queue and on an item's page: what is proposed, what a person keeps."""

from dataclasses import dataclass
from typing import Final

from services.desk import reply_address
from services.desk.domain.item import Item
from services.desk.domain.senders import letterhead, proposed_kind
from services.desk.french import labels_fr
from services.desk.pages.visit import Visit
from shared.content.plis import Correspondent
from shared.errors import VaguemestreError
from shared.facts.vocabulary import SenderKind
from shared.web.forms import Form, Mistyped

NAME, ADDRESS, POSTAL = "sender_name", "sender_address", "sender_postal"
SHOWN: Final = "expediteur"
"""A field that says that the page had the three: what a page did not show is not changed by it."""
KEYS: Final = (
    ("1", SenderKind.CITIZEN),
    ("2", SenderKind.ASSOCIATION),
    ("3", SenderKind.COMPANY),
    ("4", SenderKind.LAWYER),
    ("5", SenderKind.ELECTED),
    ("6", SenderKind.ADMINISTRATION),
    ("7", SenderKind.COURT),
    ("8", SenderKind.MINISTRY),
    ("9", SenderKind.PRESS),
    ("0", SenderKind.UNKNOWN),
    (",", SenderKind.DEFENSEUR),
    (";", SenderKind.INTERNAL),
)
"""One key each, the frequent ones first; digits are read by their place, so on any keyboard."""
SHORT: Final = {
    SenderKind.ADMINISTRATION: "admin.",
    SenderKind.DEFENSEUR: "Défenseur",
    SenderKind.INTERNAL: "interne",
}
CHIPS: Final = tuple(
    (key, kind.value, labels_fr.SENDERS[kind], SHORT.get(kind, labels_fr.SENDERS[kind]))
    for key, kind in KEYS
)
"""Key, value, whole name and short name of each kind."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """The sender proposed for an item in the fields of a form, before anybody edits them."""

    kind: str
    name: str
    address: str
    postal: str
    read: bool
    """The name or the address was read by the machine on a paper: a person looks at it."""

    @property
    def line(self) -> str:
        """The proposed sender on one line: name, email and postal address."""
        return ", ".join(
            part for part in (self.name, self.address, *self.postal.splitlines()) if part
        )


async def propose_sender(visit: Visit, item: Item) -> Proposed:
    """Proposes the sender of an item: as noted by a person, else from the email or letterhead."""
    try:
        pli = await reply_address.pli_to_answer(visit.blobs, item)
    except VaguemestreError:
        pli = None
    who, read = Correspondent() if pli is None else pli.addressee, False
    known = item.classification.sender_kind
    if pli is not None and pli.scan is not None and who == Correspondent():
        who = letterhead(pli.scan.pages, visit.applied.site.identity, pli.scan.head)
        read = who != Correspondent()
    kind = proposed_kind(known, pli, who)
    return Proposed(kind.value, who.name, who.address, who.postal, read)


async def note(visit: Visit, form: Form, item: Item) -> Item:
    """Stores the sender typed into a form, if it differs from what is known; returns the item.

    Raises Mistyped.
    """
    if not form.text(SHOWN):
        return item
    said = Correspondent(
        name=" ".join(form.text(NAME).split())[:250],
        address=form.text(ADDRESS)[:254],
        postal="\n".join(_lines(form.text(POSTAL)))[:1000],
    )
    known = await reply_address.addressee(visit.blobs, item)
    if known is None or said == _as_typed(known):
        return item
    if said.address and said.address != known.address and not reply_address.usable(said.address):
        raise Mistyped(ADDRESS, "Cette adresse électronique est inutilisable : corrigez-la.")
    return await visit.decider(form.decision).note_sender(item, said, visit.blobs)


def _as_typed(who: Correspondent) -> Correspondent:
    """As a form gives it back unchanged."""
    return Correspondent(
        name=" ".join(who.name.replace("\0", "").split())[:250],
        address=who.address.strip()[:254],
        postal="\n".join(_lines(who.postal))[:1000],
    )


def _lines(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.replace("\0", "").splitlines())
    return [line for line in lines if line]
