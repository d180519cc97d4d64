"""Whose letter of the queue it is: who opens one, and who has it open."""

from services.desk.domain.item import Item, ItemStatus
from services.desk.french.names import Names
from services.desk.pages.visit import Visit
from services.desk.store import queue_claims
from services.desk.store.queue_claims import Claim
from shared.errors import Refused
from shared.facts.envelope import ItemId, PersonId


async def guard(visit: Visit, item: Item) -> None:
    """Raises Refused when a colleague has the letter open: to insist is an act of its own."""
    claim = await other(visit, item.item_id)
    if claim is not None:
        raise Refused(
            f"{claim.person} has {item.chrono} open: take it over first.",
            "open-elsewhere",
            person=claim.person,
            chrono=item.chrono,
        )


async def claim_page(visit: Visit, item: Item) -> Claim | None:
    """Claims the item of an open page for its reader; returns a colleague's claim, or `None`.

    Other letters that the reader had open and left undecided are given back.
    """
    me = PersonId(visit.person.id)
    await queue_claims.end_left(visit.connection, me, item.item_id)
    if await queue_claims.take(visit.connection, item.item_id, me):
        return None
    return await other(visit, item.item_id)


async def read_notice(visit: Visit, item: Item) -> dict[str, object] | None:
    """Returns the notice that a colleague has a letter of the queue open; `None`: nobody has."""
    if item.state is not ItemStatus.TO_QUALIFY:
        return None
    return notice(visit, await other(visit, item.item_id))


def notice(visit: Visit, claim: Claim | None) -> dict[str, object] | None:
    """Returns what a template says of a colleague's claim (who, taken over or not), or `None`."""
    if claim is None:
        return None
    names = Names(visit.applied.site, visit.directory)
    return {
        "who": names.person(claim.person),
        "from_me": claim.taken_from == visit.person.id,
    }


async def other(visit: Visit, item_id: ItemId) -> Claim | None:
    """Returns the claim of a colleague on a letter; `None` when nobody else has it open."""
    claim = await queue_claims.holder(visit.connection, item_id)
    return None if claim is None or claim.person == visit.person.id else claim
