"""Locks on what has no row yet, so that two processes can't miss each other's arrivals.

A copy and its first appearance, a chaser and its letter, a reply and its item travel on different
partitions. Whoever registers one of them first holds these locks until it commits; the other then
sees its rows. They end with the transaction.
"""

from collections.abc import Iterable

from shared.facts.arrival_base import messages_named
from shared.facts.arrivals import ArrivalReread, Arrivals, Arrived
from shared.facts.envelope import Digest
from shared.facts.observations import ReplySeen
from shared.platform.database import Connection

_SIGNED_64 = 1 << 63


async def take(connection: Connection, arrivals: Iterable[Arrivals]) -> None:
    """Takes advisory locks on what arrivals share with others: content, threads, senders.

    They end with the transaction.
    """
    keys = sorted({_key(digest) for fact in arrivals for digest in _shared(fact)})
    await connection.execute(
        "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key", keys
    )


def _shared(fact: Arrivals) -> Iterable[Digest]:
    match fact:
        case Arrived() | ArrivalReread():
            own = [fact.fingerprint, fact.message, fact.correspondent]
        case ReplySeen():
            own = [fact.message, *fact.to]
        case _:
            return ()
    return (*(digest for digest in own if digest is not None), *messages_named(fact.threads))


def _key(digest: Digest) -> int:
    """A signed number of 64 bits; two digests that share one only wait for each other."""
    return int(digest[:16], 16) - _SIGNED_64
