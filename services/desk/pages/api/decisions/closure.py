"""Decisions that end an item, reopen it, join it, take back what was stated of it."""

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from services.desk.domain.decisions.closure import Close, Reopen, Undo
from services.desk.domain.decisions.lateness import ExplainLate
from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.decisions.classification import ReasonBody
from services.desk.pages.api.decisions.decision import Deciding, FactNumber, ItemDecision, Taken
from services.desk.pages.api.endpoint import Body
from services.desk.pages.item.actions import UNDONE
from services.desk.store.items import StoredItemRow
from shared.facts.envelope import ItemId
from shared.facts.items.corrections import ItemMergedInto
from shared.facts.vocabulary import LateCause


class MergeBody(Body):
    """The number of the item that goes on."""

    into: str = Field(max_length=40)


class FactBody(Body):
    """The number of a fact among those of its item."""

    seq: FactNumber


class CauseBody(Body):
    """The cause of a late reply."""

    cause: LateCause


async def close(about: Deciding, said: ReasonBody) -> Taken:
    """Closes an item."""
    return await about.about(Close(about.reason(said.reason, "close")))


async def reopen(about: Deciding, said: ReasonBody) -> Taken:
    """Reopens an item."""
    return await about.about(Reopen(about.reason(said.reason, "reopen")))


async def merge(about: Deciding, said: MergeBody) -> Taken:
    """Joins an item to another, which goes on."""
    survivor = (await about.call.row(said.into)).item
    return Taken(await about.by.merge(about.item.item_id, survivor.item_id))


async def survivor_of(call: ApiCall, _: StoredItemRow, said: MergeBody) -> Sequence[ItemId]:
    """Returns the item that goes on. Raises Problem where the key may not know of it."""
    return [(await call.row(said.into)).item.item_id]


async def undone_with(_: ApiCall, row: StoredItemRow, said: FactBody) -> Sequence[ItemId]:
    """Returns the item into which this one was merged, where the merger is taken back."""
    named = [fact for fact in row.facts if fact.seq == said.seq]
    return [fact.survivor for fact in named if isinstance(fact, ItemMergedInto)]


async def split(about: Deciding, said: FactBody) -> Taken:
    """Makes a message of an item an item of its own."""
    return Taken(await about.by.split(about.item.item_id, said.seq))


async def undo(about: Deciding, said: FactBody) -> Taken:
    """Takes back what was stated of an item."""
    item, _ = await about.by.undo(about.item.item_id, Undo(UNDONE, said.seq))
    return Taken(item)


async def explain_late(about: Deciding, said: CauseBody) -> Taken:
    """Says why a reply was late."""
    return await about.about(ExplainLate(said.cause))


_PAGE: Final = "/courrier/{chrono}"
DECISIONS: Final = (
    ItemDecision(
        "close", ReasonBody, close, "Close it, with a reason", "Classer", (f"{_PAGE}/classer",)
    ),
    ItemDecision(
        "reopen", ReasonBody, reopen, "Reopen it, with a reason", "Rouvrir", (f"{_PAGE}/rouvrir",)
    ),
    ItemDecision(
        "merge",
        MergeBody,
        merge,
        "Join it to another, which goes on",
        "Fusionner avec un autre, qui continue",
        (f"{_PAGE}/fusionner", "/bureau/a-qualifier/{chrono}/joindre"),
        others=survivor_of,
    ),
    ItemDecision(
        "split",
        FactBody,
        split,
        "Make one of its messages an item",
        "Séparer un message",
        (f"{_PAGE}/separer",),
    ),
    ItemDecision(
        "undo",
        FactBody,
        undo,
        "Take back what was stated of it",
        "Annuler ce qui a été dit",
        (
            f"{_PAGE}/annuler",
            "/bureau/departs/{chrono}/annuler",
            "/bureau/retours/{chrono}/annuler",
        ),
        others=undone_with,
    ),
    ItemDecision(
        "explain-late",
        CauseBody,
        explain_late,
        "Say why its reply was late",
        "Dire la cause du retard",
        (f"{_PAGE}/cause-retard",),
    ),
)
