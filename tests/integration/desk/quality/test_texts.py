"""Free texts of the quality system: kept once, told by digest, erased for good."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.desk.quality.store import texts
from shared.platform.database import Pool, transaction

SUBJECT = UUID("00000000-0000-4000-8000-000000000011")
OTHER = UUID("00000000-0000-4000-8000-000000000012")
NOW = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Europe/Paris"))


async def test_a_text_is_read_by_its_subject_and_digest_until_it_is_erased(pool: Pool) -> None:
    async with transaction(pool) as connection:
        sha256 = await texts.keep(connection, SUBJECT, "La salle d’attente ferme tôt.", NOW)
        again = await texts.keep(connection, SUBJECT, "La salle d’attente ferme tôt.", NOW)
        assert sha256 == again
        asked = {(SUBJECT, sha256), (OTHER, sha256)}
        assert await texts.texts(connection, asked) == {
            (SUBJECT, sha256): "La salle d’attente ferme tôt."
        }
        assert not await texts.erase(connection, OTHER, sha256, NOW)
        assert await texts.erase(connection, SUBJECT, sha256, NOW)
        assert await texts.texts(connection, asked) == {}
        assert not await texts.erase(connection, SUBJECT, sha256, NOW)


async def test_a_text_that_was_rewritten_in_the_database_is_not_shown(pool: Pool) -> None:
    async with transaction(pool) as connection:
        sha256 = await texts.keep(connection, SUBJECT, "Trois appels sans réponse.", NOW)
        await connection.execute("UPDATE desk.quality_texts SET body = 'Aucun appel.'")
        assert await texts.texts(connection, {(SUBJECT, sha256)}) == {}
