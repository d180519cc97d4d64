"""Whether the evidence holds: chains against their links, roots against the chains.

Three things are compared, that somebody who rewrites the past would have to change together: the
facts, the heads sealed by night, and the roots that left this machine by mail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.desk.domain import roots as rule
from services.desk.domain.roots import Root
from services.desk.proof.documents import Document
from services.desk.store import roots, sheets
from shared import ids
from shared.database import Connection
from shared.errors import Refused
from shared.facts.envelope import Digest, ItemId


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was checked, and every difference, one sentence each."""

    checked: str
    differences: Sequence[str]

    @property
    def holds(self) -> bool:
        """Nothing differs."""
        return not self.differences


async def of_item(connection: Connection, item_id: ItemId) -> Verdict:
    """One chain, and every root that sealed it."""
    chains, broken = await sheets.verify(connection, item_id)
    nights = await roots.nights_of(connection, item_id)
    return Verdict(
        f"{chains} chain, sealed in {len(nights)} nights",
        [
            *(f"{one.why}" for one in broken),
            *(
                f"night {one.night}: {one.why}"
                for one in await roots.differing(connection, item_id=item_id)
            ),
        ],
    )


def with_documents(verdict: Verdict, documents: Sequence[Document]) -> Verdict:
    """The same, where every document that its facts name must be there, or lawfully gone."""
    wrong = [f"document {one.sha256}: {one.said}" for one in documents if one.wrong]
    return Verdict(verdict.checked, [*verdict.differences, *wrong])


async def of_root(
    connection: Connection, site: str, day: date, expected: str | None = None
) -> Verdict:
    """One night: its list, its place in the chain of roots, and the root that was mailed.

    `expected`: the root as somebody has it from elsewhere. Raises Refused when no root was sealed.
    """
    every = await roots.every(connection)
    one = next((root for root in every if root.day == day), None)
    if one is None:
        known = ", ".join(str(root.day) for root in every[-3:]) or "none yet"
        raise Refused(f"No root was sealed for {day}; the last ones are: {known}.", "no-such-root")
    until = [root for root in every if root.night <= one.night]
    told = await roots.stated(connection, ids.register_id(site))
    differences = [
        *(why for why in [rule.broken(until), await _list(connection, one)] if why is not None),
        *_told_otherwise([one], told),
        *(
            f"{found.chrono or found.item_id}: {found.why}"
            for found in await roots.differing(connection, night=one.night)
        ),
    ]
    if expected is not None and expected.strip().lower() != one.root:
        differences.append(f"the root of {day} is {one.root}, not the one that you have")
    return Verdict(f"root {one.root} of {day}, {one.chains} chains", differences)


async def _list(connection: Connection, one: Root) -> str | None:
    heads = await roots.heads_of(connection, one.night)
    if rule.digest_of(heads) != one.heads or len(heads) != one.chains:
        return f"the list of {one.day} is not the one that was sealed"
    return None


def _told_otherwise(every: Sequence[Root], told: Mapping[int, tuple[date, Digest]]) -> list[str]:
    """The roots of which the register told something else."""
    return [
        f"the root of {one.day} is not the one that was told"
        for one in every
        if told.get(one.night) != (one.day, one.root)
    ]
