"""What integration tests share: databases with a live site, a browser, and what always holds."""

from collections.abc import AsyncIterator, Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.async_api import Browser

from deploy.embedded.programs import ForkServer, Starter
from shared.site import store
from shared.site.staff import people_store
from tests.clones import Clones
from tests.desk_builders import DAYS, GO_LIVE, a_site, some_people
from tests.e2e.browser import chromium
from tests.held_connections import watched
from tests.integration.desk.proven import Proven
from tests.integration.desk.sealed_months import SealedMonths
from tests.lock_watch import watched_locks
from tests.roles import one_transaction

WATCHED = (
    "services.desk.pages",
    # The tasks of `desk keep`.
    "services.desk.retention.blob_deletion",
    "services.desk.exports.evening",
    "services.desk.retention.purge",
    "services.desk.handlers",
    "services.desk.migration.job",
    "services.desk.archive.deposit_job",
    "services.desk.parapheur.job",
    "services.desk.parapheur.mail_job",
    "services.desk.search.index_job",
    "services.desk.journal.export",
    "services.desk.evidence.seals",
    "services.desk.evidence.verification.night",
    "services.ingest",
    "services.notify",
    "services.portal",
    "services.sla",
)
"""Modules, with all below them, that keep no connection across a file."""

EXCEPTED = (
    # A decision and the words that it names are one: the words are there before it is committed,
    # by whoever is signed in, under the lock of their own item.
    "services.desk.reply_address:reachable",
    "services.desk.letters.dispatch:_keep",
    "services.desk.letters.dispatch:order_print",
    "services.desk.letters.parapheur:give",
    "services.desk.letters.secure_mail:give_mail",
    "services.desk.letters.signature_circuit:_keep",
    "services.desk.letters.signature_circuit:_kept",
    "services.desk.letters.signature_circuit:sign_on_paper",
    "services.desk.service:_subject",
    "services.desk.service:ask_opinion",
    "services.desk.pages.office.sender:note",
    "services.desk.pages.api.decisions.office:_written",
    "services.desk.pages.api.decisions.classification:correct_sender",
    # A list is written as its rows come, by a cursor: PAGE_SECONDS at most.
    "services.desk.pages.exports:_file",
    # Templates are read once.
    "services.desk.pages.renderer:__call__",
    "services.portal.pages.serve:__call__",
)
"""What may do so (`module:function`), and why."""


@pytest.fixture(scope="session")
async def live_clones(clones: Clones, postgres_server_url: str) -> AsyncIterator[Clones]:
    """Databases with rules applied by the owner, people known, live since the first of May."""
    name, url = await clones.template()
    async with one_transaction(url) as connection:
        await store.keep(connection, a_site(), DAYS, "q.officer", "tests", GO_LIVE)
        await store.go_live(connection, GO_LIVE, "q.officer", "tests", GO_LIVE)
        await people_store.import_people(connection, some_people(), "q.officer", GO_LIVE)
    made = Clones(postgres_server_url, name)
    yield made
    await made.end()


@pytest.fixture(scope="session")
async def sealed_months(
    clones: Clones, postgres_server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SealedMonths]:
    """Databases in which a month was closed and sealed."""
    folder = tmp_path_factory.mktemp("month") / "blobs"
    made = SealedMonths(clones, postgres_server_url, folder)
    yield made
    await made.end()


@pytest.fixture
async def postgres_url(
    request: pytest.FixtureRequest,
    clones: Clones,
    live_clones: Clones,
    sealed_months: SealedMonths,
) -> AsyncIterator[str]:
    """The superuser's URL on a database of this test alone: with `live_site`, `month`, or empty."""
    if "month" in request.fixturenames:
        fresh = sealed_months.database()
    else:
        fresh = (live_clones if "live_site" in request.fixturenames else clones).one()
    async with fresh as url:
        yield url


@pytest.fixture
def live_site(postgres_url: str) -> None:
    """Asks for a database in which the site of the tests is live, and its people known."""


@pytest.fixture
async def month(
    sealed_months: SealedMonths, postgres_url: str, tmp_path: Path
) -> AsyncIterator[Proven]:
    """A closed and sealed month of a register, in a database of the test's own."""
    async with sealed_months.opened(postgres_url, tmp_path / "blobs") as made:
        yield made


@pytest.fixture(scope="session")
async def fork() -> AsyncIterator[Starter]:
    """Begins processes of ours as forks of one that has imported them."""
    server = ForkServer()
    yield server.start
    await server.stop()


@pytest.fixture(scope="session")
async def chrome(needs_debian: Callable[[str], Path]) -> AsyncIterator[Browser]:
    """Debian's Chromium, the page alone; each test opens windows of its own, and closes them.

    It draws the same as the whole program for a third of the work: nobody sees what surrounds it.
    """
    async with chromium(needs_debian("chromium-headless-shell")) as one:
        yield one


@pytest.fixture(autouse=True)
def _no_file_under_a_connection() -> Iterator[None]:
    """No page and no task keeps a connection across a file, another machine or a child."""
    with watched() as watch:
        yield
    seen = {name: watch.within(name, but=EXCEPTED) for name in WATCHED}
    assert {name: where for name, where in seen.items() if where} == {}


@pytest.fixture(autouse=True)
def _the_chain_of_quality_is_the_last_lock() -> Iterator[None]:
    """Nobody locks an item once the chain is theirs, or two would wait for each other."""
    with watched_locks() as watch:
        yield
    assert watch.wrong == []


def pytest_configure() -> None:
    """A module that was renamed is watched under its new name."""
    gone = [name for name in WATCHED if find_spec(name) is None]
    assert not gone, f"{__file__} watches what is no more: {gone}"
