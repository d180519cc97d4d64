"""What an audit of a period asks: the items it may draw from, and what must be explained."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import asyncpg

from services.desk.domain.codes import CHANNELS, RESULTS
from services.desk.evidence.domain.sampling import (
    MASKED,
    OUTSIDE,
    UNDRAWN,
    UNFINISHED,
    UNPROMISED,
    Candidate,
)
from services.desk.store.visibility import Visibility
from services.desk.store.withdrawals import TAKEN_BACK, taken_back
from shared.platform.database import Connection

FINISHED = ("kept", "late", "closed")
UNANSWERED = ("overdue", "open", "observed")
DECIDED = "(f.by LIKE 'person:%' OR f.by LIKE 'application:%')"
"""Of a fact `f`: somebody decided it, or a program by its key."""


class AuditDoubt(StrEnum):
    """A kind of decision that an auditor questions first (docs/domain.md §8)."""

    OUT_OF_PERIMETER = "out_of_perimeter"
    """Everything that is outside now, whoever or whatever put it there (store/outside.py)."""
    RECLASSIFIED = "reclassified"
    """After a person had said what it was."""
    RECEIPT_CORRECTED = "receipt_corrected"
    BACK_DATED = "back_dated"
    """A reply stated on a later day than it is said to have left."""
    CLOSED = "closed"
    """Without a reply, inside the perimeter."""
    BEFORE_RECEIPT = "before_receipt"
    """A reply said to have left before the receipt: an anomaly (CLOCKS, rule 12)."""
    DECLARED = "declared"
    """A reply of which nothing but somebody's word is kept."""
    KEYED = "keyed"
    """A reply of which nothing but the number of a departure is kept, typed by somebody."""
    HOLDING_MISSED = "holding_missed"
    """The date that a réponse d'attente promised."""
    ASKED_AGAIN = "asked_again"
    """Pieces asked for once more of a file that was complete: the whole period of the implied
    decision is counted anew (CRPA L114-5)."""
    BY_SHELL = "by_shell"
    """Stated in a person's name by a command: no page saw them sign in (ADR 0034)."""


class Sure(StrEnum):
    """The source of the decision that an item counts in no rate: person, certain rule, nobody."""

    PERSON = "person"
    RULE = "rule"
    """A rule that the site marks certain."""
    NOBODY = "nobody"
    """A proposal that waits for a person's word."""


class Then(StrEnum):
    """The state in which a reply was (late, at risk) when its item was put out of the perimeter."""

    LATE = "late"
    AT_RISK = "at_risk"
    """Its first reminder was due."""


@dataclass(frozen=True, slots=True)
class DoubtfulReply:
    """A decision about an item that an auditor would question: its kind, author, day and reason."""

    doubt: AuditDoubt
    chrono: str
    service: str
    day: date
    """The local day on which it was stated, or that was promised."""
    by: str
    """As facts name their author; empty for a date that passed by itself."""
    reason: str | None
    """A code, or what a person typed."""
    account: str | None = None
    """The system's account that typed the command, where it was one."""
    sure: Sure | None = None
    """Of what is out of the perimeter: who stands for it."""
    then: Then | None = None
    """How the reply stood when it was put out of the perimeter; `None`: in time, or not timed."""


async def candidates(connection: Connection, first: date, last: date) -> Sequence[Candidate]:
    """Returns the items received in a period, by chrono, with their stratum for a draw.

    `first` and `last` are local days. Merged items are left out. Of a réservé item only the number
    is given, whoever asks.
    """
    rows = await connection.fetch(
        """
        SELECT i.chrono, i.item_id, i.service, i.channel, i.received_on, i.perimeter,
               i.confidentiality <> 'normal' AS masked, j.result, j.limit_day, j.days
        FROM desk.items i
        LEFT JOIN desk.judged j ON j.item_id = i.item_id AND j.clock = 'reply'
        WHERE i.received_on BETWEEN $1 AND $2 AND i.state <> 'merged'
        ORDER BY i.chrono
        """,
        first,
        last,
    )
    return [_candidate(row) for row in rows]


def _candidate(row: asyncpg.Record) -> Candidate:
    result = row["result"] if row["perimeter"] else "excluded"
    if result in FINISHED:
        stratum = f"{row['service']}/{CHANNELS[row['channel']]}"
    elif not row["perimeter"]:
        stratum = OUTSIDE
    else:
        stratum = UNFINISHED if result in UNANSWERED else UNPROMISED
    if row["masked"]:
        kept = stratum if stratum in UNDRAWN else MASKED
        return Candidate(row["chrono"], kept, "", "", None, "", None, -1, row["item_id"])
    return Candidate(
        row["chrono"],
        stratum,
        row["service"],
        CHANNELS[row["channel"]],
        row["received_on"],
        "" if stratum == UNPROMISED else RESULTS[result],
        row["limit_day"],
        -1 if row["days"] is None else row["days"],
        row["item_id"],
    )


