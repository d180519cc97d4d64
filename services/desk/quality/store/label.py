"""Questions about the label: its facts, and its figures over the last closed months."""

from collections.abc import Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Final, get_args

import asyncpg

from services.desk.quality.domain.engagement_states import MONTHS, ClosedFigure, figure_key
from services.desk.quality.domain.label_facts import LabelFacts, fold
from services.desk.store.quality import TABLE
from shared.facts.quality import QUALITY, DrawMade
from shared.facts.quality.label import LABEL, Label
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.tables.quality import EvidenceKind, Framework

KINDS: Final = tuple(kind.__name__ for kind in get_args(Label))


async def label_facts(connection: Connection) -> LabelFacts:
    """Reads what stands of the label; facts that can't be read are left out."""
    found = await connection.fetch(
        "SELECT seq, payload FROM desk.quality_facts WHERE type = ANY ($1::text[]) ORDER BY seq",
        list(KINDS),
    )
    return fold(rows.readable(TABLE, found, itemgetter("seq"), _read))


def _read(row: asyncpg.Record) -> Label:
    return LABEL.validate_json(row["payload"])


async def closed_figures(
    connection: Connection, framework: Framework
) -> Mapping[str, ClosedFigure]:
    """The figures that a framework asks for, over the last three closed months, by `figure_key`."""
    months = await last_closed(connection, MONTHS)
    pieces = {
        figure_key(piece): piece
        for row in framework.engagements
        for piece in row.evidence
        if piece.kind is EvidenceKind.FIGURE
    }
    return {
        key: await _figure(
            connection, months, piece.code, [channel.value for channel in piece.channels]
        )
        for key, piece in pieces.items()
    }


async def last_closed(connection: Connection, most: int) -> Sequence[date]:
    """The first days of the last closed months, the earliest first."""
    found = await connection.fetch(
        "SELECT month FROM desk.closed_months ORDER BY month DESC LIMIT $1", most
    )
    return [row["month"] for row in reversed(found)]


async def _figure(
    connection: Connection, months: Sequence[date], code: str, channels: Sequence[str]
) -> ClosedFigure:
    if not months:
        return ClosedFigure((), 0, 0)
    row = await connection.fetchrow(
        """
        SELECT coalesce(sum(k), 0)::int AS k, coalesce(sum(n), 0)::int AS n
        FROM desk.figures($1, $2, $3::text[], NULL, $4::text[], true)
        WHERE service IS NULL AND channel IS NULL AND month = ANY ($5::date[])
        """,
        months[0],
        months[-1],
        [code],
        list(channels) or None,
        list(months),
    )
    k, n = (0, 0) if row is None else (row["k"], row["n"])
    return ClosedFigure(tuple(months), k, n)


async def draws(connection: Connection) -> Sequence[DrawMade]:
    """The draws that were made, in order; facts that can't be read are left out."""
    found = await connection.fetch(
        "SELECT seq, payload FROM desk.quality_facts WHERE type = 'DrawMade' ORDER BY seq"
    )
    facts = rows.readable(
        TABLE, found, itemgetter("seq"), lambda row: QUALITY.validate_json(row["payload"])
    )
    return [fact for fact in facts if isinstance(fact, DrawMade)]
