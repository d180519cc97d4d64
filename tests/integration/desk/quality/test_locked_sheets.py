"""A survey sheet whose key is not here waits for it; nothing else of the survey waits."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.desk.quality import survey_job
from services.desk.quality.store import survey as store
from shared.content import survey_spool
from shared.content.encryption import ReadingKey
from shared.content.keyring import IN_CLEAR, KeyMissing
from shared.content.survey_spool import SurveySheet
from shared.facts.vocabulary import SurveyChannel
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site.applied_rules import AppliedRules
from tests.integration.desk.quality.test_survey import ONCE

pytestmark = pytest.mark.usefixtures("live_site")


async def test_what_is_past_its_year_is_erased_beside_a_locked_sheet(
    pool: Pool, story_clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = SurveySheet(
        sheet_id=ONCE, campaign=1, channel=SurveyChannel.POSTER, place="pan", week="2026-W27",
        answers=(4, None, 0), free_text="Merci.",
    )  # fmt: skip
    survey_spool.put(tmp_path, sheet, ReadingKey.new("2026").writing)
    async with transaction(pool) as connection:
        await store.keep_verbatim(connection, 1, "2020-W01", "Une remarque de 2020.")
    monkeypatch.setattr(survey_job, "every", lambda _seconds, look, _stopping: look)
    parts: Any = SimpleNamespace(
        pool=pool,
        rules=AppliedRules(),
        clock=story_clock,
        settings=SimpleNamespace(spool=tmp_path, keys=IN_CLEAR),
        stopping=asyncio.Event(),
    )
    with pytest.raises(KeyMissing):
        await survey_job.surveys(parts)()
    assert await pool.fetchval("SELECT count(body) FROM desk.survey_verbatims") == 0
    (waits,) = (tmp_path / survey_spool.FOLDER).glob("*.json")
    assert waits.stem == str(ONCE)
