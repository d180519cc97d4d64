"""A reader of mails that one mail stops for good, and what is in hand meanwhile."""

import threading

from services.ingest.domain.mail import Mail, UnreadableMail
from tests.integration.ingest.bench import Bench
from tests.local_mails import LocalMailParser

DEADLY = "Ce courrier tue."


class Deadly(LocalMailParser):
    """Reads mails, and stops for good at the deadly one."""

    def __init__(self) -> None:
        self.opened = list[bytes]()
        self.stopped = threading.Event()
        self.released = threading.Event()

    def read(self, octets: bytes) -> Mail | UnreadableMail:
        self.opened.append(octets)
        if DEADLY.encode() in octets:
            self.stopped.set()
            self.released.wait(60)
        return super().read(octets)


async def in_hand(bench: Bench) -> dict[int, int]:
    rows = await bench.pool.fetch("SELECT uid, deaths FROM ingest.in_hand ORDER BY uid")
    return {row["uid"]: row["deaths"] for row in rows}
