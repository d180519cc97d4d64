"""The préfecture of these tests."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from deploy.embedded.mail import MailServer
from deploy.embedded.ports import free_port
from deploy.embedded.programs import Starter
from services.ingest.source_status import SourceStatus
from shared.platform.database import open_pool, transaction
from shared.platform.kafka import topics
from shared.site import store
from shared.site.tables.mailboxes import Mailbox, Sources
from tests.desk_builders import DAYS
from tests.fake_mail import FakeFolder
from tests.ingest_builders import indre
from tests.integration.ingest.bench import Bench
from tests.integration.ingest.deadly import Deadly
from tests.integration.ingest.prefecture import APPLIED, Prefecture


@pytest.fixture
async def prefecture(
    postgres_url: str, kafka_address: str, mail_server: MailServer, tmp_path: Path, fork: Starter
) -> AsyncIterator[Prefecture]:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=2)
    prefix = f"t{uuid4().hex[:8]}."
    await topics.provision(kafka_address, prefix, replication=1)
    address = f"pref-{uuid4().hex[:8]}@indre.example"
    box = Mailbox(
        id="pref-bmi", address=address, service="bmi", host="127.0.0.1",
        port=mail_server.imap_port, tls=False,
    )  # fmt: skip
    sources = Sources(trust=indre().sources.trust, mailboxes=(box,))
    site = indre().model_copy(update={"sources": sources})
    async with transaction(pool) as connection:
        await store.keep(connection, site, DAYS, "q.officer", "tests", APPLIED)
    port = free_port()
    environment = os.environ | {
        "VAGUEMESTRE_DATABASE_URL": postgres_url,
        "VAGUEMESTRE_KAFKA": kafka_address,
        "VAGUEMESTRE_PREFIX": prefix,
        "VAGUEMESTRE_BLOBS": str(tmp_path / "blobs"),
        "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        "VAGUEMESTRE_SECRET": "a secret of tests",
        "VAGUEMESTRE_PASSWORD_PREF_BMI": address,
        "VAGUEMESTRE_HTTP_PORT": str(port),
    }
    yield Prefecture(
        pool, kafka_address, prefix, address, mail_server, tmp_path, environment, port, fork
    )
    await pool.close()


@pytest.fixture
async def bench(postgres_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=4)
    yield Bench(pool, tmp_path / "blobs", FakeFolder(), SourceStatus("mailbox:pref-bmi"))
    await pool.close()


@pytest.fixture
def mails() -> Iterator[Deadly]:
    """A reader that the deadly mail stops."""
    deadly = Deadly()
    yield deadly
    deadly.released.set()
