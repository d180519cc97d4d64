"""A first start on mailboxes that are years old: nothing leaves before a person says so.

It begins at a bad moment: Sunday 31 December 2028 at night, on a machine in Adak (Alaska). By hand:
a mail of Monday 1 January 2029 (New Year's Day) + 5 jours ouvrés = Monday 8 (2, 3, 4, 5, 8).
"""

import asyncio
import os
import smtplib
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from deploy.demo.compose import compose
from deploy.demo.deliver import append, mailbox
from deploy.embedded.data_folder import kept_secret
from deploy.embedded.mail import EmbeddedMailbox, MailServer
from deploy.embedded.stack import password_variable
from shared.site.load import load_folder
from tests.e2e.elsewhere import elsewhere
from tests.e2e.house import INDRE, RELAY, SERVICES, TITRE, House, house, local

OLD = 2000
WRONG = "pref-pan"
NEIGHBOUR = "voisine@courriel.example"
DOCUMENT = "Bonjour,\n\nVoici notre réponse.\n\nCordialement,\n"


@pytest.fixture(scope="module")
async def newcomer() -> AsyncIterator[House]:
    """A site on a mail server of its own: 2,000 old mails, one password that is wrong."""
    with tempfile.TemporaryDirectory(prefix="vaguemestre-mail-") as folder:
        server = _mail_server(Path(folder))
        server.start()
        try:
            _fill(server)
            passwords = {
                password_variable(_id(mailbox)): "faux"
                if _id(mailbox) == WRONG
                else mailbox.password
                for mailbox in server.mailboxes
            }
            given = (
                passwords  # type: ignore[operator]  # of this kind here
                | elsewhere(Path(folder), "America/Adak")
                | {
                    "VAGUEMESTRE_IMAP_HOST": server.host,
                    "VAGUEMESTRE_IMAP_PORT": str(server.imap_port),
                    "VAGUEMESTRE_SMTP_HOST": server.host,
                    "VAGUEMESTRE_SMTP_PORT": str(server.smtp_port),
                    "VAGUEMESTRE_SMTP_TLS": "false",
                }
            )
            async with house("2028-12-31T23:30", given=given, but=("ingest",)) as one:
                yield one
        finally:
            server.stop()


async def test_two_thousand_old_mails_are_history_without_a_chrono_or_a_message(
    newcomer: House, figure: Callable[[str], None]
) -> None:
    began = time.monotonic()
    await newcomer.when_asked("SELECT count(*) = $1 FROM desk.arrivals WHERE word = 'history'", OLD)
    figure(f"{OLD} old mails are history {time.monotonic() - began:.1f} s after a healthy start")
    assert await newcomer.ask("SELECT count(*) FROM desk.items") == 0
    assert await newcomer.ask("SELECT count(*) FROM desk.counters") == 0
    assert await newcomer.ask("SELECT count(*) FROM notify.ledger") == 0
    assert await newcomer.inbox("ancien.7@courriel.example") == []


async def test_a_wrong_password_is_one_clear_line_and_the_other_mailboxes_go_on(
    newcomer: House,
) -> None:
    sentence = "The server refuses user or password of mailbox pref-pan: check"
    await newcomer.when(lambda: sentence in newcomer.log("ingest"), "the line in the log")
    sources = {"source mailbox:pref-pan", "source sent:pref-pan"}
    await newcomer.when(lambda: newcomer.unwell("ingest").keys() == sources, "health of the others")
    assert newcomer.health("ingest")[0] == 503
    assert all(sentence in why for why in newcomer.unwell("ingest").values())


async def test_before_go_live_all_is_held_and_go_live_shows_what_would_leave(
    newcomer: House,
) -> None:
    (first, *_) = (
        await newcomer.does("desk", "waiting", "list", "--list", "history", "--json")
    ).json
    taken = await newcomer.does("desk", "waiting", "take", first["id"], "--as", "m.perrot")
    chrono = taken.output.split(":")[0]
    assert chrono == "36-2028-A-000001"
    await newcomer.does("desk", "reply", chrono, "--text", "-", "--as", "m.perrot", typed=DOCUMENT)
    await newcomer.when_asked("SELECT count(*) > 0 FROM notify.ledger WHERE state = 'held'")
    assert await newcomer.ask("SELECT count(*) FROM notify.ledger WHERE state <> 'held'") == 0

    said = await newcomer.live()
    assert "1 reply" in said
    await newcomer.when_asked("SELECT count(*) > 0 FROM notify.ledger WHERE state = 'sent'")
    assert await newcomer.ask("SELECT count(*) FROM desk.items") == 1


async def test_a_mail_by_smtp_is_of_the_story_s_new_year_wherever_and_whenever_the_machine_stands(
    newcomer: House,
) -> None:
    await newcomer.until(local("2029-01-01T00:10"))
    message = EmailMessage()
    message["From"], message["To"] = NEIGHBOUR, "pref-bmi@indre.example"
    message["Subject"] = TITRE
    message.set_content(DOCUMENT)
    await asyncio.to_thread(_send, newcomer, message)
    await newcomer.when_asked("SELECT count(*) > 0 FROM notify.ledger WHERE kind = 'receipt'")
    await newcomer.settle()
    (receipt,) = await newcomer.inbox(NEIGHBOUR)
    assert "[36-2029-A-000001-" in str(receipt["Subject"])
    sheet = (await newcomer.does("sla", "explain", "36-2029-A-000001", "--json")).json
    (reply,) = [clock for clock in sheet["clocks"] if clock["clock"] == "reply"]
    assert (reply["day_zero"], reply["limit"]) == ("2029-01-01", "2029-01-08")


async def test_an_interrupt_leaves_no_process_and_no_complaint(newcomer: House) -> None:
    data = newcomer.running.data
    pids = dict(newcomer.run["pids"])
    assert pids.keys() >= set(SERVICES)
    await newcomer.end()
    assert [name for name, pid in pids.items() if _runs(pid)] == []
    assert _still_naming(data) == []
    said = (data / "up.log").read_text()
    assert said.splitlines()[-1] == "Stopping."
    assert "Traceback" not in said
    assert not (data / "run.json").exists()


def _send(newcomer: House, message: EmailMessage) -> None:
    run = newcomer.run
    with smtplib.SMTP(run["smtp_host"], run["smtp_port"], timeout=10) as server:
        server.send_message(message)


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _still_naming(data: Path) -> list[str]:
    """The command lines of processes that name a data folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = path.read_bytes()
            if os.fsencode(data) in line:
                found.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return found


def _id(one: EmbeddedMailbox) -> str:
    return one.address.partition("@")[0]


def _mail_server(folder: Path) -> MailServer:
    boxes = [
        EmbeddedMailbox(
            box.address, kept_secret(folder, box.id), () if box.sent is None else (box.sent,)
        )
        for box in load_folder(INDRE).sources.mailboxes
    ]
    return MailServer(folder, boxes)


def _fill(server: MailServer) -> None:
    (box,) = [mailbox for mailbox in server.mailboxes if _id(mailbox) == "pref-courrier"]
    run = {"imap_host": server.host, "imap_port": server.imap_port}
    with mailbox(run, box.address, box.password) as session:
        for number in range(OLD):
            taken = local("2025-03-03T08:00") + timedelta(hours=5 * number)
            mail = {
                "id": f"ancien-{number}",
                "from": f"Ancien Courrier <ancien.{number}@courriel.example>",
                "subject": f"{TITRE} {number}",
                "text": f"Bonjour,\n\nMa demande n° {number}.\n",
            }
            append(session, compose(mail, box.address, taken, RELAY, None), taken)
