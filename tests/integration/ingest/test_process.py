"""The real process on real servers: killed in the middle of a mailbox, then started again."""

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

from imapclient import IMAPClient

from deploy.embedded.programs import execute
from shared.content import spool
from shared.content.spool import FormDeposit
from tests.ingest_builders import a_mail
from tests.integration.ingest.prefecture import Prefecture, until

MAILS = 400


async def test_killed_in_the_middle_of_a_mailbox_nothing_is_lost_and_nothing_twice(
    prefecture: Prefecture,
) -> None:
    mails = [a_mail(f"Lettre {n}", message_id=f"<{n}@x.example>") for n in range(MAILS)]
    await asyncio.to_thread(prefecture.deliver, *mails)
    async with prefecture.holding(MAILS // 3), prefecture.running() as first:

        async def in_the_middle() -> bool:
            return await prefecture.kept() >= MAILS // 3

        await until(in_the_middle)
        first.kill()
        await first.wait()
    assert await prefecture.kept() < MAILS

    async with prefecture.running():

        async def all_kept_and_told() -> bool:
            return await prefecture.kept() >= MAILS and await prefecture.all_told()

        await until(all_kept_and_told)
        await until(prefecture.source_is_well)

    facts = await prefecture.told()
    events = Counter(fact.arrival_id for fact in facts)
    assert len(events) == MAILS
    assert len({fact.event_id for fact in facts}) == MAILS
    kept = {(prefecture.folder / "blobs" / fact.original).read_bytes() for fact in facts}
    assert {octets.partition(b"\r\n\r\n")[2].strip() for octets in kept} == {
        octets.partition(b"\r\n\r\n")[2].strip() for octets in mails
    }
    assert await (await prefecture.run("reconcile")).wait() == 0


async def test_reconcile_says_which_mail_nothing_accounts_for(prefecture: Prefecture) -> None:
    prefecture.start = execute
    await asyncio.to_thread(prefecture.deliver, a_mail())
    assert await (await prefecture.run("reconcile")).wait() == 1


async def test_what_is_kept_bears_our_mark_and_stays_unread(prefecture: Prefecture) -> None:
    prefecture.start = execute
    await asyncio.to_thread(prefecture.deliver, a_mail())
    async with prefecture.running():
        await until(prefecture.source_is_well)

    def flags() -> tuple[bytes, ...]:
        with IMAPClient("127.0.0.1", port=prefecture.mail.imap_port, ssl=False) as client:
            client.login(prefecture.address, prefecture.address)
            client.select_folder("INBOX", readonly=True)
            (found,) = client.get_flags(client.search()).values()
            return tuple(found)

    found = await asyncio.to_thread(flags)
    assert b"$Vaguemestre" in found
    assert b"\\Seen" not in found


async def test_a_mail_moved_to_another_folder_that_is_read_stays_one_arrival(
    prefecture: Prefecture,
) -> None:
    await asyncio.to_thread(prefecture.deliver, a_mail())
    await prefecture.also_read("Traités")

    def moved() -> None:
        with IMAPClient("127.0.0.1", port=prefecture.mail.imap_port, ssl=False) as client:
            client.login(prefecture.address, prefecture.address)
            client.select_folder("INBOX")
            client.move(client.search(), "Traités")

    async def placed_in_both() -> bool:
        rows = await prefecture.pool.fetch("SELECT source FROM ingest.places WHERE marked")
        return {row["source"] for row in rows} == {
            "mailbox:pref-bmi",
            "mailbox:pref-bmi/Traités",
        }

    async with prefecture.running():
        await until(prefecture.source_is_well)
        await asyncio.to_thread(moved)
        await until(placed_in_both)
    (fact,) = await prefecture.told()
    assert fact.source == "mailbox:pref-bmi"
    assert await (await prefecture.run("reconcile")).wait() == 0


async def test_a_mail_is_told_within_seconds_of_its_delivery(prefecture: Prefecture) -> None:
    await asyncio.to_thread(prefecture.deliver, a_mail(message_id="<0@x.example>"))
    async with prefecture.running():
        await until(prefecture.source_is_well)
        delivered = time.monotonic()
        await asyncio.to_thread(prefecture.deliver, a_mail(message_id="<1@x.example>"))

        async def both() -> bool:
            return await prefecture.kept() == 2

        await until(both)
        # The next pass without a hint would come after a minute.
        assert time.monotonic() - delivered < 50


async def test_a_form_of_the_spool_is_kept_with_its_file_and_taken_away(
    prefecture: Prefecture,
) -> None:
    file = spool.spool_file("pièce.pdf", "application/pdf", b"%PDF-1.4")
    form = FormDeposit(
        id=uuid4(), at=datetime(2026, 5, 11, 8, tzinfo=UTC), name="Renée", text="Bonjour",
        email="renee@orange.example", files=(file,),
    )  # fmt: skip
    folder = prefecture.folder / "spool"
    await asyncio.to_thread(spool.deposit, folder, form, [b"%PDF-1.4"])
    async with prefecture.running():

        async def taken() -> bool:
            return not spool.waiting_folders(folder) and await prefecture.kept() == 1

        await until(taken)
    (fact,) = await prefecture.told()
    own = (prefecture.folder / "blobs" / fact.original).parent
    assert (own / file.sha256).read_bytes() == b"%PDF-1.4"
    assert (fact.channel, fact.source) == ("form", "spool")


async def test_a_mailbox_without_password_is_said_and_the_rest_goes_on(
    prefecture: Prefecture,
) -> None:
    del prefecture.environment["VAGUEMESTRE_PASSWORD_PREF_BMI"]
    async with prefecture.running():

        async def spool_is_read() -> bool:
            return bool((await prefecture.health()).get("source spool", {}).get("ok"))

        await until(spool_is_read)
        why = (await prefecture.health())["source mailbox:pref-bmi"]["why"]
    assert "VAGUEMESTRE_PASSWORD_PREF_BMI is not set" in str(why)
