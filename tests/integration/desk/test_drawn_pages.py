"""Pages of documents as they are drawn: turned for whoever reads them next, the original intact."""

import io
import re
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

import httpx
import numpy as np
import pypdfium2
import pytest
from PIL import Image

from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Attachment, Correspondent, Pli, ScanText
from shared.content.word_places import WordPlaces, pack
from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.desk_builders import a_scan, an_arrival, certain, proposed
from tests.integration.desk.findings import registered
from tests.integration.desk.offices import QUEUE, a_clerk, chrono
from tests.papers import as_pdf
from tests.pdf_a import wrong_in_pdf_a

pytestmark = pytest.mark.usefixtures("live_site")

FIRST = "/courrier/36-2026-A-000001"


@pytest.fixture
async def clerk(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


def size_of(answer: httpx.Response) -> tuple[int, int]:
    return Image.open(io.BytesIO(answer.content)).size


async def test_a_page_that_lies_is_turned_once_for_everybody(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    blobs, arrival = LocalBlobs(tmp_path), a_scan(routing=certain())
    lying = Image.new("L", (1754, 1240), 255)
    lying.paste(0, (0, 0, 600, 200))  # ink in the upper left corner
    octets = as_pdf([lying, lying])
    words = ScanText(pages=("a", "b"), confidence=95)
    pli = Pli(kind="scan", sender=Correspondent(), answer_to=Correspondent(), scan=words)
    keys = {
        "pli": await plis.write(blobs, 2026, arrival.arrival_id, pli),
        "original": await blobs.put(2026, arrival.arrival_id, octets),
    }
    await registered(pool, arrival.model_copy(update=keys))
    reader = await Browser(clerk.pages).sign_in("c.head")
    turning = f"{FIRST}/{arrival.arrival_id}/tourner"
    sent = await clerk.send(FIRST, turning, {"number": "2", "turn": "90"})
    assert sent.headers["location"] == FIRST

    async def turns(whose: Browser, at: str) -> list[str]:
        return re.findall(r"png\?v=[0-9a-f]{16}\.\d-(\d+)", await whose.page(at))

    assert await turns(reader, FIRST) == ["0", "90"]
    address = re.findall(r'src="([^"]*/2\.png[^"]*)"', await reader.page(FIRST))[0]
    upright = await reader.get(address)
    assert size_of(upright) == (1240, 1753)  # a pixel less than the box: the scan was A4 to a pixel
    small = await reader.get(f"{address}&petite")
    assert size_of(small) == (124, 175)
    assert small.headers["etag"] != upright.headers["etag"]
    shown = np.asarray(Image.open(io.BytesIO(upright.content)).convert("L"))
    assert shown[40, 1200] < 50, "turned clockwise, the ink is in the upper right corner"
    assert shown[40, 40] > 200

    await clerk.send(FIRST, turning, {"number": "0", "turn": "180"})
    assert await turns(reader, FIRST) == ["180", "180"]
    quiet = await clerk.send(FIRST, turning, {"number": "1", "turn": "0"})
    assert quiet.status_code == 303
    assert await turns(reader, FIRST) == ["0", "180"]
    assert await blobs.get(keys["original"]) == octets
    for number, angle in [("1", "45"), ("-1", "90"), ("3", "90"), ("9" * 5_000, "90")]:
        wrong = {"number": number, "turn": angle}
        assert (await clerk.send(FIRST, turning, wrong)).status_code == 422
    for piece in ("9" * 5_000, "x"):
        wrong = {"number": "1", "turn": "90"}
        assert (await clerk.send(FIRST, turning, wrong, piece=piece)).status_code == 422
    for beyond in ("3", "10000", "9" * 9, "9" * 20, "9" * 5_000):
        answer = await reader.get(f"{FIRST}/{arrival.arrival_id}/{beyond}.png")
        assert answer.status_code == 404, beyond[:20]
    assert await turns(reader, FIRST) == ["0", "180"]


async def test_a_scan_is_taken_away_as_pdf_a_with_its_words(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    blobs, arrival, mail = LocalBlobs(tmp_path), a_scan(routing=certain()), an_arrival("mail")
    octets = as_pdf([Image.new("L", (1240, 1754), 250)])
    places = WordPlaces(boxes=pack([(0.1, 0.1, 0.2, 0.12), (0.22, 0.1, 0.3, 0.12)]))
    words = ScanText(pages=("Titre refusé",), confidence=95, places=(places,))
    pli = Pli(kind="scan", sender=Correspondent(), answer_to=Correspondent(), scan=words)
    keys = {
        "pli": await plis.write(blobs, 2026, arrival.arrival_id, pli),
        "original": await blobs.put(2026, arrival.arrival_id, octets),
    }
    written = Pli(kind="mail", sender=Correspondent(), answer_to=Correspondent())
    mail = mail.model_copy(update={"pli": await plis.write(blobs, 2026, mail.arrival_id, written)})
    await registered(pool, arrival.model_copy(update=keys))
    await registered(pool, mail)

    page = await clerk.page(FIRST)
    address = f"{FIRST}/{arrival.arrival_id}/copie"
    assert f'<a href="{address}">' in page, "no `download`: a refusal is read, not kept as a file"
    taken = await clerk.get(address)
    assert taken.status_code == 200
    assert wrong_in_pdf_a(taken.content) == []
    assert taken.headers["content-disposition"] == (
        'attachment; filename="36-2026-A-000001-copie.pdf"'
    )
    with pypdfium2.PdfDocument(taken.content) as document:
        assert document[0].get_textpage().get_text_range().split() == ["Titre", "refusé"]
    noted = "SELECT count(*) FROM desk.journal WHERE what = 'download' AND about = $1"
    assert await pool.fetchval(noted, chrono(1)) == 1
    assert await blobs.get(keys["original"]) == octets

    second = FIRST.replace("000001", "000002")
    assert "Copie PDF/A" not in await clerk.page(second)
    assert (await clerk.get(f"{second}/{mail.arrival_id}/copie")).status_code == 404

    torn = await blobs.put(2026, arrival.arrival_id, b"%PDF-1.7 torn")
    await pool.execute(
        "UPDATE desk.arrivals SET original = $1 WHERE arrival_id = $2", torn, arrival.arrival_id
    )
    assert "n’a pas pu être faite" in await clerk.to(await clerk.get(address))


def held_sideways() -> bytes:
    """A phone's photo: it says beside its picture that it was held sideways."""
    photo, out = Image.new("RGB", (400, 300), "white"), io.BytesIO()
    said = Image.Exif()
    said[0x0112] = 6  # to be turned clockwise by 90 degrees
    photo.save(out, "JPEG", exif=said)
    return out.getvalue()


async def test_attachments_open_in_place_drawn_anew(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    pdf = as_pdf([Image.new("L", (1240, 1754), 255), Image.new("L", (1240, 1754), 200)])
    page = b"<script>alert(1)</script>"
    files = [("avis.pdf", pdf), ("photo.jpg", held_sideways()), ("page.html", page)]
    mail = EmailMessage()
    mail["From"] = "ana@exemple.fr"
    mail.set_content("Voir les pièces jointes.")
    for name, octets in files:
        mail.add_attachment(octets, maintype="application", subtype="x", filename=name)
    attached = tuple(
        Attachment(
            name=name, media_type="application/x", size=len(octets), part=n,
            sha256=sha256(octets).hexdigest(), text="Alerte !" if name == "page.html" else "",
        )
        for n, (name, octets) in enumerate(files, 1)
    )  # fmt: skip
    nobody, blobs = Correspondent(), LocalBlobs(tmp_path)
    pli = Pli(kind="mail", sender=nobody, answer_to=nobody, text="Voir.", attachments=attached)
    arrival = an_arrival("m", routing=proposed())
    keys = {
        "pli": await plis.write(blobs, 2026, arrival.arrival_id, pli),
        "original": await blobs.put(2026, arrival.arrival_id, bytes(mail)),
    }
    await registered(pool, arrival.model_copy(update=keys))
    base = f"{FIRST}/{arrival.arrival_id}/piece-jointe"
    for at in (FIRST, f"{QUEUE}/{chrono(1)}"):
        shown = await clerk.page(at)
        for number in range(len(files)):
            assert f'href="{base}/{number}/voir" data-opens' in shown

    opened = await clerk.page(f"{base}/0/voir")
    (first, second) = re.findall(r'src="([^"]*\.png[^"]*)"', opened)
    assert "Page 1 sur 2 de la pièce jointe" in opened
    drawn = await clerk.get(second)
    assert size_of(drawn) == (1240, 1753)
    assert drawn.headers["cache-control"].endswith("immutable")
    await clerk.send(
        f"{base}/0/voir", f"{FIRST}/{arrival.arrival_id}/tourner",
        {"number": "1", "turn": "90"}, piece="0",
    )  # fmt: skip
    (turned, _) = re.findall(r'src="([^"]*\.png[^"]*)"', await clerk.page(f"{base}/0/voir"))
    assert turned == first.removesuffix("-0") + "-90"
    (photo,) = re.findall(r'src="([^"]*\.png[^"]*)"', await clerk.page(f"{base}/1/voir"))
    width, height = size_of(await clerk.get(photo))
    assert width < height
    strange = await clerk.page(f"{base}/2/voir")
    assert "<script>alert" not in strange
    assert "Alerte !" in strange
    assert not re.findall(r"\.png", strange)
    assert (await clerk.get(f"{base}/2/1.png")).status_code == 404
    for beyond in ("3", "9" * 20, "9" * 5_000):
        assert (await clerk.get(f"{base}/{beyond}/voir")).status_code == 404, beyond[:20]
    looked = await pool.fetchval("SELECT count(*) FROM desk.journal WHERE page LIKE '%/voir'")
    assert looked, "opening a file is a reading, noted like others"
