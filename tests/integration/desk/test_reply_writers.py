"""Whoever opens an item reads who writes a letter about it in this moment."""

from pathlib import Path
from typing import Final

from bs4 import BeautifulSoup

from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.integration.desk.test_letters_pages import (
    ANSWER,
    CHRONO,
    a_prefecture,
    approved,
    field,
    typed,
)

HERE: Final = f"/courrier/{CHRONO}"
AGENT, HEAD = "k.haddad", "c.aubry"
SAYS: Final = "Karima Haddad écrit une réponse en ce moment."


async def notices(site: Browser) -> str:
    """What the notices of the item's page say."""
    found = BeautifulSoup(await site.page(HERE), "html.parser").select(".notice")
    return " ".join(" ".join(tag.get_text().split()) for tag in found)


async def test_a_colleague_reads_who_writes_a_letter_until_it_left_or_for_five_minutes(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    site = await approved(await a_prefecture(pool, postgres_url, tmp_path))
    page = await site.page(ANSWER)
    assert SAYS not in await notices(site), "not of oneself"
    await site.sign_in(HEAD)
    assert SAYS in await notices(site)
    await pool.execute("UPDATE desk.reply_writers SET touched_at = now() - interval '6 minutes'")
    assert SAYS not in await notices(site)
    await site.sign_in(AGENT)
    assert (await site.send(ANSWER, f"{HERE}/ecriture", {})).status_code == 204
    await site.sign_in(HEAD)
    assert SAYS in await notices(site)
    await site.sign_in(AGENT)
    body = field(page, "body").replace("{précisions}\n\n", "")
    sent = await site.send(ANSWER, ANSWER, {**typed(page, body=body), "faire": "envoyer"})
    assert sent.status_code == 303
    await site.sign_in(HEAD)
    assert SAYS not in await notices(site), "the letter left"
