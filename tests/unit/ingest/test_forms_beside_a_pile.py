"""A pile handed in at the counter takes minutes to read: the public's forms never wait for it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from services.ingest import spool as intake
from services.ingest.arrival_writer import CandidateArrival
from services.ingest.domain.document import Legible, ScannedDocument
from services.ingest.papers import whole_paper
from services.ingest.source_status import SourceStatus
from services.ingest.spool import SpoolIntake
from shared.content import spool
from shared.content.spool import FormDeposit, SpoolFile, UploadDeposit, spool_file
from shared.errors import TemporaryFailure
from shared.facts.envelope import PersonId
from shared.facts.ids import arrival_id
from shared.facts.vocabulary import Channel
from tests.ingest_builders import indre_rules

AT = datetime(2026, 5, 12, 8, tzinfo=UTC)
PILE = b"%PDF-1.7 a hundred letters"
UPLOAD, FORM = UUID(int=1), UUID(int=2)


class Keeper:
    """Keeps in memory; the first `failing` calls with something to keep fail."""

    def __init__(self, failing: int = 0) -> None:
        self.kept = list[str]()
        self.failing = failing
        self.form = asyncio.Event()

    async def holds(self, *_: object) -> bool:
        return False

    async def keep(self, arrivals: Sequence[CandidateArrival], _: datetime) -> SimpleNamespace:
        if arrivals and self.failing:
            self.failing -= 1
            raise TemporaryFailure("The database is away.")
        self.kept += [str(arrival.arrival_id) for arrival in arrivals]
        if named(str(FORM)) in self.kept:
            self.form.set()
        return SimpleNamespace(new=arrivals)


class Hand:
    """Nothing is suspect."""

    async def suspects(self, _: int) -> Mapping[int, int]:
        return {}

    @asynccontextmanager
    async def opening(self, *_: object) -> AsyncIterator[int]:
        yield 0


class Pile:
    """Is read until the form that comes meanwhile is kept."""

    def __init__(self, folder: Path, keeper: Keeper) -> None:
        self.folder = folder
        self.keeper = keeper

    async def documents(
        self, file: SpoolFile, octets: bytes, at: datetime, _named: str
    ) -> list[ScannedDocument]:
        spool.deposit(self.folder, FormDeposit(id=FORM, at=AT, text="Bonjour"), ())
        async with asyncio.timeout(60):
            await self.keeper.form.wait()
        return [whole_paper(file, octets, at, Legible((), 0))]


def named(name: str) -> str:
    return str(arrival_id("indre", "spool", name))


def an_intake(folder: Path, keeper: Keeper) -> SpoolIntake:
    anything = cast("Any", None)
    return SpoolIntake(
        "indre",
        folder,
        rules=indre_rules,
        keeper=cast("Any", keeper),
        clock=cast("Any", SimpleNamespace(now=lambda: AT)),
        status=SourceStatus("spool"),
        papers=cast("Any", Pile(folder, keeper)),
        mails=anything,
        reread=anything,
        search_sent=anything,
        in_hand=cast("Any", Hand()),
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(intake, "_EVERY", timedelta(milliseconds=1))
    upload = UploadDeposit(
        id=UPLOAD,
        at=AT,
        by=PersonId("m.durand"),
        channel=Channel.HAND_DELIVERED,
        files=(spool_file("pile.pdf", "application/pdf", PILE),),
    )
    spool.deposit(tmp_path / "spool", upload, (PILE,))
    return tmp_path / "spool"


async def test_a_form_is_kept_while_a_pile_is_read(folder: Path) -> None:
    keeper = Keeper()
    await an_intake(folder, keeper).take_all()
    assert keeper.kept == [named(str(FORM)), named(f"{UPLOAD}:0")]
    assert spool.waiting_folders(folder) == []


async def test_a_form_that_could_not_be_kept_is_tried_again_meanwhile(folder: Path) -> None:
    keeper = Keeper(failing=2)
    with pytest.raises(TemporaryFailure):
        await an_intake(folder, keeper).take_all()
    assert keeper.kept == [named(str(FORM)), named(f"{UPLOAD}:0")]
    assert spool.waiting_folders(folder) == []
