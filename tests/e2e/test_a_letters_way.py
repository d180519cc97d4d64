"""One mail from the sender's hands to the proof that it was answered in time.

Counted by hand: Monday 11 May 2026 + 5 jours ouvrés = Tuesday 19 May (Thursday 14 is Ascension);
two before the limit is Friday 15 May. The days are those of a stack of its own.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.content.encryption import MAGIC, ReadingKey
from shared.content.keyring import Keyring
from tests.e2e.elsewhere import elsewhere
from tests.e2e.house import SOON, STEP, House, house, local, text_of

REPLY = "Bonjour,\n\nVous trouverez la liste des pièces sur notre site.\n\nCordialement,\n"


@pytest.fixture(scope="module")
async def live(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A préfecture whose days no other test moves; its machine is in Kiritimati and years ahead.

    Its originals and deposits are encrypted.
    """
    machine = elsewhere(tmp_path_factory.mktemp("machine"), "Pacific/Kiritimati")
    key, keyring = ReadingKey.new("2026"), tmp_path_factory.mktemp("keys") / "keyring"
    keyring.write_text(Keyring({"2026": key}, key.writing).text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAGUEMESTRE_KEYRING_FILE", str(keyring))
        async with house("2026-05-11T09:00", given=machine) as one:
            await one.live()
            yield one


@pytest.fixture(scope="module")
async def letter(live: House) -> dict[str, Any]:
    """A mail of 11 May, registered and receipted."""
    mail = live.mail()
    before = await live.ask("SELECT count(*) FROM desk.items")
    await live.write(mail)
    await live.settle()
    return mail | {"before": before, "chrono": await live.chrono_of(mail)}


async def test_a_mail_becomes_an_item_with_the_next_chrono(
    live: House, letter: dict[str, Any]
) -> None:
    assert letter["chrono"] == f"36-2026-A-{letter['before'] + 1:06}"
    shown = (await live.does("desk", "show", letter["chrono"], "--json")).json
    assert (shown["service"], shown["channel"], shown["received_on"]) == (
        "bmi",
        "email",
        "2026-05-11",
    )
    assert [(arrival["word"], arrival["source"]) for arrival in shown["arrivals"]] == [
        ("item", "mailbox:pref-bmi")
    ]


async def test_its_sender_has_one_receipt_that_brings_an_answer_back(
    live: House, letter: dict[str, Any]
) -> None:
    (receipt,) = await live.inbox(letter["address"])
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert f"[{letter['chrono']}-" in str(receipt["Subject"])
    assert str(receipt["Message-ID"]).startswith("<vgm.")
    assert "retour+b." in str(receipt["Return-Path"])
    assert "ne préjuge ni de la recevabilité" in text_of(receipt)
    assert "3114" in text_of(receipt)


async def test_register_and_clocks_give_the_limit_that_a_calendar_gives(
    live: House, letter: dict[str, Any]
) -> None:
    shown = (await live.does("desk", "show", letter["chrono"], "--json")).json
    assert shown["clocks"]["reply"]["limit"] == "2026-05-19"
    sheet = (await live.does("sla", "explain", letter["chrono"], "--json")).json
    (reply,) = [clock for clock in sheet["clocks"] if clock["clock"] == "reply"]
    assert (reply["day_zero"], reply["limit"]) == ("2026-05-11", "2026-05-19")
    assert "jeudi de l’Ascension" in (await live.does("sla", "explain", letter["chrono"])).output


async def test_two_days_before_the_limit_its_holder_is_told_once_without_a_name(
    live: House, letter: dict[str, Any]
) -> None:
    # To one of the agents: the digest of the head, who has all that nobody took, names 25 at most.
    given = ("--service", "bmi", "--agent", "s.pinson")
    await live.does("desk", "assign", letter["chrono"], *given, "--as", "c.aubry")
    await live.until(local("2026-05-14T18:00"))
    assert await _rungs(live, letter["chrono"]) == []
    await live.until(local("2026-05-15T06:00"))
    assert await _rungs(live, letter["chrono"]) == ["-2"]
    # A quarter of an hour after the opening at the latest; nothing else says that one is still due.
    await live.until(local("2026-05-15T09:20"))
    deadline = time.monotonic() + SOON
    while not await _digests(live, letter["chrono"]):
        assert time.monotonic() < deadline, "no digest"
        await asyncio.sleep(STEP)
    await live.until(local("2026-05-15T17:00"))
    assert await _rungs(live, letter["chrono"]) == ["-2"]
    (digest,) = await _digests(live, letter["chrono"])
    assert "19 mai 2026" in digest
    for word in ("Diarra", letter["address"], "Renouvellement"):
        assert word not in digest


async def _digests(live: House, chrono: str) -> list[str]:
    """What its agent was told of an item."""
    texts = [text_of(mail) for mail in await live.inbox("sylvie.pinson@indre.example")]
    return [text for text in texts if chrono in text]


async def test_a_reply_stops_the_clock_and_everything_agrees_that_it_was_in_time(
    live: House, letter: dict[str, Any]
) -> None:
    chrono = letter["chrono"]
    await live.until(local("2026-05-18T10:00"))
    await live.does("desk", "qualify", chrono, "--as", "c.aubry")
    await live.does("desk", "reply", chrono, "--text", "-", "--as", "c.aubry", typed=REPLY)
    await live.settle()
    (_, reply) = await live.inbox(letter["address"])
    assert "la liste des pièces" in text_of(reply)
    shown = (await live.does("desk", "show", chrono, "--json")).json
    assert shown["state"] == "answered"
    # 12, 13, 15 and 18 May: the fourth jour ouvré after 11 May.
    assert (shown["clocks"]["reply"]["outcome"], shown["clocks"]["reply"]["raw"]) == ("kept", 4)
    assert "kept Mon 2026-05-18 by ReplySent" in (await live.does("sla", "explain", chrono)).output
    assert (await live.does("desk", "verify", chrono, "--json")).json == {
        "checked": 1,
        "broken": [],
    }
    assert [fact["seq"] for fact in shown["facts"]] == list(range(1, len(shown["facts"]) + 1))


async def test_nothing_of_it_lies_in_clear_on_the_disk_and_status_says_so(
    live: House, letter: dict[str, Any]
) -> None:
    data = live.running.data
    stored = [path for path in (data / "blobs").rglob("*") if path.is_file()]
    assert len(stored) >= 4, "the mail, the reply and what was sent, each with its words"
    assert [path for path in stored if not path.read_bytes().startswith(MAGIC)] == []
    for path in [*stored, *(path for path in (data / "spool").rglob("*") if path.is_file())]:
        assert letter["address"].encode() not in path.read_bytes()
    assert "encrypted at rest: key 2026-" in (await live.says("status")).output


async def _rungs(live: House, chrono: str) -> list[str]:
    """Those told of the reply clock, each telling once however often Kafka has it."""
    told = {
        fact["event_id"]: fact["rung"]
        for fact in await live.told("clocks")
        if fact["type"] == "RungReached" and fact["chrono"] == chrono and fact["clock"] == "reply"
    }
    return list(told.values())
