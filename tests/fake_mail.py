"""A mail folder in memory: the second form of `MailSource`, under the same contract test."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from services.ingest.mailbox import AccessRefused, Fetched, MailFailure
from services.ingest.wake_up import WakeUp


@dataclass
class FakeFolder:
    """What lies on the imagined server."""

    uidvalidity: int = 1
    mails: dict[int, tuple[datetime, bytes]] = field(default_factory=dict)
    marked: set[int] = field(default_factory=set)
    last_uid: int = 0
    away: bool = False
    refuses: bool = False

    def deliver(self, octets: bytes, at: datetime = datetime(2026, 5, 11, 8, tzinfo=UTC)) -> int:
        """A mail arrives; its UID."""
        self.last_uid += 1
        self.mails[self.last_uid] = (at, octets)
        return self.last_uid


class FakeSource:
    """A connection to the imagined server."""

    def __init__(
        self, folder: FakeFolder, *, largest: int = 60_000_000, marks: bool = True
    ) -> None:
        self._marks = marks
        self._folder = folder
        self._largest = largest
        self._listed = 0

    def open(self) -> int:
        if self._folder.refuses:
            raise AccessRefused("The server refuses user or password of mailbox fake.")
        self._there()
        return self._folder.uidvalidity

    def uids(self, above: int = 0) -> list[int]:
        self._there()
        self._listed = self._folder.last_uid
        return sorted(uid for uid in self._folder.mails if uid > above)

    def uids_since(self, day: date) -> list[int]:
        return sorted(uid for uid, (at, _) in self._folder.mails.items() if at.date() >= day)

    def sizes(self, uids: Sequence[int]) -> Mapping[int, int]:
        self._there()
        return {uid: len(self._folder.mails[uid][1]) for uid in uids if uid in self._folder.mails}

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        self._there()
        found = []
        for uid in uids:
            if uid in self._folder.mails:
                at, octets = self._folder.mails[uid]
                fault = "mail-too-large" if len(octets) > self._largest else ""
                found.append(
                    Fetched(uid, at, octets.partition(b"\r\n\r\n")[0] if fault else octets, fault)
                )
        return found

    def mark(self, uids: Sequence[int]) -> None:
        self._there()
        if self._marks:
            self._folder.marked |= set(uids)

    def wait(self, longest: float, stop: WakeUp) -> None:
        deadline = time.monotonic() + longest
        while self._folder.last_uid == self._listed and time.monotonic() < deadline:
            if stop.is_set():
                return
            time.sleep(0.005)

    def close(self) -> None:
        pass

    def _there(self) -> None:
        if self._folder.away:
            raise MailFailure("Mailbox fake: the server is away.")
