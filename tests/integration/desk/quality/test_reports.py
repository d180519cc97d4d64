"""Late replies, complaints and what is outside: as many as the figures say, and who did what."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr
from python_calamine import CalamineWorkbook

from services.desk import statements
from services.desk.domain.stamp import Stamp
from services.desk.pages.quality import late_replies
from services.desk.quality.domain.complaints import ComplaintTable
from services.desk.quality.domain.figures import COMPLAINT, COURSES, OUTSIDE, REPLY
from services.desk.quality.domain.passages import PROOFS
from services.desk.quality.store import reports
from services.desk.quality.store.figures import FigureQuestion, figures
from services.desk.store import items as item_rows
from shared.facts.clocks import Outcome
from shared.facts.envelope import ItemId
from shared.facts.items import ITEMS
from shared.facts.items.routing import ItemReclassified
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site import store
from tests.desk_browser import Browser, pages
from tests.desk_builders import certain, proposed
from tests.integration.desk.clocked import NOW, items, starts, stops
from tests.integration.desk.closed import JULY, MAY
from tests.integration.desk.quality.drawn_items import SERVICES, drawn, put
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

JUNE = date(2026, 6, 1)


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    """The référent qualité, on the second of July."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    browser = await Browser(pages(pool, clock, tmp_path)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


@pytest.mark.parametrize("service", [None, "bmi"])
async def test_the_reports_of_drawn_items_are_as_many_as_their_figures(
    officer: Browser, pool: Pool, service: str | None
) -> None:
    del officer  # the story's moment
    await put(pool, drawn(11, 1500))
    await pool.execute("UPDATE desk.items SET theme = 'website' WHERE chrono LIKE '%1'")
    asked = FigureQuestion(MAY, JUNE, service)
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        table = await figures(connection, asked)
        late = await reports.late_replies(connection, asked, applied.site.zone)
        complaints = ComplaintTable("complaint", await reports.complaints(connection, asked))
        outside = await reports.outside(connection, asked)
    for name in SERVICES:
        mine = [reply for reply in late if reply.service == name]
        figure = table.of(REPLY, name)
        assert sum(reply.ended for reply in mine) == figure.late
        assert sum(not reply.ended for reply in mine) == figure.overdue
    every, figure = complaints.of().figure, table.of(COMPLAINT)
    assert every.n > 10
    for what in ("k", "n", "low", "high", "late", "overdue", "unanswered", "open", "observed"):
        assert getattr(every, what) == getattr(figure, what), what
    for channel in complaints.channels:
        assert complaints.of(channel=channel).figure.n == table.of(COMPLAINT, channel=channel).n
    assert sum(complaints.of(theme).received for theme in complaints.themes) == (
        complaints.of().received
    )
    assert complaints.themes == ["", "website"]
    assert sum(count.n for count in outside) == table.of(OUTSIDE).k


async def _reclassified(pool: Pool, item: ItemId, at: datetime, *, reason: str | None) -> None:
    """b.head puts it outside for a reason; without one, back inside."""
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        kept = await item_rows.lock(connection, [item])
        before = kept[item].item
        what = before.classification.model_copy(
            update={"perimeter": reason is None, "reason": reason}
        )
        stamp = Stamp(item, before.seq, uuid4(), "person:b.head", at)
        said = ItemReclassified(**stamp(1), classification=what)
        await statements.state(connection, kept, [said], applied.site.zone)


async def test_what_is_outside_is_told_by_reason_by_whom_and_whether_it_was_late(
    officer: Browser, pool: Pool
) -> None:
    rule, guess = (
        await items(pool, "a", routing=certain("facture", "dre")),
        await items(pool, "b", routing=proposed("facture")),
    )
    early, late, back = await items(pool, "c", "d", "e")
    assert rule
    assert guess
    for item in (early, late, back):
        await starts(pool, item)  # until 19 May
    before, after = (datetime(2026, 5, day, 9, tzinfo=UTC) for day in (18, 20))
    await _reclassified(pool, early, before, reason="doublon")
    await _reclassified(pool, late, after, reason="doublon")
    await _reclassified(pool, back, after, reason="doublon")
    await _reclassified(pool, back, after + timedelta(hours=1), reason=None)
    async with transaction(pool) as connection:
        found = await reports.outside(connection, FigureQuestion(MAY, MAY))
    assert sorted((count.reason, count.way.value, count.n, count.late) for count in found) == [
        ("doublon", "person", 2, 1),
        ("invoice", "proposal", 1, 0),
        ("invoice", "rule", 1, 0),
    ]
    page = await officer.page("/chiffres/mois/2026-05/hors-perimetre")
    assert "<strong>4</strong> courriers hors périmètre" in page
    assert "<strong>1</strong> était déjà en retard" in page
    answer = await officer.get("/chiffres/annee/2026/hors-perimetre/chiffres.csv")
    assert answer.status_code == 200
    assert "Proposition non confirmée" in answer.content.decode("utf-8-sig")


