"""Whether the chain of quality holds, and whether the tables say what it says.

The chain says what was decided; tables have the lists that were hashed. A month, list or draw that
stands in one and not in the other, or of which another hash comes out, is named.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import orjson
from pydantic import ValidationError

from services.desk.domain import evidence
from services.desk.domain.evidence import Link
from services.desk.domain.months import proof
from services.desk.evidence.domain import sampling
from services.desk.evidence.domain.sampling import Wanted
from services.desk.evidence.store import audit_lists
from services.desk.store import fact_history, months, quality
from shared.errors import Refused
from shared.facts.authors import person_of
from shared.facts.envelope import EventId
from shared.facts.quality import (
    QUALITY,
    DrawMade,
    ListFrozen,
    MonthClosed,
    MonthCorrected,
    PromiseAs,
    Quality,
)
from shared.facts.quality.perimeter import (
    PerimeterAsked,
    PerimeterChanged,
    PerimeterDropped,
)
from shared.platform.database import Connection


async def differences(connection: Connection, site: str) -> Sequence[str]:
    """Verifies the quality chain and the tables it speaks of; returns differences as text."""
    links = await quality.links(connection, site)
    found = list(_chain(links))
    if strangers := await quality.others(connection, site):
        found.append(f"quality: {strangers} facts stand in a chain that is not the site's")
    facts = list[Quality]()
    for link in links:
        try:
            facts.append(QUALITY.validate_json(link.payload))
        except ValidationError:
            found.append(f"quality: fact {link.seq} can't be read")
    found += await _months(connection, [fact for fact in facts if isinstance(fact, MonthClosed)])
    found += await _corrections(
        connection, facts, [fact for fact in facts if isinstance(fact, MonthCorrected)]
    )
    found += await _lists(connection, facts)
    found += _perimeter(facts)
    return found


def _chain(links: Sequence[Link]) -> Iterable[str]:
    if (broken := evidence.verify(links)) is not None:
        yield f"quality: {broken.why}"
    for link in links:
        try:
            told = orjson.loads(link.payload)
            agrees = told.get("seq") == link.seq and told.get("by") == link.by
        except (ValueError, AttributeError):
            continue  # `differences` says that it can't be read
        if not agrees:
            yield f"quality: fact {link.seq} does not say what stands beside it"


async def _months(connection: Connection, told: Sequence[MonthClosed]) -> Sequence[str]:
    """Each closed month, computed again from its promises, is the one that was told."""
    found = list[str]()
    stated = {fact.month: fact for fact in told}
    found += [
        f"{month:%Y-%m}: closed {times} times by the chain of quality"
        for month, times in Counter(fact.month for fact in told).items()
        if times > 1
    ]
    kept = {month.month: month for month in await months.every(connection)}
    if stated:  # before its first fact the chain knows of no month, and soon of all
        found += [
            f"{month:%Y-%m}: closed in the tables, and no fact says so"
            for month in sorted(kept.keys() - stated.keys())
        ]
    for month, fact in sorted(stated.items()):
        if (head := kept.get(month)) is None:
            found.append(f"{month:%Y-%m}: closed by the chain, and in no table")
            continue
        promises = await months.promises(connection, month)
        differing = [
            name
            for name, value in quality.month_told(head, len(promises)).items()
            if getattr(fact, name) != value
        ]
        if proof(head, promises) != fact.hash:
            differing.append("its list")
        if (person := person_of(fact.by)) is not None and person != head.by:
            differing.append("who closed it")
        if differing:
            what = ", ".join(differing)
            found.append(f"{month:%Y-%m}: not the month that was closed ({what})")
    return found


async def _corrections(
    connection: Connection, told: Sequence[Quality], corrections: Sequence[MonthCorrected]
) -> Sequence[str]:
    """Each is of a month closed before it, follows from the one before, and names its author."""
    found = list[str]()
    closed = {fact.month: fact for fact in told if isinstance(fact, MonthClosed)}
    last: dict[tuple[date, UUID, str], PromiseAs | None] = {}
    causes = [fact.cause for fact in corrections if fact.cause]
    authors = {
        **await fact_history.authors(connection, causes),
        **{fact.event_id: fact.by for fact in told if isinstance(fact, PerimeterChanged)},
    }
    for fact in corrections:
        month, key = closed.get(fact.month), (fact.month, fact.item_id, fact.clock)
        name = f"{fact.month:%Y-%m}: correction {fact.seq}"
        if month is None or month.seq > fact.seq or month.hash != fact.closed:
            found.append(f"{name} is of no month that was closed before it")
        if key in last and last[key] != fact.before:
            found.append(f"{name} does not follow from the one before")
        if fact.cause is not None and authors.get(fact.cause) != fact.author:
            found.append(f"{name} names a fact that is not its author's")
        last[key] = fact.after
    return found


def _perimeter(facts: Sequence[Quality]) -> Iterable[str]:
    """Verifies that a change of the perimeter confirms the standing request of somebody else."""
    asked = dict[EventId, PerimeterAsked]()
    for fact in facts:
        if isinstance(fact, PerimeterAsked):
            asked[fact.event_id] = fact
        elif isinstance(fact, PerimeterDropped):
            asked.pop(fact.asked, None)
        elif isinstance(fact, PerimeterChanged):
            request = asked.pop(fact.asked, None)
            told = (fact.service, fact.since, fact.inside)
            if request is None or (request.service, request.since, request.inside) != told:
                yield f"perimeter: change {fact.seq} confirms no request of the same"
            elif request.by == fact.by:
                yield f"perimeter: change {fact.seq} was confirmed by whoever asked"


async def _lists(connection: Connection, facts: Sequence[Quality]) -> Sequence[str]:
    """Each frozen list is the one that was told, and each draw comes out again."""
    found, kept = list[str](), await audit_lists.contents(connection)
    told = {fact.subject_id: fact for fact in facts if isinstance(fact, ListFrozen)}
    if strangers := len(kept.keys() - told.keys()):
        found.append(f"quality: {strangers} lists stand in the tables, and no fact says so")
    for subject, fact in told.items():
        content = kept.get(subject)
        if content is None:
            found.append(f"list {fact.seq}: frozen by the chain, and in no table")
        elif hashlib.sha256(content.encode()).hexdigest() != fact.sha256:
            found.append(f"list {fact.seq}: not the list that was frozen")
    for draw in facts:
        if isinstance(draw, DrawMade):
            frame, content = told.get(draw.frame_id), kept.get(draw.frame_id)
            if frame is None or frame.sha256 != draw.frame or frame.seq > draw.seq:
                found.append(f"draw {draw.seq}: not from a list that was frozen before it")
            elif content is not None and _again(draw, content) != list(draw.chosen):
                found.append(f"draw {draw.seq}: its list and its seed draw others")
    return found


def _again(draw: DrawMade, content: str) -> Sequence[UUID]:
    try:
        wanted = Wanted(draw.seed, draw.mode, draw.count)
        ranked = sampling.draw(sampling.read(content), wanted)
    except (KeyError, ValueError, Refused):  # a list that was changed
        return []
    return [ranked.candidate.item_id for ranked in ranked if ranked.drawn]
