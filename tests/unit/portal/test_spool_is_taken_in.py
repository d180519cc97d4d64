"""A deposit that nobody takes in is noticed, by whoever asks the portal how it is."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from services.portal import metrics
from shared.content import spool, survey_spool
from shared.content.spool import FormDeposit, RereadRequest, SearchSentRequest, SpooledRequest
from shared.content.survey_spool import SurveySheet
from shared.errors import TemporaryFailure
from shared.facts.envelope import ArrivalId, PersonId, ServiceId
from shared.facts.vocabulary import SurveyChannel
from shared.platform.observability.health import State, Unwell, Well

NOW = datetime(2026, 5, 11, 9, tzinfo=UTC)


@dataclass(frozen=True)
class MachineClock:
    """The clock of a machine, at one moment."""

    def now(self) -> datetime:
        return NOW

    async def pause(self, longest: timedelta) -> None:
        raise AssertionError(longest)


def deposited(folder: Path, number: int, age: timedelta) -> None:
    put(folder, FormDeposit(id=UUID(int=number), at=NOW - age, text="Bonjour."), age)


def put(folder: Path, what: SpooledRequest, age: timedelta) -> None:
    spool.deposit(folder, what)
    (made,) = folder.glob(f"*-{what.id}")
    written(made, age)


def written(folder: Path, age: timedelta) -> None:
    moment = (NOW - age).timestamp()
    os.utime(folder, (moment, moment))


async def said(folder: Path) -> tuple[State, float | None]:
    """What /health says, and the gauge."""
    registry = CollectorRegistry()
    await metrics.question(registry, folder, MachineClock())()
    state = await metrics.taken_in(folder, MachineClock())()
    return state, registry.get_sample_value("vaguemestre_portal_spool_oldest_seconds")


async def test_an_empty_spool_and_one_just_filled_are_well(tmp_path: Path) -> None:
    assert await said(tmp_path / "none yet") == (Well(), 0)
    deposited(tmp_path, 1, timedelta(minutes=10))
    assert await said(tmp_path) == (Well(), 600)
    deposited(tmp_path, 2, timedelta(seconds=-2))  # the share's clock is ahead
    spool.remove(spool.waiting_folders(tmp_path)[0])
    assert await said(tmp_path) == (Well(), 0)


async def test_after_ten_minutes_it_is_said_that_nobody_takes_it_in(tmp_path: Path) -> None:
    deposited(tmp_path, 1, timedelta(minutes=11))
    deposited(tmp_path, 2, timedelta(minutes=1))
    state, age = await said(tmp_path)
    assert age == 660
    assert isinstance(state, Unwell)
    assert f"{tmp_path}: a deposit has waited for 11 minutes" in state.why
    assert "is the share mounted?" in state.why


async def test_a_request_that_waits_for_its_mailbox_is_no_deposit(tmp_path: Path) -> None:
    sent = SearchSentRequest(
        id=UUID(int=1), at=NOW, service=ServiceId("bmi"), since=NOW - timedelta(days=9)
    )
    again = RereadRequest(
        id=UUID(int=2), at=NOW, arrival_id=ArrivalId(UUID(int=3)), by=PersonId("c.lerk")
    )
    for request in (sent, again):
        put(tmp_path, request, timedelta(hours=3))
    assert await said(tmp_path) == (Well(), 0)
    deposited(tmp_path, 4, timedelta(minutes=11))
    assert (await said(tmp_path))[1] == 660
    broken = tmp_path / "20260511T080000-broken"
    broken.mkdir()
    (broken / "deposit.json").write_bytes(b"[]")
    written(broken, timedelta(minutes=20))
    assert (await said(tmp_path))[1] == 1_200, "what nobody can read waits too"


async def test_a_spool_that_can_not_be_read_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("no folder")
    with pytest.raises(TemporaryFailure):
        await metrics.taken_in(tmp_path / "spool", MachineClock())()


async def test_sheets_of_the_survey_that_wait_for_more_than_an_hour_are_said(
    tmp_path: Path,
) -> None:
    check = metrics.sheets_taken_in(tmp_path, MachineClock())
    assert await check() == Well()
    for number, age in ((1, timedelta(minutes=61)), (2, timedelta(minutes=2))):
        sheet = SurveySheet(
            sheet_id=UUID(int=number), campaign=1, channel=SurveyChannel.POSTER, place="",
            week="2026-W20", answers=(4,),
        )  # fmt: skip
        survey_spool.put(tmp_path, sheet)
        written(tmp_path / survey_spool.FOLDER / f"{sheet.sheet_id}.json", age)
    state = await check()
    assert isinstance(state, Unwell)
    assert "have waited for 61 minutes" in state.why
    waiting = survey_spool.read(tmp_path, 9)
    survey_spool.remove(tmp_path, [sheet for sheet in waiting if sheet.sheet_id.int == 1])
    assert await check() == Well()
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(TemporaryFailure):
        survey_spool.put(tmp_path / "file", sheet)
