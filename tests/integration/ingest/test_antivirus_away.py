"""While the antivirus is away what it found stays known, and nothing is asked for for ever."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.ingest import attachment_job, attachment_queue, attachment_reader
from shared.facts.arrivals import ArrivalReread
from shared.facts.observations import ReadAttachments
from shared.platform.database import open_pool, transaction
from tests.fake_clamd import SIGNATURE, FakeAntivirus
from tests.integration.ingest.antivirus_door import (
    INFECTED,
    LETTER,
    WITH_A_LETTER,
    Away,
    Hung,
    Silent,
    called_back,
    files,
    marks,
    read,
    told,
)
from tests.integration.ingest.door import Door, a_reread


@pytest.fixture
async def door(postgres_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=4)
    one = Door(pool, tmp_path, antivirus=FakeAntivirus())
    one.rules = replace(one.rules, antivirus=True)
    yield one
    await pool.close()


async def test_a_virus_that_was_found_stays_known_and_is_told_once(door: Door) -> None:
    await door.receive(INFECTED)
    assert await read(door, Away(knows=True))
    *_, first = await told(door)
    assert marks(await files(door, first)) == [(False, SIGNATURE), (True, "")]
    assert await called_back(door, Away())
    assert await called_back(door, Away())
    assert len(await told(door)) == 2, "its pli says all of it already"
    assert await called_back(door, FakeAntivirus())
    *_, last = await told(door)
    assert marks(await files(door, last)) == [(False, SIGNATURE), (False, "")]


async def test_a_known_virus_is_not_opened_by_a_second_reading_while_the_antivirus_is_away(
    door: Door,
) -> None:
    arrival = await door.receive(INFECTED)
    assert await read(door, FakeAntivirus())
    await door.ask(a_reread(arrival))
    assert await read(door, Away())
    *_, last = await told(door)
    assert isinstance(last, ArrivalReread)
    assert last.attachments == ReadAttachments(read=1, unread=1)
    infected, letter = await files(door, last)
    assert (infected.virus, infected.unread, infected.text) == (SIGNATURE, "infected", "")
    assert (letter.virus, letter.unlooked, letter.text) == ("", True, LETTER)


async def test_a_mail_that_ends_its_process_keeps_its_known_virus(door: Door) -> None:
    arrival = await door.receive(INFECTED)
    assert await read(door, FakeAntivirus())
    await door.ask(a_reread(arrival))
    await door.pool.execute("UPDATE ingest.attachment_readings SET tries = 2")
    assert await read(door, Silent())
    *_, last = await told(door)
    assert isinstance(last, ArrivalReread)
    found = await files(door, last)
    assert marks(found) == [(False, SIGNATURE), (False, "")]
    assert [file.unread for file in found] == ["infected", "ends-its-reader"]


async def test_a_mail_at_which_the_antivirus_never_can_look_is_called_back_ever_more_seldom(
    door: Door,
) -> None:
    await door.receive(WITH_A_LETTER)
    assert await read(door, Away())
    assert await called_back(door, Away(), later=False)
    assert not await called_back(door, Away(), later=False), "it waits a minute, then three"
    calls = 1
    while await called_back(door, Away()):
        calls += 1
        assert calls <= attachment_job.MOST_CALLS
    assert calls == attachment_job.MOST_CALLS
    assert await door.pool.fetchval("SELECT count(*) FROM ingest.attachment_readings") == 0
    *_, last = await told(door)
    assert marks(await files(door, last)) == [(True, ""), (True, "")]


async def test_the_antivirus_looks_once_at_what_it_has_looked_at(door: Door) -> None:
    await door.receive(INFECTED)
    assert await read(door, Away(knows=True))
    again = Away()
    assert await called_back(door, again)
    assert again.asked == 1


async def test_what_comes_is_read_before_what_is_called_back_and_waits_alone(door: Door) -> None:
    await door.receive(WITH_A_LETTER)
    assert await read(door, Away())
    await door.pool.execute("UPDATE ingest.attachment_readings SET later = false")
    async with transaction(door.pool) as connection:
        assert (await attachment_queue.waiting(connection)).mails == 0, "it was read"
    fresh = await door.receive(WITH_A_LETTER.replace(b"<un@orange.example>", b"<deux@o.example>"))
    async with transaction(door.pool) as connection:
        assert (await attachment_queue.waiting(connection)).mails == 1
        taken = await attachment_queue.take(connection, "", door.clock.now())
    assert taken is not None
    assert taken.arrival_id == fresh


async def test_an_antivirus_that_hangs_is_away(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachment_reader, "LOOKS_SECONDS", 0.1)
    await door.receive(WITH_A_LETTER)
    assert await read(door, Hung())
    assert await called_back(door, FakeAntivirus())
    *_, last = await told(door)
    assert marks(await files(door, last)) == [(False, ""), (False, "")]
