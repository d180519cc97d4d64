"""The interface of who judges the mails of a folder, and what comes of a batch of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.ingest.arrival_writer import CandidateArrival
from services.ingest.mailbox import Fetched


@dataclass(frozen=True, slots=True)
class SoonRead:
    """The emails of a batch that were judged in time, and those that are to be read apart."""

    arrivals: Sequence[CandidateArrival]
    slow: Sequence[Fetched] = ()


@dataclass(frozen=True, slots=True)
class JudgedBatch:
    """The batch of emails that were fetched and judged, ready to be stored."""

    last_uid: int
    mails: Sequence[Fetched]
    arrivals: Sequence[CandidateArrival]
    unopened: Sequence[int]
    """UIDs that were in hand at two deaths."""


class MailReader(Protocol):
    """Interface that judges emails fetched from a folder and returns the arrivals to store.

    Of an inbox: mail received; of a Sent folder: replies. What does not concern us is left out.
    """

    places: bool
    """Whether every UID must be accounted for."""

    def since(self) -> datetime | None:
        """Returns the moment from which a first reading counts emails; `None`: it counts all."""
        ...

    async def arrivals(self, mails: Sequence[Fetched], uidvalidity: int) -> list[CandidateArrival]:
        """Judges emails; returns the arrivals to store, without emails that do not concern us."""
        ...

    async def arrivals_soon(self, mails: Sequence[Fetched], uidvalidity: int) -> SoonRead:
        """Judges emails as `arrivals`, those apart that take long; without `places` there are none.

        So a slow email delays those behind it by two seconds at most.
        """
        ...
