"""An item's page: what can be done of it, each decision a fact, each undone from its past."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from services.desk.handlers.clocks import hear_clocks
from services.desk.pages.serve import PageServer
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.encryption import ReadingKey
from shared.content.keyring import Keyring
from shared.content.mime import leaves
from shared.content.plis import Attachment, Correspondent, Pli
from shared.facts import ids
from shared.facts.clocks import ClockStarted, Holder, RungReached
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import Audience, ClockName
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser, pages
from tests.desk_builders import a_reply_seen, an_arrival, certain, digest
from tests.integration.desk.findings import hear

pytestmark = pytest.mark.usefixtures("live_site")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
FIRST = "/courrier/36-2026-A-000001"
SECOND = "/courrier/36-2026-A-000002"
ITEM = ids.item_id("indre", an_arrival().arrival_id)


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    await hear(pool, an_arrival(routing=certain()))
    return pages(pool, story_clock, tmp_path)


def told(cls: type, revision: int, **kw: Any) -> Any:
    """What sla says of the item's reply clock."""
    fields = {
        "event_id": uuid4(),
        "happened_at": TODAY,
        "recorded_at": TODAY,
        "by": "service:sla",
        "item_id": ITEM,
        "revision": revision,
        "chrono": "36-2026-A-000001",
        "service": ServiceId("bmi"),
        "holder": Holder(service=ServiceId("bmi")),
        "category": None,
        "clock": ClockName.REPLY,
        "limit": date(2026, 5, 19),
    }
    return cls(**(fields | kw))


async def hear_sla(pool: Pool, *batch: Any) -> None:
    async with transaction(pool) as connection:
        await hear_clocks(connection, batch, TODAY)


async def facts(pool: Pool) -> Sequence[str]:
    rows = await pool.fetch("SELECT type FROM desk.facts ORDER BY recorded_at, item_id, seq")
    return [row["type"] for row in rows]


def labels(page: str) -> set[str]:
    """What the page offers to do."""
    found = BeautifulSoup(page, "html.parser").select(".actions .button")
    return {str(next(tag.stripped_strings)) for tag in found}


async def test_an_agent_takes_it_asks_for_pieces_receives_them_and_takes_a_word_back(
    desk: PageServer, pool: Pool
) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    assert "Pièces reçues" not in labels(await agent.page(FIRST))
    page = await agent.to(await agent.send(FIRST, f"{FIRST}/prendre"))
    assert "Le courrier 36-2026-A-000001 est à vous." in page
    assert "Je m’en charge" not in labels(page)
    fields: Mapping[str, str | Sequence[str]] = {
        "piece": ["passeport"], "until": "2026-06-05", "way": "deja",
    }  # fmt: skip
    page = await agent.to(await agent.send(f"{FIRST}/pieces", f"{FIRST}/pieces", fields))
    assert "attend des pièces" in page
    assert "Pièces reçues" in labels(page)
    page = await agent.to(await agent.send(FIRST, f"{FIRST}/pieces-recues"))
    assert "attend des pièces" not in page
    received = await pool.fetchval("SELECT seq FROM desk.facts WHERE type = 'PiecesReceived'")
    page = await agent.to(await agent.send(FIRST, f"{FIRST}/annuler", {"seq": str(received)}))
    assert "Annulé : pièces reçues." in page
    assert "attend des pièces" in page
    assert (await facts(pool))[-4:] == [
        "ItemAssigned", "PiecesRequested", "PiecesReceived", "FactWithdrawn",
    ]  # fmt: skip


async def test_an_item_of_another_office_is_to_be_transmitted_by_one_button_and_is_not_by_another(
    desk: PageServer, pool: Pool
) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    assert "Ne plus transmettre" not in labels(await agent.page(FIRST))
    page = await agent.to(await agent.send(FIRST, f"{FIRST}/a-transmettre"))
    assert "à transmettre hors de la préfecture, le délai court." in page
    assert "<dt>En attente</dt><dd>à transmettre</dd>" in page
    assert "À transmettre" not in labels(page)
    page = await agent.to(await agent.send(FIRST, f"{FIRST}/ne-plus-transmettre"))
    assert "n’est plus à transmettre." in page
    assert {"À transmettre", "Transmettre hors de la préfecture"} <= labels(page)
    assert (await facts(pool))[-2:] == ["WaitStarted", "WaitEnded"]


