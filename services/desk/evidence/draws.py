"""An audit of a period: what must be explained, and the draw that nobody could choose."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from services.desk.evidence.domain import sampling
from services.desk.evidence.domain.sampling import Wanted
from services.desk.evidence.proof import archive, sample
from services.desk.evidence.proof.archive import ItemProof
from services.desk.evidence.proof.sample import Sample
from services.desk.evidence.store import audit_lists as frozen
from services.desk.evidence.store import audits
from services.desk.evidence.store.audit_lists import Frozen
from services.desk.evidence.store.audits import AuditDoubt, DoubtfulReply, Sure, Then
from services.desk.evidence.store.outside import Outside, outside
from services.desk.rights import Right, may
from services.desk.roles import Roles
from services.desk.store import quality
from services.desk.store.quality import Author
from services.desk.store.visibility import Visibility
from shared.content.blobs import Blobs
from shared.errors import Refused
from shared.facts import ids
from shared.facts.authors import by_rule
from shared.facts.envelope import Chrono, Digest, ItemId
from shared.facts.quality import DrawMade, ListFrozen, ListKind, Share
from shared.platform.database import Connection
from shared.site import store
from shared.site.tables.bundle import AppliedSite

MOST_EACH = 50
MOST_TOTAL = 300
MOST_DRAWN = MOST_TOTAL
"""Proofs of one ZIP: it is made in memory."""
REVIEWED = (
    "motif", "numero", "service", "jour", "par", "raison", "compte", "certitude", "ce_jour_la",
)  # fmt: skip
"""The columns of a frozen list of what must be explained."""


async def review(
    connection: Connection, first: date, last: date, applied: AppliedSite, seen: Visibility
) -> Sequence[DoubtfulReply]:
    """Lists the decisions of a period that an auditor would question first, out of perimeter too.

    `first` and `last` are local days, both included.
    """
    zone = applied.site.zone
    put_out = await outside(connection, first, last, zone, seen)
    found = await audits.doubts(connection, first, last, zone, seen)
    counted = await _counted(connection, put_out, applied)
    return [*(_put_out(outside, counted[outside.rules]) for outside in put_out), *found]


async def _counted(
    connection: Connection, put_out: Sequence[Outside], applied: AppliedSite
) -> Mapping[int | None, AppliedSite]:
    """The rules by which each clock was counted last; what runs, where none is known."""
    numbers = {outside.rules for outside in put_out if outside.rules is not None} - {
        applied.version
    }
    found: dict[int | None, AppliedSite] = {None: applied, applied.version: applied}
    for number in sorted(numbers):
        found[number] = await store.version(connection, number)
    return found


def _put_out(one: Outside, counted: AppliedSite) -> DoubtfulReply:
    sure = Sure.PERSON if one.confirmed else Sure.RULE if one.certain else Sure.NOBODY
    return DoubtfulReply(
        AuditDoubt.OUT_OF_PERIMETER,
        one.chrono,
        one.service,
        one.put_on,
        by=one.by if one.rule is None else by_rule(one.rule),
        reason=one.reason,
        account=one.account,
        sure=sure,
        then=_then(one, counted),
    )


def _then(one: Outside, counted: AppliedSite) -> Then | None:
    """How its reply stood on the day on which it was put out, or answered before that.

    By the ladder and the days of the rules that counted it: a later version judges no past day.
    """
    if one.limit is None:
        return None
    answered = one.replied_on is not None and one.replied_on <= one.put_on
    day = one.replied_on if answered and one.replied_on else one.put_on
    if day > one.limit:
        return Then.LATE
    ladders = {ladder.id: ladder.steps for ladder in counted.site.commitments.ladders}
    promises = {line.id: line.ladder for line in counted.site.commitments.commitments}
    steps = ladders.get(promises.get(one.commitment or "", ""), ())
    before = min((step.at for step in steps if step.at < 0), default=0)
    risky = before and day >= counted.days.add(one.limit, before)
    return Then.AT_RISK if risky and not answered else None


def _may(roles: Roles) -> None:
    if not may(roles, Right.PROVE):
        raise Refused(
            "A draw is made by who answers for the proof: the quality officer or the"
            " general secretary.",
            "may-not-prove",
        )


async def freeze_frame(
    connection: Connection, first: date, last: date, roles: Roles, author: Author
) -> ListFrozen:
    """Freezes the list of items received in a period, for an auditor to draw from.

    `first` and `last` are local days. Raises Refused for a person without the right to prove, for
    a period that ends before it begins, and for one in which nothing was received.
    """
    _may(roles)
    if last < first:
        raise Refused("The period ends before it begins.", "no-such-period")
    known = await audits.candidates(connection, first, last)
    if not known:
        raise Refused(f"Nothing was received from {first} to {last}.", "nothing-to-draw-from")
    return await _freeze(
        connection, author, (ListKind.FRAME, first, last), sampling.write_list(known), len(known)
    )


async def freeze_review(
    connection: Connection,
    first: date,
    last: date,
    applied: AppliedSite,
    roles: Roles,
    author: Author,
) -> ListFrozen:
    """Freezes the list of a period's decisions that an auditor would question first.

    It has those about items of which this person may know. Raises Refused for a person without the
    right to prove.
    """
    _may(roles)
    found = await review(connection, first, last, applied, roles.seen)
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(REVIEWED)
    lines.writerows(
        (
            doubtful.doubt.value,
            doubtful.chrono,
            doubtful.service,
            doubtful.day,
            doubtful.by,
            doubtful.reason or "",
            doubtful.account or "",
            doubtful.sure or "",
            doubtful.then or "",
        )
        for doubtful in found
    )
    what = (ListKind.REVIEW, first, last)
    return await _freeze(connection, author, what, text.getvalue(), len(found))


async def _freeze(
    connection: Connection,
    author: Author,
    what: tuple[ListKind, date, date],
    content: str,
    n: int,
) -> ListFrozen:
    kind, first, last = what
    told = await quality.state(
        connection,
        author,
        ids.quality_id(author.site, "list", str(uuid4())),
        ListFrozen,
        kind=kind,
        first=first,
        last=last,
        n=n,
        sha256=Digest(hashlib.sha256(content.encode()).hexdigest()),
    )
    await frozen.keep(connection, told, content)
    return told


async def frame(connection: Connection, number: int) -> Frozen:
    """Returns the frozen list with this number, from which samples are drawn. Raises Refused."""
    found = await frozen.read_frozen_list(connection, number)
    if found is None or found.kind is not ListKind.FRAME:
        raise Refused(f"No list {number} was frozen to draw from.", "no-such-list")
    return found


async def draw(
    connection: Connection,
    number: int,
    wanted: Wanted,
    roles: Roles,
    author: Author,
) -> Sample:
    """Draws a random sample from a frozen list and states the draw as a fact, for good.

    Raises Refused for a person without the right to prove, a list that does not exist, a seed of
    several lines, or a draw that is too large.
    """
    _may(roles)
    listed = await frame(connection, number)
    ranked = sampling.draw(sampling.read(listed.content), wanted)
    drawn = [ranked for ranked in ranked if ranked.drawn]
    if len(drawn) > MOST_DRAWN:
        raise Refused(
            f"{len(drawn)} items would be drawn, {MOST_DRAWN} at most: ask for fewer.",
            "too-many-drawn",
            drawn=len(drawn),
            most=MOST_DRAWN,
        )
    sizes = Counter(ranked.candidate.stratum for ranked in ranked)
    taken = Counter(ranked.candidate.stratum for ranked in drawn)
    told = await quality.state(
        connection,
        author,
        ids.quality_id(author.site, "draw", str(uuid4())),
        DrawMade,
        frame_id=listed.list_id,
        frame=Digest(listed.sha256),
        first=listed.first,
        last=listed.last,
        seed=wanted.seed,
        mode=wanted.mode,
        count=wanted.count,
        shares=tuple(
            Share(stratum=size, n=sizes[size], drawn=taken[size]) for size in sorted(sizes)
        ),
        chosen=tuple(ItemId(ranked.candidate.item_id) for ranked in drawn),
    )
    return Sample(told, listed, ranked)


async def repeat_draw(connection: Connection, number: int) -> Sample:
    """Repeats a stated draw from its frozen list and seed. Raises Refused if there is none."""
    told = await frozen.draw(connection, number)
    listed = None if told is None else await frozen.number_of(connection, told.frame_id)
    if told is None or listed is None:
        raise Refused(f"There is no draw {number}.", "no-such-draw")
    return sample.sample(told, await frame(connection, listed))


async def reserved_items(connection: Connection, made: Sample) -> frozenset[UUID]:
    """Returns the ids of drawn items of which only the number may be shown.

    They are réservé, or were at some time, or were when the list was frozen.
    """
    now = await frozen.ever_reserved(connection, list(made.told.chosen))
    masked = {ranked.candidate.item_id for ranked in made.drawn if ranked.candidate.masked}
    return frozenset(now | masked)


async def proofs_of(connection: Connection, made: Sample, now: datetime) -> Sequence[ItemProof]:
    """Collects the proof of each drawn item that is not réservé, and never was."""
    hidden = await reserved_items(connection, made)
    return [
        await archive.gather(
            connection, Chrono(ranked.candidate.chrono), ItemId(ranked.candidate.item_id), now
        )
        for ranked in made.drawn
        if ranked.candidate.item_id not in hidden
    ]


async def pack_draw(
    blobs: Blobs, made: Sample, proofs: Sequence[ItemProof], now: datetime
) -> bytes:
    """Packs a draw with the proofs of its items into a ZIP file; reads no database."""
    zips = {
        str(proof.chrono): archive.zip_proof(await archive.with_documents(proof, blobs))
        for proof in proofs
    }
    return sample.zip_sample(made, zips, now)
