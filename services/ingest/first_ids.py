"""Mails that their source showed before, known again by their octets (docs/decisions/0115).

A newer version may read the same octets otherwise, and so give them another id: with another
numbering of the mailbox, all of them would come a second time.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.ingest.arrival_writer import CandidateArrival
from services.ingest.mailbox import BOMB, Fetched
from shared.facts.envelope import ArrivalId, Digest
from shared.platform.database import Connection, Pool, single_statements


async def under_first_ids(
    pool: Pool, source: str, arrivals: Sequence[CandidateArrival], mails: Sequence[Fetched]
) -> list[CandidateArrival]:
    """Returns the arrivals of a batch, each under the id that its octets had when first stored.

    A mail that was not fetched whole keeps its new id: another may begin with the same octets.
    """
    cut = {mail.uid for mail in mails if mail.fault and mail.fault != BOMB}
    whole = [arrival for arrival in arrivals if arrival.uid not in cut]
    digests = await asyncio.to_thread(
        lambda: {arrival.arrival_id: _digest(arrival.octets) for arrival in whole}
    )
    if not digests:
        return list(arrivals)
    async with single_statements(pool) as connection:
        first = await _of_octets(connection, source, digests.values())
    return [
        replace(arrival, arrival_id=first[digest]) if digest in first else arrival
        for arrival in arrivals
        for digest in (digests.get(arrival.arrival_id, ""),)
    ]


async def _of_octets(
    connection: Connection, source: str, digests: Iterable[Digest]
) -> Mapping[str, ArrivalId]:
    """The oldest arrival of a source whose original is these octets, by their SHA-256."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (octets) right(original, 64) AS octets, arrival_id
        FROM ingest.arrivals
        WHERE source = $1 AND right(original, 64) = ANY($2::text[])
        ORDER BY octets, recorded_at, arrival_id
        """,
        source,
        list(digests),
    )
    return {row["octets"]: ArrivalId(row["arrival_id"]) for row in rows}


def _digest(octets: bytes) -> Digest:
    return Digest(hashlib.sha256(octets).hexdigest())
