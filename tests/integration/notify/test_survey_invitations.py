"""The survey's mail after a reply: once each, to those who may be asked, joined to no answer."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from services.desk.quality.store import invitations as store
from shared.content import survey_stops
from shared.content.site_keys import SiteKeys
from shared.content.tokens import stop_token
from shared.errors import Refused
from shared.facts.envelope import NoticeId
from shared.platform.database import open_pool, transaction
from shared.site.tables.survey import SurveyMail
from tests.contract.smtp.sink import Taken
from tests.desk_builders import digest
from tests.integration.notify.conftest import SECRET, House
from tests.integration.notify.invited import (
    PORTAL,
    all_left,
    answered,
    at,
    campaign,
    drawn,
    heard,
    invitations,
    inviting,
    refusals,
    stopped,
    wanted,
    writes,
)
from tests.integration.notify.mass import Flood, returned
from tests.integration.notify.test_mass_reply import killed_after, quickly
from tests.roles import under_role

LINK = rf"{PORTAL}/enquete/[a-z2-9]{{8}}(?=\s)"


@pytest.fixture
async def flood(house: House, postgres_url: str) -> AsyncIterator[Flood]:
    await quickly(house, postgres_url, 600)
    desk = await open_pool(SecretStr(under_role(postgres_url, "desk")), "tests")
    flood = Flood(house, desk)
    await wanted(flood, postgres_url, SurveyMail())
    house.clock.move(at(11))
    yield flood
    await desk.close()


async def outcomes(flood: Flood) -> dict[tuple[str, str], int]:
    async with transaction(flood.desk) as connection:
        return dict(await store.outcomes(connection, 1))


async def test_two_jours_ouvres_after_its_reply_a_person_is_asked_once(flood: Flood) -> None:
    await inviting(flood, at(11).date())
    await flood.arrive(2)
    await answered(flood)
    flood.house.clock.move(at(12))
    assert await drawn(flood) == 0  # one jour ouvré is not two
    flood.house.clock.move(at(13, 5))
    assert await drawn(flood) == 0  # 7:00 in Paris: nobody draws before the opening
    flood.house.clock.move(at(13))
    assert await drawn(flood) == 2
    await all_left(flood)
    flood.house.clock.move(at(15))
    assert await drawn(flood) == 0
    await all_left(flood)
    assert await outcomes(flood) == {("sent", ""): 2}
    mails = invitations(flood)
    assert Counter(mail.recipient for mail in mails) == {
        "usager-0@exemple.fr": 1, "usager-1@exemple.fr": 1,
    }  # fmt: skip
    # The same page for everybody.
    assert len({page for mail in mails for page in re.findall(LINK, plain(mail))}) == 1
    ledger = await flood.house.pool.fetch("SELECT item_id FROM notify.ledger WHERE kind = 'survey'")
    assert {row["item_id"] for row in ledger} == {None}
    facts = await flood.facts()
    assert not any("survey" in fact.model_dump_json() for fact in facts)


def plain(mail: Taken) -> str:
    body = mail.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_what_the_mail_says_and_the_one_click_that_wants_no_more(flood: Flood) -> None:
    await inviting(flood, at(11).date())
    await flood.arrive(1)
    await answered(flood)
    flood.house.clock.move(at(13))
    await drawn(flood)
    await all_left(flood)
    [taken] = invitations(flood)
    mail, text = taken.message, plain(taken)
    assert text.startswith("Vous nous avez écrit, nous vous avons répondu")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["In-Reply-To"] is None
    assert "36-2026" not in taken.octets.decode()  # no chrono: nothing leads back to the item
    notice = NoticeId(
        await flood.house.pool.fetchval("SELECT notice_id FROM notify.survey_invitations")
    )
    [page] = re.findall(LINK, text)
    stop = f"{page}/arret/{stop_token(SECRET, notice)}"
    assert mail["List-Unsubscribe"] == f"<{stop}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    body = mail.get_body(("html",))
    assert body is not None
    html = BeautifulSoup(body.get_content(), "html.parser")
    assert html.html is not None
    assert html.html["lang"] == "fr"
    assert [link["href"] for link in html.select("a")] == [page, stop]
    [heading] = html.select("h1")
    assert heading.text.startswith("Vous nous avez écrit, nous vous avons répondu")
    assert html.select("img, script, link, style") == []


async def test_who_wants_no_more_is_never_asked_again(
    flood: Flood, postgres_url: str, tmp_path: Path
) -> None:
    await wanted(flood, postgres_url, SurveyMail(months=6))
    await inviting(flood, at(11).date())
    await flood.arrive(1)
    await answered(flood)
    flood.house.clock.move(at(13))
    await drawn(flood)
    await all_left(flood)
    notice = NoticeId(
        await flood.house.pool.fetchval("SELECT notice_id FROM notify.survey_invitations")
    )
    for token in (
        stop_token(SECRET, notice),
        "0" * 32 + "a" * 10,
        stop_token(SiteKeys(b"other"), notice),
    ):
        survey_stops.put(tmp_path / "spool", token)
    assert await refusals(flood, tmp_path / "spool") == 3
    assert await refusals(flood, tmp_path / "spool") == 0
    assert (await campaign(flood)).refusals == 1
    assert "exemple" not in str(
        await flood.house.pool.fetch("SELECT * FROM notify.survey_refusals")
    )
    flood.house.clock.move(at(14) + timedelta(days=210))  # 10 December: the months are over
    item = await writes(flood, "autrement", "Usager-0+suite@exemple.fr")
    await answered(flood, [item])
    flood.house.clock.move(at(14) + timedelta(days=214))
    assert await drawn(flood) == 1
    await all_left(flood)
    assert len(invitations(flood)) == 1
    assert (await outcomes(flood))["withdrawn", "refused"] == 1


async def test_nobody_is_asked_twice_in_the_months_that_the_site_says(flood: Flood) -> None:
    await inviting(flood, at(11).date())
    await flood.arrive(1)
    await answered(flood)
    flood.house.clock.move(at(13))
    await drawn(flood)
    await all_left(flood)
    known = digest("usager 0")
    known_again = await writes(flood, "encore", "usager-0@exemple.fr", correspondent=known)
    unknown_to_us = await writes(flood, "autrement", "usager-0@exemple.fr")
    await answered(flood, [known_again, unknown_to_us])
    flood.house.clock.move(at(18))
    assert await drawn(flood) == 1  # the register knows one of them
    await all_left(flood)
    assert len(invitations(flood)) == 1
    assert (await campaign(flood)).draws[-1].left_out == {"invited": 1}
    assert (await outcomes(flood))["withdrawn", "invited"] == 1


async def test_an_address_that_does_not_exist_is_left_alone(flood: Flood) -> None:
    await inviting(flood, at(11).date())
    await flood.arrive(2)
    await answered(flood)
    notice = await flood.house.pool.fetchval(
        "SELECT notice_id FROM notify.ledger WHERE kind = 'reply' AND item_id = $1", flood.items[0]
    )
    flood.house.clock.move(at(13))
    assert await drawn(flood) == 2
    await flood.house.hear(returned(notice))  # the reply comes back between draw and mail
    await flood.told()
    await all_left(flood)
    [mail] = invitations(flood)
    assert mail.recipient == "usager-1@exemple.fr"
    assert sum(n for (state, _), n in (await outcomes(flood)).items() if state == "withdrawn") == 1


async def test_stopped_nothing_of_what_was_drawn_leaves(flood: Flood) -> None:
    await inviting(flood, at(11).date())
    await flood.arrive(2)
    await answered(flood)
    flood.house.clock.move(at(13))
    assert await drawn(flood) == 2
    await stopped(flood)
    await heard(flood)
    await all_left(flood)
    assert invitations(flood) == []
    assert await outcomes(flood) == {("withdrawn", "campaign_stopped"): 2}
    flood.house.clock.move(at(15))
    assert await drawn(flood) == 0


async def test_outside_of_the_opening_hours_it_waits_and_after_a_week_it_never_leaves(
    flood: Flood,
) -> None:
    await inviting(flood, at(11).date())
    await flood.arrive(1)
    await answered(flood)
    flood.house.clock.move(at(13))
    await drawn(flood)
    flood.house.clock.move(at(13, 17))  # 19:00 in Paris
    await all_left(flood)
    assert invitations(flood) == []
    assert await flood.house.pool.fetchval(
        "SELECT due_at FROM notify.ledger WHERE kind = 'survey'"
    ) == at(15, 7)  # 9:00 after Ascension
    flood.house.clock.move(at(21))
    await all_left(flood)
    assert invitations(flood) == []
    assert await outcomes(flood) == {("withdrawn", "too_late"): 1}


async def test_a_site_that_says_nothing_of_it_invites_nobody(
    flood: Flood, postgres_url: str
) -> None:
    await inviting(flood, at(11).date())
    await flood.arrive(1)
    await answered(flood)
    await wanted(flood, postgres_url, None)
    flood.house.clock.move(at(13))
    assert await drawn(flood) == 0
    with pytest.raises(Refused) as refused:
        await inviting(flood, at(13).date())
    assert refused.value.why in {"invitations-off", "campaign-open"}


async def test_killed_within_each_address_is_asked_once_or_its_fate_is_unknown(
    flood: Flood,
) -> None:
    """`kill -9` of notify between the end of DATA and its answer: nothing is sent again."""
    await inviting(flood, at(11).date())
    await flood.arrive(6)
    await answered(flood)
    flood.house.clock.move(at(13))
    assert await drawn(flood) == 6
    in_hand = await killed_after(flood, len(flood.house.sink.taken) + 3)
    await all_left(flood)
    flood.house.clock.move(at(13) + timedelta(minutes=2))
    await all_left(flood)
    assert Counter(mail.recipient for mail in invitations(flood)) == {
        f"usager-{n}@exemple.fr": 1 for n in range(6)
    }
    assert in_hand in {mail.recipient for mail in invitations(flood)}
    assert await outcomes(flood) == {("sent", ""): 5, ("withdrawn", "fate_unknown"): 1}