async def test_a_late_reply_is_listed_with_its_stages_and_cause_and_hidden_where_it_is_reserved(
    officer: Browser, pool: Pool
) -> None:
    late, secret, kept, other = await items(pool, "a", "b", "c", "d")
    for item in (late, secret, kept, other):
        await starts(pool, item)
    await stops(pool, late, 2, Outcome.LATE)
    await stops(pool, kept, 2, Outcome.KEPT)
    await pool.execute(
        "UPDATE desk.items SET confidentiality = 'reserve', was_reserved = true"
        " WHERE item_id = ANY ($1::uuid[])",
        [secret, other],
    )
    await pool.execute(
        "UPDATE desk.items SET late_cause = 'tool', answered_at = $2 WHERE item_id = $1",
        late, datetime(2026, 5, 20, 9, tzinfo=UTC) + timedelta(hours=1),
    )  # fmt: skip
    page = await officer.page("/chiffres/mois/2026-05/retards")
    assert "<strong>3</strong> réponses en retard sur 4 jugées" in page
    found = BeautifulSoup(page, "html.parser")
    links = [str(tag.text) for tag in found.select("th a[href^='/courrier/']")]
    assert links == ["36-2026-A-000001"]
    assert "2 que vous ne pouvez pas voir" in page
    book = CalamineWorkbook.from_filelike(
        BytesIO((await officer.get("/chiffres/mois/2026-05/retards/chiffres.xlsx")).content)
    )
    rows = book.get_sheet_by_index(0).to_python()[1:]
    assert [(row[0], row[1], row[-2], row[-1]) for row in rows] == [
        ("36-2026-A-000001", "mai 2026", "outil", 1),
        ("non visible", "mai 2026", "", 2),
    ]
    assert rows[1][2]  # the service
    assert set(rows[1][3:-1]) == {""}, "nothing of an item that the reader may not know"


async def test_late_replies_are_listed_page_by_page_each_once(
    officer: Browser, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_replies, "SHOWN", 2)
    found = await items(pool, "a", "b", "c", "d", "e")
    for item in found:
        await starts(pool, item)
        await stops(pool, item, 2, Outcome.LATE)
    url, seen, pages_seen = "/chiffres/mois/2026-05/retards?service=bmi", list[str](), 0
    while url:
        page = BeautifulSoup(await officer.page(url), "html.parser")
        seen += [str(tag.text) for tag in page.select("th a[href^='/courrier/']")]
        back = page.find("a", string="Retour au début")
        assert (back is None) == (pages_seen == 0)
        following = page.select_one("nav[aria-label='Pages de la liste'] a[rel=next]")
        url, pages_seen = str(following["href"]) if following else "", pages_seen + 1
        assert not url or "service=bmi" in url
    assert seen == [f"36-2026-A-00000{n}" for n in range(1, 6)]
    assert pages_seen == 3
    beyond = await officer.page("/chiffres/mois/2026-05/retards?apres=99")
    assert "Retour au début" in beyond


async def test_what_was_closed_without_a_reply_is_said_to_be_so_and_counts_no_day_more(
    officer: Browser, pool: Pool
) -> None:
    (closed,) = await items(pool, "a")
    await starts(pool, closed)
    await stops(pool, closed, 2, Outcome.LATE)
    await pool.execute(
        "UPDATE desk.clocks SET stopped_at = $2 WHERE item_id = $1",
        closed, datetime(2026, 5, 20, 9, tzinfo=UTC),
    )  # fmt: skip
    async with transaction(pool) as connection:
        (found,) = await reports.late_replies(
            connection, FigureQuestion(MAY, MAY), ZoneInfo("Europe/Paris")
        )
    assert (found.replied_on, found.ended_on) == (None, date(2026, 5, 20))
    page = await officer.page("/chiffres/mois/2026-05/retards")
    assert "classé sans réponse" in page
    assert "partie en retard" not in page.partition("<h2>Courriers")[2]


