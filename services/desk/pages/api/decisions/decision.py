"""What a decision is at the API: a body, the service object that takes it, what it answers."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, Field

from services.desk.domain.decisions import Command
from services.desk.domain.item import Item
from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.documents import Document
from services.desk.pages.api.endpoint import Body
from services.desk.service import RegisterService
from services.desk.store.items import StoredItemRow
from services.desk.store.sheets import ItemSheet
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId
from shared.site.tables.labels import OfferedAct
from shared.web.forms import YEARS

_HIDES: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)


def _line(text: str) -> str:
    return " ".join(_HIDES.sub(" ", text).split())


def _lines(text: str) -> str:
    kept = map(_line, text.replace("\r\n", "\n").split("\n"))
    return "\n".join(line for line in kept if line)


Line: TypeAlias = Annotated[str, AfterValidator(_line)]
"""One line without what hides or commands, as forms keep it."""
TextLines: TypeAlias = Annotated[str, AfterValidator(_lines)]
"""Several lines, none of them empty."""
Day: TypeAlias = Annotated[
    date, Field(strict=True, ge=date(YEARS.start, 1, 1), lt=date(YEARS.stop, 1, 1))
]
"""A local day (`2026-05-12`), of a year that forms take."""
FactNumber: TypeAlias = Annotated[int, Field(ge=1, le=999_999_999)]
"""The number of a fact among those of its item."""


class DecisionDocument(Document):
    """The API's answer to a decision: its id, and the state of the item after it."""

    decision: UUID
    chrono: Annotated[str | None, Field(description="Null: no item was made.")]
    version: int
    state: str
    departure: Annotated[str | None, Field(description="The number that a letter left under.")]
    tag: Annotated[
        str | None,
        Field(description="Of the item now, for the next If-Match; null: not this key's any more."),
    ]


@dataclass(frozen=True, slots=True)
class Taken:
    """The result of a decision: the item after it, and the chrono of a letter that left by it."""

    item: Item | None
    """`None`: no item was made."""
    departure: Chrono | None = None


@dataclass(frozen=True)
class Deciding:
    """The context of a decision that a program takes about an item, which is locked."""

    call: ApiCall
    sheet: ItemSheet
    by: RegisterService

    @property
    def item(self) -> Item:
        """The item that is decided about, in its present state; its row is locked."""
        return self.sheet.item

    @property
    def midnight(self) -> datetime:
        """The moment when the local day of the request began."""
        zone = self.call.applied.site.zone
        return datetime.combine(self.call.today, time(), zone).astimezone(UTC)

    async def about(self, command: Command) -> Taken:
        """Executes a command about the item: stores and publishes its facts. Raises Refused."""
        return Taken(await self.by.about(self.item.item_id, command))

    def reason(self, code: str, which: OfferedAct) -> str:
        """Returns a reason's code if pages offer it for this decision; else raises Refused."""
        labels = self.call.applied.site.labels
        offered = labels.offered.get(which)
        if code not in (labels.reasons if offered is None else offered):
            raise Refused(f"No page offers reason {code!r} here.", "no-such-code")
        return code


async def no_other_items(_: ApiCall, __: StoredItemRow, ___: Any) -> Sequence[ItemId]:
    """Returns no ids: most decisions change no item but their own."""
    return ()


@dataclass(frozen=True)
class ItemDecision:
    """A decision about an item that programs may take: its name, body, effect and pages.

    `sorts`: only a key of the mail office (bureau du courrier) may take it, as only its pages do.
    """

    name: str
    body: type[Body]
    take: Callable[[Deciding, Any], Awaitable[Taken]]
    summary: str
    words: str
    pages: Sequence[str]
    """Addresses of the pages that take the same decision."""
    sorts: bool = False
    others: Callable[[ApiCall, StoredItemRow, Any], Awaitable[Sequence[ItemId]]] = no_other_items
    """The other items that it touches, to be locked and judged with the item."""


@dataclass(frozen=True)
class SessionDecision:
    """A decision that no program may take: only a signed-in person does, on these pages."""

    name: str
    summary: str
    words: str
    pages: Sequence[str]
