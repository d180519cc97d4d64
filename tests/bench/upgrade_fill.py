"""A register of the version before, of a million items: made by the database itself, trigger-free.

Each item has what an upgrade may have to write anew or to index: its row, its arrival at the door
and at the desk, its first facts, three clocks, its plan and its receipt. Counts that triggers would
have kept are left out: no migration reads them.
"""

import time
from typing import Any, Final

AT_ONCE: Final = 20_000
_DRAWN: Final = """
    (SELECT n, md5('item ' || n)::uuid AS id, CURRENT_DATE - (($2 - n) * 3650 / $2)::integer AS day,
            (ARRAY['courrier', 'bmi', 'bre', 'bel'])[1 + n % 4] AS service,
            (ARRAY['email', 'form', 'letter', 'registered_letter'])[1 + n % 4] AS channel,
            n > $2 - $2 / 100 AS open
     FROM generate_series($1::bigint + 1, least($1 + $3, $2)) AS n) AS drawn
"""
FILL: Final = (
    """
    INSERT INTO desk.items (item_id, chrono, seq, state, channel, category, nature, perimeter,
                            priority, confidentiality, service, received_on, received_at,
                            provisional, registered_at, answered_at)
    SELECT id, '36-2016-B-' || n, 3, CASE WHEN open THEN 'to_qualify' ELSE 'answered' END, channel,
           'recepisse', CASE WHEN n % 30 = 0 THEN 'complaint' ELSE 'request' END, n % 10 <> 3,
           'normale', 'normal', service, day, day + time '09:00', false, day + time '10:00',
           CASE WHEN NOT open THEN day + 5 + time '10:00' END
    """,
    """
    INSERT INTO desk.clocks (item_id, clock, revision, commitment, day_zero, limit_day, holder,
                             rungs, stopped_at, outcome, raw, net)
    SELECT id, clock, 1, clock, day, day + 21, '{}', '{}',
           CASE WHEN NOT open THEN day + 5 + time '10:00' END,
           CASE WHEN open THEN NULL WHEN n % 4 = 1 THEN 'late' ELSE 'kept' END,
           CASE WHEN NOT open THEN 1 + n % 20 END, CASE WHEN NOT open THEN 1 + n % 20 END
    """,
    """
    INSERT INTO desk.facts (event_id, item_id, seq, type, by, happened_at, recorded_at, payload,
                            link)
    SELECT md5('fact ' || n || seq)::uuid, id, seq, type, 'source:mailbox:bmi', day + time '10:00',
           day + time '10:00',
           CASE seq WHEN 1 THEN jsonb_build_object(
               'type', type, 'item_id', id, 'seq', seq, 'channel', channel, 'service', service,
               'source', 'mailbox:bmi', 'original', repeat(md5(n::text), 2),
               'proposal', jsonb_build_object('rule', 'guichet', 'category', 'recepisse'),
               'classification', jsonb_build_object('category', 'recepisse', 'perimeter', true)
           )::text ELSE '{}' END, md5(n::text || seq)
    """,
    """
    INSERT INTO ingest.arrivals (arrival_id, source, kind, shown_at, recorded_at)
    SELECT id, 'mailbox:bmi', 'enter', day, day
    """,
    """
    INSERT INTO desk.arrivals (arrival_id, revision, word, item_id, source, channel, received_at,
                               original, told, recorded_at)
    SELECT id, 1, 'item', id, 'mailbox:bmi', channel, day, 'x', '{}', day
    """,
    """
    INSERT INTO notify.ledger (notice_id, item_id, occasion, kind, way, state, due_at, planned_at,
                               changed_at)
    SELECT id, id, 'x', 'receipt', 'mail', 'sent', day, day, day
    """,
    """
    INSERT INTO sla.items (item_id, chrono, service, standing, open)
    SELECT id, '36-2016-B-' || n, service, '', false
    """,
)
BESIDE: Final = {
    1: ", unnest(ARRAY['reply', 'receipt', 'registration']) AS clock",
    2: ", (VALUES (1, 'ItemRegistered'), (2, 'SenderNoted')) AS said (seq, type)",
}
"""What a statement has several rows of for each item."""


async def fill(owner: Any, items: int, seconds: float) -> int:
    """Fills the register until `items` or so many seconds; returns how many there are.

    `owner`: a superuser's connection, for whom no trigger stands meanwhile.
    """
    start, made = time.perf_counter(), 0
    await owner.execute("SET synchronous_commit = off; SET session_replication_role = replica")
    while made < items and time.perf_counter() - start < seconds:
        for number, statement in enumerate(FILL):
            asked = f"{statement} FROM {_DRAWN}{BESIDE.get(number, '')}"
            await owner.execute(asked, made, items, AT_ONCE, timeout=600)
        made = min(items, made + AT_ONCE)
    await owner.execute("RESET session_replication_role; RESET synchronous_commit")
    await owner.execute("ANALYZE", timeout=600)
    return made
