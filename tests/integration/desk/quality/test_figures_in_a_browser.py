"""Pages of figures in Chromium, in both themes: whole on a screen and a phone, and for axe."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser
from pydantic import SecretStr

from services.desk.quality import weekly_figures
from services.desk.quality.committee_service import CommitteeDesk
from services.desk.quality.domain.new_statements import NewFinding, NewProof
from services.desk.quality.label_service import LabelService
from services.desk.quality.measure_service import MeasureDesk
from services.desk.quality.store import committee as committee_store
from services.desk.store.quality import Author
from shared.facts.origin import SESSION
from shared.facts.quality.committee import College, GroupKind
from shared.facts.quality.label import FindingGrade, ProofHeld
from shared.facts.quality.measures import MeasureSource, SourceKind
from shared.platform.clock import open_clock
from shared.platform.database import Connection, Pool, transaction
from shared.site import replacements
from shared.site import store as site_store
from shared.site.difference import NumberReplaced
from shared.site.replacements import LimitsMoved, ReplacementRequest
from shared.site.staff.people_store import people_at
from tests.desk_builders import an_applied_site
from tests.e2e.browser import WIDE, Person
from tests.integration.desk.closed import JULY, close
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.integration.desk.windows import PHONE, THEMES, Windows, windows
from tests.layout_faults import ZOOMED, faults, look
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

LARGE = (1440, 900)
NARROW = (360, 740)
LABEL = "/qualite/label"
PAGES = (
    "/chiffres",
    "/chiffres/mois/2026-05",
    "/chiffres/annee/2026",
    "/chiffres/mois/2026-05/retards",
    "/chiffres/annee/2026/reclamations",
    "/chiffres/mois/2026-05/hors-perimetre",
    "/chiffres/annee/2026/cheminement",
    "/qualite",
    "/qualite/semaine",
    "/qualite/groupes",
    "/qualite/groupes/1",
    "/qualite/groupes/1/reunions/1",
    LABEL,
    f"{LABEL}/engagements/courriers",
    f"{LABEL}/engagements/telephone",
    f"{LABEL}/calendrier",
    f"{LABEL}/referentiel",
    f"{LABEL}/perimetre",
    f"{LABEL}/perimetre/essai?service=bmi&sens=hors&jour=2026-05-01",
    f"{LABEL}/constats",
    f"{LABEL}/constats/1",
    f"{LABEL}/dossier",
    "/qualite/nombres",
)


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    """May is closed, June is not, July has begun."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    await put(pool, drawn(5, 400))
    await pool.execute(
        """
        UPDATE desk.items SET theme = CASE WHEN right(chrono, 1) < '5' THEN 'appointments'
                                           WHEN right(chrono, 1) < '8' THEN 'website' END
        WHERE nature = 'complaint'
        """
    )
    await pool.execute("UPDATE desk.items SET late_cause = 'signature' WHERE chrono LIKE '%3'")
    await close(pool, early=True)
    await pool.execute("UPDATE desk.clocks SET outcome = 'kept' WHERE outcome = 'closed'")
    await label_begun(pool)
    await group_begun(pool)
    async with one_transaction(postgres_url) as owner:
        await number_asked_for(owner)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    async with windows(pool, clock, tmp_path, chrome, request.param) as one:
        yield one


async def number_asked_for(owner: Connection) -> None:
    """Two numbers of the label wait for a second person, with deadlines that would move."""
    numbers = [
        NumberReplaced("commitments.reponse-courrier", "15 jours_ouvres", "10 jours_ouvres"),
        NumberReplaced("essai-1.telephone.every", "6", "12"),
    ]
    moved = [LimitsMoved("reply", 12, 1, 0), LimitsMoved("receipt", 0, 0, 3)]
    request = ReplacementRequest(
        an_applied_site().digest, "a" * 64, numbers, moved, "Denis Faure", "exploitation", "relu"
    )
    assert (await replacements.keep(owner, request, JULY)).number == 1


async def group_begun(pool: Pool) -> None:
    """A COPIL with a member, a meeting and a decision; the week before is stated."""
    async with transaction(pool) as connection:
        author = Author("indre", "person:q.officer", JULY, SESSION)
        applied = await site_store.current(connection)
        people = await people_at(connection, JULY)
        number = await CommitteeDesk(connection, author, applied, people).form(
            GroupKind.STEERING, "COPIL qualité"
        )
        copil = CommitteeDesk(connection, author, applied, people, number)
        await copil.appoint("Odette Vannier", "directrice", College.ADMINISTRATION)
        await copil.call(JULY + timedelta(days=7), "Salle Sand")
        meeting = (await committee_store.committee(connection, number)).meetings[1]
        decided = MeasureSource(kind=SourceKind.DECISION, about=meeting.subject, number=1)
        measures = MeasureDesk(connection, author, applied, people, JULY.date())
        await measures.open(decided, "Relire la boîte.", "a.gent", date(2026, 7, 10))
        assert await weekly_figures.state(connection, applied, JULY) is not None


async def label_begun(pool: Pool) -> None:
    """A label of June 2025, with a proof that is old and one that shows a gap."""
    async with transaction(pool) as connection:
        framework = (await site_store.current(connection)).site.quality.current
        assert framework is not None
        author = Author("indre", "person:q.officer", JULY, SESSION)
        people = await people_at(connection, JULY)
        label = LabelService(connection, author, framework, people, JULY.date())
        await label.set_date(date(2025, 6, 15), "")
        row = framework.engagement["telephone"]
        old = NewProof(
            row.evidence[0], date(2025, 6, 1), ProofHeld.YES, remark="Dix appels, dix réponses."
        )
        await label.file_proof(row, old)
        gap = NewProof(
            row.evidence[0], date(2026, 6, 1), ProofHeld.NO, remark="Deux appels perdus."
        )
        await label.file_proof(row, gap)
        found = "Deux appels sur dix restent sans réponse."
        day = date(2026, 6, 20)
        stated = NewFinding(FindingGrade.MINOR, "audit-interne", 1, day, found)
        await label.state_finding(row, stated)


async def test_figures_are_whole_and_accessible_in_every_window(
    desk: Windows, request: pytest.FixtureRequest
) -> None:
    wrong = []
    theme = request.node.callspec.id  # the pictures' names
    async with desk.of("q.officer") as page:
        person = Person(page, desk.home)
        for url in PAGES:
            assert await person.go(url) == 200, url
            assert "Aucune demande n’attend" not in await person.text(), url
            for size in (LARGE, NARROW, ZOOMED):
                wrong += [f"{url} {size[0]}: {fault}" for fault in await faults(page, size)]
                await look(page, f"{theme}-{size[0]}{url.replace('/', '-')}")
            await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            wrong += [f"{url} {PHONE[0]}: {fault}" for fault in await person.broken_rules()]
            await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
            wrong += [f"{url}: {fault}" for fault in await person.violations()]
    assert not wrong, "\n".join(wrong)


async def test_the_month_before_is_one_key_away_and_a_chart_says_its_numbers(
    desk: Windows,
) -> None:
    async with desk.of("s.general") as page:
        person = Person(page, desk.home)
        await person.go("/chiffres/mois/2026-06")
        await person.press_on("p")
        assert page.url.endswith("/chiffres/mois/2026-05")
        drawing = page.get_by_role("img", name="Réponses à temps par service, mai 2026")
        assert "Tous les services : " in (await drawing.locator("desc").text_content() or "")
        await person.go("/chiffres")
        assert "Aucune réponse n’a été promise dans ce mois." in await person.text()
