"""What can be found is read without a connection, and never says what was withdrawn meanwhile."""

from pathlib import Path

import pytest

from services.desk.search.index_job import index
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import BlobKey
from shared.platform.database import Pool, transaction
from tests.desk_builders import certain
from tests.held_connections import watched
from tests.integration.desk.offices import mails

pytestmark = pytest.mark.usefixtures("live_site")


async def test_no_connection_is_held_while_plis_are_read(pool: Pool, tmp_path: Path) -> None:
    await mails(pool, tmp_path, certain(), certain())
    with watched() as watch:
        assert await index(pool, LocalBlobs(tmp_path)) > 0
    assert watch.within("services.desk.search.index_job", but=()) == []
    assert await pool.fetchval("SELECT count(*) FROM desk.search WHERE body <> ''") == 2
    assert await pool.fetchval("SELECT count(*) FROM desk.to_index") == 0


async def test_what_one_batch_notes_twice_is_indexed_once(pool: Pool, tmp_path: Path) -> None:
    await mails(pool, tmp_path, certain(), certain(), certain())
    notes = "SELECT array_agg(id ORDER BY number) FROM desk.to_index"
    noted = await pool.fetchval(notes)
    assert len(noted) == 6, "three items, then the three arrivals that opened them"
    assert await index(pool, LocalBlobs(tmp_path), 2) == 4, "two items with all that notes them"
    assert await pool.fetchval(notes) == [noted[2]] * 2
    assert await index(pool, LocalBlobs(tmp_path), 2) == 2
    assert await pool.fetchval("SELECT count(*) FROM desk.search WHERE body <> ''") == 3


async def test_words_that_go_are_looked_for_by_their_names(pool: Pool, tmp_path: Path) -> None:
    await mails(pool, tmp_path, certain(), certain())
    await index(pool, LocalBlobs(tmp_path))
    read = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = 'desk.vocabulary'::regclass"
    async with transaction(pool) as connection:
        await connection.execute(
            "INSERT INTO desk.vocabulary SELECT 'other' || n, 1 FROM generate_series(1, 5000) AS n"
        )
        assert await connection.fetchval("SELECT count(*) FROM desk.vocabulary") > 5000
        before = await connection.fetchval(read)
        await connection.execute("DELETE FROM desk.search")
        assert await connection.fetchval(read) == before
        assert await connection.fetchval("SELECT count(*) FROM desk.vocabulary") == 5000


async def test_what_was_withdrawn_while_it_was_read_is_not_written(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mails(pool, tmp_path, certain())
    read = LocalBlobs.get

    async def withdrawn_meanwhile(self: LocalBlobs, key: BlobKey) -> bytes:
        found = await read(self, key)
        await pool.execute("UPDATE desk.arrivals SET pli = NULL, erased_at = now()")
        return found

    monkeypatch.setattr(LocalBlobs, "get", withdrawn_meanwhile)
    await index(pool, LocalBlobs(tmp_path))
    assert await pool.fetchval("SELECT count(*) FROM desk.search") == 0
    assert await pool.fetchval("SELECT count(*) FROM desk.to_index") > 0, "it is read again"
    await index(pool, LocalBlobs(tmp_path))
    assert await pool.fetchval("SELECT body FROM desk.search") == ""
    assert await pool.fetchval("SELECT count(*) FROM desk.to_index") == 0
