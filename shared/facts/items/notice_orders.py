"""Orders of persons about notices: compose and send one, release or drop one that is held."""

from datetime import date
from typing import ClassVar, Literal

from shared.facts.envelope import BlobKey, NoticeId, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import NoticeKind, Way


class NoticeOrdered(ItemFact):
    """Fact: a person ordered a notice to be sent; the event id is the notice's occasion."""

    type: Literal["NoticeOrdered"] = "NoticeOrdered"
    weight: ClassVar[Weight] = Weight.STATEMENT
    kind: NoticeKind
    way: Way
    pli: BlobKey | None = None
    """The composed text, where it is not the site's template alone."""
    until: date | None = None
    """The new date of a holding reply, the time limit of missing pieces."""
    pieces: tuple[str, ...] = ()
    """Codes of the pieces asked for."""
    addressee: str | None = None
    """Code of the office to which it is transmitted."""
    template: str | None = None
    """The standard letter from which the text was composed, `letter@version`."""
    copies: tuple[BlobKey, ...] = ()
    """Of a letter by mail, the pli of each copy: its text, and to whom it goes."""


class NoticeReleased(ItemFact):
    """Fact: a person released a held notice, which may now be sent."""

    type: Literal["NoticeReleased"] = "NoticeReleased"
    notice_id: NoticeId
    kind: NoticeKind


class NoticeDropped(ItemFact):
    """Fact: a person dropped a waiting notice, which is never sent."""

    type: Literal["NoticeDropped"] = "NoticeDropped"
    notice_id: NoticeId
    kind: NoticeKind


NoticeOrderFact = NoticeOrdered | NoticeReleased | NoticeDropped
