"""The survey's campaigns from their facts, its sheets and what was written freely, in tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, get_args
from uuid import UUID, uuid4

from services.desk.domain.survey_lines import SheetRow
from services.desk.quality.domain.survey import SurveyCampaign, fold
from services.desk.quality.store import texts
from services.desk.store import quality
from shared.errors import PermanentFailure
from shared.facts.envelope import Digest
from shared.facts.quality.survey import SurveyFact
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.tables.survey import SurveyForm

KINDS: Final = get_args(SurveyFact)
ERASED: Final = "(texte effacé)"
UNREADABLE: Final = "(questionnaire illisible)"


async def campaigns(connection: Connection) -> Sequence[SurveyCampaign]:
    """Reads every campaign of the satisfaction survey, by number."""
    found = await quality.of_kinds(connection, KINDS)
    return fold(fact for fact in found if isinstance(fact, KINDS))


async def answers(connection: Connection) -> None:
    """Locks survey campaigns against closing until this transaction ends, as sheets come in."""
    await connection.execute("SELECT pg_advisory_xact_lock_shared(hashtext('desk survey'))")


async def ends(connection: Connection) -> None:
    """Waits for transactions that add survey sheets, and lets no other begin.

    Taken before the lock of the chain of quality.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('desk survey'))")


async def form_of(connection: Connection, campaign: SurveyCampaign) -> SurveyForm:
    """Returns a survey campaign's form as frozen. Raises PermanentFailure without its text."""
    key = (campaign.subject, campaign.form_text)
    text = (await texts.texts(connection, [key])).get(key, texts.MISSING)
    if text in {texts.MISSING, texts.ALTERED}:
        raise PermanentFailure(f"Form of campaign {campaign.number}: {text}.")
    return rows.read("desk.quality_texts", key, lambda: SurveyForm.model_validate_json(text))


async def title_of(connection: Connection, campaign: SurveyCampaign) -> str:
    """Returns the title of a campaign's form, or a French word if it can't be read."""
    try:
        return (await form_of(connection, campaign)).title
    except PermanentFailure:
        return UNREADABLE


async def text_of(connection: Connection, campaign: SurveyCampaign, digest: Digest | None) -> str:
    """Returns a text of a survey campaign as a page shows it; empty without digest."""
    if digest is None:
        return ""
    key = (campaign.subject, digest)
    return (await texts.texts(connection, [key])).get(key, ERASED)


async def keep_sheet(connection: Connection, campaign: int, row: SheetRow) -> bool:
    """Stores a survey sheet; returns whether it was new (the same id twice is one sheet)."""
    found = await connection.fetchval(
        """
        INSERT INTO desk.survey_sheets (sheet_id, campaign, channel, place, week, answers)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (sheet_id) DO NOTHING RETURNING true
        """,
        row.sheet_id, campaign, row.channel, row.place, row.week, list(row.answers),
    )  # fmt: skip
    return bool(found)


async def sheet(connection: Connection, campaign: int, sheet_id: UUID) -> SheetRow | None:
    """Locks and returns a survey sheet that is not sealed yet; `None` if there is none."""
    found = await connection.fetchrow(
        """
        SELECT sheet_id, channel, place, week, answers FROM desk.survey_sheets
        WHERE sheet_id = $1 AND campaign = $2 AND batch IS NULL FOR UPDATE
        """,
        sheet_id,
        campaign,
    )
    return None if found is None else SheetRow(**found)


async def retype(connection: Connection, sheet_id: UUID, answers: Sequence[int | None]) -> None:
    """Replaces the answers of a survey sheet that is not sealed yet."""
    await connection.execute(
        "UPDATE desk.survey_sheets SET answers = $2 WHERE sheet_id = $1 AND batch IS NULL",
        sheet_id,
        list(answers),
    )


async def keep_second(connection: Connection, sheet_id: UUID, cells: int, differing: int) -> None:
    """Stores how far a survey sheet's second typing differs from the first, once."""
    await connection.execute(
        """
        INSERT INTO desk.survey_second_entries (sheet_id, cells, differing) VALUES ($1, $2, $3)
        ON CONFLICT (sheet_id) DO NOTHING
        """,
        sheet_id,
        cells,
        differing,
    )


async def differs(connection: Connection, sheet_id: UUID) -> bool:
    """Whether a survey sheet was typed twice and both typings differ."""
    return bool(
        await connection.fetchval(
            "SELECT differing > 0 FROM desk.survey_second_entries WHERE sheet_id = $1", sheet_id
        )
    )


@dataclass(frozen=True, slots=True)
class SecondEntries:
    """Counts of survey sheets typed twice: sheets, answers, and answers that differ."""

    sheets: int
    cells: int
    differing: int


