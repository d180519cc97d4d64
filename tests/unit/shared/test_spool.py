"""A deposit that is seen is whole, and what is no deposit is refused."""

import errno
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.ingest.spool import form_octets
from shared.content import spool, survey_spool
from shared.content.encryption import ReadingKey
from shared.content.keyring import IN_CLEAR, KeyMissing, Keyring
from shared.content.spool import FollowedNumber, FormDeposit, RereadRequest
from shared.content.survey_spool import SurveySheet
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import ArrivalId, Chrono, PersonId
from shared.facts.vocabulary import SurveyChannel

FILE = spool.spool_file("../../etc/passwd", "application/pdf", b"octets")
FORM = FormDeposit(
    id=UUID(int=1), at=datetime(2026, 5, 11, 8, tzinfo=UTC), text="Bonjour", files=(FILE,)
)


def test_what_is_deposited_is_read_back_and_removed(tmp_path: Path) -> None:
    spool.deposit(tmp_path / "spool", FORM, [b"octets"])
    (folder,) = spool.waiting_folders(tmp_path / "spool")
    assert spool.read(folder) == (FORM, {FILE.sha256: b"octets"})
    spool.remove(folder)
    assert spool.waiting_folders(tmp_path / "spool") == []


KEY = ReadingKey.new("2026")
RING = Keyring({"2026": KEY})
SHEET = SurveySheet(
    sheet_id=UUID(int=2), campaign=1, channel=SurveyChannel.POSTER, place="accueil",
    week="2026-W20", answers=(4, None), free_text="Longue attente",
)  # fmt: skip


def test_a_writer_that_reads_nothing_puts_there_what_the_keyring_opens(tmp_path: Path) -> None:
    spool.deposit(tmp_path, FORM, [b"octets"], KEY.writing)
    survey_spool.put(tmp_path, SHEET, KEY.writing)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            stored = path.read_bytes()
            for word in (b"Bonjour", b"octets", b"passwd", b"attente"):
                assert word not in stored, path
    (folder,) = spool.waiting_folders(tmp_path)
    assert spool.oldest(tmp_path) is not None
    assert spool.read(folder, RING) == (FORM, {FILE.sha256: b"octets"})
    assert survey_spool.read(tmp_path, 9, RING) == [SHEET]


def test_a_deposit_whose_key_is_missing_waits(tmp_path: Path) -> None:
    spool.deposit(tmp_path, FORM, [b"octets"], KEY.writing)
    survey_spool.put(tmp_path, SHEET, KEY.writing)
    (folder,) = spool.waiting_folders(tmp_path)
    for ring in (IN_CLEAR, Keyring({"2026": ReadingKey.new("2026")})):
        with pytest.raises(KeyMissing, match=f"encrypted with key {KEY.writing.id}"):
            spool.read(folder, ring)
        with pytest.raises(KeyMissing):
            survey_spool.read(tmp_path, 9, ring)
    assert survey_spool.read(tmp_path, 9, RING) == [SHEET]
    assert spool.read(folder, RING)[0] == FORM


def test_what_lies_in_clear_is_read_with_a_keyring_too(tmp_path: Path) -> None:
    spool.deposit(tmp_path, FORM, [b"octets"])
    survey_spool.put(tmp_path, SHEET)
    (folder,) = spool.waiting_folders(tmp_path)
    assert spool.read(folder, RING) == (FORM, {FILE.sha256: b"octets"})
    assert survey_spool.read(tmp_path, 9, RING) == [SHEET]


def test_a_request_is_known_as_such_by_who_has_no_key(tmp_path: Path) -> None:
    """It names no person outside; else the portal would say that a deposit waits."""
    request = RereadRequest(
        id=UUID(int=3), at=FORM.at, arrival_id=ArrivalId(UUID(int=4)), by=PersonId("m.durand")
    )
    spool.deposit(tmp_path, request, (), KEY.writing)
    assert spool.oldest(tmp_path) is None
    (folder,) = spool.waiting_folders(tmp_path)
    assert spool.read(folder)[0] == request


def test_an_encrypted_deposit_that_was_cut_is_no_deposit(tmp_path: Path) -> None:
    spool.deposit(tmp_path, FORM, [b"octets"], KEY.writing)
    (folder,) = spool.waiting_folders(tmp_path)
    for name in ("deposit.json", "file-0"):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:-1])
        with pytest.raises(PermanentFailure):
            spool.read(folder, RING)
        (folder / name).write_bytes(whole)
    assert spool.read(folder, RING)[0] == FORM


def test_depositing_twice_is_depositing_once(tmp_path: Path) -> None:
    spool.deposit(tmp_path, FORM, [b"octets"])
    spool.deposit(tmp_path, FORM, [b"octets"])
    assert len(spool.waiting_folders(tmp_path)) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_one_id_is_one_deposit_whenever_it_comes_again(tmp_path: Path) -> None:
    spool.deposit(tmp_path, FORM, [b"octets"])
    later = FORM.model_copy(update={"at": FORM.at + timedelta(minutes=5)})
    spool.deposit(tmp_path, later, [b"octets"])
    assert [spool.read(path)[0] for path in spool.waiting_folders(tmp_path)] == [FORM]


