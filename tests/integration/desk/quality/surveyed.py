"""A register with a campaign of the survey: opened, sheets typed, closed, sealed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from services.desk.domain.survey_lines import SheetRow
from services.desk.quality import survey_job
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.invitation_service import InvitationDesk
from services.desk.quality.store import invitations
from services.desk.quality.store import survey as store
from services.desk.store import invitation_mails, quality
from services.desk.store.invitation_mails import ToldInvitation
from services.desk.store.quality import Author
from shared.facts.envelope import ItemId, NoticeId
from shared.facts.origin import SESSION
from shared.facts.quality.survey import InvitationsDrawn
from shared.platform.database import Pool, transaction
from shared.site import store as rules
from tests.desk_browser import Browser
from tests.integration.desk.quality.measured import at

HOME = "/qualite/enquetes"
ONE = f"{HOME}/1"
OPENED = datetime(2026, 7, 2, 8, 0, tzinfo=UTC)
SEALED = OPENED + timedelta(minutes=20)
"""A quarter of an hour and more after the closing."""
ANSWERS: Sequence[tuple[str, Sequence[int | None], int]] = (
    ("paper", (4, 4, 0), 60),
    ("paper", (1, 4, 3), 30),
    ("paper", (2, 3, None), 10),
    ("counter", (3, 4, 2), 40),
    ("counter", (2, 4, 3), 20),
    ("telephone", (4, 4, 1), 20),
    ("telephone", (1, 4, 3), 10),
    ("poster", (4, 1, 4), 6),
    ("poster", (2, 1, None), 4),
)
"""The two hundred sheets of tests/unit/desk/test_survey_results.py."""


async def officer_at(
    pool: Pool, postgres_url: str, folder: Path, moment: datetime = OPENED
) -> Browser:
    """The quality officer at a moment."""
    return await Browser(await at(pool, postgres_url, folder, moment)).sign_in("q.officer")


async def opened(officer: Browser, form: str = "usagers-1") -> str:
    """A campaign is opened; the page of it."""
    return await officer.to(await officer.send(HOME, HOME, {"questionnaire": form}))


async def typed(officer: Browser, answers: str, page: str = f"{ONE}/saisie", **fields: str) -> str:
    """A sheet is typed; the page of the next."""
    said = {"reponses": answers, "canal": "counter", "lieu": "pan", "encore": "", "corriger": ""}
    return await officer.to(await officer.send(page, f"{ONE}/saisie", {**said, **fields}))


async def came(
    pool: Pool,
    answers: Sequence[tuple[str, Sequence[int | None], int]] = ANSWERS,
    campaign: int = 1,
) -> None:
    """Sheets are kept as the job and the screen keep them."""
    async with transaction(pool) as connection:
        for channel, one, times in answers:
            for _ in range(times):
                row = SheetRow(uuid4(), channel, "pan", "2026-W27", one)
                assert await store.keep_sheet(connection, campaign, row)


async def looks(
    pool: Pool, moment: datetime, seen: Mapping[int, set[UUID]] | None = None
) -> Mapping[int, set[UUID]]:
    """The job looks what is to be sealed."""
    async with transaction(pool) as connection:
        applied = await rules.current(connection)
        return await survey_job.seal(connection, applied, moment, seen or {})


async def closed(officer: Browser, number: int = 1) -> None:
    """A campaign is closed."""
    one = f"{HOME}/{number}"
    said = {"absents": "Les personnes reçues le samedi."}
    await officer.to(await officer.send(one, f"{one}/clore", said))


async def invites(pool: Pool, share: int = 25) -> None:
    """The campaign invites by mail, and one draw was made."""
    async with transaction(pool) as connection:
        table = (await rules.current(connection)).site.survey
        author = Author("indre", "person:q.officer", OPENED, SESSION)
        desk = InvitationDesk(connection, author, table, OPENED.date(), reached=True)
        await desk.open(1, share, OPENED.date())
        one = (await store.campaigns(connection))[0]
        items = [uuid4() for _ in range(12)]
        await quality.state(
            connection,
            author,
            one.subject,
            InvitationsDrawn,
            first=OPENED.date(),
            last=OPENED.date(),
            page="https://ecrire.prefecture.example/enquete/abcdefgh",
            items=tuple(items),
            left_out={"not_drawn": 31, "complaint": 3, "official": 4, "of_tomorrow": 1},
        )
        drawn = {NoticeId(uuid4()): ItemId(item) for item in items}
        await invitations.keep(connection, 1, drawn, OPENED.date())
        told = [("sent", None)] * 9 + [("withdrawn", "refused"), ("bounced", "5.1.1")]
        await invitation_mails.keep(
            connection,
            [
                ToldInvitation(notice, state, why, OPENED, 2)
                for notice, (state, why) in zip(drawn, told, strict=False)
            ],
        )


async def campaign(pool: Pool, number: int = 1) -> SurveyCampaign:
    """A campaign as its facts make it."""
    async with transaction(pool) as connection:
        return (await store.campaigns(connection))[number - 1]
