"""What a person decides of what is held, and what is shown before anybody goes live."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.notify.go_live_preview import would_leave
from services.notify.held_notices import drop, find_held, reachable, release
from services.notify.mail_composition import MailSigning
from services.notify.preview import preview
from shared.content import plis
from shared.content.files_first import FilesFirst
from shared.content.plis import Correspondent, Pli
from shared.errors import Refused
from shared.facts.envelope import NoticeId
from shared.facts.items.notice_orders import NoticeDropped, NoticeReleased
from shared.facts.items.registration import ItemRegistered, SenderNoted
from shared.facts.items.replies import ReplySent
from shared.facts.items.routing import ItemReclassified
from shared.facts.vocabulary import NoticeKind, Proof, SenderKind, Way
from shared.platform.database import Connection, transaction
from tests.code_keys import KEYS
from tests.integration.notify.conftest import GO_LIVE, SECRET, House
from tests.roles import one_transaction, under_role
from tests.unit.notify.builders import MONDAY, event, fact, ordered, qualified, withdrawn


async def held_receipt(house: House) -> NoticeId:
    await house.hear(await house.mail(sender=SenderKind.LAWYER))
    found = await house.pool.fetchval("SELECT notice_id FROM notify.ledger WHERE kind = 'receipt'")
    return NoticeId(found)


async def test_what_a_person_releases_leaves_and_bears_their_word(house: House) -> None:
    notice = await held_receipt(house)
    async with transaction(house.pool) as connection:
        await release(connection, notice, "e.carpentier", house.rules.applied, MONDAY)
    async with house.sending():
        await house.sink.until(2)
        await house.until(("alert", "sent", None), ("receipt", "sent", None))
    told = [fact.by for fact in await house.told() if fact.kind is NoticeKind.RECEIPT]
    assert told == ["service:notify", "person:e.carpentier", "service:notify"]


async def test_a_person_sees_what_is_held_by_its_chrono_and_names_it_so(
    house: House, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = await held_receipt(house)
    for name in ("KAFKA", "SMTP_HOST"):
        monkeypatch.delenv(f"VAGUEMESTRE_{name}", raising=False)
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", under_role(postgres_url, "notify"))
    monkeypatch.setenv("VAGUEMESTRE_BLOBS", "/nowhere")
    monkeypatch.setenv("VAGUEMESTRE_SECRET", "unused")

    async def said(*words: str) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, main, ["notify", "held", *words])
        return result.output

    shown = await said("list")
    assert shown.split() == [
        "2026-05-11", "10:00", "36-2026-A-000001", "receipt", "expediteur", str(notice)
    ]  # fmt: skip
    refused = await said("release", "36-2026-A-1", "--as", "nobody")
    assert "'nobody' is nobody of this site" in refused
    assert "Nothing of 36-2026-A-000002 is held" in await said(
        "drop", "36-2026-A-2", "--as", "k.haddad"
    )
    assert await said("drop", "36-2026-A-1", "--as", "k.haddad") == "It will not leave.\n"
    assert await said("list") == "Nothing is held.\n"


async def test_an_order_of_the_register_releases_what_was_held(house: House) -> None:
    registration = await house.mail(sender=SenderKind.LAWYER)
    order = ordered(NoticeKind.RECEIPT).model_copy(update={"item_id": registration.item_id})
    async with house.sending():
        await house.hear(registration)
        await house.until(("alert", "sent", None), ("receipt", "held", "expediteur"))
        await house.hear(order)
        await house.until(("alert", "sent", None), ("receipt", "sent", None))
    assert len(house.sink.to("jeanne@exemple.fr")) == 1


async def test_what_a_person_drops_never_leaves_even_if_it_is_heard_again(house: House) -> None:
    notice = await held_receipt(house)
    async with transaction(house.pool) as connection:
        await drop(connection, notice, "e.carpentier", MONDAY)
    await house.hear(await house.mail(sender=SenderKind.LAWYER))
    assert ("receipt", "withdrawn", "dropped") in await house.states()


async def test_a_held_receipt_is_withdrawn_as_moot_when_the_reply_left_and_returns_if_it_had_not(
    house: House,
) -> None:
    notice = await held_receipt(house)
    item = await house.pool.fetchval("SELECT item_id FROM notify.items")
    replied = fact(ReplySent, 5, item=item, proof=Proof.KEYED)
    await house.hear(replied)
    assert ("receipt", "withdrawn", "moot") in await house.states()
    async with transaction(house.pool) as connection:
        with pytest.raises(Refused, match="000001 left on 2026-05-11: its receipt is moot"):
            await find_held(connection, "1", house.rules.applied.site, MONDAY)
        with pytest.raises(Refused, match="nothing is left to decide"):
            await release(connection, notice, "e.carpentier", house.rules.applied, MONDAY)
    await house.hear(withdrawn(replied).model_copy(update={"item_id": item}))
    assert ("receipt", "held", "expediteur") in await house.states()


async def test_what_the_reply_overtook_is_not_released_even_if_the_ledger_still_holds_it(
    house: House,
) -> None:
    notice = await held_receipt(house)
    item = await house.pool.fetchval("SELECT item_id FROM notify.items")
    await house.hear(fact(ReplySent, 5, item=item, proof=Proof.KEYED))
    await house.pool.execute("UPDATE notify.ledger SET state = 'held' WHERE kind = 'receipt'")
    async with transaction(house.pool) as connection:
        with pytest.raises(Refused, match=r"left on 2026-05-11: its receipt is moot\. Drop it\."):
            await release(connection, notice, "e.carpentier", house.rules.applied, MONDAY)
        await drop(connection, notice, "e.carpentier", MONDAY)
    assert ("receipt", "withdrawn", "dropped") in await house.states()


async def test_a_decision_that_makes_no_sense_is_refused_with_a_sentence(house: House) -> None:
    notice = await held_receipt(house)
    async with transaction(house.pool) as connection:
        await drop(connection, notice, "e.carpentier", MONDAY)
        with pytest.raises(Refused, match="nothing is left to decide"):
            await release(connection, notice, "e.carpentier", house.rules.applied, MONDAY)
        with pytest.raises(Refused, match="No notice has this id"):
            await drop(connection, NoticeId(UUID(int=1)), "e.carpentier", MONDAY)


async def test_nobody_releases_before_go_live(house_before: House) -> None:
    house = house_before
    notice = await held_receipt(house)
    async with transaction(house.pool) as connection:
        with pytest.raises(Refused, match="not live"):
            await release(connection, notice, "e.carpentier", house.rules.applied, MONDAY)


async def test_what_would_leave_counts_neither_history_nor_what_a_person_decides(
    house_before: House,
) -> None:
    house = house_before
    await house.hear(
        await house.mail("1", at=MONDAY - timedelta(days=30)),
        await house.mail("2"),
        await house.mail("3", qualified=True),
        await house.mail("4", sender=SenderKind.LAWYER),
    )
    async with transaction(house.pool) as connection:
        counts = await would_leave(connection, GO_LIVE)
    assert counts == {NoticeKind.RECEIPT: 2, NoticeKind.SIMPLE: 1, NoticeKind.ALERT: 1}
    assert {state for _, state, _ in await house.states()} == {"held"}


async def test_a_preview_shows_the_text_and_whether_it_would_leave(house: House) -> None:
    await house.hear(await house.mail(sender=SenderKind.LAWYER))
    ink = MailSigning(house.blobs, SECRET, lambda _: KEYS)
    shown = await preview(house.pool, NoticeKind.RECEIPT, "36-2026-A-000001", Way.MAIL, ink, MONDAY)
    with pytest.raises(Refused, match="calls for no svr"):
        await preview(house.pool, NoticeKind.SVR, "36-2026-A-000001", Way.MAIL, ink, MONDAY)
    assert shown.verdict == "It is held: expediteur."
    assert "36-2026-A-000001" in shown.text


@pytest.mark.parametrize(("word", "ends"), [(NoticeReleased, "sent"), (NoticeDropped, "withdrawn")])
async def test_a_word_said_at_the_desk_is_carried_out_once(
    house: House, word: type[NoticeReleased | NoticeDropped], ends: str
) -> None:
    notice = await held_receipt(house)
    item = await house.pool.fetchval("SELECT item_id FROM notify.items")
    said = word(
        event_id=event("word"), item_id=item, seq=9, happened_at=MONDAY, recorded_at=MONDAY,
        by="person:e.carpentier", notice_id=notice, kind=NoticeKind.RECEIPT,
    )  # fmt: skip
    await house.hear(said)
    await house.hear(said)
    later = said.model_copy(update={"event_id": event("too late"), "seq": 10})
    async with house.sending():
        why = "dropped" if ends == "withdrawn" else None
        await house.until(("alert", "sent", None), ("receipt", ends, why))
    await house.hear(later)
    told = [fact.by for fact in await house.told() if fact.kind is NoticeKind.RECEIPT]
    assert told.count("person:e.carpentier") == 1
    assert ("receipt", ends, why) in await house.states()


async def test_what_waited_for_who_writes_leaves_by_itself_once_a_person_says_it(
    house: House,
) -> None:
    mail = await house.mail(sender=SenderKind.UNKNOWN)
    sorted_ = qualified().model_copy(update={"item_id": mail.item_id})
    await house.hear(mail, sorted_)
    assert ("simple", "held", "expediteur-inconnu") in await house.states()
    lawyer = _says_who_writes(mail, SenderKind.LAWYER, 5)
    await house.hear(lawyer)
    assert ("simple", "held", "expediteur") in await house.states()
    await house.hear(_says_who_writes(mail, SenderKind.CITIZEN, 6))
    assert ("simple", "planned", None) in await house.states()
    told = [type(fact).__name__ for fact in await house.told() if fact.kind is NoticeKind.SIMPLE]
    assert told == ["NoticeHeld", "NoticeHeld", "NoticePlanned"]


async def test_what_is_held_for_another_reason_waits_for_a_word_whoever_writes(
    house: House,
) -> None:
    mail = await house.mail(sender=SenderKind.UNKNOWN)
    await house.hear(mail, qualified().model_copy(update={"item_id": mail.item_id}))
    await house.pool.execute("UPDATE notify.ledger SET why = 'no_address' WHERE kind = 'simple'")
    await house.hear(_says_who_writes(mail, SenderKind.CITIZEN, 5))
    assert ("simple", "held", "no_address") in await house.states()


async def test_the_command_line_releases_no_mail_to_whom_none_can_reach(
    house: House, postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mail = await house.mail(address="", sender=SenderKind.LAWYER)
    await house.hear(mail)
    for name in ("KAFKA", "SMTP_HOST"):
        monkeypatch.delenv(f"VAGUEMESTRE_{name}", raising=False)
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", under_role(postgres_url, "notify"))
    monkeypatch.setenv("VAGUEMESTRE_BLOBS", str(tmp_path / "blobs"))
    monkeypatch.setenv("VAGUEMESTRE_SECRET", "unused")
    words = ["notify", "held", "release", "36-2026-A-1", "--as", "k.haddad"]
    said = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert "No usable e-mail address is known for 36-2026-A-000001: print it" in said.output
    assert ("receipt", "held", "expediteur") in await house.states()
    words = ["notify", "preview", "receipt", "36-2026-A-1"]
    said = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert (said.exit_code, "It is held: expediteur." in said.output) == (0, True), said.output
    async with one_transaction(postgres_url) as owner:
        given = await owner.fetchrow("SELECT what, page, about FROM desk.journal")
    assert given is not None
    assert tuple(given) == ("reading", "vaguemestre notify preview", "36-2026-A-000001")


def _says_who_writes(mail: ItemRegistered, sender: SenderKind, seq: int) -> ItemReclassified:
    what = mail.classification.model_copy(update={"sender_kind": sender})
    stated: ItemReclassified = fact(ItemReclassified, seq, item=mail.item_id, classification=what)
    return stated


async def test_a_person_gives_an_address_and_what_they_release_goes_there(house: House) -> None:
    mail = await house.mail(address="", sender=SenderKind.LAWYER)
    await house.hear(mail)
    who = Correspondent(name="Maître Anne Vasseur", address="vasseur@avocats.example")
    pli = Pli(kind="keyed", sender=who, answer_to=who)
    key = await plis.write(house.blobs, 2026, UUID(int=91), pli)
    await house.hear(fact(SenderNoted, 4, item=mail.item_id, pli=key))
    notice = await house.pool.fetchval("SELECT notice_id FROM notify.ledger WHERE kind='receipt'")
    files = FilesFirst(house.blobs)

    async def let_leave(connection: Connection) -> None:
        await reachable(connection, notice, files)
        await release(connection, notice, "e.carpentier", house.rules.applied, MONDAY)

    await files.transact(house.pool, let_leave)
    async with house.sending():
        await house.until(("alert", "sent", None), ("receipt", "sent", None))
    assert len(house.sink.to("vasseur@avocats.example")) == 1
