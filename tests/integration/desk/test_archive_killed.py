"""A process killed after the archive took a package: it is asked for, and not sent again."""

from pathlib import Path
from typing import Final

from services.desk.archive.store.deposits import LEASE
from tests.archive_builders import TRANSFER
from tests.integration.desk.test_archive_deposit import (
    SENDS,
    Road,
    blobs,
    house,
    pytestmark,
    road,
)
from tests.integration.desk.test_parapheur_killed import killed, speechless

__all__ = ["blobs", "house", "pytestmark", "road"]

CHILD: Final = """
import asyncio, sys
from pathlib import Path
from pydantic import SecretStr
from services.desk.archive.asalae import Asalae
from services.desk.archive.deposit_job import DepositRounds
from shared.content.blobs import LocalBlobs
from shared.platform.clock import open_clock
from shared.platform.database import open_pool
from shared.site.applied_rules import AppliedRules
from tests.desk_browser import desk_settings
from tests.fake_asalae import DEPOSITING, LOGIN, PASSWORD, PLACE

async def main():
    url, folder, address = sys.argv[1:]
    place = PLACE.model_copy(update={"url": f"{address}/restservices"})
    archive = DEPOSITING.model_copy(update={"deposit": place})
    pool = await open_pool(SecretStr(url), "tests")
    clock, folder = await open_clock(pool, SecretStr(url)), Path(folder)
    rounds = DepositRounds(
        pool, AppliedRules(), LocalBlobs(folder), clock, desk_settings(folder), asyncio.Event(),
        server=lambda _, __: Asalae(archive, LOGIN, SecretStr(PASSWORD)))
    await rounds.round()

asyncio.run(main())
"""


async def test_a_package_that_was_sent_by_a_process_killed_before_it_noted_so_is_asked_for(
    road: Road, environment: dict[str, str], tmp_path: Path
) -> None:
    await road.deposit()
    async with speechless(road.fake.app, "/sedaMessages") as (server, url):
        database = environment["VAGUEMESTRE_DATABASE_URL"]
        await killed(server, CHILD, database, str(tmp_path / "blobs"), url)
    assert await road.state() == ("in_doubt", None), "that it begins was noted before"
    await road.rounds.round()
    assert road.fake.asked == [], f"it is claimed, for {LEASE}"
    await road.round()
    assert await road.state() == ("sent", None)
    assert (road.fake.sent(TRANSFER), road.fake.asked.count(SENDS)) == (1, 0)
    road.fake.answer(TRANSFER, "000")
    await road.round()
    assert await road.pool.fetchval("SELECT accepted_at IS NOT NULL FROM desk.archive_transfers")
