"""By what sla knows again each fact that it heard: see shared/platform/messaging/crosscheck.py.

Of topic `arrivals` it hears only how far the sources were read, which is told again by itself.
"""

from shared.facts.envelope import Topic
from shared.platform.messaging.crosscheck import Remembers

REMEMBERS: Remembers = {
    Topic.ITEMS: """
        told.type IN ('EvidenceSealed', 'PersonChanged', 'NoteWritten', 'OpinionAsked')
        OR EXISTS (SELECT FROM sla.facts f WHERE f.event_id = told.event_id)
    """,
}
