"""A clerk of the mail office before a register, and the mails that they sort."""

from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from shared.content.blobs import LocalBlobs
from shared.platform.clock import StoryClock, open_clock
from shared.platform.database import Pool
from tests.desk_browser import Browser, pages
from tests.desk_builders import MONDAY
from tests.integration.desk.findings import a_mail, registered, wrote
from tests.roles import one_transaction, under_role

QUEUE = "/bureau/a-qualifier"


def chrono(n: int) -> str:
    return f"36-2026-A-{n:06d}"


async def a_clerk(pool: Pool, postgres_url: str, folder: Path) -> Browser:
    """Somebody of the mail office, on the Monday."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", MONDAY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    assert isinstance(clock, StoryClock)
    return await Browser(pages(pool, clock, folder)).sign_in("c.lerk")


async def state(pool: Pool, n: int) -> tuple[str, str, str]:
    row = await pool.fetchrow(
        "SELECT state, service, category FROM desk.items WHERE chrono = $1", chrono(n)
    )
    assert row is not None
    return tuple(row)


async def mails(pool: Pool, folder: Path, *routing: object) -> None:
    """One mail a minute, each with its proposal and a correspondent of its own."""
    blobs = LocalBlobs(folder)
    await registered(
        pool,
        *[
            await a_mail(
                blobs,
                f"m{n}",
                wrote("Ana", f"Mon récépissé {n}", "Il est périmé."),
                at=MONDAY + timedelta(minutes=n),
                routing=one,
            )
            for n, one in enumerate(routing)
        ],
    )
