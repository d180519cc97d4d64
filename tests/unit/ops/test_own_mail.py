"""A préfecture's own mails, tried from files before anything is installed."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.ops.rehearsal import own_mail
from shared.errors import Refused
from shared.facts.vocabulary import ClockName
from tests.ingest_builders import INDRE, a_mail, indre
from tests.local_mails import LocalMailParser

MAY = datetime(2026, 5, 27, 9, tzinfo=UTC)


def _asked(number: int, subject: str = "Titre de séjour") -> bytes:
    return a_mail(message_id=f"<{number}@orange.example>", dmarc=None, subject=subject)


def _mbox(*mails: bytes) -> bytes:
    return b"".join(
        b"From a@exemple.fr Mon May 11 09:59:00 2026\n" + mail.replace(b"\r\n", b"\n") + b"\n"
        for mail in mails
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mails = tmp_path / "mails"
    (mails / "autres").mkdir(parents=True)
    (mails / "1.eml").write_bytes(_asked(1))
    (mails / "1 copie.eml").write_bytes(_asked(1))
    (mails / "autres" / "2.mbox").write_bytes(_mbox(_asked(2, subject="Récépissé"), _asked(3)))
    machine = a_mail(message_id="<4@orange.example>", headers={"Auto-Submitted": "auto-replied"})
    (mails / "4.eml").write_bytes(machine)
    (mails / ".index").write_bytes(b"no mail")
    return mails


def _octets(folder: Path) -> Mapping[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _tried(path: Path) -> own_mail.TriedMails:
    place = own_mail.place_of(indre(), "pref-bmi")
    return own_mail.try_mails(own_mail.mails_of(path), indre(), place, LocalMailParser(), MAY)


def test_each_mail_is_judged_and_told_of_as_if_it_had_come_in(folder: Path) -> None:
    before = _octets(folder)
    found = _tried(folder)
    assert (found.mails, found.again) == (5, 1)
    assert dict(found.kinds) == {"enter": 3, "set_aside auto-reply": 1}
    assert _octets(folder) == before
    # Received on Monday 11 May; day 5 is the 19th (Ascension is the 14th). Three messages of one
    # person: two subjects, so two items, and the third joins the first.
    seen = {item.name: item.seen for item in found.items}
    assert set(seen) == {"1 copie.eml", "autres/2.mbox 1"}
    for item in seen.values():
        assert item.received == date(2026, 5, 11)
        (receipt,) = [notice for notice in item.notices.values() if notice.kind == "receipt"]
        assert (receipt.verdict, receipt.way) == ("send", "mail")
        assert item.clocks[ClockName.REPLY].limit == date(2026, 5, 19)


def test_a_maildir_is_its_mails_alone(tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp", ".Sent/cur"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "cur" / "1790.M1:2,S").write_bytes(_asked(1))
    (tmp_path / "new" / "1791.M2").write_bytes(_asked(2))
    for other in ("tmp/1792.M3", ".Sent/cur/1793.M4", "dovecot.index"):
        (tmp_path / other).write_bytes(_asked(3))
    assert [mail.name for mail in own_mail.mails_of(tmp_path)] == ["cur/1790.M1:2,S", "new/1791.M2"]


def test_a_folder_without_mails_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no mail"):
        list(own_mail.mails_of(tmp_path))


@pytest.mark.parametrize(
    ("head", "moment"),
    [
        (
            b"Received: by mx; Tue, 12 May 2026 08:00:00 +0200\nReceived: by a; Mon, 11 May 2026",
            datetime(2026, 5, 12, 6, tzinfo=UTC),
        ),
        (b"Date: Sun, 10 May 2026 08:00:00 +0000\n", datetime(2026, 5, 10, 8, tzinfo=UTC)),
        (b"Date: tomorrow\n", MAY),
        (b"", MAY),
    ],
)
def test_a_mail_was_taken_when_its_last_server_says(head: bytes, moment: datetime) -> None:
    assert own_mail.taken_at(head + b"\n\nBonjour", MAY) == moment


def test_the_command_asks_for_nothing_but_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VAGUEMESTRE_DATABASE_URL", raising=False)
    words = ["rehearse", "--mails", str(folder), "--site", str(INDRE), "--mailbox", "pref-bmi"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert "5 mails read, 1 of them twice; 2 items." in done.output
    assert "What it would have done by itself: send receipt mail 2." in done.output
    for private in ("dupont", "orange.example", "Titre de séjour", "Récépissé"):
        assert private not in done.output
    last = CliRunner().invoke(main, [*words, "--json"]).stdout.splitlines()[-1]
    assert json.loads(last)["judged"] == {"enter": 3, "set_aside auto-reply": 1}
    unknown = CliRunner().invoke(main, [*words[:-1], "nowhere"])
    assert unknown.exit_code == 2
    assert "no mailbox nowhere" in unknown.output
