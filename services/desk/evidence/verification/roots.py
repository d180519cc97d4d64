"""Roots against the chains, against what was told, and against what left this house.

What left lies where whoever rewrites the register's tables does not reach by the same hand:
notify's rows of what it heard and of what it mailed by each road (ADR 0048); what Kafka holds is
compared fact by fact, in copies.py.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from services.desk.domain import roots as rule
from services.desk.domain.roots import Root
from services.desk.evidence.domain.difference import NOTHING, Difference
from services.desk.evidence.store import roots
from services.desk.evidence.store.roots import RoadDeparture
from services.desk.evidence.verification.ground import VerificationContext
from shared.facts import ids
from shared.facts.envelope import Digest, EventId, ItemId
from shared.platform.database import Connection, transaction
from shared.site.staff.roads import roads

SOON: Final = timedelta(hours=2)
"""Within which a root has left by every road, unless something is wrong with that road."""


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Compares each root with the chains, its fact and its emails; yields the differences."""
    register = ids.register_id(ground.applied.site.identity.id)
    async with transaction(ground.pool, readonly=True) as connection:
        every = await roots.every(connection)
        ground.checked["roots"] += len(every)
        found = [
            *await _lists(connection, every),
            *await _heads(connection, register),
            *_told_otherwise(every, await roots.stated_roots(connection, register)),
            *_elsewhere(await roots.mailed_roots(connection), every, "root as notify has it"),
            *_by_road(left := await roots.root_departures(connection), every),
        ]
    ground.said.extend(_not_left(left, every, ground))
    for difference in found:
        yield difference


async def _lists(connection: Connection, every: Sequence[Root]) -> Sequence[Difference]:
    """The chain of roots, and each list against its root."""
    why = rule.first_break(every)
    found = [] if why is None else [Difference("root", "roots", why)]
    lists = {
        night: (rule.digest_of(heads), len(heads))
        async for night, heads in roots.every_list(connection)
    }
    empty = (rule.digest_of(()), 0)
    for root in every:
        if lists.get(root.night, empty) != (root.heads, root.chains):
            what = f"the list of {root.day} is not the one that was sealed"
            found.append(Difference("root", str(root.day), what))
    return found


async def _heads(connection: Connection, register: ItemId) -> Sequence[Difference]:
    """Sealed heads that the facts do not have, and facts that no root knows."""
    found = [
        Difference(
            "root",
            unsealed.chrono or str(unsealed.item_id),
            f"root {unsealed.night}: {unsealed.why}",
            chrono=unsealed.chrono,
        )
        for unsealed in await roots.changed_chains(connection)
    ]
    found += [
        Difference(
            "root", unsealed.chrono or str(unsealed.item_id), unsealed.why, chrono=unsealed.chrono
        )
        for unsealed in await roots.unsealed_chains(connection, register)
    ]
    return found


def _told_otherwise(
    every: Sequence[Root], told: Mapping[int, tuple[date, Digest]]
) -> Iterator[Difference]:
    """Roots of which the register's own chain says something else."""
    kept = {root.night: (root.day, root.root) for root in every}
    for night in sorted(kept.keys() | told.keys()):
        ours, theirs = kept.get(night), told.get(night)
        if ours != theirs:
            day = (theirs or ours or ("",))[0]
            what = f"root {night} as the register told it"
            yield Difference("root", str(day), what, _root(theirs), _root(ours))


def _root(kept: tuple[date, Digest] | None) -> str:
    return NOTHING if kept is None else f"{kept[1]} of {kept[0]}"


def _elsewhere(
    told: Mapping[EventId, tuple[date, Digest]], every: Sequence[Root], what: str
) -> Sequence[Difference]:
    """Differences between roots held elsewhere and ours."""
    ours = {(root.day, root.root) for root in every}
    by_day: dict[date, list[str]] = {}
    for sealed in every:
        by_day.setdefault(sealed.day, []).append(sealed.root)
    return [
        Difference("root", str(day), what, root, " ".join(by_day.get(day, [NOTHING])))
        for day, root in told.values()
        if (day, root) not in ours
    ]


def _by_road(left: Sequence[RoadDeparture], every: Sequence[Root]) -> Iterator[Difference]:
    """Differences between mails of roots and ours; and mails that are nowhere."""
    ours = {root.root for root in every}
    for mail in left:
        if mail.root not in ours:
            what = f"root as it was mailed, by the road {mail.road}"
            found = " ".join(root.root for root in every if root.day == mail.day) or NOTHING
            yield Difference("root", str(mail.day), what, mail.root, found)
        if mail.state is None:
            what = f"the mail of its root by the road {mail.road} is not in the ledger any more"
            yield Difference("root", str(mail.day), what)


def _not_left(
    left: Sequence[RoadDeparture], every: Sequence[Root], ground: VerificationContext
) -> Iterator[str]:
    """Roads that lag: the evidence holds, and less of it is out of our reach.

    What has left stands for all before it.
    """
    if ground.applied.go_live is None:
        return
    sent = {(mail.road, mail.root) for mail in left if mail.state == "sent"}
    old = [root for root in every if root.sealed_at < ground.now - SOON]
    for road in roads(ground.applied.site):
        last = max((root.night for root in every if (road.value, root.root) in sent), default=0)
        behind = [root for root in old if root.night > last]
        if behind:
            yield (
                f"Not left by the road {road.value}: {len(behind)} of the roots, since that of"
                f" {behind[0].day}; `vaguemestre notify held list` and the mail server say why."
            )
