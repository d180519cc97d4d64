"""Files that go to the parapheur with a letter: read there, given out here, erased with it."""

from datetime import timedelta
from pathlib import Path

from services.desk.store import erasures
from services.ops.blobs import inventory
from shared.content.blob_files import FolderFiles
from shared.facts.envelope import BlobKey
from shared.platform.database import transaction
from tests.desk_builders import MONDAY
from tests.integration.desk.test_parapheur_letters import BOOK, NEWEST, Desk, desk
from tests.roles import one_transaction

__all__ = ["desk"]


async def test_the_files_of_a_letter_go_there_with_it_and_are_kept_for_its_departure(
    desk: Desk, postgres_url: str, tmp_path: Path
) -> None:
    octets = b"%PDF-1.7 plan"
    reference = await desk.give(fichiers=("plan.pdf", octets, "application/pdf"))
    await desk.round()
    assert desk.fake.annexes(reference) == [("annexe-1-plan.pdf", octets)]
    desk.fake.sign(reference, "Catherine Aubry")
    await desk.round()
    page = await desk.browser.page(BOOK)
    assert 'annexe/0" download>plan.pdf</a>. Joignez-les quand elle part.' in page
    letter = await desk.pool.fetchval(NEWEST)
    assert (await desk.browser.get(f"{BOOK}/{letter}/annexe/0")).content == octets
    assert (await desk.browser.get(f"{BOOK}/{letter}/annexe/1")).status_code == 404
    assert (await desk.act("partie")).status_code == 303
    assert "Joignez-les" not in await desk.browser.page(BOOK), "it has left"
    async with transaction(desk.pool) as connection:
        item = await connection.fetchval("SELECT item_id FROM desk.parapheur_letters")
        left = await connection.fetchval("SELECT files FROM desk.letter_uses")
        folders = await erasures.composed_for(connection, item)
    assert [await desk.blobs.get(BlobKey(key)) for key in left] == [octets], "for the archive"
    assert letter in [folder.owner for folder in folders], "erased with the rest of the item"
    async with one_transaction(postgres_url) as owner:
        later = MONDAY + timedelta(days=3_650)
        assert (await inventory.take(owner, FolderFiles(tmp_path), later)).orphans == []