async def doubts(
    connection: Connection, first: date, last: date, zone: ZoneInfo, seen: Visibility
) -> Sequence[DoubtfulReply]:
    """Returns the decisions of a period that an audit must explain and nobody withdrew.

    `first` and `last` are local days. Items out of the perimeter are not among them: they are found
    by their state (store/outside.py).
    """
    rows = await connection.fetch(
        f"""
        WITH stated AS (
            SELECT f.item_id, days.stated AS day, f.by, said ->> 'reason' AS reason,
                   said #>> '{{shell,account}}' AS account,
                   said #>> '{{classification,reason}}' AS outside,
                   CASE
                   WHEN f.type = 'ItemReclassified'
                       AND said #> '{{classification,perimeter}}' = 'true' AND EXISTS (
                       SELECT 1 FROM desk.facts q
                       WHERE q.item_id = f.item_id AND q.seq < f.seq AND q.type = 'WaitEnded'
                         AND q.payload::jsonb ->> 'waiting' = 'to_qualify')
                       THEN 'reclassified'
                   WHEN f.type = 'ReceiptCorrected' THEN 'receipt_corrected'
                   WHEN f.type = 'ItemClosed' THEN 'closed'
                   WHEN f.type = 'ReplySent' AND said ->> 'observation' IS NULL
                       AND days.happened < days.stated
                       THEN 'back_dated'
                   END AS doubt
            FROM desk.facts f,
                 LATERAL (SELECT f.payload::jsonb AS said) AS read,
                 LATERAL (SELECT (f.recorded_at AT TIME ZONE $8)::date AS stated,
                                 (f.happened_at AT TIME ZONE $8)::date AS happened) AS days
            WHERE f.recorded_at >= $6 AND f.recorded_at < $7
              AND f.type IN ('ItemReclassified', 'ReceiptCorrected', 'ItemClosed', 'ReplySent')
              AND {DECIDED}
              AND NOT {TAKEN_BACK}
            UNION ALL
            SELECT f.item_id, (f.recorded_at AT TIME ZONE $8)::date, f.by,
                   f.payload::jsonb #>> '{{shell,why}}', f.payload::jsonb #>> '{{shell,account}}',
                   NULL, 'by_shell'
            FROM desk.facts f
            WHERE f.recorded_at >= $6 AND f.recorded_at < $7 AND f.by LIKE 'person:%'
              AND f.payload LIKE '%"via":"shell"%' AND NOT {TAKEN_BACK}
            UNION ALL
            SELECT f.item_id, (f.recorded_at AT TIME ZONE $8)::date, f.by, NULL,
                   f.payload::jsonb #>> '{{shell,account}}', NULL, f.payload::jsonb ->> 'proof'
            FROM desk.facts f
            WHERE f.recorded_at >= $6 AND f.recorded_at < $7 AND f.type = 'ReplySent'
              AND {DECIDED} AND f.payload::jsonb ->> 'proof' IN ('declared', 'keyed')
              AND NOT {TAKEN_BACK}
            UNION ALL
            SELECT f.item_id, (f.recorded_at AT TIME ZONE $8)::date, f.by, NULL, NULL, NULL,
                   'before_receipt'
            FROM desk.facts f JOIN desk.items i USING (item_id)
            WHERE f.recorded_at >= $6 AND f.recorded_at < $7 AND f.type = 'ReplySent'
              AND (f.happened_at AT TIME ZONE $8)::date < i.received_on AND NOT {TAKEN_BACK}
            UNION ALL
            SELECT f.item_id, (f.recorded_at AT TIME ZONE $8)::date,
                   coalesce(ordered.by, f.by), NULL, NULL, NULL, 'asked_again'
            FROM desk.facts f LEFT JOIN LATERAL (
                SELECT o.by FROM desk.facts o
                WHERE o.item_id = f.item_id AND o.seq < f.seq AND o.type = 'NoticeOrdered'
                  AND o.payload::jsonb ->> 'kind' = 'pieces'
                  AND f.payload::jsonb ->> 'notice_id' IS NOT NULL
                ORDER BY o.seq DESC LIMIT 1) AS ordered ON true
            WHERE f.recorded_at >= $6 AND f.recorded_at < $7 AND f.type = 'PiecesRequested'
              AND NOT {TAKEN_BACK}
              AND EXISTS (SELECT 1 FROM desk.facts r
                          WHERE r.item_id = f.item_id AND r.type = 'PiecesReceived'
                            AND r.seq < f.seq AND r.happened_at <= f.happened_at
                            AND NOT {taken_back("r")})
              AND (SELECT c.payload::jsonb ->> 'regime' IS NOT NULL
                          AND c.payload::jsonb ->> 'start' <> 'first_office'
                   FROM desk.facts c
                   WHERE c.item_id = f.item_id AND c.type = 'RegimeConfirmed'
                     AND NOT {taken_back("c")}
                   ORDER BY c.seq DESC LIMIT 1)
            UNION ALL
            SELECT c.item_id, c.limit_day, '', NULL, NULL, NULL, 'holding_missed'
            FROM desk.judged c
            WHERE c.clock = 'holding' AND c.result IN ('late', 'overdue')
              AND c.limit_day BETWEEN $9 AND $10
        )
        SELECT s.doubt, i.chrono, i.service, s.day, s.by, coalesce(s.outside, s.reason) AS reason,
               s.account
        FROM stated s JOIN desk.items i USING (item_id)
        WHERE s.doubt IS NOT NULL
          AND (s.doubt <> 'closed' OR i.answered_at IS NULL AND i.perimeter)
          AND desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[])
        ORDER BY s.doubt, s.day, i.chrono
        """,  # noqa: S608  (a constant of store/facts.py)
        *seen,
        datetime.combine(first, time.min, zone),
        datetime.combine(last + timedelta(days=1), time.min, zone),
        zone.key,
        first,
        last,
    )
    return [DoubtfulReply(**{**row, "doubt": AuditDoubt(row["doubt"])}) for row in rows]
