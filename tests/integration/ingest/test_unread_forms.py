"""Forms of websites that are not recognised any more are counted once, by the form."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.ingest.unread_forms import CountingWriter, UnreadForms
from shared.content.blobs import LocalBlobs
from shared.platform.database import open_pool
from shared.platform.observability.telemetry import Telemetry
from tests.ingest_builders import a_mail, indre
from tests.integration.ingest.door import Door


@pytest.fixture
async def door(postgres_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=4)
    yield Door(pool, tmp_path)
    await pool.close()


def a_form(text: str, message_id: str) -> bytes:
    return a_mail(
        text,
        sender="Site <ne-pas-repondre@sites-etat.example>",
        subject="Formulaire de contact",
        message_id=message_id,
    )


async def test_a_form_that_is_not_recognised_is_counted_once_and_one_that_is_read_never(
    door: Door,
) -> None:
    telemetry = Telemetry("ingest")
    forms = UnreadForms(telemetry, indre)

    def counted(form: str) -> float | None:
        name = "vaguemestre_ingest_forms_unread_total"
        return telemetry.registry.get_sample_value(name, {"form": form})

    assert counted("site-internet") is None
    await telemetry.exposition()
    assert counted("site-internet") == 0
    assert counted("services-publics-plus") == 0

    blobs = LocalBlobs(door.folder / "blobs")
    door.keeper = CountingWriter(door.pool, blobs, indre().zone, lambda: None, forms)
    await door.receive(a_form("Nom : Dupont\nMessage : Bonjour", "<lu@sites-etat.example>"))
    assert counted("site-internet") == 0
    unread = a_form("Identité = Renée Dupont\nContenu = Bonjour", "<non-lu@sites-etat.example>")
    await door.receive(unread)
    await door.receive(unread)
    await telemetry.exposition()
    assert counted("site-internet") == 1
    assert counted("services-publics-plus") == 0
    last = (await door.told())[-1]
    assert isinstance(last["routing"], dict)
    assert last["routing"]["hold"] == "form-unread"
