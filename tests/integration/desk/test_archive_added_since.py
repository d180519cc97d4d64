"""What is written to an ended item after its package was taken has to reach the archive too."""

from datetime import timedelta
from pathlib import Path

from shared.platform.database import Pool
from tests.archive_builders import TRANSFER, a_reply
from tests.integration.desk.test_archive_transfers import (
    DUE,
    House,
    blobs,
    brings,
    house,
    packed,
    pytestmark,
    says,
)
from tests.integration.desk.test_evidence_and_its_end import FIRST, done, on

__all__ = ["blobs", "house", "pytestmark"]


async def test_a_note_that_came_after_the_package_goes_to_the_archive_before_it_is_destroyed(
    pool: Pool, postgres_url: str, house: House, tmp_path: Path
) -> None:
    officer, secretary = await house.person("q.officer"), await house.person("s.general")
    await house.transfer(officer)
    await packed(secretary, tmp_path)
    await on(postgres_url, DUE + timedelta(hours=1))
    head = await house.person("b.head")
    note = {"text": "Son voisin a appelé.", "texte": "Son voisin a appelé."}
    answer = await head.send(f"/courrier/{FIRST}", f"/courrier/{FIRST}/note", note)
    assert answer.status_code == 303, answer.text
    await on(postgres_url, DUE + timedelta(hours=2))
    secretary = await house.person("s.general")
    await packed(secretary, tmp_path)  # once more, when the first one is deposited already
    await brings(secretary, a_reply("OK"))
    due = await done("destroy", "--due")
    assert FIRST not in due, "the archive lacks the note"
    assert "36-2026-A-000002" in due, "it has this one as it is"
    officer = await house.person("q.officer")
    await says(officer, "/versement", "proposer")
    again = "SELECT chrono FROM desk.archive_transfer_items WHERE transfer <> $1"
    assert [row["chrono"] for row in await pool.fetch(again, TRANSFER)] == [FIRST]
