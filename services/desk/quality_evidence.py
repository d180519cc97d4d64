"""Whether the chain of quality holds, and whether the tables say what it says.

The chain says what was decided; tables have the lists that were hashed. A month, list or draw that
stands in one and not in the other, or of which another hash comes out, is named.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import orjson
from pydantic import ValidationError

from services.desk.domain import evidence
from services.desk.domain.evidence import Link
from services.desk.domain.months import proof
from services.desk.store import months, quality
from shared.database import Connection
from shared.facts.quality import QUALITY, MonthClosed, Quality


async def differences(connection: Connection, site: str) -> Sequence[str]:
    """Every difference, one sentence each."""
    links = await quality.links(connection, site)
    found = list(_chain(links))
    if strangers := await quality.others(connection, site):
        found.append(f"quality: {strangers} facts stand in a chain that is not the site's")
    facts = list[Quality]()
    for one in links:
        try:
            facts.append(QUALITY.validate_json(one.payload))
        except ValidationError:
            found.append(f"quality: fact {one.seq} can't be read")
    found += await _months(connection, [one for one in facts if isinstance(one, MonthClosed)])
    return found


def _chain(links: Sequence[Link]) -> Iterable[str]:
    if (broken := evidence.verify(links)) is not None:
        yield f"quality: {broken.why}"
    for one in links:
        told = orjson.loads(one.payload)
        if told.get("seq") != one.seq or told.get("by") != one.by:
            yield f"quality: fact {one.seq} does not say what stands beside it"


async def _months(connection: Connection, told: Sequence[MonthClosed]) -> Sequence[str]:
    """Each closed month, computed again from its promises, is the one that was told."""
    found = list[str]()
    stated = {one.month: one for one in told}
    found += [
        f"{month:%Y-%m}: closed {times} times by the chain of quality"
        for month, times in Counter(one.month for one in told).items()
        if times > 1
    ]
    kept = {one.month: one for one in await months.every(connection)}
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
        if fact.by.startswith("person:") and fact.by != f"person:{head.by}":
            differing.append("who closed it")
        if differing:
            what = ", ".join(differing)
            found.append(f"{month:%Y-%m}: not the month that was closed ({what})")
    return found
