"""A process that is killed after Pastell took a mail sécurisé: it is found again, and sent once."""

from pathlib import Path
from typing import Final

from services.desk.store.secure_mails import LEASE
from tests.integration.desk.test_parapheur_killed import killed, speechless
from tests.integration.desk.test_secure_mails import Desk, desk

__all__ = ["desk"]

CHILD: Final = """
import asyncio, sys
from pathlib import Path
from pydantic import SecretStr
from services.desk.parapheur.mail_job import SecureMailRounds
from services.desk.parapheur.mailsec import PastellMail
from shared.content.blobs import LocalBlobs
from shared.platform.clock import open_clock
from shared.platform.database import open_pool
from shared.site.applied_rules import AppliedRules
from tests.desk_browser import desk_settings
from tests.fake_mailsec import PLACE, ZONE
from tests.fake_pastell import LOGIN, PASSWORD

async def main():
    url, folder, address = sys.argv[1:]
    place = PLACE.model_copy(update={"url": address})
    pool = await open_pool(SecretStr(url), "tests")
    clock, folder = await open_clock(pool, SecretStr(url)), Path(folder)
    rounds = SecureMailRounds(
        pool, AppliedRules(), LocalBlobs(folder), clock, desk_settings(folder), asyncio.Event(),
        mail=lambda _, __: PastellMail(place, (LOGIN, SecretStr(PASSWORD)), ZONE))
    await rounds.round()

asyncio.run(main())
"""


async def test_a_mail_that_was_sent_by_a_process_killed_before_it_noted_so_leaves_once(
    desk: Desk, environment: dict[str, str], tmp_path: Path
) -> None:
    reference = await desk.give()
    async with speechless(desk.fake.app, "/action/envoi") as (server, url):
        words = (CHILD, environment["VAGUEMESTRE_DATABASE_URL"], str(tmp_path), url)
        await killed(server, *words)
    assert await desk.state() == ("to_send", None), "nothing of it was noted"
    assert "ReplySent" not in await desk.types()
    await desk.rounds.round()
    assert desk.fake.asked == [], f"it is claimed, for {LEASE}"
    await desk.round()
    assert await desk.state() == ("sent", None)
    assert desk.fake.sent(reference) == 1
    assert len(desk.fake.documents) == 1, "found again by its id"
    assert (await desk.types()).count("ReplySent") == 1
