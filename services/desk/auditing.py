"""An audit of a period: what must be explained, and the draw that nobody could choose."""

from collections.abc import Sequence
from datetime import date, datetime

from services.desk.domain import sampling
from services.desk.pages.rights import Right, Roles, may
from services.desk.proof import archive, sample
from services.desk.proof.sample import Sample
from services.desk.store import audits
from services.desk.store.audits import Doubt, Doubtful, Sure, Then
from services.desk.store.outside import Outside, outside
from services.desk.store.seen import Seen
from shared.blobs import Blobs
from shared.database import Connection
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId
from shared.site.bundle import AppliedSite

MOST_EACH = 50
MOST_DRAWN = 300
"""Proofs of one ZIP: it is made in memory."""


async def review(
    connection: Connection, first: date, last: date, applied: AppliedSite, seen: Seen
) -> Sequence[Doubtful]:
    """What an auditor asks about first, from `first` to `last` (local days), doubt by doubt."""
    zone = applied.site.zone
    put_out = await outside(connection, first, last, zone, seen)
    found = await audits.doubts(connection, first, last, zone, seen)
    return [*(_put_out(one, applied) for one in put_out), *found]


def _put_out(one: Outside, applied: AppliedSite) -> Doubtful:
    sure = Sure.PERSON if one.confirmed else Sure.RULE if one.certain else Sure.NOBODY
    return Doubtful(
        Doubt.OUT_OF_PERIMETER,
        one.chrono,
        one.service,
        one.put_on,
        by=one.by if one.rule is None else f"rule:{one.rule}",
        reason=one.reason,
        account=one.account,
        sure=sure,
        then=_then(one, applied),
    )


def _then(one: Outside, applied: AppliedSite) -> Then | None:
    """How its reply stood on the day on which it was put out, or answered before that."""
    if one.limit is None:
        return None
    answered = one.replied_on is not None and one.replied_on <= one.put_on
    day = one.replied_on if answered and one.replied_on else one.put_on
    if day > one.limit:
        return Then.LATE
    ladders = {ladder.id: ladder.steps for ladder in applied.site.commitments.ladders}
    promises = {line.id: line.ladder for line in applied.site.commitments.commitments}
    steps = ladders.get(promises.get(one.commitment or "", ""), ())
    before = min((step.at for step in steps if step.at < 0), default=0)
    risky = before and day >= applied.days.add(one.limit, before)
    return Then.AT_RISK if risky and not answered else None


async def draw(
    connection: Connection, first: date, last: date, seed: str, each: int, roles: Roles
) -> Sample:
    """Draws from what was received from `first` to `last` (local days), for who may prove.

    Raises Refused for somebody else, a period that ends before it begins, or a draw that is too
    large.
    """
    if not may(roles, Right.PROVE):
        raise Refused(
            "A draw is made by who answers for the proof: the quality officer or the"
            " general secretary.",
            "may-not-prove",
        )
    if last < first:
        raise Refused("The period ends before it begins.", "no-such-period")
    known = await audits.candidates(connection, first, last, roles.seen)
    drawn = Sample(first, last, seed, each, sampling.draw(known, seed, each))
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
        if not one.candidate.masked
    }
    return sample.zipped(drawn, proofs, now)
