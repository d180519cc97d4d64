"""Facts of persons about a notice that waits for their word."""

from typing import Literal

from shared.facts.envelope import NoticeId
from shared.facts.item import ItemFact
from shared.facts.words import NoticeKind


class NoticeReleased(ItemFact):
    """What was held may leave, on this person's word; notify lets it leave, if it still waits."""

    type: Literal["NoticeReleased"] = "NoticeReleased"
    notice_id: NoticeId
    kind: NoticeKind


class NoticeDropped(ItemFact):
    """What was held never leaves, on this person's word."""

    type: Literal["NoticeDropped"] = "NoticeDropped"
    notice_id: NoticeId
    kind: NoticeKind
