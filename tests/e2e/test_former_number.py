"""A number of hours that a restore lost: a clerk names its item, and a mail that quotes it joins.

The lost hours stand in topics of another prefix, as before a restore: somebody at the counter was
given a number, has it on paper, and the tables know it no more.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from shared.content.site_keys import SiteKeys
from shared.content.tokens import subject_token
from shared.facts.envelope import Chrono
from tests.e2e.house import House

FORMER = "avant."
CLERK = ("--as", "m.perrot")


async def test_a_mail_that_quotes_a_lost_number_joins_the_item_that_a_clerk_named(
    live: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    chrono = (await live.does("desk", "register", *CLERK)).output.split(":")[0].strip()
    await live.settle()
    lost = await _given_in_lost_hours(live, chrono, monkeypatch)
    said = await live.does("restored", "--from", FORMER)
    assert f"`vaguemestre desk formerly NEW {lost}`" in said.output
    before = await _quoting(live, "Odette Tot", lost)
    (arrival,) = await _arrivals(live, await live.chrono_of(before))
    assert arrival["word"] == "item", "nobody has said whose the number is"

    named = await live.does("desk", "formerly", chrono, lost, *CLERK)
    assert named.output == f"{lost} is found from now on: it is {chrono}.\n"
    mail = await _quoting(live, "Odile Tard", lost)
    (arrival,) = await _arrivals(live, chrono)
    assert (arrival["word"], arrival["source"]) == ("message", "mailbox:pref-bmi")
    opened = "SELECT count(*) FROM desk.items WHERE received_at = $1"
    assert await live.ask(opened, live.now) == 0
    assert await live.inbox(mail["address"]) == []
    assert (await live.does("desk", "show", lost, "--json")).json["chrono"] == chrono
    await live.does("former-topics", "--remove", FORMER, "--yes")


async def _given_in_lost_hours(live: House, chrono: str, monkeypatch: pytest.MonkeyPatch) -> Chrono:
    """The number that somebody else was given at the counter: the topics alone know it."""
    facts = [fact for fact in await live.told("items") if fact["type"] == "ItemRegistered"]
    (ours,) = [fact for fact in facts if fact["chrono"] == chrono]
    lost = Chrono(f"{chrono[:-6]}{int(chrono[-6:]) + 7:06}")
    theirs = {**ours, "event_id": str(uuid4()), "item_id": str(uuid4()), "chrono": lost}
    with monkeypatch.context() as before:
        before.setenv("VAGUEMESTRE_PREFIX", FORMER)
        await live.does("topics", "--replication", "1")
    producer = AIOKafkaProducer(bootstrap_servers=str(live.run["kafka"]))
    await producer.start()
    try:
        await producer.send_and_wait(
            f"{FORMER}items", json.dumps(theirs).encode(), key=theirs["item_id"].encode()
        )
    finally:
        await producer.stop()
    return lost


async def _quoting(live: House, name: str, chrono: Chrono) -> Mapping[str, Any]:
    """A mail in answer to ours, which bears our word on a number."""
    token = subject_token(SiteKeys(str(live.run["secret"]).encode()), chrono)
    mail = live.mail(name, subject=f"RE: Votre dossier {token}")
    await live.write(mail)
    await live.settle()
    return mail


async def _arrivals(live: House, chrono: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await live.does("desk", "show", chrono, "--json")).json[
        "arrivals"
    ]
    return found
