"""When no letter is given as mail sécurisé, and what is refused while one is on its way."""

from tests.integration.desk.test_letters_pages import ANSWER
from tests.integration.desk.test_secure_mails import Desk, desk
from tests.roles import one_transaction

__all__ = ["desk"]


async def test_before_go_live_none_is_offered_taken_or_sent(desk: Desk, postgres_url: str) -> None:
    await desk.give()
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")  # it stands for ever
        await owner.execute("DELETE FROM site.go_live")
    await desk.round()
    assert desk.fake.asked == [], "what was given waits"
    await desk.pool.execute("DELETE FROM desk.secure_mails")
    assert "mail sécurisé" not in await desk.browser.page(ANSWER)
    refused = await desk.fill("securise")
    assert refused.status_code == 422
    assert "La mise en service n’a pas encore eu lieu" in refused.text
    assert await desk.pool.fetchval("SELECT count(*) FROM desk.secure_mails") == 0


async def test_while_one_is_on_its_way_none_is_prepared_or_printed(desk: Desk) -> None:
    await desk.give()
    for does in ("lire", "imprimer", "pdf"):
        refused = await desk.fill(does, "c.aubry")
        assert "en route par mail sécurisé" in refused.text, does
