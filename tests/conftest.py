"""The real servers of the tests: started when a test first asks, stopped after the last one.

- `kafka_address`, `postgres_url` (a fresh migrated database for each test),
  `postgres_server_url` (the superuser's)
- `needs_debian("dovecot")` skips a test by the name of the program that is missing; where CI is
  set every skip fails (tests/no_skips.py)
- HYPOTHESIS_PROFILE=thorough makes a long hunt of each property's quick check
"""

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mail import MailServer
from deploy.embedded.postgres import PostgresServer
from shared.platform.postgres import rows
from shared.platform.postgres.migrate import migrate
from tests.clones import Clones, database, execute
from tests.longest_first import (
    pytest_collection_modifyitems,  # noqa: F401  (pytest finds hooks by their names here)
)
from tests.memory import in_memory
from tests.no_skips import (  # noqa: F401  (likewise)
    pytest_make_collect_report,
    pytest_runtest_makereport,
)

os.environ.setdefault("VAGUEMESTRE_WHY", "essai")
"""Why the commands of the tests are typed; tests/unit/shared/test_origin.py asks without it."""

# Their PostgreSQL speaks no TLS: a client that would ask it first makes a context for each
# connection, which is a third of what it costs.
os.environ.setdefault("PGSSLMODE", "disable")

_TEMPLATE = "template_of_tests"

# Tests keep what they made; looking it all through again and again is a fifth of their time.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """Leaves out what was imported, which stays: pytest itself looks twice through all at the end.

    What tests make is looked through as before.
    """
    gc.collect()
    gc.freeze()


# A time limit for each example would fail on a busy machine; pytest's own is for the whole test.
settings.register_profile("quick", max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=3_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def rows_of_this_test() -> Iterator[None]:
    """What one test broke is not said in the next."""
    yield
    rows.forget()


@pytest.fixture(scope="session")
def embedded_data() -> Iterator[Path]:
    """A data folder outside pytest's own, whose rights pytest resets while servers run."""
    folder = Path(tempfile.mkdtemp(prefix="vaguemestre-tests-", dir=in_memory()))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class CompactingKafka(KafkaServer):
    """A Kafka that compacts a topic as soon as it may: tests/integration/shared/test_offset_holes.

    Said at its start: told while it runs, it compacts nothing any more. It looks once a second:
    each look costs, all through the run.
    """

    def _properties(self, controller_port: int, logs: Path) -> str:
        return super()._properties(controller_port, logs) + "log.cleaner.backoff.ms=1000\n"


@pytest.fixture(scope="session")
def kafka_server(embedded_data: Path) -> Iterator[KafkaServer]:
    """The run's one Kafka. A test that stops it must start it again."""
    server = CompactingKafka(embedded_data)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def kafka_address(kafka_server: KafkaServer) -> str:
    """`127.0.0.1:port`. Topics and groups of a test need names of their own."""
    return kafka_server.address


@pytest.fixture(scope="session")
def postgres_server(embedded_data: Path) -> Iterator[PostgresServer]:
    """The run's one PostgreSQL. A test that stops it must start it again."""
    server = PostgresServer(embedded_data, durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server_url(postgres_server: PostgresServer) -> str:
    """The superuser's URL, on the database `postgres`."""
    return postgres_server.url


@pytest.fixture(scope="session")
async def migrated_template(postgres_server_url: str) -> str:
    """The name of a database with every migration applied, from which tests clone theirs."""
    await execute(postgres_server_url, f'CREATE DATABASE "{_TEMPLATE}"')
    connection = await asyncpg.connect(database(postgres_server_url, _TEMPLATE))
    try:
        await migrate(connection, site="indre")
    finally:
        await connection.close()
    return _TEMPLATE


@pytest.fixture(scope="session")
async def clones(postgres_server_url: str, migrated_template: str) -> AsyncIterator[Clones]:
    """Databases with every migration applied and nothing else."""
    made = Clones(postgres_server_url, migrated_template)
    yield made
    await made.end()


@pytest.fixture
async def postgres_url(clones: Clones) -> AsyncIterator[str]:
    """The superuser's URL on a fresh clone of the template, dropped after the test."""
    async with clones.one() as url:
        yield url


@pytest.fixture(scope="session")
def mail_server(embedded_data: Path) -> Iterator[MailServer]:
    """The run's one mail server; a mail to a new address makes its mailbox, password = address."""
    server = MailServer(embedded_data, [])
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def needs_debian() -> Callable[[str], Path]:
    """Ask for a program of a Debian package; without it the test is skipped."""

    def needs(program: str) -> Path:
        folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/dovecot"])
        if found := shutil.which(program, path=folders):
            return Path(found)
        pytest.skip(f"{program} is missing: run deploy/system-packages.sh as root")

    return needs
