"""An audit of a period: the draw that nobody could choose, with the proof of each item."""

from datetime import date, datetime

from services.desk.domain import sampling
from services.desk.proof import archive, sample
from services.desk.proof.sample import Sample
from services.desk.store import audits
from services.desk.store.seen import Seen
from shared.blobs import Blobs
from shared.database import Connection
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId

MOST_EACH = 50
MOST_DRAWN = 300
"""Proofs of one ZIP: it is made in memory."""


async def draw(
    connection: Connection, first: date, last: date, seed: str, each: int, seen: Seen
) -> Sample:
    """Draws from what was received from `first` to `last` (local days).

    Raises Refused for a period that ends before it begins, or a draw that is too large.
    """
    if last < first:
        raise Refused("The period ends before it begins.", "no-such-period")
    known, hidden = await audits.candidates(connection, first, last, seen)
    drawn = Sample(first, last, seed, each, sampling.draw(known, seed, each), hidden)
    if len(drawn.drawn) > MOST_DRAWN:
        raise Refused(
            f"{len(drawn.drawn)} items would be drawn, {MOST_DRAWN} at most: ask for fewer of each"
            " service and channel.",
            "too-many-drawn",
            drawn=len(drawn.drawn),
            most=MOST_DRAWN,
        )
    return drawn


async def packed(connection: Connection, blobs: Blobs, drawn: Sample, now: datetime) -> bytes:
    """The draw as a ZIP."""
    proofs = {
        one.candidate.chrono: archive.zipped(
            await archive.gather(
                connection, blobs, Chrono(one.candidate.chrono), ItemId(one.candidate.item_id), now
            )
        )
        for one in drawn.drawn
    }
    return sample.zipped(drawn, proofs, now)