async def second_entries(connection: Connection, campaign: int) -> SecondEntries:
    """Counts a campaign's sheets typed twice, and the answers that differ."""
    row = await connection.fetchrow(
        """
        SELECT count(*)::int AS sheets, coalesce(sum(cells), 0)::int AS cells,
               coalesce(sum(differing), 0)::int AS differing
        FROM desk.survey_second_entries JOIN desk.survey_sheets USING (sheet_id)
        WHERE campaign = $1
        """,
        campaign,
    )
    assert row is not None  # noqa: S101  (an aggregate has one row)
    return SecondEntries(**row)


async def by_batch(
    connection: Connection, campaign: int
) -> Mapping[int | None, Sequence[SheetRow]]:
    """Returns a campaign's survey sheets by batch; `None`: not sealed yet."""
    found = dict[int | None, list[SheetRow]]()
    for row in await connection.fetch(
        """
        SELECT batch, sheet_id, channel, place, week, answers FROM desk.survey_sheets
        WHERE campaign = $1 ORDER BY sheet_id
        """,
        campaign,
    ):
        values = dict(row)
        found.setdefault(values.pop("batch"), []).append(SheetRow(**values))
    return found


async def count(connection: Connection, campaign: int) -> int:
    """Counts the survey sheets of a campaign, sealed or not."""
    return int(
        await connection.fetchval(
            "SELECT count(*)::int FROM desk.survey_sheets WHERE campaign = $1", campaign
        )
    )


async def keep_late(connection: Connection, sheets: Sequence[tuple[UUID, int]]) -> None:
    """Stores, by id, survey sheets that came too late to count; twice is once."""
    await connection.executemany(
        """
        INSERT INTO desk.survey_late (sheet_id, campaign) VALUES ($1, $2)
        ON CONFLICT (sheet_id) DO NOTHING
        """,
        list(sheets),
    )


async def count_late(connection: Connection, campaign: int) -> int:
    """Counts the survey sheets of a campaign that came too late to count."""
    return int(
        await connection.fetchval(
            "SELECT count(*)::int FROM desk.survey_late WHERE campaign = $1", campaign
        )
    )


async def seal(connection: Connection, sheets: Sequence[SheetRow], batch: int) -> None:
    """Seals survey sheets into a batch: they change no more."""
    await connection.execute(
        """
        UPDATE desk.survey_sheets SET batch = $2
        WHERE sheet_id = ANY ($1::uuid[]) AND batch IS NULL
        """,
        [row.sheet_id for row in sheets],
        batch,
    )


class VerbatimState(StrEnum):
    """The state of a survey's remark (free text): waiting, readable, withheld, erased."""

    WAITING = "waiting"
    """Only the quality officer reads it, to mask it."""
    READABLE = "readable"
    WITHHELD = "withheld"
    """It is shown to nobody: nothing of it was kept."""
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class SurveyVerbatim:
    """A survey's remark (free text, verbatim), stored apart from the sheet it came with."""

    verbatim_id: UUID
    week: str
    body: str
    state: VerbatimState


async def keep_verbatim(connection: Connection, campaign: int, week: str, text: str) -> None:
    """Stores a survey's remark (free text) apart from its sheet."""
    await connection.execute(
        """
        INSERT INTO desk.survey_verbatims (verbatim_id, campaign, week, body)
        VALUES ($1, $2, $3, $4)
        """,
        uuid4(),
        campaign,
        week,
        text,
    )


async def verbatims(
    connection: Connection, campaign: int, state: VerbatimState
) -> Sequence[SurveyVerbatim]:
    """Returns a survey campaign's remarks (free texts) in a state, by their random ids."""
    return [
        SurveyVerbatim(row["verbatim_id"], row["week"], row["body"], VerbatimState(row["state"]))
        for row in await connection.fetch(
            """
            SELECT verbatim_id, week, body, state FROM desk.survey_verbatims
            WHERE campaign = $1 AND state = $2 ORDER BY verbatim_id
            """,
            campaign,
            state.value,
        )
        if row["body"] is not None
    ]


async def settle_verbatim(connection: Connection, verbatim_id: UUID, text: str | None) -> bool:
    """Replaces a survey's remark by its masked text, or deletes it; returns whether it waited.

    `text`: `None` deletes it.
    """
    found = await connection.fetchval(
        """
        UPDATE desk.survey_verbatims SET body = $2,
            state = CASE WHEN $2::text IS NULL THEN 'withheld' ELSE 'readable' END
        WHERE verbatim_id = $1 AND state = 'waiting' RETURNING true
        """,
        verbatim_id,
        text,
    )
    return bool(found)


async def erase_verbatims(connection: Connection, before: str) -> int:
    """Erases survey remarks written in weeks before an ISO week; returns how many."""
    found = await connection.fetch(
        """
        UPDATE desk.survey_verbatims SET body = NULL, state = 'erased'
        WHERE body IS NOT NULL AND week < $1 RETURNING verbatim_id
        """,
        before,
    )
    return len(found)
