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
    """The chrono of the item into which another is merged."""

    into: str = Field(max_length=40)


class FactBody(Body):
    """The number (`seq`) of the fact that a decision is about, among those of its item."""

    seq: FactNumber


class CauseBody(Body):
    """The cause for which a reply is late."""

    cause: LateCause


async def close(about: Deciding, said: ReasonBody) -> Taken:
    """Closes an item for a program, with a reason that pages offer too. Raises Refused."""
    return await about.about(Close(about.reason(said.reason, "close")))


async def reopen(about: Deciding, said: ReasonBody) -> Taken:
    """Reopens a closed item for a program, with a reason that pages offer too. Raises Refused."""
    return await about.about(Reopen(about.reason(said.reason, "reopen")))


async def merge(about: Deciding, said: MergeBody) -> Taken:
    """Merges an item into another, the survivor. Raises Refused, Problem without a survivor."""
    survivor = (await about.call.row(said.into)).item
    return Taken(await about.by.merge(about.item.item_id, survivor.item_id))


async def survivor_of(call: ApiCall, _: StoredItemRow, said: MergeBody) -> Sequence[ItemId]:
    """Returns the item into which one is to be merged, since that changes it too.

    Raises Problem where there is none, or the key may not know of it.
    """
    return [(await call.row(said.into)).item.item_id]


async def undone_with(_: ApiCall, row: StoredItemRow, said: FactBody) -> Sequence[ItemId]:
    """Returns the other item that an undo changes: the survivor of a merger that it withdraws.

    Empty where the fact to withdraw is no merger.
    """
    named = [fact for fact in row.facts if fact.seq == said.seq]
    return [fact.survivor for fact in named if isinstance(fact, ItemMergedInto)]


async def split(about: Deciding, said: FactBody) -> Taken:
    """Splits a message off an item for a program; returns the new item. Raises Refused.

    `said`: the fact number of the message.
    """
    return Taken(await about.by.split(about.item.item_id, said.seq))


async def undo(about: Deciding, said: FactBody) -> Taken:
    """Withdraws the statement about an item that has this fact number. Raises Refused."""
    item, _ = await about.by.undo(about.item.item_id, Undo(UNDONE, said.seq))
    return Taken(item)


async def explain_late(about: Deciding, said: CauseBody) -> Taken:
    """Records the cause for which an item's reply is late. Raises Refused."""
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
