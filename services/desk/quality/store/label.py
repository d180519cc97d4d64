"""Questions about the label: its facts, and its figures over the last closed months."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from operator import itemgetter
from typing import Annotated, Final, get_args

import asyncpg
from pydantic import Field, TypeAdapter

from services.desk.domain.codes import CLOCKS
from services.desk.quality.domain.engagement_states import (
    MONTHS,
    NO_FIGURE,
    ClosedFigure,
    figure_key,
)
from services.desk.quality.domain.figures import COMPLAINT, REPLY, REPLY_NO_COMPLAINT
from services.desk.quality.domain.label_calendar import after
from services.desk.quality.domain.label_facts import LabelFacts, fold
from services.desk.quality.store import places, website
from services.desk.store.quality import TABLE
from shared.facts.quality import QUALITY, DrawMade
from shared.facts.quality.erasures import WritingErased
from shared.facts.quality.label import LabelFact
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.tables.bundle import Site
from shared.site.tables.quality import OF_THE_DAY, EvidenceKind, Framework

CLOCK_OF: Final = {code: clock for clock, code in CLOCKS.items()}
PAGES_CHECKED: Final = "pages-verifiees"
SHEETS_CHECKED: Final = "fiches-verifiees"
KINDS: Final = tuple(kind.__name__ for kind in get_args(LabelFact))
_READ: Final[TypeAdapter[LabelFact | WritingErased]] = TypeAdapter(
    Annotated[LabelFact | WritingErased, Field(discriminator="type")]
)


async def label_facts(connection: Connection, until: datetime | None = None) -> LabelFacts:
    """Computes the state of the quality label from its facts; unreadable ones are counted.

    With `until`, only what was stated by then.

    Proofs whose text or document was erased are marked so: they may prove nothing any more.
    """
    found = await connection.fetch(
        "SELECT seq, payload FROM desk.quality_facts WHERE type = ANY ($1::text[]) ORDER BY seq",
        [*KINDS, WritingErased.__name__],
    )
    facts = rows.readable(TABLE, found, itemgetter("seq"), _read)
    told = fold(
        fact
        for fact in facts
        if not isinstance(fact, WritingErased) and (until is None or fact.happened_at <= until)
    )
    erased = [fact for fact in facts if isinstance(fact, WritingErased)]
    files = {fact.file for fact in erased if fact.file is not None}
    words = {(fact.subject_id, fact.sha256) for fact in erased if fact.sha256 is not None}
    proofs = [
        replace(proof, erased=proof.file in files or (proof.file is None and proof.text in words))
        for proof in told.proofs
    ]
    return replace(told, proofs=proofs, unreadable=len(found) - len(facts))


def _read(row: asyncpg.Record) -> LabelFact | WritingErased:
    return _READ.validate_json(row["payload"])


async def closed_figures(
    connection: Connection, framework: Framework
) -> Mapping[str, ClosedFigure]:
    """Returns the figures of closed months that a framework asks for, by `figure_key`.

    Over the last closed month and the two before it: whoever closes months can't choose among them.
    """
    months, missing = await _judged_months(connection)
    pieces = {
        figure_key(piece): piece
        for row in framework.engagements
        for piece in row.evidence
        if piece.kind is EvidenceKind.FIGURE and piece.code not in OF_THE_DAY
    }
    return {
        key: await _figure(
            connection, months, missing, piece.code, [channel.value for channel in piece.channels]
        )
        for key, piece in pieces.items()
    }


async def day_figures(
    connection: Connection, site: Site, today: date
) -> Mapping[str, ClosedFigure]:
    """Returns figures such as checked pages, as they stand on a local day, by `figure_key`."""
    state = await website.website(connection, site)
    k, n = state.count_checked(today)
    ever = sum(page.checked is not None for page in state.pages)
    read, papers, readable = await places.sheets_counted(connection, site, today)
    # Of what can’t be read whole nothing is shown: as if nobody had checked anything.
    return {
        PAGES_CHECKED: ClosedFigure((), k, n, on=today, ever=0 if state.unreadable else ever),
        SHEETS_CHECKED: ClosedFigure((), read, papers, on=today, ever=papers if readable else 0),
    }


async def last_closed(connection: Connection, most: int) -> Sequence[date]:
    """Returns the first days of the last closed months, the earliest first."""
    found = await connection.fetch(
        "SELECT month FROM desk.closed_months ORDER BY month DESC LIMIT $1", most
    )
    return [row["month"] for row in reversed(found)]


async def _judged_months(
    connection: Connection,
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    closed = await last_closed(connection, MONTHS)
    if not closed:
        return (), ()
    wanted = [after(closed[-1], -number) for number in reversed(range(MONTHS))]
    return (
        tuple(month for month in wanted if month in closed),
        tuple(month for month in wanted if month not in closed),
    )


async def _figure(
    connection: Connection,
    months: tuple[date, ...],
    missing: tuple[date, ...],
    code: str,
    channels: Sequence[str],
) -> ClosedFigure:
    if not months:
        return NO_FIGURE
    # Replies that are not to complaints are those of every reply clock less those to complaints:
    # a complaint has a delay of its own.
    asked = [REPLY, COMPLAINT] if code == REPLY_NO_COMPLAINT else [code]
    row = await connection.fetchrow(
        """
        SELECT coalesce(sum(sign * k), 0)::int AS k, coalesce(sum(sign * n), 0)::int AS n,
               coalesce(sum(sign * (open + observed)), 0)::int AS waiting
        FROM desk.figures($1, $2, $3::text[], NULL, $4::text[], true),
             LATERAL (SELECT CASE WHEN code = $6 THEN -1 ELSE 1 END AS sign) AS signs
        WHERE service IS NULL AND channel IS NULL AND month = ANY ($5::date[])
        """,
        months[0],
        months[-1],
        asked,
        list(channels) or None,
        list(months),
        COMPLAINT if len(asked) > 1 else None,
    )
    k, n, waiting = (0, 0, 0) if row is None else (row["k"], row["n"], row["waiting"])
    corrected, lost = await _corrected(connection, months, code, channels)
    return ClosedFigure(months, k, n, waiting, missing, corrected, lost)


async def _corrected(
    connection: Connection, months: Sequence[date], code: str, channels: Sequence[str]
) -> tuple[int, int]:
    """How many promises of a figure are corrected beside their month, and how many lost by it."""
    complaint = {COMPLAINT: True, REPLY_NO_COMPLAINT: False}.get(code)
    clock = "reply" if complaint is not None else CLOCK_OF[code]
    row = await connection.fetchrow(
        """
        WITH told AS (
            SELECT payload::jsonb AS fact, seq FROM desk.quality_facts WHERE type = 'MonthCorrected'
        ), last AS (
            SELECT DISTINCT ON (fact ->> 'month', fact ->> 'item_id')
                   (fact ->> 'month')::date AS month, (fact ->> 'item_id')::uuid AS item_id,
                   fact #>> '{after,result}' AS result
            FROM told WHERE fact ->> 'clock' = $1
            ORDER BY fact ->> 'month', fact ->> 'item_id', seq DESC
        )
        SELECT count(*)::int AS corrected,
               (count(*) FILTER (WHERE closed.result = 'kept'))::int AS lost
        FROM last JOIN desk.closed_promises closed USING (month, item_id)
        WHERE closed.clock = $1 AND month = ANY ($2::date[])
          AND closed.result IS DISTINCT FROM last.result
          AND ($3::text[] = '{}' OR closed.channel = ANY ($3))
          AND ($4::boolean IS NULL OR closed.complaint = $4)
        """,
        clock,
        list(months),
        list(channels),
        complaint,
    )
    return (0, 0) if row is None else (row["corrected"], row["lost"])


async def draws(connection: Connection) -> Sequence[DrawMade]:
    """Returns the random draws of audits, in order; unreadable facts are left out."""
    found = await connection.fetch(
        "SELECT seq, payload FROM desk.quality_facts WHERE type = 'DrawMade' ORDER BY seq"
    )
    facts = rows.readable(
        TABLE, found, itemgetter("seq"), lambda row: QUALITY.validate_json(row["payload"])
    )
    return [fact for fact in facts if isinstance(fact, DrawMade)]
