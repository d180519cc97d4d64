"""By what notify knows again each fact that it heard: see shared/platform/messaging/crosscheck.py.

A change of somebody of ours (`PersonChanged`) is known by its notice alone, and not compared. Nor
is a wait for a third party (`AwaitingThird`), nor a letter that goes to be signed and comes back:
former versions were told of them and kept none, so that each upgrade would count those of years as
never heard (docs/decisions/0185).
"""

from services.notify.domain.item_changes import TELLING
from shared.facts.envelope import Topic
from shared.facts.items.pieces import AwaitingThird
from shared.facts.items.routing import ReplyInSignature, SignatureReturned
from shared.platform.messaging.crosscheck import Remembers

_UNKEPT = {kind.__name__ for kind in (AwaitingThird, ReplyInSignature, SignatureReturned)}
_TELLING = ", ".join(f"'{name}'" for name in sorted(TELLING - _UNKEPT))

REMEMBERS: Remembers = {
    Topic.ITEMS: f"""
        told.type NOT IN ('EvidenceSealed', {_TELLING})
        OR EXISTS (SELECT FROM notify.facts f WHERE f.event_id = told.event_id)
        OR EXISTS (SELECT FROM notify.seals s WHERE s.event_id = told.event_id)
    """,  # noqa: S608  (names of our facts)
    Topic.CLOCKS: """
        told.type = 'RungsTold'
        OR EXISTS (SELECT FROM notify.inbox i
                   WHERE i.reader = 'clocks' AND i.event_id = told.event_id)
    """,
    Topic.ARRIVALS: """
        told.type <> 'BounceSeen'
        OR told.payload::json ->> 'action' <> 'failed'
        OR told.payload::json ->> 'notice_id' IS NULL
        OR EXISTS (SELECT FROM notify.inbox i
                   WHERE i.reader = 'bounces' AND i.event_id = told.event_id)
    """,
    Topic.QUALITY: """
        EXISTS (SELECT FROM notify.quality q WHERE q.event_id = told.event_id)
    """,
}
