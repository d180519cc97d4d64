"""Copies of a reply: mails of their own, after it, of which none takes it back (ADR 0196)."""

import asyncio
from datetime import timedelta
from uuid import uuid5

from shared.content.tokens import notice_in_message_id
from shared.facts.items.corrections import FactWithdrawn
from shared.facts.observations import BounceSeen
from tests.desk_builders import SPACE
from tests.integration.notify.conftest import SECRET
from tests.integration.notify.prefecture import Prefecture
from tests.integration.notify.test_standard_letters import (
    ADDRESS,
    SAID,
    SUIVI,
    asked,
    prefecture,
    replies,
)
from tests.unit.notify.builders import MONDAY

__all__ = ["asked", "prefecture"]

MAIRIE, ELUE = "mairie@issoudun.example", "elue@cher.example"
LEFT = "SELECT count(*) FROM notify.ledger WHERE kind = $1 AND state = 'sent'"


async def _states(there: Prefecture) -> list[str]:
    rows = await there.desk.fetch("SELECT state FROM desk.notices WHERE kind = 'copy' ORDER BY 1")
    return [row["state"] for row in rows]


async def _sent(there: Prefecture, kind: str, count: int) -> None:
    async with asyncio.timeout(300):
        while await there.house.pool.fetchval(LEFT, kind) < count:  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.05)
    await there.told()


async def test_copies_leave_once_each_after_the_reply_and_one_that_comes_back_is_that_alone(
    asked: Prefecture,
) -> None:
    house = asked.house
    await asked.composed(SUIVI, SAID, copies=(MAIRIE, ELUE))
    await asked.told()
    assert await _states(asked) == [], "none leaves before the reply"
    async with house.sending():
        await _sent(asked, "reply", 1)
        await _sent(asked, "copy", 2)
    (mairie,), (elue,) = house.sink.to(MAIRIE), house.sink.to(ELUE)
    reply = house.sink.to(ADDRESS)[-1]
    for mail in (reply, mairie, elue):
        assert (mail.message["To"], mail.message["Cc"]) == (ADDRESS, f"{MAIRIE}, {ELUE}")
        assert "Votre titre est prêt." in mail.text
    assert len({mail.return_path for mail in (reply, mairie, elue)}) == 3
    named = notice_in_message_id(SECRET, mairie.message["Message-ID"])
    assert named is not None
    assert mairie.message["In-Reply-To"] is None
    assert len(await replies(asked)) == 1
    assert MAIRIE not in "".join(fact.model_dump_json() for fact in await asked.facts())
    at = MONDAY + timedelta(hours=3)
    house.clock.move(at)
    await house.hear(
        BounceSeen.model_validate(
            {
                "event_id": uuid5(SPACE, "bounce"),
                "happened_at": at,
                "recorded_at": at,
                "by": "source:mailbox:retour",
                "arrival_id": uuid5(SPACE, "bounced"),
                "source": "mailbox:retour",
                "original": "2026/a/b",
                "notice_id": named[1],
                "action": "failed",
                "status": "5.1.1",
            }
        )
    )
    await asked.told()
    assert await _states(asked) == ["bounced", "sent"]
    assert not [fact for fact in await asked.facts() if isinstance(fact, FactWithdrawn)]
    assert await asked.desk.fetchval("SELECT state FROM desk.items") == "answered"
    assert len(await asked.stopped()) == 1
