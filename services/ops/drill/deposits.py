"""Deposits that were acknowledged before a drill began and that nobody had taken in yet.

A form's deposit is on the disk before its sender has an answer; `ingest` removes it once the base
has it. The spool is copied before the base is: what is gone meanwhile must be in the base.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from shared.content import spool, survey_spool
from shared.content.keyring import IN_CLEAR, Keyring
from shared.content.spool import FormDeposit, UploadDeposit
from shared.errors import PermanentFailure
from shared.facts.ids import arrival_id
from shared.platform.database import Connection

_OF_THE_SURVEY = {".json", ".stop"}
"""Sheets, and refusals of its emails."""
_TAKEN = "SELECT arrival_id FROM ingest.arrivals WHERE arrival_id = ANY($1::uuid[])"


@dataclass(frozen=True, slots=True)
class WaitingDeposits:
    """The deposits waiting in a spool at one moment: by folder, the arrivals they become."""

    arrivals: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    sheets: frozenset[str] = frozenset()
    """Names of the files of the survey."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """By folder, why nobody can open it: the key was destroyed, say."""

    def __len__(self) -> int:
        return len(self.arrivals) + len(self.sheets) + len(self.unreadable)


def waiting_deposits(folder: Path, site: str, keyring: Keyring = IN_CLEAR) -> WaitingDeposits:
    """Reads which whole deposits wait in a spool; blocks the calling thread.

    Raises TemporaryFailure: the disk is away, or the key of a deposit missing.
    """
    found, unreadable = {}, {}
    for path in spool.waiting_folders(folder):
        try:
            what, _ = spool.read(path, keyring)
        except PermanentFailure as failure:
            if path.exists():  # else taken in meanwhile, or set aside: ingest says so
                unreadable[path.name] = str(failure)
            continue
        found[path.name] = frozenset(arrival_id(site, spool.SOURCE, name) for name in _named(what))
    sheets = (folder / survey_spool.FOLDER).glob("*.*")
    said = (path.name for path in sheets if path.suffix in _OF_THE_SURVEY)
    return WaitingDeposits(found, frozenset(said), unreadable)


async def missing_deposits(
    before: WaitingDeposits, copied: WaitingDeposits, live: Path, base: Connection
) -> list[str]:
    """Returns the deposits that are neither in the spool's copy nor in the restored database."""
    gone = {name: ids for name, ids in before.arrivals.items() if name not in copied.arrivals}
    wanted = [arrival for ids in gone.values() for arrival in ids]
    taken = {row["arrival_id"] for row in await base.fetch(_TAKEN, wanted)}
    lost = [name for name, ids in gone.items() if not ids <= taken]
    # A sheet has no name in the base: it was taken in if it is in the spool no more.
    return sorted([*lost, *_still(before.sheets - copied.sheets, live)])


def _still(sheets: Iterable[str], live: Path) -> list[str]:
    return [name for name in sheets if (live / survey_spool.FOLDER / name).exists()]


def _named(what: spool.SpooledRequest) -> list[str]:
    """The names by which ingest makes arrivals of a deposit; a request becomes none."""
    match what:
        case FormDeposit():
            return [str(what.id)]
        case UploadDeposit():
            return [f"{what.id}:{number}" for number in range(len(what.files))]
        case _:
            return []