async def test_a_reminder_is_answered_with_a_reason_and_a_date_that_is_worked(
    desk: PageServer, pool: Pool
) -> None:
    started = told(ClockStarted, 1, commitment="x", day_zero=date(2026, 5, 11), rules=1)
    rung = told(
        RungReached, 2, rung="-5", telling=1, tell=(Audience.HOLDER,), fell=date(2026, 5, 12),
        days=-4,
    )  # fmt: skip
    await hear_sla(pool, started, rung)
    agent, url = await Browser(desk).sign_in("a.gent"), f"{FIRST}/rappel"
    fields = {"clock": "reply", "reason": "sans-suite", "until": "2026-05-14"}
    refused = await agent.send(url, url, fields)
    assert refused.status_code == 422
    assert "n’est pas travaillé (jeudi de l’Ascension)" in refused.text.replace("&#39;", "’")
    assert 'value="2026-05-14"' in refused.text, "what was typed is kept"
    page = await agent.to(await agent.send(url, url, {**fields, "until": "2026-05-15"}))
    assert "Réponse à un rappel : sans suite à donner, annoncé pour le 15/05/2026" in page


async def test_a_message_seen_in_sent_is_said_to_be_the_reply_in_one_key(
    desk: PageServer, pool: Pool, tmp_path: Path
) -> None:
    mail = b"From: bmi\r\nContent-Type: text/plain; charset=latin-1\r\n\r\nVoici la r\xe9ponse.\r\n"
    reply = a_reply_seen(at=TODAY)
    original = await LocalBlobs(tmp_path).put(2026, reply.arrival_id, mail)
    await hear(pool, reply.model_copy(update={"original": original}))
    agent = await Browser(desk).sign_in("a.gent")
    page = BeautifulSoup(await agent.page(FIRST), "html.parser")
    assert page.select_one(".seen blockquote").text == "Voici la réponse."  # type: ignore[union-attr]  # the page has it
    keys = {tag["data-key"] for tag in page.select(".seen button")}
    assert keys == {"r", "e", "n"}
    shown = await agent.to(await agent.send(FIRST, f"{FIRST}/envoi-vu", {"seen": "reply"}))
    assert "répondu" in shown
    assert "qu’était-ce" not in shown


