"""`/regles/repetition`: the rehearsals that were kept, and what one of them says."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from bs4 import BeautifulSoup

from services.desk.domain.rehearsals import (
    HearerCount,
    KeptChange,
    NewRehearsal,
    PromisedDays,
    RehearsalKind,
    RehearsalSummary,
    RehearsedRate,
)
from services.desk.store import rehearsals as store
from shared.facts.vocabulary import ClockName
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.site.tables.commitments import Unit
from tests.desk_browser import Browser, pages
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

NOW = datetime(2026, 6, 9, 8, 0, tzinfo=UTC)
SUMMARY = RehearsalSummary(
    items=1204, differing=2, changes=3, ahead={"limit": 1, "rung": 1}, past={"result": 1},
    before={"reply": RehearsedRate(kept=90, due=100)},
    after={"reply": RehearsedRate(kept=61, due=100)},
    hearers={"head": HearerCount(before=0, after=4)}, persons=2, failed=1,
    days=(
        PromisedDays(
            clock=ClockName.REPLY, line="reponse-courrier", before=15, after=10,
            unit=Unit.JOURS_OUVRES,
        ),
    ),
)  # fmt: skip


def a_change(thing: str, was: str, would: str, /, **given: object) -> KeptChange:
    said: dict[str, object] = {
        "item_id": str(UUID(int=1)), "chrono": "36-2026-A-000001", "service": "bmi",
        "reserved": False, "subject": "reply", "name": "", "ahead": True, "cause": "days",
        "detail": "commitments.reponse-courrier: 15 → 10",
    }  # fmt: skip
    return KeptChange(thing=thing, was=was, would=would, **{**said, **given})  # type: ignore[arg-type]  # as a test says


CHANGES = (
    a_change("limit", "2026-06-03", "2026-05-27"),
    a_change("rung", "2026-06-04 holder", "2026-05-28 holder,head", name="j+1", cause="ladder"),
    a_change(
        "result", "kept", "late", ahead=False, reserved=True, chrono="36-2026-A-000002",
        service="dre",
    ),
)  # fmt: skip


def a_rehearsal(**given: object) -> NewRehearsal:
    said: dict[str, object] = {
        "kind": RehearsalKind.RULES, "author": "H. Marchand", "why": "avant le comité",
        "as_of": NOW, "month": None, "applied": 1, "before_digest": "a", "after_digest": "b",
        "release": None, "undeclared": 0, "summary": SUMMARY,
        "lines": ["commitments.commitments.reponse-courrier.days: 15 → 10"],
    }  # fmt: skip
    return NewRehearsal(**{**said, **given})  # type: ignore[arg-type]  # as a test says


@pytest.fixture
async def people(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> AsyncIterator[Mapping[str, Browser]]:
    site = pages(pool, story_clock, tmp_path)
    found = {who: await Browser(site).sign_in(who) for who in ("q.officer", "s.general", "a.gent")}
    yield found
    for browser in found.values():
        await browser.client.aclose()


async def kept(url: str, what: NewRehearsal, changes: Sequence[KeptChange] = CHANGES) -> int:
    """A rehearsal as the command keeps it, under the command's own role."""
    async with one_transaction(url) as connection:
        return await store.keep(connection, what, changes, NOW)


def rows(page: str) -> list[list[str]]:
    """The table of changes."""
    found = BeautifulSoup(page, "html.parser").select("#courriers ~ .scroll tbody tr")
    return [
        [cell.get_text(" ", strip=True).replace("\xa0", " ") for cell in row.select("th, td")]
        for row in found
    ]


