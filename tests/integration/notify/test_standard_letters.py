"""From a standard letter to the clock that stops: desk, notify and sla on one database.

Each hears what the other told, twice; the reply leaves once, is stated once, stops one clock.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid5

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from services.__main__ import main
from shared.content import plis
from shared.content.plis import Correspondent, Pli
from shared.errors import Refused
from shared.facts import ids
from shared.facts.clocks import CLOCKS, Outcome
from shared.facts.items.acknowledgements import HoldingReplySent
from shared.facts.items.corrections import FactWithdrawn
from shared.facts.items.replies import ReplySent
from shared.facts.observations import BounceSeen
from shared.facts.vocabulary import Channel, ClockName, NoticeKind, Proof, SenderKind
from shared.platform.database import open_pool
from tests.code_keys import SECRET as CODE_SECRET
from tests.desk_builders import SPACE, a_scan, a_scanned_departure, an_arrival, certain
from tests.integration.notify.conftest import House
from tests.integration.notify.prefecture import Prefecture
from tests.roles import under_role
from tests.unit.notify.builders import MONDAY

ADDRESS = "jeanne@exemple.fr"
PROGRAM = Path(__file__).with_name("one_sender.py")
SUIVI, ATTENTE = "titre-de-sejour-suivi", "reponse-d-attente"
SAID = {"précisions": "Votre titre est prêt."}


@pytest.fixture
async def prefecture(house: House, postgres_url: str) -> AsyncIterator[Prefecture]:
    """An email to the BMI, acknowledged, and two letters approved."""
    desk = await open_pool(SecretStr(under_role(postgres_url, "desk")), "tests")
    sla = await open_pool(SecretStr(under_role(postgres_url, "sla")), "tests")
    there = Prefecture(house, desk, sla)
    await there.approved(SUIVI, "k.haddad", "c.aubry")
    await there.approved(ATTENTE, "h.marchand", "f.lemoine")
    yield there
    await desk.close()
    await sla.close()


@pytest.fixture
async def asked(prefecture: Prefecture) -> Prefecture:
    writer = Correspondent(name="Jeanne Martin", address=ADDRESS)
    pli = Pli(
        kind="mail", sender=writer, answer_to=writer, subject="Mon titre", text="Où est-il ?",
        message_id="<question@exemple.fr>",
    )  # fmt: skip
    arrival = an_arrival(
        routing=certain(sender_kind=SenderKind.CITIZEN), at=MONDAY, channel=Channel.EMAIL
    )
    key = await plis.write(prefecture.house.blobs, 2026, arrival.arrival_id, pli)
    await prefecture.arrive(arrival.model_copy(update={"pli": key}))
    async with prefecture.house.sending():
        await prefecture.house.sink.until(1)
        await prefecture.house.until(("receipt", "sent", None), ("simple", "planned", None))
    prefecture.house.clock.move(MONDAY + timedelta(hours=2))
    return prefecture


async def replies(prefecture: Prefecture) -> list[ReplySent]:
    return [fact for fact in await prefecture.facts() if isinstance(fact, ReplySent)]


async def until_reply(house: House, state: str) -> None:
    async with asyncio.timeout(300):
        while ("reply", state, None) not in await house.states():  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.05)


async def test_the_command_that_composes_leaves_a_line_in_the_journal(
    asked: Prefecture, postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in (
        ("DATABASE_URL", under_role(postgres_url, "desk")),
        ("BLOBS", str(tmp_path / "blobs")),
        ("SPOOL", str(tmp_path / "spool")),
        ("SECRET", CODE_SECRET),
    ):
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", value)
    chrono = "36-2026-A-000001"
    words = ("desk", "compose", chrono, SUIVI, "--as", "k.haddad", "--why", "audit")
    fields = [f"--set={name}={value}" for name, value in SAID.items()]
    given = "SELECT what, page, about, person, why FROM desk.journal ORDER BY id"
    page = "vaguemestre desk compose"
    for more, what in (((), "reading"), (("--pdf", str(tmp_path / "l.pdf")), "download")):
        said = await asyncio.to_thread(CliRunner().invoke, main, [*words, *fields, *more])
        assert said.exit_code == 0, said.output
        assert (await asked.desk.fetch(given))[-1] == (what, page, chrono, "k.haddad", "audit")


async def test_a_standard_letter_leaves_once_and_stops_one_clock_with_its_evidence(
    asked: Prefecture,
) -> None:
    await asked.composed(SUIVI, SAID)
    await asked.told()
    assert await replies(asked) == []
    async with asked.house.sending():
        await until_reply(asked.house, "sent")
    await asked.told()
    _, left = asked.house.sink.to(ADDRESS)
    text = left.text
    assert "Votre titre est prêt." in text
    assert "Karima Haddad" in text
    assert left.message["In-Reply-To"] == "<question@exemple.fr>"
    assert left.message["From"] == (
        "Bureau des migrations et de l’intégration <pref-bmi@indre.example>"
    )
    assert left.message["Auto-Submitted"] is None
    assert left.message["Subject"].startswith("Votre demande de titre de séjour [36-2026-A-000001-")
    (reply,) = await replies(asked)
    assert (reply.proof, reply.template) == (Proof.DELIVERED, f"{SUIVI}@1")
    assert reply.departure == "36-2026-D-000001"
    assert reply.document is not None
    assert await asked.house.blobs.get(reply.document) == left.octets
    (stopped,) = await asked.stopped()
    assert (stopped.outcome, stopped.raw) == (Outcome.KEPT, 0)
    used = await asked.desk.fetchrow("SELECT letter, number, way, adapted FROM desk.letter_uses")
    assert used is not None
    assert tuple(used) == (SUIVI, 1, "mail", False)


async def test_killed_between_the_ledger_and_the_server_it_leaves_again_under_one_name(
    asked: Prefecture,
) -> None:
    house = asked.house
    await asked.composed(SUIVI, SAID)
    await asked.told()
    reached, never = asyncio.Event(), asyncio.Event()

    async def stop_here() -> None:
        reached.set()
        await never.wait()

    house.sink.before_answer = stop_here
    environment = os.environ | {
        "TEST_DATABASE": house.url.get_secret_value(),
        "TEST_BLOBS": str(house.blobs._folder),  # noqa: SLF001  (the same folder, elsewhere)
        "TEST_SMTP": f"{house.sink.host}:{house.sink.port}",
        "TEST_NOW": house.clock.now().isoformat(),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    process = await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), env=environment)
    async with asyncio.timeout(300):
        await reached.wait()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    never.set()
    house.sink.before_answer = _at_once
    await asked.told()
    assert await replies(asked) == []
    async with house.sending():
        await until_reply(house, "unknown")
        house.clock.move(house.clock.now() + timedelta(minutes=2))
        await until_reply(asked.house, "sent")
    await asked.told()
    _, first, second = house.sink.to(ADDRESS)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert len(await replies(asked)) == 1
    assert len(await asked.stopped()) == 1


async def _at_once() -> None:
    return


async def test_a_second_reply_is_refused_while_the_first_is_on_its_way(asked: Prefecture) -> None:
    await asked.composed(SUIVI, SAID)
    with pytest.raises(Refused, match="A reply to 36-2026-A-000001 was ordered"):
        await asked.composed(SUIVI, SAID)
    assert await asked.desk.fetchval("SELECT count(*) FROM desk.letter_uses") == 1


async def test_nothing_leaves_while_a_field_is_not_filled(asked: Prefecture) -> None:
    with pytest.raises(Refused, match="not complete: unfilled"):
        await asked.composed(SUIVI, {})
    assert not [fact for fact in await asked.facts() if fact.type == "NoticeOrdered"]


async def test_a_letter_taken_on_paper_stops_its_clock_when_its_code_comes_back(
    prefecture: Prefecture,
) -> None:
    paper = a_scan(routing=certain())
    prefecture.item = ids.item_id("indre", paper.arrival_id)
    await prefecture.arrive(paper.model_copy(update={"pli": None}))
    with pytest.raises(Refused, match="is not worked"):
        await prefecture.composed(ATTENTE, {"nouvelle_date": "2026-06-14"}, "pdf")
    pdf = await prefecture.composed(ATTENTE, {"nouvelle_date": "2026-06-15"}, "pdf")
    assert pdf.startswith(b"%PDF")
    odt = await prefecture.composed(SUIVI, SAID, "odt")
    assert odt.startswith(b"PK")
    with pytest.raises(Refused, match="No address is known"):
        await prefecture.composed(SUIVI, SAID)
    assert await replies(prefecture) == []
    prefecture.house.clock.move(MONDAY + timedelta(days=4))
    chrono = "36-2026-A-000001"
    await prefecture.arrive(a_scanned_departure(chrono, NoticeKind.HOLDING_REPLY, "held"))
    (held,) = [f for f in await prefecture.facts() if isinstance(f, HoldingReplySent)]
    assert held.until.isoformat() == "2026-06-15"
    await prefecture.arrive(a_scanned_departure(chrono, NoticeKind.REPLY, "answered"))
    (reply,) = await replies(prefecture)
    assert (reply.proof, reply.template) == (Proof.SCANNED, f"{SUIVI}@1")
    assert len(await prefecture.stopped()) == 1


async def test_a_transmission_on_paper_says_to_whom_when_it_leaves(prefecture: Prefecture) -> None:
    await prefecture.approved("transmission", "h.marchand", "f.lemoine")
    paper = a_scan(routing=certain())
    prefecture.item = ids.item_id("indre", paper.arrival_id)
    await prefecture.arrive(paper.model_copy(update={"pli": None}))
    await prefecture.composed("transmission", {"administration": "ofii"}, "pdf")
    prefecture.house.clock.move(MONDAY + timedelta(days=4))
    left = a_scanned_departure("36-2026-A-000001", NoticeKind.TRANSFER)
    await prefecture.arrive(left)
    last = (await prefecture.facts())[-2:]
    assert [fact.type for fact in last] == ["ItemTransferred", "PersonTold"]
    assert getattr(last[0], "to", None) == "ofii"
    assert await prefecture.desk.fetchval("SELECT state FROM desk.items") == "transferred"


async def test_a_reply_that_comes_back_was_none_the_clock_runs_and_another_may_leave(
    asked: Prefecture,
) -> None:
    house = asked.house
    await asked.composed(SUIVI, SAID)
    await asked.told()
    async with house.sending():
        await until_reply(house, "sent")
    await asked.told()
    notice = await house.pool.fetchval("SELECT notice_id FROM notify.ledger WHERE kind = 'reply'")
    returned = BounceSeen.model_validate(
        {
            "event_id": uuid5(SPACE, "bounce"),
            "happened_at": MONDAY + timedelta(hours=3),
            "recorded_at": MONDAY + timedelta(hours=3),
            "by": "source:mailbox:retour",
            "arrival_id": uuid5(SPACE, "bounced"),
            "source": "mailbox:retour",
            "original": "2026/a/b",
            "notice_id": notice,
            "action": "failed",
            "status": "4.2.2",
        }
    )
    house.clock.move(MONDAY + timedelta(hours=3))
    await house.hear(returned)
    await asked.told()
    undone = [fact.fact_type for fact in await asked.facts() if isinstance(fact, FactWithdrawn)]
    assert undone == ["NoticeOrdered", "ReplySent"]
    state = await asked.desk.fetchval("SELECT state FROM desk.items")
    assert state == "open"
    running = await asked.sla.fetchval("SELECT payload FROM sla.outbox ORDER BY id DESC LIMIT 1")
    last = CLOCKS.validate_json(running)
    assert (last.type, last.clock) == ("ClockCorrected", ClockName.REPLY)  # type: ignore[union-attr]  # of this kind here
    await asked.composed(SUIVI, {"précisions": "Nous vous écrivons à nouveau."})
    await asked.told()
    async with house.sending():
        async with asyncio.timeout(300):
            while len(house.sink.to(ADDRESS)) < 3:  # noqa: ASYNC110  (what a server took)
                await asyncio.sleep(0.05)
    assert "Nous vous écrivons à nouveau." in house.sink.to(ADDRESS)[-1].text
