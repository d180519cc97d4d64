"""A batch of the copier becomes the letters that its separators part."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser

from deploy.demo import paper
from deploy.demo.deliver import scan
from deploy.demo.paper import Copier
from shared.paper.code_keys import CodeKeys
from shared.site.load import load_folder
from tests.e2e.browser import person
from tests.e2e.house import INDRE, House

COPIER = Copier(dpi=200, tilt=0.4, noise=4)
LETTERS = [
    {
        "from": ["Mariam Essai, 4 impasse des Lilas, 36100 Issoudun"],
        "dated": "7 mai 2026",
        "object": "Demande de titre de séjour sans réponse",
        "pages": ["Madame, Monsieur,\n\nMa demande de titre de séjour est restée sans réponse."],
    },
    {
        "from": ["Bruno Essai, 18 route de Blois, 36110 Levroux"],
        "dated": "8 mai 2026",
        "object": "Suspension de mon permis",
        "pages": ["Madame, Monsieur,\n\nLa suspension de mon permis prend fin. Que faire ?"],
    },
]


async def test_a_batch_becomes_one_item_for_each_separator(live: House, browser: Browser) -> None:
    batch = await asyncio.to_thread(_batch, live.keys)
    before = await live.ask("SELECT count(*) FROM desk.items")
    live.strangers += ["Mariam Essai", "Bruno Essai"]
    scan(Path(str(live.run["scans"])) / "courrier", "lot-essai.pdf", batch)
    await live.when_asked("SELECT count(*) = $1 + 2 FROM desk.items", before)
    await live.settle()
    items = await live.rows(
        "SELECT i.chrono, i.channel, i.service, i.category FROM desk.items i JOIN desk.arrivals a"
        " USING (item_id) WHERE a.source = 'scans:courrier' ORDER BY i.chrono DESC LIMIT 2"
    )
    items.reverse()
    assert [tuple(item)[1:] for item in items] == [
        ("letter", "bmi", "titre-de-sejour"),
        ("letter", "bsr", "suspension-permis"),
    ]
    # Paper is answered on paper: nobody has an address here, and nothing was sent.
    shown = (await live.does("desk", "show", items[0]["chrono"], "--json")).json
    assert [notice for notice in shown["notices"] if notice["state"] == "sent"] == []
    async with person(browser, live.desk) as somebody:
        await somebody.sign_in("c.aubry")
        assert await somebody.go(f"/courrier/{items[0]['chrono']}") == 200
        await somebody.page.wait_for_selector(".viewer .bar:visible")
        assert await somebody.violations() == []
        await somebody.look("courrier-scanne")


def _batch(keys: CodeKeys) -> bytes:
    site = load_folder(INDRE)
    pages = []
    for service, letter in zip(("bmi", "bsr"), LETTERS, strict=True):
        pages.append(paper.sheet(f"service:{service}", site, keys, COPIER))
        pages += paper.letter_pages(letter, COPIER)
    seen = [paper.scan_picture(page, COPIER, seed) for seed, page in enumerate(pages)]
    return paper.scan_file("lot-essai.pdf", seen, COPIER)
