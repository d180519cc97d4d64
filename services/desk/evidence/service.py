"""Whether the evidence holds: chains against their links, roots against the chains.

Three things are compared, that somebody who rewrites the past would have to change together: the
facts, the heads sealed by night, and the roots that left this machine by mail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.desk.domain import roots as rule
from services.desk.domain.roots import Root
from services.desk.evidence.proof.documents import ProofDocument
from services.desk.evidence.store import roots
from services.desk.store import sheets
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import Digest, ItemId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class EvidenceVerdict:
    """The result of verifying evidence: what was checked, and each difference as a sentence."""

    checked: str
    differences: Sequence[str]

    @property
    def holds(self) -> bool:
        """Whether the verification found no difference."""
        return not self.differences


async def of_item(connection: Connection, item_id: ItemId) -> EvidenceVerdict:
    """Verifies the hash chain of one item, and compares it with every root that sealed it."""
    chains, broken = await sheets.verify(connection, item_id)
    nights = await roots.nights_of(connection, item_id)
    return EvidenceVerdict(
        f"{chains} chain, sealed by {len(nights)} roots",
        [
            *(f"{broken.why}" for broken in broken),
            *(
                f"root {differs.night}: {differs.why}"
                for differs in await roots.changed_chains(connection, item_id=item_id)
            ),
        ],
    )


def with_documents(verdict: EvidenceVerdict, documents: Sequence[ProofDocument]) -> EvidenceVerdict:
    """Adds to a verdict a difference for each document altered or missing without a decision."""
    wrong = [
        f"document {document.sha256}: {document.said}" for document in documents if document.wrong
    ]
    return EvidenceVerdict(verdict.checked, [*verdict.differences, *wrong])


async def of_root(
    connection: Connection, site: str, day: date | None, expected: str | None = None
) -> EvidenceVerdict:
    """Verifies the roots of a local day, or one root that somebody has on paper or by email.

    `expected`: that root, whole or at least its first sixteen digits. Raises Refused when no root
    was sealed on the day; without a day, when `expected` is none of our roots.
    """
    every = await roots.every(connection)
    named = [root for root in every if expected and root.is_named(expected)]
    asked = named if day is None else [root for root in every if root.day == day]
    if not asked:
        known = ", ".join(str(root.day) for root in every[-3:]) or "none yet"
        what = f"No root was sealed for {day}" if day else "No root that was sealed begins so"
        raise Refused(f"{what}; the last ones are: {known}.", "no-such-root")
    told = await roots.stated_roots(connection, ids.register_id(site))
    until = [root for root in every if root.night <= asked[-1].night]
    differences = [why for why in [rule.first_break(until)] if why is not None]
    for head in asked:
        if (why := await _list(connection, head)) is not None:
            differences.append(why)
        differences += _told_otherwise([head], told)
        differences += [
            f"{found.chrono or found.item_id}: {found.why}"
            for found in await roots.changed_chains(connection, night=head.night)
        ]
    last = next((head for head in asked if head in named), asked[-1])
    if expected and not named:
        ours = ", ".join(head.root for head in asked)
        differences.append(f"the root of {day} is {ours}, not the one that you have")
    elif expected and last not in asked:
        differences.append(f"the root that you have is of {named[0].day}, not of {day}")
    more = f", with {len(asked) - 1} more of that day" if len(asked) > 1 else ""
    return EvidenceVerdict(
        f"root {last.root} of {last.day}, {last.chains} chains{more}", differences
    )


async def _list(connection: Connection, one: Root) -> str | None:
    heads = await roots.heads_of(connection, one.night)
    if rule.digest_of(heads) != one.heads or len(heads) != one.chains:
        return f"the list of {one.day} is not the one that was sealed"
    return None


def _told_otherwise(every: Sequence[Root], told: Mapping[int, tuple[date, Digest]]) -> list[str]:
    """The roots of which the register told something else."""
    return [
        f"the root of {root.day} is not the one that was told"
        for root in every
        if told.get(root.night) != (root.day, root.root)
    ]
