"""How each fact heard is known again (see shared/platform/messaging/crosscheck.py)."""

from shared.facts.envelope import Topic
from shared.platform.messaging.crosscheck import Remembers

REMEMBERS: Remembers = {
    # A reading of a source changes nothing here; replies that answered nothing are forgotten after
    # 35 days; what is read again is news only of what waits outside the items.
    Topic.ARRIVALS: """
        told.type = 'SourceRead'
        OR told.type = 'ReplySeen' AND (
            told.created_at < clock_timestamp() - interval '30 days'
            OR EXISTS (SELECT FROM desk.replies r WHERE r.arrival_id::text = told.key))
        OR told.type NOT IN ('SourceRead', 'ReplySeen') AND EXISTS (
            SELECT FROM desk.arrivals a WHERE a.arrival_id = told.key::uuid
            AND (told.type <> 'ArrivalReread'
                 OR a.revision >= (told.payload::json ->> 'revision')::int
                 OR a.word NOT IN ('quarantine', 'set_aside')))
    """,
    Topic.CLOCKS: """
        told.type = 'RungsTold'
        OR EXISTS (SELECT FROM desk.inbox i
                   WHERE i.reader = 'clocks' AND i.event_id = told.event_id)
    """,
    # What is said to one of ours is no item's.
    Topic.NOTICES: """
        told.payload::json ->> 'reader' IS NOT NULL
        OR EXISTS (SELECT FROM desk.inbox i
                   WHERE i.reader = 'notices' AND i.event_id = told.event_id)
    """,
}
