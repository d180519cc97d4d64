"""A file in which the antivirus found a virus is named on its item's page, and given to nobody."""

from hashlib import sha256
from pathlib import Path

import pytest

from services.desk.pages.serve import PageServer
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.mime import leaves
from shared.content.plis import Attachment, Correspondent, Pli, Signature
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_arrival, certain, digest
from tests.integration.desk.findings import hear

pytestmark = pytest.mark.usefixtures("live_site")

ITEM = "/courrier/36-2026-A-000001"


@pytest.fixture
def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return pages(pool, story_clock, tmp_path)


async def test_a_file_in_which_the_antivirus_found_a_virus_is_named_and_not_given(
    desk: PageServer, pool: Pool, tmp_path: Path
) -> None:
    mail = (
        b"From: ana@exemple.fr\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/plain\r\n\r\nBonjour\r\n--b\r\nContent-Type: application/pdf\r\n"
        b'Content-Disposition: attachment; filename="a.pdf"\r\n\r\n%PDF-\r\n--b--\r\n'
    )
    blobs, arrival = (
        LocalBlobs(tmp_path),
        an_arrival("v", routing=certain(), correspondent=digest("v")),
    )
    sha = sha256(leaves(mail)[1].content).hexdigest()
    file = Attachment(
        name="a.pdf", media_type="application/pdf", size=5, sha256=sha, part=1,
        virus="Win.Trojan-<b>1</b>", unread="infected",
    )  # fmt: skip
    signed = Signature(name="Ana", content="changed", chain="unknown")
    pli = Pli(
        kind="mail", sender=Correspondent(), answer_to=Correspondent(), attachments=(file,),
        signatures=(signed,),
    )  # fmt: skip
    keys = {
        "pli": await plis.write(blobs, 2026, arrival.arrival_id, pli),
        "original": await blobs.put(2026, arrival.arrival_id, mail),
    }
    await hear(pool, arrival.model_copy(update=keys))
    agent = await Browser(desk).sign_in("a.gent")
    page = await agent.page(ITEM)
    assert "programme malveillant\N{NO-BREAK SPACE}: Win.Trojan-" in page
    assert "piece-jointe/0" not in page
    assert "Signature électronique (S/MIME) au nom de Ana" in page
    assert "Le message reçu n’est pas celui qui a été signé." in page
    for end in ("", "/voir", "/1.png"):
        answer = await agent.get(f"{ITEM}/{arrival.arrival_id}/piece-jointe/0{end}")
        assert answer.status_code == 404
    assert (await agent.get(f"{ITEM}/{arrival.arrival_id}/original")).content == mail
