"""Papers keyed at the counter that the register refuses."""

from pathlib import Path

import pytest

from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.integration.desk.offices import a_clerk

pytestmark = pytest.mark.usefixtures("live_site")


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


def naming(folder: Path, name: bytes) -> list[Path]:
    kept = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in kept if name in path.read_bytes()]


async def test_of_a_paper_that_is_refused_no_word_is_kept(browser: Browser, tmp_path: Path) -> None:
    page, keep = "/bureau/guichet", "/bureau/guichet/enregistrer"
    typed = {"category": "association", "name": "Ana Silva", "subject": "Statuts"}
    for more, sentence in (
        ({"category": "nothing"}, "Cet objet n’existe pas"),
        ({"day": "2026-05-12"}, "est encore à venir"),
        ({"service": "nowhere"}, "Ce service n’existe pas"),
        ({"nature": "complaint", "theme": "nothing"}, "Ce thème n’existe pas"),
        ({"channel": "email"}, "ici se saisit ce qui est sur papier"),
    ):
        refused = await browser.send(page, keep, typed | more)
        assert refused.status_code == 422
        assert sentence in refused.text, more
    assert naming(tmp_path, b"Silva") == []
    assert (await browser.send(page, keep, typed)).status_code == 303
    assert len(naming(tmp_path, b"Silva")) == 1
