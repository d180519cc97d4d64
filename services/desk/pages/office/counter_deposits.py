"""What somebody handed in at the counter today: each file, and the number that it got."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from services.desk.domain.disposition import Disposition
from services.desk.french import labels_fr
from services.desk.pages.visit import Visit
from services.desk.store import counter_deposits
from services.desk.store.counter_deposits import CounterDeposit, UploadedFile
from shared.facts.envelope import PersonId

SHOWN: Final = 5
"""Deposits that the counter shows to who made them."""
REFUSED: Final = ".refused"
"""Where ingest puts what it can't read, below the spool (services/ingest/deposit_reader.py)."""
UNREADABLE: Final = (
    "refusé, car illisible\N{NO-BREAK SPACE}: numérisez-le de nouveau et remettez-le, puis, s’il"
    " est encore refusé, prévenez l’administrateur"
)
_APART: Final[Mapping[Disposition, tuple[str, str]]] = {
    Disposition.QUARANTINE: ("en quarantaine", "/bureau/attente/quarantaine"),
    Disposition.SET_ASIDE: ("mis de côté", "/bureau/attente/ecartes"),
    Disposition.HISTORY: ("antérieur à la mise en service", "/bureau/attente/anterieurs"),
}
_WITH: Final[Mapping[Disposition, str]] = {
    Disposition.ITEM: "",
    Disposition.MESSAGE: "rejoint",
    Disposition.COPY: "déjà reçu :",
}


@dataclass(frozen=True, slots=True)
class UploadLine:
    """A file of a deposit in words: what became of it, and where that is seen."""

    before: str
    words: str
    url: str
    pending: bool = False


@dataclass(frozen=True, slots=True)
class DepositLine:
    """A deposit of the list: its hour, and its files in their order."""

    at: str
    files: Sequence[UploadLine]


async def lately(visit: Visit) -> Sequence[DepositLine]:
    """Returns the last deposits of scans that the person uploaded today, as lines of a list."""
    site = visit.applied.site
    found = await counter_deposits.last_deposits(
        visit.connection,
        site.identity.id,
        PersonId(visit.person.id),
        visit.midnight,
        SHOWN,
    )
    waiting = [deposit.deposit for deposit in found if _waits(deposit)]
    refused = frozenset[UUID]()
    if waiting:
        async with visit.apart():
            refused = await asyncio.to_thread(_refused, visit.settings.spool, waiting)
    return [
        DepositLine(
            labels_fr.moment(deposit.at, site.zone).partition(" à ")[2],
            [_line(file, refused=deposit.deposit in refused) for file in deposit.files],
        )
        for deposit in found
    ]


def _waits(deposit: CounterDeposit) -> bool:
    return any(file.word is None for file in deposit.files)


def _refused(spool: Path, deposits: Sequence[UUID]) -> frozenset[UUID]:
    """Those that ingest could not read, and put beside the spool for a person (blocks)."""
    apart = spool / REFUSED
    return frozenset(id_ for id_ in deposits if any(apart.glob(f"*-{id_}*")))


def _line(file: UploadedFile, *, refused: bool) -> UploadLine:
    if file.word is None and refused:
        return UploadLine("", UNREADABLE, "")
    if file.word is None:
        return UploadLine("", "en cours de lecture", "", pending=True)
    if file.chrono is not None:
        return UploadLine(_WITH.get(file.word, ""), file.chrono, f"/courrier/{file.chrono}")
    words, url = _APART.get(file.word, (labels_fr.WORDS[file.word], ""))
    return UploadLine("", words, url)
