"""What is answered, what is not, and what is kept aside: in the mailboxes of those concerned."""

from pathlib import Path
from typing import Any

from tests.e2e.house import House


async def test_the_same_mail_in_two_mailboxes_is_one_item_with_one_receipt(live: House) -> None:
    mail = live.mail("Lucie Bernard")
    before = await _items(live)
    await live.write(mail, to=("pref-bmi", "pref-courrier"))
    await live.settle()
    assert await _items(live) == before + 1
    assert len(await live.inbox(mail["address"])) == 1
    shown = (await live.does("desk", "show", await live.chrono_of(mail), "--json")).json
    assert sorted(arrival["word"] for arrival in shown["arrivals"]) == ["copy", "item"]


async def test_a_newsletter_is_set_aside_and_an_absence_is_answered_by_nobody(
    live: House,
) -> None:
    newsletter = live.mail("Lettre Territoires", shape="newsletter", subject="Lettre du mois")
    absence = live.mail("Paul Absent", shape="out_of_office", subject="Absence du bureau")
    before = await _items(live)
    await live.write(newsletter, absence)
    await live.settle()
    assert await _items(live) == before
    listed = await _waiting(live, "set_aside")
    assert len([arrival for arrival in listed if arrival["source"] == "mailbox:pref-bmi"]) >= 2
    assert await live.inbox(newsletter["address"]) == []
    assert await live.inbox(absence["address"]) == []


async def test_what_can_not_be_read_is_quarantined_with_its_octets(live: House) -> None:
    mail = live.mail("Bruit Blanc", shape="noise")
    known = {arrival["id"] for arrival in await _waiting(live, "quarantine")}
    await live.write(mail)
    await live.settle()
    (new,) = [
        arrival for arrival in await _waiting(live, "quarantine") if arrival["id"] not in known
    ]
    key = await live.ask(
        "SELECT original FROM desk.arrivals WHERE arrival_id = $1::uuid", new["id"]
    )
    octets = (Path(str(live.run["blobs"])) / key).read_bytes()
    assert octets in await live.stored("pref-bmi")
    taken = await live.does("desk", "waiting", "take", new["id"], "--as", "m.perrot")
    assert "36-2026-A-" in taken.output


async def test_a_lawyers_appeal_receives_nothing_and_is_told_to_the_legal_office(
    live: House,
) -> None:
    await live.daytime()
    appeal = live.mail(
        "Maitre Vasseur",
        **{"from": "Maitre Vasseur <contact@cabinet-vasseur-avocats.example>"},
        address="contact@cabinet-vasseur-avocats.example",
        subject="Recours gracieux contre un refus de titre",
        text="Je forme un recours gracieux au nom de ma cliente.\n\nAvocat au barreau de Tours\n",
    )
    await live.write(appeal)
    await live.settle()
    assert await live.inbox(appeal["address"]) == []
    item = await _last_item(live)
    shown = (await live.does("desk", "show", item, "--json")).json
    assert (shown["service"], shown["classification"]["nature"]) == ("juridique", "appeal")
    assert ("receipt", "held") in {(notice["kind"], notice["state"]) for notice in shown["notices"]}
    told = await live.inbox("elise.carpentier@indre.example")
    assert any(item in mail.as_string() for mail in told)


async def test_a_sender_whose_authentication_fails_receives_nothing_and_has_an_item(
    live: House,
) -> None:
    forged = live.mail("Jean Usurpe", shape="dmarc_fail")
    before = await _items(live)
    await live.write(forged)
    await live.settle()
    assert await _items(live) == before + 1
    assert await live.inbox(forged["address"]) == []


async def _items(live: House) -> int:
    return int(await live.ask("SELECT count(*) FROM desk.items"))


async def _last_item(live: House) -> str:
    return str(await live.ask("SELECT chrono FROM desk.items ORDER BY chrono DESC LIMIT 1"))


async def _waiting(live: House, which: str) -> list[dict[str, Any]]:
    said = await live.does("desk", "waiting", "list", "--list", which, "--json")
    found: list[dict[str, Any]] = said.json
    return found
