"""Roots against the chains, against what was told, and against what left this house.

What left lies where whoever rewrites the register's tables does not reach by the same hand:
notify's rows of what it mailed; what Kafka holds is compared fact by fact, in copies.py.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date

from services.desk.domain import roots as rule
from services.desk.domain.difference import NOTHING, Difference
from services.desk.domain.roots import Root
from services.desk.store import roots
from services.desk.verification.ground import VerificationContext
from shared import ids
from shared.database import Connection, transaction
from shared.facts.envelope import Digest, EventId, ItemId


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Every root, every list, every sealed head; then what was told, mailed and published."""
    register = ids.register_id(ground.applied.site.identity.id)
    async with transaction(ground.pool, readonly=True) as connection:
        every = await roots.every(connection)
        ground.checked["roots"] += len(every)
        found = [
            *await _lists(connection, every),
            *await _heads(connection, register),
            *_told_otherwise(every, await roots.stated(connection, register)),
            *_elsewhere(await roots.mailed(connection), every, "root as notify has it"),
        ]
    for one in found:
        yield one


async def _lists(connection: Connection, every: Sequence[Root]) -> Sequence[Difference]:
    """The chain of roots, and each list against its root."""
    why = rule.broken(every)
    found = [] if why is None else [Difference("root", "roots", why)]
    for one in every:
        heads = await roots.heads_of(connection, one.night)
        if rule.digest_of(heads) != one.heads or len(heads) != one.chains:
            what = f"the list of {one.day} is not the one that was sealed"
            found.append(Difference("root", str(one.day), what))
    return found


async def _heads(connection: Connection, register: ItemId) -> Sequence[Difference]:
    """Sealed heads that the facts do not have, and facts that no root knows."""
    found = [
        Difference(
            "root",
            one.chrono or str(one.item_id),
            f"night {one.night}: {one.why}",
            chrono=one.chrono,
        )
        for one in await roots.differing(connection)
    ]
    found += [
        Difference("root", one.chrono or str(one.item_id), one.why, chrono=one.chrono)
        for one in await roots.unsealed(connection, register)
    ]
    return found


def _told_otherwise(
    every: Sequence[Root], told: Mapping[int, tuple[date, Digest]]
) -> Iterator[Difference]:
    """Roots of which the register's own chain says something else."""
    kept = {one.night: (one.day, one.root) for one in every}
    for night in sorted(kept.keys() | told.keys()):
        ours, theirs = kept.get(night), told.get(night)
        if ours != theirs:
            day = (theirs or ours or ("",))[0]
            what = f"root {night} as the register told it"
            yield Difference("root", str(day), what, _root(theirs), _root(ours))


def _root(one: tuple[date, Digest] | None) -> str:
    return NOTHING if one is None else f"{one[1]} of {one[0]}"


def _elsewhere(
    told: Mapping[EventId, tuple[date, Digest]], every: Sequence[Root], what: str
) -> Sequence[Difference]:
    """What somebody else holds under the name of a root, where it is not ours."""
    ours = {(one.day, one.root) for one in every}
    by_day: dict[date, list[str]] = {}
    for one in every:
        by_day.setdefault(one.day, []).append(one.root)
    return [
        Difference("root", str(day), what, root, " ".join(by_day.get(day, [NOTHING])))
        for day, root in told.values()
        if (day, root) not in ours
    ]
