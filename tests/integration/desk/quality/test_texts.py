"""Free texts of the quality system: kept once, told by digest, erased for good."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from services.desk.quality.store import texts
from shared.platform.database import Pool, transaction
from tests.roles import one_transaction

SUBJECT = UUID("00000000-0000-4000-8000-000000000011")
OTHER = UUID("00000000-0000-4000-8000-000000000012")
NOW = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Europe/Paris"))


async def test_a_text_is_read_by_its_subject_and_digest_until_it_is_erased(pool: Pool) -> None:
    async with transaction(pool) as connection:
        sha256 = await texts.keep(connection, SUBJECT, "La salle d’attente ferme tôt.", NOW)
        again = await texts.keep(connection, SUBJECT, "La salle d’attente ferme tôt.", NOW)
        assert sha256 != again  # each behind chance of its own
        asked = {(SUBJECT, sha256)}
        assert await texts.texts(connection, asked) == {
            (SUBJECT, sha256): "La salle d’attente ferme tôt."
        }
        assert not await texts.erase(connection, OTHER, sha256, NOW)
        assert await texts.erase(connection, SUBJECT, sha256, NOW)
        assert await texts.texts(connection, asked) == {}
        assert not await texts.erase(connection, SUBJECT, sha256, NOW)
        assert await texts.texts(connection, {(OTHER, sha256)}) == {(OTHER, sha256): texts.MISSING}
        assert list(await texts.texts(connection, {(SUBJECT, again)})) == [(SUBJECT, again)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE desk.quality_texts SET body = 'Aucun appel.'",
        "UPDATE desk.quality_texts SET sha256 = repeat('0', 64)",
        "UPDATE desk.quality_texts SET salt = repeat('0', 32)",
        "DELETE FROM desk.quality_texts",
        "TRUNCATE desk.quality_texts",
    ],
)
async def test_a_text_is_rewritten_by_no_hand_that_leaves_the_trigger_on(
    pool: Pool, postgres_url: str, statement: str
) -> None:
    async with transaction(pool) as connection:
        await texts.keep(connection, SUBJECT, "Trois appels sans réponse.", NOW)
    with pytest.raises(asyncpg.RaiseError, match="never changed nor removed"):
        async with one_transaction(postgres_url) as owner:
            await owner.execute(statement)


@pytest.mark.parametrize("body", ["Aucun appel.", "Trois appels sans réponse."])
async def test_an_erased_text_comes_back_no_more(pool: Pool, body: str) -> None:
    async with transaction(pool) as connection:
        sha256 = await texts.keep(connection, SUBJECT, "Trois appels sans réponse.", NOW)
        await texts.erase(connection, SUBJECT, sha256, NOW)
    with pytest.raises(asyncpg.RaiseError, match="never changed nor removed"):
        await pool.execute("UPDATE desk.quality_texts SET body = $1, erased_at = NULL", body)


async def test_a_program_that_knows_no_salt_erases_it_too(pool: Pool) -> None:
    async with transaction(pool) as connection:
        await texts.keep(connection, SUBJECT, "Trois appels sans réponse.", NOW)
    await pool.execute("UPDATE desk.quality_texts SET body = NULL, erased_at = now()")
    assert await pool.fetchval("SELECT salt FROM desk.quality_texts") is None
