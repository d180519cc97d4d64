"""Decisions about a notice that is held: it leaves on a person's word, or never does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.desk.domain.decisions.ground import Ground, still_there
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.envelope import NoticeId
from shared.facts.items import Items
from shared.facts.judged import NoticeDropped, NoticeReleased
from shared.facts.words import AUTOMATIC, NoticeKind


@dataclass(frozen=True, slots=True)
class Release:
    """It leaves, as it is."""

    notice_id: NoticeId
    kind: NoticeKind


@dataclass(frozen=True, slots=True)
class Drop:
    """It never leaves."""

    notice_id: NoticeId
    kind: NoticeKind


def release(item: Item, command: Release, ground: Ground) -> list[Items]:
    """`NoticeReleased`. Raises Refused before go-live, and of what the reply overtook."""
    still_there(item)
    if item.replies and command.kind in AUTOMATIC:
        raise Refused(
            f"The reply to {item.chrono} has left: drop this {command.kind}, it is moot.",
            "moot",
            chrono=item.chrono,
        )
    if ground.applied.go_live is None:
        raise Refused("The préfecture is not live: nothing leaves before it is.", "not-live-yet")
    stamp = ground.stamp(item)(1)
    return [NoticeReleased(**stamp, notice_id=command.notice_id, kind=command.kind)]


def drop(item: Item, command: Drop, ground: Ground) -> list[Items]:
    """`NoticeDropped`."""
    still_there(item)
    stamp = ground.stamp(item)(1)
    return [NoticeDropped(**stamp, notice_id=command.notice_id, kind=command.kind)]


def judged_already(facts: Sequence[Items], notice_id: NoticeId, since: datetime) -> bool:
    """Whether a person has said it since it is held, and notify has not told what it made of it.

    What was released and is held again, for another reason, waits for another word.
    """
    return any(
        isinstance(fact, NoticeReleased | NoticeDropped)
        and fact.notice_id == notice_id
        and fact.recorded_at >= since
        for fact in facts
    )
