"""Corrective measures on their pages: opened in one click, done by their owner, effect re-read."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from python_calamine import CalamineWorkbook

from services.desk.quality import measure_proposals
from services.desk.quality.domain.effects import EffectWindow
from services.desk.quality.domain.measures import Measure
from services.desk.quality.measure_reminders import remind
from services.desk.quality.measure_service import EffectFigure, MeasureDesk
from services.desk.quality.store import measures as store
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts.origin import SESSION
from shared.facts.quality import QUALITY
from shared.facts.quality.measures import (
    EffectRead,
    MeasureSource,
    MeasureVerdict,
    QualityRung,
    SourceKind,
)
from shared.platform.database import Connection, Pool, transaction
from shared.site.staff import people_store
from tests.desk_browser import Browser
from tests.integration.desk.closed import JULY, close
from tests.integration.desk.proven import named as found_by
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.integration.desk.quality.measured import (
    DUE,
    NEW,
    ONE,
    applied,
    at,
    headings,
    in_july,
    noon,
    opens,
)

pytestmark = pytest.mark.usefixtures("live_site")

FIGURE = "?source=figure&code=reponse&premier=2026-05&service=bmi"


async def desk_at(connection: Connection, pool: Pool, now: datetime) -> MeasureDesk:
    return MeasureDesk(
        connection,
        Author("indre", "person:q.officer", now, SESSION),
        await applied(pool),
        await people_store.people_at(connection, now),
        now.date(),
    )


async def only(pool: Pool) -> Measure:
    async with transaction(pool) as connection:
        [found] = await store.every(connection)
    return found


async def rungs(pool: Pool) -> list[tuple[str, date]]:
    found = await pool.fetch(
        "SELECT payload FROM desk.quality_facts WHERE type = 'QualityRung' ORDER BY seq"
    )
    facts = [QUALITY.validate_json(row["payload"]) for row in found]
    return [(fact.rung, fact.due) for fact in facts if isinstance(fact, QualityRung)]


async def test_a_measure_is_born_beside_a_figure_and_its_owner_ends_it(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await put(pool, drawn(5, 400))
    desk = await at(pool, postgres_url, tmp_path)
    officer = await Browser(desk).sign_in("q.officer")
    owner = await Browser(desk).sign_in("a.gent")
    assert NEW in await officer.page("/chiffres/mois/2026-05")
    director = await Browser(desk).sign_in("d.rector")
    assert NEW not in await director.page("/chiffres/mois/2026-05")
    form = await officer.page(f"{NEW}{FIGURE}")
    assert "Réponse, BMI, mai 2026" in form
    assert " sur " in form  # its counts, filled in
    page = await opens(officer, query=FIGURE, seen="Trop de retards.")
    assert "Mesure n° 1 ouverte." in page
    assert "n° 1" in await owner.page("/qualite/mesures/miennes")
    refused = await owner.send(ONE, f"{ONE}/cause", {"cause": "Oubli de B.gent."})
    assert refused.status_code == 422
    assert "jamais une personne" in refused.text
    assert "Oubli de B.gent." in refused.text  # what was typed stays
    assert f"{ONE}/faite" not in await owner.page(ONE)
    await owner.to(await owner.send(ONE, f"{ONE}/cause", {"cause": "Aucun relais l’été."}))
    await owner.to(await owner.send(ONE, f"{ONE}/action", {"action": "Un suppléant nommé."}))
    done = {"preuve": "Note de service du 3 juillet."}
    await owner.to(await owner.send(ONE, f"{ONE}/faite", done))
    assert "À vérifier" in await officer.page(ONE)
    early = {"verdict": "effective", "motif": "Plus aucun retard."}
    assert "Aucun effet n’a été relu" in (await officer.send(ONE, f"{ONE}/clore", early)).text
    concluded = early | {"verdict": "unproven"}
    page = await officer.to(await officer.send(ONE, f"{ONE}/clore", concluded))
    assert "effet non établi" in page
    assert "Rouvrir" in await officer.page(ONE)
    assert "Rouvrir" not in await owner.page(ONE)
    found = await only(pool)
    assert found.source.service == "bmi"
    texts = await pool.fetch("SELECT payload FROM desk.quality_facts")
    assert not any("relais" in row["payload"] for row in texts)
    assert await found_by(pool, "quality") == []


async def test_who_is_not_concerned_meets_nothing_and_who_only_reads_decides_nothing(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    desk = await at(pool, postgres_url, tmp_path)
    await opens(await Browser(desk).sign_in("q.officer"))
    seen = {}
    for person in ("a.gent", "b.head", "d.rector", "s.general", "b.gent", "r.head", "c.lerk"):
        browser = await Browser(desk).sign_in(person)
        seen[person] = (await browser.get(ONE)).status_code
    assert seen == {
        **dict.fromkeys(("a.gent", "b.head", "d.rector", "s.general"), 200),
        **dict.fromkeys(("b.gent", "r.head", "c.lerk"), 404),
    }
    head = await Browser(desk).sign_in("b.head")
    answer = await head.send(ONE, f"{ONE}/cause", {"cause": "Une cause."})
    assert answer.status_code == 403


async def test_a_measure_is_opened_once_about_the_same_figure(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    desk = await at(pool, postgres_url, tmp_path)
    officer = await Browser(desk).sign_in("q.officer")
    await opens(officer, query=FIGURE)
    finding = await officer.page(f"{NEW}?source=finding&numero=3")
    assert "Constat d’audit\N{NO-BREAK SPACE}: n°\N{NO-BREAK SPACE}3" in finding
    fields = {"constat": "Vu.", "responsable": "a.gent", "echeance": DUE.isoformat()}
    fields |= dict(parse_qsl(FIGURE[1:]))
    again = await officer.send(f"{NEW}{FIGURE}", NEW, fields)
    assert again.status_code == 422
    assert "La mesure n° 1 est ouverte" in again.text
    past = await officer.send(NEW, NEW, fields | {"echeance": "2026-07-01"})
    assert "est passé" in past.text


async def test_each_rung_is_stated_once_and_a_day_put_off_twice_is_told(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    desk = await at(pool, postgres_url, tmp_path)
    officer = await Browser(desk).sign_in("q.officer")
    owner = await Browser(desk).sign_in("a.gent")
    await opens(officer)
    rules = await applied(pool)

    async def look(day: date) -> None:
        async with transaction(pool) as connection:
            await remind(connection, rules, noon(day))

    # DUE is Friday 10 July; 14 July is no jour ouvré.
    for day in (2, 3, 3, 6, 10, 13, 13, 15, 16, 28, 29):
        await look(date(2026, 7, day))
    assert await rungs(pool) == [("-5", DUE), ("+1", DUE), ("+3", DUE), ("+10", DUE)]
    new = date(2026, 9, 1)
    for due in (date(2026, 8, 3), new):
        changed = {"echeance": due.isoformat(), "motif": "Le prestataire tarde."}
        await owner.to(await owner.send(ONE, f"{ONE}/echeance", changed))
    for _ in range(2):
        await look(date(2026, 7, 29))
    assert (await rungs(pool))[4:] == [("postponed", new)]
    assert "reportée 2 fois" in await officer.page("/qualite/mesures")
    await look(date(2026, 9, 2))
    assert (await rungs(pool))[5:] == [("+1", new)]
    given = {"responsable": "b.gent", "motif_responsable": "Elle a quitté le bureau."}
    await officer.to(await officer.send(ONE, f"{ONE}/responsable", given))
    for _ in range(2):
        await look(date(2026, 9, 4))
    # the new owner has heard nothing yet: the rungs are theirs
    assert (await rungs(pool))[6:] == [("+1", new), ("+3", new), ("postponed", new)]


async def test_a_day_beyond_the_calendar_stops_neither_other_reminders_nor_the_form(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    desk = await at(pool, postgres_url, tmp_path)
    officer = await Browser(desk).sign_in("q.officer")
    await opens(officer)
    fields = {"constat": "Vu.", "responsable": "a.gent", "echeance": "2062-07-10"}
    refused = await officer.send(NEW, NEW, fields)
    assert refused.status_code == 422
    assert "vérifiez l’année" in refused.text
    async with transaction(pool) as connection:  # as an earlier version let it pass
        far = await desk_at(connection, pool, JULY + timedelta(days=365 * 35))
        await far.open(MeasureSource(kind=SourceKind.FREE), "Vu.", "a.gent", date(2062, 7, 10))
    async with transaction(pool) as connection:
        assert await remind(connection, await applied(pool), noon(DUE)) == 1
    assert await rungs(pool) == [("-5", DUE)]


async def test_an_effect_is_read_from_closed_months_fixed_before_they_began(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    """May before, June after: as it was fixed in May, when June lay ahead."""
    del postgres_url, tmp_path
    await put(pool, drawn(5, 900))
    may, june = date(2026, 5, 1), date(2026, 6, 1)
    planned_at = datetime(2026, 5, 20, 9, tzinfo=UTC)
    async with transaction(pool) as connection:
        desk = await desk_at(connection, pool, planned_at)
        await desk.open(MeasureSource(kind=SourceKind.FREE), "Vu.", "a.gent", date(2026, 6, 1))
        await desk.plan(1, EffectFigure(), EffectWindow(may, may), EffectWindow(june, june), 0.9)
        with pytest.raises(Refused, match="not done"):
            await desk.read(1)
        await desk.cause(1, "Aucun relais.")
        await desk.action(1, "Un suppléant nommé.")
        await desk.record_done(1, "Note de service.")
    async with transaction(pool) as connection:
        desk = await desk_at(connection, pool, JULY)
        with pytest.raises(Refused, match="2026-05 is not closed"):
            await desk.read(1)
    async with transaction(pool) as connection:
        desk = await desk_at(connection, pool, JULY)
        with pytest.raises(Refused) as refused:
            await desk.close(1, MeasureVerdict.EFFECTIVE, "Vu.")
        assert refused.value.why == "effect-not-established"
    for month in (may, june):
        await close(pool, month, JULY + timedelta(days=60), early=True)
    async with transaction(pool) as connection:
        found = await (await desk_at(connection, pool, JULY)).read(1)
        sides = []
        for month in (may, june):
            row = await connection.fetchrow(
                """
                SELECT count(*) FILTER (WHERE result = 'kept') AS k,
                       count(*) FILTER (WHERE result IN ('kept', 'late', 'overdue', 'closed')) AS n
                FROM desk.closed_promises WHERE month = $1 AND clock = 'reply'
                """,
                month,
            )
            assert row is not None
            sides += [row["k"], row["n"]]
    read = found.reading
    assert isinstance(read, EffectRead)
    assert [read.k1, read.n1, read.k2, read.n2] == sides
    assert read.diff == pytest.approx(sides[2] / sides[3] - sides[0] / sides[1])
    assert found.plan is not None
    assert found.plan.recorded_at.date() < found.plan.after_first
    assert found.plan.seq < read.seq


async def test_the_page_says_beforehand_what_can_be_established(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await put(pool, drawn(5, 400))
    await close(pool, early=True)
    desk = await at(pool, postgres_url, tmp_path)
    officer = await Browser(desk).sign_in("q.officer")
    await opens(officer)
    page = await officer.page(f"{ONE}/effet?attendu=90")
    assert "Ce qui pourra être établi" in page
    assert "1 mois (environ" in page
    begun = {"avant_de": "2026-05", "avant_a": "2026-05", "apres_de": "2026-07"}
    refused = await officer.send(
        f"{ONE}/effet", f"{ONE}/effet", {**begun, "apres_a": "2026-07", "code": "reponse"}
    )
    assert "choisissez à partir" in refused.text
    fixed = {**begun, "apres_de": "2026-08", "apres_a": "2026-10", "code": "reponse"}
    answer = await officer.send(f"{ONE}/effet", f"{ONE}/effet", {**fixed, "attendu": "90"})
    assert "août 2026 à octobre 2026" in await officer.to(answer)


async def test_the_register_proposes_and_opens_nothing(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    async with transaction(pool) as connection:
        rules = await applied(pool)
        assert await measure_proposals.proposed_measures(connection, [], rules, JULY.date()) == []
    await put(pool, [in_july(item) for item in drawn(5, 900)])
    for month in (5, 6, 7):
        await close(pool, date(2026, month, 1), datetime(2026, 9, 2, 8, tzinfo=UTC), early=True)
    desk = await at(pool, postgres_url, tmp_path, datetime(2026, 9, 3, 8, tzinfo=UTC))
    page = await (await Browser(desk).sign_in("q.officer")).page("/qualite/mesures")
    assert "Proposées par le registre" in page
    assert "mai 2026 à juillet 2026" in page
    assert (
        await pool.fetchval("SELECT count(*) FROM desk.quality_facts WHERE type = 'MeasureOpened'")
        == 0
    )


async def test_three_complaints_of_a_theme_are_proposed(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await put(pool, drawn(5, 200))
    # JULY is Thursday 2 July: ten jours ouvrés before is Thursday 18 June.
    for days in (("2026-06-18", "2026-06-30", "2026-06-17"), ("2026-06-22",)):
        await pool.execute(
            """
            UPDATE desk.items AS item SET nature = 'complaint', theme = 'reception',
                   received_on = day
            FROM (SELECT item_id, row_number() OVER (ORDER BY item_id) AS n FROM desk.items
                  WHERE theme IS NULL AND state <> 'merged') AS numbered
            JOIN unnest($1::date[]) WITH ORDINALITY AS given (day, n) USING (n)
            WHERE item.item_id = numbered.item_id
            """,
            [date.fromisoformat(day) for day in days],
        )
        async with transaction(pool) as connection:
            rules = await applied(pool)
            found = await measure_proposals.proposed_measures(connection, [], rules, JULY.date())
        seen = [(proposal.source.code, len(proposal.source.items)) for proposal in found]
        assert seen == ([] if len(days) == 3 else [("reception", 3)])
    desk = await at(pool, postgres_url, tmp_path)
    officer = await Browser(desk).sign_in("q.officer")
    asked = "?source=theme&code=reception"
    assert asked.replace("&", "&amp;") in await officer.page("/qualite/mesures")
    assert "3 réclamations du thème" in await officer.page(f"{NEW}{asked}")
    await opens(officer, query=asked)
    assert len((await only(pool)).source.items) == 3
    assert "Proposées par le registre" not in await officer.page("/qualite/mesures")


async def test_the_register_of_measures_and_a_sheet_are_files(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    desk = await at(pool, postgres_url, tmp_path)
    officer = await Browser(desk).sign_in("q.officer")
    await opens(officer, seen="=HYPERLINK(1)")
    answer = await officer.get("/qualite/mesures/registre.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][:4] == [1, "À analyser", "Constat libre", "=HYPERLINK(1)"]
    for url, must in (
        ("/qualite/mesures/registre.odt", ["À analyser", "Mesure n° 1"]),
        (f"{ONE}/fiche.odt", ["Fiche", "Historique", "Visa du référent qualité"]),
    ):
        answer = await officer.get(url)
        assert answer.status_code == 200, url
        assert headings(answer.content) == must
    assert (await officer.get("/qualite/mesures/registre.exe")).status_code == 404