async def test_a_rehearsal_says_rates_counts_hearers_and_each_change(
    people: Mapping[str, Browser], postgres_url: str
) -> None:
    await kept(postgres_url, a_rehearsal())
    listed = (await people["q.officer"].page("/regles/repetition")).replace("\xa0", " ")
    assert "Règles proposées" in listed
    assert "avant le comité" in listed
    page = await people["q.officer"].page("/regles/repetition/1")
    text = BeautifulSoup(page, "html.parser").get_text(" ", strip=True).replace("\xa0", " ")
    assert "2 courriers sur 1204 seraient traités autrement." in text
    assert (
        "Avec 10 jours ouvrés au lieu de 15, 61 % auraient été tenus (réponse, ligne"
        " reponse-courrier)." in text
    )
    assert "90 sur 100, soit 90 % (entre 83 et 94 %)" in text
    assert "61 sur 100, soit 61 % (entre 51 et 70 %)" in text
    assert "À venir : date limite 1, rappel 1." in text
    assert "Passé, qui aurait été autrement : résultat 1." in text
    assert "2 personnes entendraient autre chose" in text
    assert "1 courrier n’a pu être ni lu ni rejoué" in text
    limit, rung, result = rows(page)
    assert limit[0] == "36-2026-A-000001"
    assert limit[2:5] == [
        "date limite : Réponse", "Aujourd’hui : 03/06/2026", "Autrement : 27/05/2026"
    ]  # fmt: skip
    assert rung[2] == "rappel : Réponse (j+1)"
    told = "l’agent ou le responsable du service, le responsable du service"
    assert rung[4] == f"Autrement : 28/05/2026 : {told}"
    assert result[3:5] == ["Aujourd’hui : tenu", "Autrement : non tenu passé"]


async def test_a_reserve_item_has_no_number_save_for_whoever_reads_all(
    people: Mapping[str, Browser], postgres_url: str
) -> None:
    await kept(postgres_url, a_rehearsal())
    for who, number in (("q.officer", "réservé"), ("s.general", "36-2026-A-000002")):
        page = await people[who].page("/regles/repetition/1")
        assert [row[0] for row in rows(page)] == ["36-2026-A-000001"] * 2 + [number]


async def test_changes_are_filtered_and_go_on_page_by_page(
    people: Mapping[str, Browser], postgres_url: str
) -> None:
    many = [a_change("limit", "2026-06-03", "2026-05-27") for _ in range(100)]
    await kept(postgres_url, a_rehearsal(), [*many, *CHANGES])
    officer = people["q.officer"]
    page = await officer.page("/regles/repetition/1?objet=rung")
    assert [row[2] for row in rows(page)] == ["rappel : Réponse (j+1)"]
    assert len(rows(await officer.page("/regles/repetition/1?service=dre"))) == 1
    assert len(rows(await officer.page("/regles/repetition/1?cause=ladder"))) == 1
    assert "Rien avec ces filtres." in await officer.page("/regles/repetition/1?objet=x&service=y")
    first = await officer.page("/regles/repetition/1")
    assert len(rows(first)) == 100
    onward = BeautifulSoup(first, "html.parser").find("a", string="Page suivante")
    assert onward is not None
    assert len(rows(await officer.page(str(onward["href"])))) == 3


async def test_whoever_applies_no_rules_sees_no_rehearsal(
    people: Mapping[str, Browser], postgres_url: str
) -> None:
    await kept(postgres_url, a_rehearsal())
    assert (await people["a.gent"].get("/regles/repetition")).status_code == 403
    assert (await people["a.gent"].get("/regles/repetition/1")).status_code == 403
    assert (await people["q.officer"].get("/regles/repetition/2")).status_code == 404


async def test_a_month_and_a_refused_release_are_named(
    people: Mapping[str, Browser], postgres_url: str
) -> None:
    await kept(postgres_url, a_rehearsal(kind=RehearsalKind.MONTH, month=date(2026, 3, 1)), [])
    await kept(
        postgres_url, a_rehearsal(kind=RehearsalKind.RELEASE, release="0.2.0", undeclared=4), []
    )
    listed = (await people["q.officer"].page("/regles/repetition")).replace("\xa0", " ")
    assert "Les règles d’aujourd’hui, courrier de mars 2026" in listed
    assert "Version 0.2.0 du programme" in listed
    page = (await people["q.officer"].page("/regles/repetition/2")).replace("\xa0", " ")
    assert "mise à jour refusée" in page
    assert "4 changements que cette version n’annonce pas." in page