async def test_an_original_that_is_encrypted_on_the_disk_is_shown_as_any(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    key = ReadingKey.new("2026")
    ring = Keyring({"2026": key}, key.writing)
    mail = b"From: bmi\r\nContent-Type: text/plain; charset=latin-1\r\n\r\nVoici la r\xe9ponse.\r\n"
    reply = a_reply_seen(at=TODAY)
    original = await LocalBlobs(tmp_path, ring).put(2026, reply.arrival_id, mail)
    await hear(pool, an_arrival(routing=certain()))
    await hear(pool, reply.model_copy(update={"original": original}))
    assert b"Voici" not in (tmp_path / original).read_bytes()
    desk = pages(pool, story_clock, tmp_path, keyring=ring.text)
    agent = await Browser(desk).sign_in("a.gent")
    page = BeautifulSoup(await agent.page(FIRST), "html.parser")
    assert page.select_one(".seen blockquote").text == "Voici la réponse."  # type: ignore[union-attr]  # the page has it


STORY: Sequence[tuple[str, Mapping[str, str], str]] = (
    ("attribuer", {"agent": "b.gent"}, "ItemAssigned"),
    ("prendre", {}, "ItemAssigned"),
    ("copies", {"copy": "dre"}, "ItemAssigned"),
    ("tiers", {"who": "ofii", "expected": "2026-06-02"}, "AwaitingThird"),
    ("tiers-repondu", {}, "ThirdAnswered"),
    ("avis", {"service": "juridique", "until": "2026-06-02", "question": "Vu ?"}, "OpinionAsked"),
    ("signature", {"signatory": "d.rector"}, "ReplyInSignature"),
    ("retour-signature", {}, "SignatureReturned"),
    ("attente", {"until": "2026-06-15", "way": "deja"}, "HoldingReplySent"),
    ("attente", {"until": "2026-06-16", "way": "paper"}, "NoticeOrdered"),
    ("reclasser", {"category": "association", "nature": "request"}, "ItemReclassified"),
    ("reclasser", {"sender_kind": "citizen"}, "ItemReclassified"),
    ("reclasser", {"perimeter": "hors:sans-suite"}, "ItemReclassified"),
    ("reclasser", {"category": "titre-de-sejour", "perimeter": "dans"}, "ItemReclassified"),
    (
        "regime",
        {"regime": "titre-de-sejour", "start": "first_office", "received": "2026-05-11"},
        "RegimeConfirmed",
    ),
    ("regime", {"regime": "autre-etat", "start": "", "certificate": ""}, "RegimeConfirmed"),
    ("date-arrivee", {"day": "2026-05-07", "reason": "sans-suite"}, "ReceiptCorrected"),
    ("decision", {"effect": "acceptance", "day": "2026-05-12"}, "DecisionTaken"),
    ("transmettre", {"to": "mairie", "way": "mail"}, "NoticeOrdered"),
    ("depart", {"kind": "reply", "day": "2026-05-12"}, "ReplySent"),
    ("classer", {"reason": "sans-suite"}, "ItemClosed"),
)
"""An item's whole life: what is sent, and the last fact that follows."""


async def test_every_form_takes_its_decision(desk: PageServer, pool: Pool) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    for slug, fields, fact in STORY:
        form = BeautifulSoup(await agent.page(f"{FIRST}/{slug}"), "html.parser")
        asked = {str(tag["name"]) for tag in form.select("main [name]")}
        assert set(fields) <= asked, slug
        answer = await agent.send(f"{FIRST}/{slug}", f"{FIRST}/{slug}", fields)
        assert answer.status_code == 303, (slug, answer.text)
        assert (await facts(pool))[-1] == fact, slug
    assert await pool.fetchval("SELECT state FROM desk.items") == "closed"
    assert labels(await agent.page(FIRST)) >= {"Rouvrir"}
    await agent.send(FIRST, f"{FIRST}/rouvrir", {"reason": "sans-suite"})
    assert await pool.fetchval("SELECT state FROM desk.items") == "answered"


async def test_sent_twice_a_form_decides_once(desk: PageServer, pool: Pool) -> None:
    agent, decision = await Browser(desk).sign_in("a.gent"), str(uuid4())
    first = await agent.send(FIRST, f"{FIRST}/prendre", decision=decision)
    again = await agent.send(FIRST, f"{FIRST}/prendre", decision=decision)
    assert first.headers["location"] == again.headers["location"] == FIRST
    assert (await facts(pool)).count("ItemAssigned") == 1


async def test_not_for_us_leads_back_to_the_list_and_a_stranger_sees_nothing(
    desk: PageServer,
) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    answer = await agent.send(FIRST, f"{FIRST}/pas-pour-nous")
    assert answer.headers["location"] == "/courriers", "the item is no longer theirs to see"
    assert (await agent.get(FIRST)).status_code == 404
    assert (await agent.get(f"{FIRST}/classer")).status_code == 404
    office = await Browser(desk).sign_in("c.lerk")
    page = await office.page(FIRST)
    assert "Bureau courrier" in page
    assert "à qualifier" in page


async def test_whoever_only_reads_is_offered_nothing(desk: PageServer) -> None:
    quality = await Browser(desk).sign_in("q.officer")
    page = await quality.page(FIRST)
    assert labels(page) == set()
    assert "Annuler" not in page
    assert (await quality.get(f"{FIRST}/classer")).status_code == 403


async def test_attachments_and_originals_are_taken_away_as_files_never_opened_here(
    desk: PageServer, pool: Pool, tmp_path: Path
) -> None:
    mail = (
        b"From: ana@exemple.fr\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/plain\r\n\r\n"
        b"Bonjour\r\n--b\r\nContent-Type: text/html\r\n"
        b'Content-Disposition: attachment; filename="a.html"\r\n\r\n<script>x</script>\r\n--b--\r\n'
    )
    blobs, arrival = (
        LocalBlobs(tmp_path),
        an_arrival("m", routing=certain(), correspondent=digest("m")),
    )
    part = leaves(mail)[1]
    sha = sha256(part.content).hexdigest()
    name = "é/..a\N{RIGHT-TO-LEFT OVERRIDE}\N{FULLWIDTH QUOTATION MARK}; x=.html"
    file = Attachment(name=name, media_type="text/html", size=18, sha256=sha, part=1, unlooked=True)
    large = file.model_copy(update={"name": "plan.pdf", "part": 2, "too_large": True})
    nobody = Correspondent()
    pli = Pli(kind="mail", sender=nobody, answer_to=nobody, attachments=(file, large))
    keys = {
        "pli": await plis.write(blobs, 2026, arrival.arrival_id, pli),
        "original": await blobs.put(2026, arrival.arrival_id, mail),
    }
    await hear(pool, arrival.model_copy(update=keys))
    agent = await Browser(desk).sign_in("a.gent")
    page = BeautifulSoup(await agent.page(SECOND), "html.parser")
    assert [" ".join(line.text.split()) for line in page.select(".files li")] == [
        f"{file.name} (1 ko) Télécharger {file.name} non examiné par l’antivirus",
        "plan.pdf (1 ko) Télécharger plan.pdf non examiné par l’antivirus : trop volumineux",
    ]
    answer = await agent.get(f"{SECOND}/{arrival.arrival_id}/piece-jointe/0")
    assert answer.content == part.content
    assert answer.headers["content-type"] == "application/octet-stream"
    told = answer.headers["content-disposition"]
    assert told.startswith('attachment; filename="e_..a_; x=.html"; filename*=')
    assert "%E2%80%AE" not in told, "what shows a name backwards"
    assert (await agent.get(f"{SECOND}/{arrival.arrival_id}/original")).content == mail
    assert (await agent.get(f"{SECOND}/{arrival.arrival_id}/piece-jointe/2")).status_code == 404
