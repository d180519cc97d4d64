"""An event on its pages, opened and worded by two persons: the SG and the head of the cabinet."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.desk.quality.domain.events import CrisisEvent
from services.desk.quality.store import events as store
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.integration.desk.quality.measured import at

HOME: Final = "/evenement"
ONE: Final = f"{HOME}/1"
NOW: Final = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
LINE: Final = "Crue : appelez le 02 54 00 00 00 ou lisez indre.example/crue. Urgence : 112, 114."
REPLY: Final = "Les routes sont coupées.\n\nLes guichets rouvrent lundi."


@dataclass
class Crisis:
    """The two persons of an event, each in a session of their own."""

    pool: Pool
    secretary: Browser
    cabinet: Browser

    async def event(self, number: int = 1) -> CrisisEvent:
        async with transaction(self.pool) as connection:
            found = await store.read_event(connection, number)
        assert found is not None
        return found

    async def asked(self, nature: str = "evenement", code: str = "crue-2026") -> None:
        fields = {"nature": nature, "code": code, "fin_jour": "2026-05-14", "fin_heure": "18:00"}
        await self.cabinet.to(await self.cabinet.send(HOME, HOME, fields))

    async def opened(self, nature: str = "evenement") -> None:
        await self.asked(nature)
        await self.secretary.to(await self.secretary.send(ONE, f"{ONE}/ouvrir"))

    async def worded(self, part: str, text: str, version: int = 1) -> None:
        """The cabinet writes a text, the SG approves it."""
        said = {"partie": part, "texte": text}
        await self.cabinet.to(await self.cabinet.send(ONE, f"{ONE}/texte", said))
        await self.approved(part, version)

    async def ruled(self, words: str, sources: tuple[str, ...] = ()) -> None:
        said = {"mots": words, "sources": sources, "depuis_jour": "2026-05-11",
                "depuis_heure": "00:00"}  # fmt: skip
        await self.cabinet.to(await self.cabinet.send(ONE, f"{ONE}/regle", said))
        await self.approved("rule", 1)

    async def approved(self, part: str, version: int) -> None:
        said = {"partie": part, "version": str(version)}
        await self.secretary.to(await self.secretary.send(ONE, f"{ONE}/approuver", said))


async def crisis(pool: Pool, postgres_url: str, folder: Path, moment: datetime = NOW) -> Crisis:
    """The pages at a moment of the story, as the SG and as the cabinet see them."""
    pages = await at(pool, postgres_url, folder, moment)
    secretary = await Browser(pages).sign_in("s.general")
    return Crisis(pool, secretary, await Browser(pages).sign_in("j.head"))