def test_a_plain_message_is_written_as_the_version_before_wrote_it(tmp_path: Path) -> None:
    spool.deposit(tmp_path, FORM, [b"octets"])
    (folder,) = spool.waiting_folders(tmp_path)
    written = json.loads((folder / "deposit.json").read_bytes())
    former = "id at files kind name email postal subject text service complaint suggestion theme"
    assert list(written) == [*former.split(), "about_agent"], "its ingest refuses any other field"
    assert form_octets(FORM) == (folder / "deposit.json").read_bytes()


def test_what_a_program_deposits_names_its_key(tmp_path: Path) -> None:
    deposited = FORM.model_copy(update={"application": "0123456789ab"})
    spool.deposit(tmp_path, deposited, [b"octets"])
    (folder,) = spool.waiting_folders(tmp_path)
    assert spool.read(folder)[0] == deposited
    assert json.loads(form_octets(deposited))["application"] == "0123456789ab"


def test_the_name_of_a_key_is_no_longer_than_a_name() -> None:
    said = FORM.model_dump() | {"application": "0" * 65}
    with pytest.raises(ValidationError, match="at most 64 characters"):
        FormDeposit.model_validate(said)


def test_what_is_added_says_to_which_letter(tmp_path: Path) -> None:
    follows = FollowedNumber(chrono=Chrono("36-2026-A-000001"), code="AAAAAAAAAA")
    added = FORM.model_copy(update={"follows": follows})
    spool.deposit(tmp_path, added, [b"octets"])
    (folder,) = spool.waiting_folders(tmp_path)
    assert spool.read(folder)[0] == added


@pytest.mark.parametrize("trouble", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_gives_up_in_the_middle_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: int
) -> None:
    def gives_up(_: int) -> None:
        raise OSError(trouble, "no")

    monkeypatch.setattr(os, "fsync", gives_up)
    with pytest.raises(TemporaryFailure, match="disk"):
        spool.deposit(tmp_path, FORM, [b"octets"])
    assert list(tmp_path.iterdir()) == []


def test_other_octets_than_described_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PermanentFailure):
        spool.deposit(tmp_path, FORM, [b"others"])
    spool.deposit(tmp_path, FORM, [b"octets"])
    (folder,) = spool.waiting_folders(tmp_path)
    (folder / "file-0").write_bytes(b"others")
    with pytest.raises(PermanentFailure):
        spool.read(folder)


def test_half_a_deposit_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / ".half.part").mkdir()
    assert spool.waiting_folders(tmp_path) == []


@pytest.mark.parametrize("octets", [b"", b"{}", b'{"kind": "other"}', b"\xff\xfe"])
def test_what_is_no_deposit_is_refused(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "deposit.json").write_bytes(octets)
    with pytest.raises(PermanentFailure):
        spool.read(tmp_path / "x")


def test_a_spool_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(TemporaryFailure, match="Spool"):
        spool.deposit(tmp_path / "spool", FORM, [b"octets"])


def test_a_spool_that_can_not_be_written_to_keeps_its_deposit_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.deposit(tmp_path / "spool", FORM, [b"octets"])
    (folder,) = spool.waiting_folders(tmp_path / "spool")

    def refuses(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuses)
        with pytest.raises(TemporaryFailure, match="mounted read-only"):
            spool.remove(folder)
    assert spool.read(folder)[0]
    spool.remove(folder)
    assert list((tmp_path / "spool").iterdir()) == []


def test_what_killed_processes_left_is_swept_and_what_is_being_written_is_not(
    tmp_path: Path,
) -> None:
    now = datetime(2026, 5, 12, 8, tzinfo=UTC)
    for name, age in (
        (".a.done", timedelta()),
        (".b.part", timedelta(days=2)),
        (".c.part", timedelta(hours=1)),
        (".reading", timedelta(days=9)),
        ("20260511T080000-d", timedelta(days=9)),
    ):
        (tmp_path / name).mkdir()
        moment = (now - age).timestamp()
        os.utime(tmp_path / name, (moment, moment))
    spool.sweep(tmp_path, now)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".c.part", ".reading", "20260511T080000-d"]


@pytest.mark.parametrize(("mode", "others"), [(0o700, 0o700), (0o2770, 0o770)])
def test_a_deposit_is_its_writers_alone_or_of_the_spools_group_as_well(
    tmp_path: Path, mode: int, others: int
) -> None:
    """The portal may have an account of its own, of which ingest takes what it wrote."""
    shared = tmp_path / "spool"
    shared.mkdir()
    shared.chmod(mode)
    before = os.umask(0o007)
    try:
        spool.deposit(shared, FORM, [b"octets"])
    finally:
        os.umask(before)
    (folder,) = spool.waiting_folders(shared)
    assert folder.stat().st_mode & 0o777 == others
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o660}
