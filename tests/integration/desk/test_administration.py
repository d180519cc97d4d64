"""What an administrator sees of the installation, and a rule that is tried before it is applied."""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from services.desk.domain.rule_trials import TrialChange, TriedLetter, TriedRule
from services.desk.pages.office import rule_trial
from shared.content.blobs import LocalBlobs
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.site import store
from tests.desk_browser import TODAY, Browser, pages
from tests.desk_builders import a_site, an_applied_site, certain
from tests.integration.desk.clocked import items
from tests.integration.desk.findings import a_mail, registered, wrote
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")


def words(page: str, selector: str = "main") -> str:
    tag = BeautifulSoup(page, "html.parser").select_one(selector)
    return "" if tag is None else " ".join(tag.get_text(" ").split())


async def test_an_administrator_sees_sources_rules_and_what_lies_aside_and_no_letter(
    pool: Pool, story_clock: Clock, tmp_path: Path, postgres_url: str
) -> None:
    await items(pool, "a")
    before = a_site()
    identity = before.identity.model_copy(update={"authority": "Préfecture d’ailleurs"})
    async with one_transaction(postgres_url) as owner:
        await store.keep(
            owner, before.model_copy(update={"identity": identity}), an_applied_site().days,
            "m.perrot", "Nouveau nom", TODAY,
        )  # fmt: skip
        await owner.execute(
            "INSERT INTO ingest.checkpoints (source, read_until) VALUES ('mailbox:bmi', $1),"
            " ('scans:courrier', $2)",
            TODAY - timedelta(minutes=2),
            TODAY - timedelta(hours=3),
        )
        await owner.execute(
            "INSERT INTO notify.dead_letters (topic, headers, payload, reason, first_at, last_at)"
            " VALUES ('items', '[]', 'Zoé', 'Zoé Quidam ?', $1, $1)",
            TODAY,
        )
    administrator = await Browser(pages(pool, story_clock, tmp_path)).sign_in(
        None, administrator=True
    )
    page = await administrator.page("/administration")
    rows = {
        words(str(row), "th"): words(str(row), "td:last-child")
        for row in BeautifulSoup(page, "html.parser").select(
            "section[aria-labelledby=sources] tbody tr"
        )
    }
    assert rows["boîte bmi"] == "à jour"
    assert rows["numérisation courrier"] == "en retard"
    rules = words(page, "section[aria-labelledby=regles]")
    assert "par m.perrot" in rules
    assert "Nouveau nom" in rules
    assert "Préfecture d’ailleurs" in rules
    aside = words(page, "section[aria-labelledby=apart]")
    assert "envois items 1" in aside
    assert "vaguemestre notify dead-letters list" in aside
    assert "Zoé" not in page
    assert "36-2026-A-000001" not in page

    versions = await administrator.page("/regles")
    assert "Nouveau nom" in versions
    first = await administrator.page("/regles/1")
    assert "première version" in first
    assert (await administrator.get("/regles/9")).status_code == 404
    assert (await administrator.get("/bureau/regles/essai")).status_code in {403, 404}


async def test_a_rule_is_tried_on_the_letters_that_came_before_anybody_applies_it(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    blobs = LocalBlobs(tmp_path)
    mails = [
        await a_mail(blobs, "a", wrote("Zoé", "Licence", "Pêche à la sardine"), routing=certain()),
        await a_mail(blobs, "b", wrote("Max", "SARDINE", "Bonjour"), routing=certain()),
        await a_mail(blobs, "c", wrote("Léo", "Titre", "Bonjour"), routing=certain()),
    ]
    await registered(pool, *mails)
    clerk = await Browser(pages(pool, story_clock, tmp_path)).sign_in("c.lerk")
    form = await clerk.page("/bureau/regles/essai")
    assert "Mots cherchés" in form
    numbers = [f"36-2026-A-00000{n}" for n in (1, 2)]
    query = "objet=association&service=dre&avant="
    nothing = await clerk.page(f"/bureau/regles/essai?mots=introuvable&{query}")
    assert "Aucune proposition ne changerait" in words(nothing)
    found = await clerk.page(f"/bureau/regles/essai?mots=introuvable,+Sardine&{query}certain")
    assert "2 courriers sur 3 changeraient de proposition" in words(found)
    assert "36-2026-A-000003" not in found
    assert all(number in found for number in numbers)
    assert "autrement" in words(found)
    assert "then: {category: association, service: dre}" in found
    # What is réservé is not read.
    await pool.execute(
        "UPDATE desk.items SET confidentiality = 'reserve' WHERE chrono = $1", numbers[0]
    )
    left = await clerk.page(f"/bureau/regles/essai?mots=sardine&{query}certain")
    assert numbers[0] not in left
    assert "1 courrier sur 2 changerait" in words(left)


async def test_rules_are_tried_apart_from_the_pages_and_one_after_the_other(
    pool: Pool, story_clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await registered(pool, await a_mail(LocalBlobs(tmp_path), "a", wrote("Max", "SARDINE", "Mer")))
    clerk = await Browser(pages(pool, story_clock, tmp_path)).sign_in("c.lerk")
    meeting, met, threads = threading.Barrier(2), list[int](), list[threading.Thread]()

    def slow(
        rule: TriedRule, letters: Iterable[tuple[TriedLetter, Sequence[str]]]
    ) -> Sequence[TrialChange]:
        del rule, letters
        threads.append(threading.current_thread())
        with suppress(threading.BrokenBarrierError):
            met.append(meeting.wait(0.5))
        return ()

    monkeypatch.setattr(rule_trial, "try_rule", slow)
    address = "/bureau/regles/essai?mots=sardine&objet=association&service=dre&avant="
    await asyncio.gather(clerk.page(address), clerk.page(address))
    assert len(threads) == 2
    assert threading.main_thread() not in threads
    assert met == []