async def test_complaints_are_shown_by_theme_and_channel(officer: Browser, pool: Pool) -> None:
    await put(pool, drawn(12, 800))
    await pool.execute(
        "UPDATE desk.items SET theme = 'website' WHERE nature = 'complaint' AND chrono LIKE '%1'"
    )
    async with transaction(pool) as connection:
        found = await reports.complaints(connection, FigureQuestion(MAY, MAY))
    complaints = ComplaintTable("complaint", found)
    page = BeautifulSoup(await officer.page("/chiffres/mois/2026-05/reclamations"), "html.parser")
    region = page.find("div", attrs={"aria-label": "Réclamations par thème et canal, mai 2026"})
    assert region is not None
    rows = {
        row.select("th")[0].text: [cell.text for cell in row.select("td")]
        for row in region.select("tbody tr")
    }
    assert list(rows) == ["Thème pas dit", "Site internet", "Tous"]
    width = len(complaints.channels)
    for theme, said in (("", "Thème pas dit"), ("website", "Site internet"), (None, "Tous")):
        one = complaints.of(theme)
        assert int(rows[said][width]) == one.received
        assert [int(cell) for cell in rows[said][width + 1 : width + 3]] == [
            one.figure.k,
            one.figure.n,
        ]


async def _states(pool: Pool, item: ItemId, *kinds: dict[str, Any]) -> None:
    """Facts of b.head about an item: `type` and its fields."""
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        kept = await item_rows.lock(connection, [item])
        stamp = Stamp(item, kept[item].item.seq, uuid4(), "person:b.head", NOW)
        said = [
            ITEMS.validate_python({**stamp(n), **fields}) for n, fields in enumerate(kinds, start=1)
        ]
        await statements.state(connection, kept, said, applied.site.zone)


async def test_how_letters_went_through_the_house_is_counted_from_their_facts(
    officer: Browser, pool: Pool
) -> None:
    moved, sorted_late, plain, undone = await items(pool, "a", "b", "c", "d")
    (unsorted,) = await items(pool, "e", routing=proposed())
    to_dre = {"type": "ItemAssigned", "service": "dre"}
    composed = {"template": "reponse@1"}
    await _states(pool, moved, to_dre, {"type": "ReplySent", "proof": "scanned", **composed})
    # Given to its service while it is sorted: no reassignment.
    await _states(
        pool, unsorted, to_dre, {"type": "WaitEnded", "waiting": "to_qualify"},
        {"type": "ReplySent", "proof": "declared"}, {"type": "ReplySent", "proof": "delivered"},
    )  # fmt: skip
    await _states(pool, undone, to_dre)
    fact = await pool.fetchval(
        "SELECT event_id FROM desk.facts WHERE item_id = $1 ORDER BY seq DESC LIMIT 1", undone
    )
    withdrawn = {"type": "FactWithdrawn", "fact": fact, "fact_type": "ItemAssigned"}
    await _states(pool, undone, {**withdrawn, "reason": "erreur"})
    for item, days in ((plain, 1), (sorted_late, 9)):
        await pool.execute(
            "UPDATE desk.items SET registered_at = received_at + $2::interval WHERE item_id = $1",
            item, timedelta(days=days),
        )  # fmt: skip
    await starts(pool, plain)
    await stops(pool, plain, 2, Outcome.KEPT)
    async with transaction(pool) as connection:
        found = await reports.passages(connection, FigureQuestion(MAY, MAY))
        counted = await figures(connection, FigureQuestion(MAY, MAY), COURSES)
    every = found.of()
    assert {code: (counted.of(code).k, counted.of(code).n) for code in COURSES} == {
        "enregistre-le-jour": (3, 5), "reattribue": (1, 5), "delai-deduit": (0, 1),
        "preuve": (1, 2), "grille": (1, 2),
    }  # fmt: skip
    assert (every.n, every.reassigned) == (5, 1)
    assert list(every.lags) == [3, 1, 0, 1]
    assert (every.lag_median, every.lag_ninth_decile) == (0, 9)
    assert (every.net_n, every.net_median) == (1, 4)
    assert dict(zip(PROOFS, every.proofs, strict=True)) == {
        "delivered": 0, "seen": 0, "scanned": 1, "keyed": 0, "declared": 1,
    }  # fmt: skip
    assert (found.of("dre").n, found.of("dre").reassigned) == (2, 1)
    page = await officer.page("/chiffres/mois/2026-05/cheminement")
    assert "<strong>5</strong> courriers reçus dans le périmètre" in page
    assert "1 réattribué à un autre service" in page
    answer = await officer.get("/chiffres/annee/2026/cheminement/chiffres.csv")
    assert "Réattribués" in answer.content.decode("utf-8-sig")
